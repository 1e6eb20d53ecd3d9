"""`bartizan supply admit`: signature, scan, format and evidence, about one and the same bytes."""

import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bartizan import load_model
from bartizan.config import read_config
from bartizan.core.errors import TrustError, UsageError
from bartizan.core.fact import Admitted
from bartizan.supply.admission.declared import Declared
from bartizan.supply.admission.terms import Terms
from bartizan.supply.signing.trust import Trust, TrustedKey, TrustPolicy, trusted
from bartizan.workspace import Workspace
from bartizan.workspace.declared import declared
from system import shop
from system.command import Ran, Run

ENTRIES = ("utility.balanced-accuracy", "evasion.coordinate")


@pytest.fixture
def signed(folder: Path, bartizan: Run) -> str:
    """A model of the shop, signed; the project says what it is judged by."""
    declare(folder)
    name = shop.save_skops(folder).name
    assert bartizan("supply", "key", "--out", "release.pem").code == 0
    sign(bartizan, name)
    return name


def sign(bartizan: Run, name: str) -> None:
    ran = bartizan("supply", "sign", name, "--key", "release.pem", "--force", *PLACE)
    assert ran.code == 0, ran.err


PLACE = ("--workspace", ".bartizan")

PROJECT = """
[project]
name = "shop"
profile = "quick"

[[data]]
name = "holdout"
role = "test"
path = "holdout.csv"
target = "fraud"

[[attacker]]
name = "anyone"
norm = "Linf"
eps = {eps}

[supply.admit]
require = ["utility.balanced-accuracy", "evasion.coordinate"]
{more}
"""
"""Judges a model against somebody who may change next to nothing, unless a test says otherwise."""

REFERENCE = """
[[data]]
name = "r"
role = "reference"
path = "fewer.csv"
target = "fraud"
"""


