from pathlib import Path

import pytest

from bartizan.core.errors import TrustError, UsageError
from bartizan.core.fact import Signed
from bartizan.crypto.oms.ec_key import SigningKey
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
        assert ws.supply.seen("fraud") == Seen(version=2, root=found.artifact.root)
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
        assert ws.supply.seen("fraud") is None
