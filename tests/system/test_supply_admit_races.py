"""Whatever happens to a model while it is admitted, other bytes than the admitted are never read.

Nothing waits here: an admission is worked off step by step, and what meddles is called between two
of its steps, or after the last one.
"""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bartizan.core.errors import Error, LedgerError, TrustError
from bartizan.core.fact import Admitted, Found, Signed
from bartizan.crypto.oms.ec_key import SigningKey
from bartizan.supply.admission.admission import Admission
from bartizan.supply.admission.terms import Terms
from bartizan.supply.signing.signing import Pen
from bartizan.supply.signing.trust import Trust, TrustedKey, TrustPolicy, trusted
from bartizan.workspace import Workspace
from system import shop

KEY = SigningKey.new()
PEN = Pen(key=KEY)
TERMS = Terms(evidence="any", require=("utility.balanced-accuracy",))


def trust() -> Trust:
    key = TrustedKey(pem=KEY.public.pem.decode())
    return trusted(TrustPolicy(key=(key,)), folder=Path())


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model, signed as version 1, with a model of somebody else beside it."""
    shop.save_skops(tmp_path, shop.constant(), name="other.skops")
    return shop.save_skops(tmp_path)


@pytest.fixture
def ws(tmp_path: Path, model: Path) -> Iterator[Workspace]:
    """A workspace whose ledger says that the model was assessed."""
    with Workspace(tmp_path / "ws") as made:
        signed = made.supply.sign(model, pen=PEN, version=1)
        vouch_for(made, signed.statement.manifest.root)
        yield made


def vouch_for(ws: Workspace, root: str) -> None:
    assert ws.ledger is not None
    found = Found(
        finding="utility.balanced-accuracy@shop",
        outcome="pass",
        severity="none",
        evidence="",
        subjects=(root,),
        when=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    ws.ledger.record([found])


def admissions(ws: Workspace) -> list[Admitted]:
    assert ws.ledger is not None
    ws.ledger.checked()
    return [one for _, one in ws.ledger.facts() if isinstance(one, Admitted)]


def prepared(ws: Workspace, model: Path) -> Admission:
    return ws.supply.admission(model, trust=trust(), terms=TERMS)


def swapped(model: Path) -> None:
    (model.parent / "other.skops").replace(model)


def linked(model: Path) -> None:
    model.unlink()
    model.symlink_to(model.parent / "other.skops")


def added_to(model: Path) -> None:
    with model.open("ab") as file:
        file.write(b"PK")


MEDDLING: dict[str, Callable[[Path], object]] = {
    "swapped": swapped,
    "cut off": lambda path: os.truncate(path, 100),
    "added to": added_to,
    "a link": linked,
    "gone": lambda path: path.unlink(),
}
POINTS = ("scanning planted files", "scanning shop.skops", "scanned", "checking the signature")
"""What an admission says before each of its steps."""


def test_the_points_are_those_of_an_admission(ws: Workspace, model: Path) -> None:
    said = [step.what for step in prepared(ws, model)]
    assert [any(one.startswith(point) for one in said) for point in POINTS] == [True] * len(POINTS)


def test_undisturbed_it_is_admitted(ws: Workspace, model: Path) -> None:
    honest = model.read_bytes()
    found = ws.supply.admit(model, trust=trust(), terms=TERMS).verified()
    assert found.read() == honest
    assert admissions(ws)[0].root == found.artifact.root


@pytest.mark.parametrize("how", MEDDLING)
@pytest.mark.parametrize("point", [*POINTS[1:], "done", "admitted"])
def test_a_model_that_is_meddled_with_is_refused_or_gives_its_own_bytes(
    ws: Workspace, model: Path, how: str, point: str
) -> None:
    run = prepared(ws, model)
    for step in run:
        if step.what.startswith(point):
            MEDDLING[how](model)
    if point == "done":
        MEDDLING[how](model)
    result = ws.supply.admitted(run)
    if point == "admitted":
        MEDDLING[how](model)
    if point in POINTS:
        assert result.place is None
        assert admissions(ws) == []
    else:
        assert len(admissions(ws)) == 1  # of the bytes that were looked at
    with pytest.raises(Error):
        result.verified().read()


def test_what_was_scanned_must_be_what_was_signed(ws: Workspace, model: Path) -> None:
    """Honest bytes for the scanner, others for the signature, and the other way round."""
    other = model.parent / "other.skops"
    honest, hostile = model.read_bytes(), other.read_bytes()
    ws.supply.sign(other, pen=PEN, name="shop.skops", version=2, to=model.parent / "2.sig")
    run = ws.supply.admission(model, trust=trust(), terms=TERMS, signature=model.parent / "2.sig")
    for step in run:
        model.write_bytes(hostile if step.what.startswith("checking") else honest)
    result = ws.supply.admitted(run)
    with pytest.raises(TrustError, match="one file when it was scanned and another"):
        result.verified()


def test_a_refused_model_uses_up_no_version(ws: Workspace, model: Path) -> None:
    """Its signature holds, and says the highest version there is; its evidence is missing."""
    other = model.parent / "other.skops"
    ws.supply.admit(model, trust=trust(), terms=TERMS).verified()
    with Workspace() as elsewhere:
        elsewhere.supply.sign(other, pen=PEN, name="shop.skops", version=2**31)
    refused = ws.supply.admit(other, trust=trust(), terms=TERMS)
    with pytest.raises(TrustError, match="no finding about this artefact"):
        refused.verified()
    assert ws.supply.seen("shop.skops", PEN.label) is not None
    assert ws.supply.admit(model, trust=trust(), terms=TERMS).verified().voucher.version == 1


def test_an_admitted_version_is_remembered(ws: Workspace, model: Path) -> None:
    other = model.parent / "other.skops"
    with Workspace() as elsewhere:
        made = elsewhere.supply.sign(other, pen=PEN, name="shop.skops", version=2)
    vouch_for(ws, made.statement.manifest.root)
    assert ws.supply.admit(other, trust=trust(), terms=TERMS).verified().voucher.version == 2
    assert ws.ledger is not None
    said = [one for _, one in ws.ledger.facts() if isinstance(one, Signed)]
    assert [one.version for one in said] == [1], "an admission is remembered as an admission"
    checks: tuple[Callable[[], object], ...] = (
        lambda: ws.supply.admit(model, trust=trust(), terms=TERMS).verified(),
        lambda: ws.supply.verify(model, trust=trust()),
    )
    for check in checks:
        with pytest.raises(TrustError, match="version 2 was seen"):
            check()


def test_a_run_that_nobody_finished_admits_nothing(ws: Workspace, model: Path) -> None:
    run = prepared(ws, model)
    for step in run:
        if step.what.startswith("checking"):
            break
    with pytest.raises(TrustError, match="not admitted"):
        ws.supply.admitted(run).verified()
    assert admissions(ws) == []


def test_an_interrupted_run_admits_nothing(ws: Workspace, model: Path) -> None:
    run = prepared(ws, model)
    for _ in run:
        pass
    run.interrupt("stopped by Ctrl-C")
    with pytest.raises(TrustError, match="stopped by Ctrl-C"):
        ws.supply.admitted(run).verified()
    assert admissions(ws) == []


def test_a_ledger_that_was_replaced_between_two_steps_admits_nothing(
    ws: Workspace, model: Path, tmp_path: Path
) -> None:
    """By that of another workspace, in which the model was assessed."""
    with Workspace(tmp_path / "theirs") as theirs:
        vouch_for(theirs, theirs.supply.verify(model, trust=trust()).artifact.root)
    run = prepared(ws, model)
    with pytest.raises(LedgerError, match="no known key"):  # noqa: PT012 (whichever step it is)
        for step in run:
            if step.what.startswith("checking"):
                (tmp_path / "ws" / "ledger").rename(tmp_path / "mine")
                (tmp_path / "theirs" / "ledger").rename(tmp_path / "ws" / "ledger")
        ws.supply.admitted(run).verified()


def test_a_ledger_that_was_put_back_admits_nothing(
    ws: Workspace, model: Path, tmp_path: Path
) -> None:
    """To a time before the failure that stands in it now."""
    assert ws.ledger is not None
    ledger = tmp_path / "ws" / "ledger"
    before = {one: one.read_bytes() for one in ledger.rglob("*") if one.is_file()}
    failed = Found(
        finding="utility.balanced-accuracy@shop",
        outcome="fail",
        severity="critical",
        evidence="",
        subjects=(ws.supply.checked(model, trust=trust()).artifact.root,),
        when=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    ws.ledger.record([failed])
    for path in [one for one in ledger.rglob("*") if one.is_file()]:
        path.unlink()
    for path, raw in before.items():
        path.write_bytes(raw)
    with pytest.raises(Error, match=r"older|size|log"):
        ws.supply.admit(model, trust=trust(), terms=TERMS).verified()