def declare(folder: Path, *, eps: float = 0.0001, more: str = "") -> None:
    """Write the project file, and the rows that it names."""
    shop.save_csv(folder, n=200)
    (folder / "bartizan.toml").write_text(PROJECT.format(eps=eps, more=more))


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
    """Assess a model as the project says."""

    def run(name: str, *flags: object) -> Ran:
        entries = [part for entry in ENTRIES for part in ("--entry", entry)]
        ran = bartizan(
            *("assess", "--model", name, *entries, *PLACE, "--workers", 1),
            *("--quiet", "--out", "assessed", *flags),
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


def reasons(folder: Path) -> dict[str, str]:
    report = json.loads((folder / "out" / "report.json").read_text("utf-8"))
    return {one["id"].partition("@")[0]: one["reason"] for one in reversed(report["findings"])}


def test_a_signed_clean_and_assessed_model_is_admitted_and_the_ledger_says_so(
    folder: Path, signed: str, admit: Run, judged: Callable[..., Ran]
) -> None:
    assert judged(signed).code == 0
    ran = admit(signed)
    assert ran.code == 0, ran.out
    assert set(outcomes(folder).values()) == {"pass"}, reasons(folder)
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
    declare(folder, eps=0.9)
    assert judged(signed).code == 1
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


def asked(folder: Path, name: str) -> Declared:
    config = read_config(folder / "bartizan.toml")
    return declared(config, folder, model=folder / name, today=datetime.now(UTC).date())


def terms(**more: Any) -> Terms:
    return Terms(require=ENTRIES, **more)


def test_the_admitted_bytes_are_the_loaded_bytes(
    folder: Path, signed: str, judged: Callable[..., Ran]
) -> None:
    assert judged(signed).code == 0
    with Workspace(folder / ".bartizan") as ws:
        result = ws.supply.admit(
            signed, trust=trust(), terms=terms(), declared=asked(folder, signed)
        )
        found = result.verified()
        assert found.place == result.place
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
        known = asked(folder, signed)
        nine, seven = terms(evidence_age_days=9), terms(evidence_age_days=7)
        fresh = ws.supply.admit(signed, trust=trust(), terms=nine, declared=known)
        stale = ws.supply.admit(signed, trust=trust(), terms=seven, declared=known)
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


@pytest.mark.parametrize(
    ("declared", "instead", "told"),
    [
        ("eps = 0.0001", "eps = 1e-7", "eps 1e-07, and 0.0001 is declared"),
        ("eps = 0.0001", "eps = 0.0001\nqueries = 1", "queries 1, and None is declared"),
        ('norm = "Linf"', 'norm = "L2"', "norm 'L2', and 'Linf' is declared"),
        ('name = "anyone"', 'name = "me"\ngoal = 1', "'me' whom nobody declared"),
        ('path = "holdout.csv"', 'path = "fewer.csv"', "another data set"),
        ("[supply.admit]", "[policy.threshold]\n'evasion.coordinate' = 0.9\n", "another line"),
        ("[[attacker]]", "[schema.holdout]\namount.max = 9\n[[attacker]]", "another schema"),
        (
            "[[attacker]]",
            REFERENCE + "[[attacker]]",
            "another reference set",
        ),
        (
            "[[data]]",
            '[[model]]\nname = "shop"\npath = "shop.skops"\nthreshold = 0.4\n[[data]]',
            "another threshold",
        ),
    ],
)
def test_evidence_about_another_question_admits_nothing(  # noqa: PLR0917 (fixtures and cases)
    folder: Path,
    signed: str,
    admit: Run,
    judged: Callable[..., Ran],
    declared: str,
    instead: str,
    told: str,
) -> None:
    """Somebody assesses with a project file of their own, in the workspace that admits."""
    shop.save_csv(folder, n=150, name="fewer.csv")
    text = (folder / "bartizan.toml").read_text()
    assert declared in text
    text = text.partition("require =")[0].replace(declared, instead)
    if "amount.max" in text:
        text = text.replace("amount.max = 9", "amount.max = 9\nage = {}\nhour = {}\nscore = {}")
    (folder / "mine.toml").write_text(text)
    model = "shop" if "[[model]]" in text else signed
    ran = judged(model, "--project", "mine.toml")
    assert ran.code in (0, 1), ran.err
    assert admit(signed).code == 3
    assert outcomes(folder)["admission.evidence"] == "inconclusive"
    assert told in reasons(folder)["admission.evidence"]


def test_a_pass_that_little_work_earned_admits_nothing(
    folder: Path, signed: str, admit: Run, judged: Callable[..., Ran]
) -> None:
    assert judged(signed).code == 0
    assert admit(signed, "--profile", "standard").code == 3
    assert "quick, and standard is demanded" in reasons(folder)["admission.evidence"]
    declare(folder, more='profile = "standard"')
    assert admit(signed).code == 3
    assert admit(signed, "--profile", "quick").code == 0


def test_a_project_that_changed_asks_for_new_evidence(
    folder: Path, signed: str, admit: Run, judged: Callable[..., Ran]
) -> None:
    assert judged(signed).code == 0
    declare(folder, eps=0.0002)
    assert admit(signed).code == 3
    declare(folder)
    assert admit(signed).code == 0
    (folder / "holdout.csv").write_text((folder / "holdout.csv").read_text() + "0,0,0,0,1\n")
    assert admit(signed).code == 3
    assert "another data set" in reasons(folder)["admission.evidence"]


def test_without_a_project_evidence_of_any_kind_has_to_be_asked_for(
    folder: Path, signed: str, admit: Run, judged: Callable[..., Ran]
) -> None:
    assert judged(signed).code == 0
    (folder / "bartizan.toml").unlink()
    assert admit(signed).code == 3
    assert "no project file declares" in reasons(folder)["admission.evidence"]
    assert admit(signed, "--evidence", "any").code == 0
    (folder / "bartizan.toml").write_text('[project]\nname = "shop"\n')
    ran = admit(signed)
    assert ran.code == 2
    assert "declares no data with role" in ran.err


def test_a_failure_that_the_project_does_not_accept_keeps_a_model_out(
    folder: Path, signed: str, admit: Run, judged: Callable[..., Ran]
) -> None:
    waiver = (
        '[[waiver]]\nfinding = "evasion.coordinate@shop#anyone"\nowner = "me"\nreason = "known"\n'
        "expires = 2999-01-01\n"
    )
    declare(folder, eps=0.9, more=waiver)
    assert judged(signed).code == 0
    assert admit(signed).code == 0
    declare(folder, eps=0.9)
    assert admit(signed).code == 1
    declare(folder, eps=0.9, more=waiver.replace("2999", "2020"))
    assert admit(signed).code == 1


def test_a_model_does_not_say_what_is_demanded_of_it(
    folder: Path, bartizan: Run, signed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = folder / "sent"
    sent.mkdir()
    (folder / signed).rename(sent / signed)
    trusting = '[project]\nname = "sent"\n[[supply.trust.key]]\npath = "k.pub"\n'
    (sent / "bartizan.toml").write_text(trusting)
    (folder / "release.pem.pub").rename(sent / "k.pub")
    sign(bartizan, "sent")
    monkeypatch.chdir(sent)
    for verb in ("admit", "verify"):
        ran = bartizan("supply", verb, ".")
        assert ran.code == 2
        assert "lies in the model itself" in ran.err
    assert (
        bartizan(
            "supply", "verify", ".", "--project", "bartizan.toml", "--workspace", folder / "ws"
        ).code
        == 0
    )


@pytest.mark.parametrize("fail_on", ["high", "critical"])
def test_nothing_unread_comes_in_below_the_line(
    folder: Path, bartizan: Run, signed: str, admit: Run, judged: Callable[..., Ran], fail_on: str
) -> None:
    """What may be below the line must not hide what nobody could read."""
    assert judged(signed).code == 0
    model = folder / "model"
    model.mkdir()
    (folder / signed).rename(model / "model.skops")
    (model / "rest.bin").write_bytes(b"\x80\x02K\x01")  # a pickle that ends too soon
    sign(bartizan, "model")
    assert admit("model", "--fail-on", fail_on).code in (3, 4)
    found = json.loads((folder / "out" / "report.json").read_text("utf-8"))["findings"]
    assert "inconclusive" in {one["outcome"] for one in found if one["entry"] == "artifact.scan"}
    with Workspace(folder / ".bartizan") as ws:
        assert ws.ledger is not None
        assert not [one for _, one in ws.ledger.facts() if isinstance(one, Admitted)]
