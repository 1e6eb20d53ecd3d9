"""`bartizan supply admit`: signature, scan, format and evidence, about one and the same bytes."""

import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bartizan import load_model
from bartizan.core.errors import TrustError, UsageError
from bartizan.supply.admission.terms import Terms
from bartizan.supply.signing.trust import Trust, TrustedKey, TrustPolicy, trusted
from bartizan.workspace import Workspace
from system import shop
from system.command import Ran, Run

ENTRIES = ("utility.balanced-accuracy", "evasion.coordinate")


@pytest.fixture
def signed(folder: Path, bartizan: Run) -> str:
    """A model of the shop, signed."""
    name = shop.save_skops(folder).name
    assert bartizan("supply", "key", "--out", "release.pem").code == 0
    sign(bartizan, name)
    return name


def sign(bartizan: Run, name: str) -> None:
    ran = bartizan("supply", "sign", name, "--key", "release.pem", "--force", *PLACE)
    assert ran.code == 0, ran.err


PLACE = ("--workspace", ".bartizan")


@pytest.fixture
def admit(bartizan: Run) -> Run:
    def run(name: str, *flags: object) -> Ran:
        key = ("--key", "release.pem.pub")
        ran = bartizan("supply", "admit", name, *key, *PLACE, "--quiet", *flags)
        assert isinstance(ran, Ran)
        return ran

    return run


@pytest.fixture
def judged(folder: Path, bartizan: Run) -> Callable[..., Ran]:
    """Assess a model against somebody who may change next to nothing."""

    def run(name: str, *, eps: float = 0.0001) -> Ran:
        entries = [part for entry in ENTRIES for part in ("--entry", entry)]
        data = ("--data", shop.save_csv(folder, n=200).name, "--target", shop.TARGET)
        budget = ("--norm", "Linf", "--eps", eps)
        ran = bartizan(
            *("assess", "--model", name, *data, *budget, *entries, *PLACE),
            *("--profile", "quick", "--quiet", "--out", "assessed"),
        )
        assert isinstance(ran, Ran)
        return ran

    return run


def swap(path: Path) -> None:
    """Put another model in its place."""
    path.unlink()
    shop.save_skops(path.parent, shop.constant(), name=path.name)


def outcomes(folder: Path) -> dict[str, str]:
    report = json.loads((folder / "out" / "report.json").read_text("utf-8"))
    return {one["id"].partition("@")[0]: one["outcome"] for one in reversed(report["findings"])}


def test_a_signed_clean_and_assessed_model_is_admitted_and_the_ledger_says_so(
    folder: Path, signed: str, admit: Run, judged: Callable[..., Ran]
) -> None:
    assert judged(signed).code == 0
    ran = admit(signed)
    assert ran.code == 0, ran.out
    assert set(outcomes(folder).values()) == {"pass"}
    with Workspace(folder / ".bartizan") as ws:
        assert ws.ledger is not None
        last = [fact for _, fact in ws.ledger.facts()][-1]
    assert type(last).__name__ == "Admitted"


def test_a_model_that_nobody_assessed_is_open(signed: str, admit: Run, folder: Path) -> None:
    assert admit(signed).code == 3
    assert outcomes(folder)["admission.evidence"] == "inconclusive"


def test_a_model_whose_assessment_failed_ends_with_1(
    signed: str, admit: Run, judged: Callable[..., Ran], folder: Path
) -> None:
    assert judged(signed, eps=0.9).code == 1
    assert admit(signed).code == 1
    assert outcomes(folder)["admission.evidence"] == "fail"


def test_evidence_about_another_model_admits_nothing(
    folder: Path, bartizan: Run, signed: str, admit: Run, judged: Callable[..., Ran]
) -> None:
    assert judged(signed).code == 0
    swap(folder / signed)
    sign(bartizan, signed)
    assert admit(signed).code == 3


def test_a_swapped_model_ends_with_4(
    folder: Path, signed: str, admit: Run, judged: Callable[..., Ran]
) -> None:
    assert judged(signed).code == 0
    swap(folder / signed)
    ran = admit(signed)
    assert ran.code == 4
    assert outcomes(folder)["admission.signature"] == "fail"


def test_a_pickle_is_of_no_format_that_is_served(
    folder: Path, bartizan: Run, signed: str, admit: Run
) -> None:
    (folder / "model.pkl").write_bytes(pickle.dumps([1.0]))
    sign(bartizan, "model.pkl")
    ran = admit("model.pkl")
    assert ran.code == 4
    assert outcomes(folder)["admission.format"] == "fail"


def test_texts_beside_a_model_keep_nothing_out(
    folder: Path, bartizan: Run, signed: str, admit: Run
) -> None:
    model = folder / "model"
    model.mkdir()
    (folder / signed).rename(model / "model.skops")
    (model / "README.md").write_text("# Shop\n\nSays which orders are fraud.\n")
    (model / "config.json").write_text('{"threshold": 0.5}')
    sign(bartizan, "model")
    admit("model")
    assert outcomes(folder)["admission.format"] == "pass"


def test_a_hostile_file_in_a_signed_folder_ends_with_4(
    folder: Path, bartizan: Run, signed: str, admit: Run
) -> None:
    model = folder / "model"
    model.mkdir()
    (model / "a.pkl").write_bytes(b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.")
    sign(bartizan, "model")
    ran = admit("model")
    assert ran.code == 4
    assert outcomes(folder)["artifact.scan"] == "fail"


def test_without_a_workspace_there_is_no_evidence(signed: str, bartizan: Run) -> None:
    ran = bartizan("supply", "admit", signed, "--key", "release.pem.pub", "--workspace", "none")
    assert ran.code == 2
    assert "assess the model first" in ran.err
    with Workspace() as ws, pytest.raises(UsageError, match="keeps nothing"):
        ws.supply.admit(signed, trust=trust())


def trust() -> Trust:
    return trusted(TrustPolicy(key=(TrustedKey(path="release.pem.pub"),)), folder=Path())


def test_the_admitted_bytes_are_the_loaded_bytes(
    folder: Path, signed: str, judged: Callable[..., Ran]
) -> None:
    assert judged(signed).code == 0
    with Workspace(folder / ".bartizan") as ws:
        found = ws.supply.admit(signed, trust=trust()).verified()
        assert load_model(found).digest == found.artifact.root
        swap(folder / signed)
        with pytest.raises(TrustError, match="changed"):
            load_model(found)


def test_evidence_expires_by_the_clock(
    folder: Path, signed: str, judged: Callable[..., Ran]
) -> None:
    assert judged(signed).code == 0
    later = datetime.now(UTC) + timedelta(days=8)
    with Workspace(folder / ".bartizan", clock=lambda: later) as ws:
        fresh = ws.supply.admit(signed, trust=trust(), terms=Terms(evidence_age_days=9))
        stale = ws.supply.admit(signed, trust=trust(), terms=Terms(evidence_age_days=7))
    assert fresh.verified().artifact.name == signed
    with pytest.raises(TrustError, match="older than 7 days"):
        stale.verified()
    assert stale.place is None


def test_a_ledger_that_was_altered_admits_nothing(
    folder: Path, signed: str, admit: Run, judged: Callable[..., Ran]
) -> None:
    assert judged(signed).code == 0
    tile = next(
        path
        for path in (folder / ".bartizan" / "ledger").rglob("*")
        if path.is_file() and "entries" in str(path)
    )
    raw = bytearray(tile.read_bytes())
    raw[60] ^= 1
    tile.chmod(0o600)
    tile.write_bytes(raw)
    assert admit(signed).code == 4
