from pathlib import Path

import pytest

from bartizan.core.errors import TrustError, UsageError
from bartizan.core.fact import Signed
from bartizan.crypto.oms.ec_key import SigningKey
from bartizan.crypto.oms.statement import VERSIONS
from bartizan.supply.signing.signing import Pen, sign
from bartizan.supply.signing.trust import Trust, TrustedKey, TrustPolicy, trusted
from bartizan.supply.signing.versions import Seen
from bartizan.workspace import Workspace
from unit.crypto.oms.authorities import NOW
from unit.supply.signing.signed import folder_model

PEN = Pen(key=SigningKey.new())


def trust() -> Trust:
    key = TrustedKey(pem=PEN.key.public.pem.decode())
    return trusted(TrustPolicy(key=(key,)), folder=Path())


def opened(place: Path) -> Workspace:
    return Workspace(place, clock=lambda: NOW)


def facts(ws: Workspace) -> list[Signed]:
    assert ws.ledger is not None
    if not ws.ledger.begun:
        return []
    return [fact for _, fact in ws.ledger.facts() if isinstance(fact, Signed)]


def test_signing_is_a_fact_of_the_ledger(tmp_path: Path) -> None:
    with opened(tmp_path / "ws") as ws:
        made = ws.supply.sign(folder_model(tmp_path), pen=PEN, version=1, by="me")
        fact = Signed(
            model="fraud",
            root=made.statement.manifest.root,
            version=1,
            signer=PEN.label,
            bundle=made.bundle,
            act="signed",
            by="me",
            when="2026-11-21T12:00:00Z",
        )
        assert facts(ws) == [fact]
        ws.supply.verify(tmp_path / "fraud", trust=trust())
        assert facts(ws) == [fact]  # nothing new was seen


def test_a_newer_model_is_remembered_and_the_older_one_refused(tmp_path: Path) -> None:
    model = folder_model(tmp_path)
    sign(model, pen=PEN, now=NOW, version=1)
    old, weights = (model / "model.sig").read_bytes(), (model / "model.onnx").read_bytes()
    with opened(tmp_path / "ws") as ws:
        ws.supply.verify(model, trust=trust())
        (model / "model.onnx").write_bytes(b"better")
        sign(model, pen=PEN, now=NOW, version=2, force=True)
        found = ws.supply.verify(model, trust=trust())
        assert ws.supply.seen("fraud", PEN.label) == Seen(version=2, root=found.artifact.root)
        assert [fact.act for fact in facts(ws)] == ["verified", "verified"]
    (model / "model.sig").write_bytes(old)
    (model / "model.onnx").write_bytes(weights)
    with opened(tmp_path / "ws") as ws, pytest.raises(TrustError, match="old model"):
        ws.supply.verify(model, trust=trust())


def test_a_version_is_used_once(tmp_path: Path) -> None:
    model = folder_model(tmp_path)
    with opened(tmp_path / "ws") as ws:
        ws.supply.sign(model, pen=PEN, version=5)
        for version in (None, 4, 5):
            with pytest.raises(UsageError, match="--version 6 or more"):
                ws.supply.sign(model, pen=PEN, version=version, force=True)
        ws.supply.sign(model, pen=PEN, version=6, force=True)


def test_a_refused_model_leaves_no_fact(tmp_path: Path) -> None:
    model = folder_model(tmp_path)
    sign(model, pen=PEN, now=NOW)
    (model / "new").write_text("x")
    with opened(tmp_path / "ws") as ws:
        with pytest.raises(TrustError):
            ws.supply.verify(model, trust=trust())
        assert facts(ws) == []


def test_a_workspace_that_keeps_nothing_signs_and_verifies_without_a_memory(
    tmp_path: Path,
) -> None:
    model = folder_model(tmp_path)
    with Workspace(clock=lambda: NOW) as ws:
        ws.supply.sign(model, pen=PEN, version=2)
        assert ws.supply.verify(model, trust=trust()).voucher.version == 2
        assert ws.supply.seen("fraud", PEN.label) is None


class Other:
    """Somebody else who signs a model of the same name."""

    def __init__(self, place: Path) -> None:
        self.pen = Pen(key=SigningKey.new())
        place.mkdir()
        self.model = folder_model(place)
        (self.model / "model.onnx").write_bytes(b"theirs")


def both(other: Other) -> Trust:
    pens = (PEN, other.pen)
    keys = tuple(TrustedKey(pem=one.key.public.pem.decode()) for one in pens)
    return trusted(TrustPolicy(key=keys), folder=Path())


def test_two_signers_of_one_name_have_versions_of_their_own(tmp_path: Path) -> None:
    mine, other = folder_model(tmp_path), Other(tmp_path / "there")
    sign(mine, pen=PEN, now=NOW, version=2)
    sign(other.model, pen=other.pen, now=NOW, version=7)
    with opened(tmp_path / "ws") as ws:
        assert ws.supply.verify(other.model, trust=both(other)).voucher.version == 7
        assert ws.supply.verify(mine, trust=both(other)).voucher.version == 2
        assert ws.supply.seen("fraud", other.pen.label) != ws.supply.seen("fraud", PEN.label)
        sign(other.model, pen=other.pen, now=NOW, version=6, force=True)
        with pytest.raises(TrustError, match="version 7 was seen"):
            ws.supply.verify(other.model, trust=both(other))


def test_nobody_burns_the_versions_of_another_signer(tmp_path: Path) -> None:
    mine, other = folder_model(tmp_path), Other(tmp_path / "there")
    sign(mine, pen=PEN, now=NOW, version=1)
    sign(other.model, pen=other.pen, now=NOW, version=VERSIONS[-1])
    with opened(tmp_path / "ws") as ws:
        ws.supply.verify(other.model, trust=both(other))
        ws.supply.verify(mine, trust=both(other))
        ws.supply.sign(mine, pen=PEN, version=2, force=True)


@pytest.mark.parametrize("why", ["changed", "name", "place", "key"])
def test_what_is_refused_uses_up_no_version(tmp_path: Path, why: str) -> None:
    model = folder_model(tmp_path)
    sign(model, pen=PEN, now=NOW, version=VERSIONS[-1])
    key = TrustedKey(pem=PEN.key.public.pem.decode(), models=("credit",) if why == "place" else ())
    believed = trusted(TrustPolicy(key=(key,)), folder=tmp_path)
    if why == "changed":
        (model / "model.onnx").write_bytes(b"other")
    if why == "key":
        sign(model, pen=Pen(key=SigningKey.new()), now=NOW, version=VERSIONS[-1], force=True)
    with opened(tmp_path / "ws") as ws:
        with pytest.raises(TrustError):
            ws.supply.verify(model, trust=believed, name="credit" if why == "name" else None)
        assert facts(ws) == []
        (model / "model.onnx").write_bytes(bytes(range(256)))
        sign(model, pen=PEN, now=NOW, version=1, force=True)
        assert ws.supply.verify(model, trust=trust()).voucher.version == 1


def test_a_look_at_a_signature_is_not_remembered(tmp_path: Path) -> None:
    """As an admission takes it, which remembers once all of it has passed."""
    model = folder_model(tmp_path)
    sign(model, pen=PEN, now=NOW, version=9)
    with opened(tmp_path / "ws") as ws:
        assert ws.supply.checked(model, trust=trust()).voucher.version == 9
        assert facts(ws) == []
