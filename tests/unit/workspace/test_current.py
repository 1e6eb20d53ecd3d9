"""What the ledger says counts for the bytes of today, and for as long as it is young."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bartizan.config import Config, read_config
from bartizan.core.fact import Found, Signed
from bartizan.core.finding import Outcome
from bartizan.core.known import Item, Known
from bartizan.workspace.current import Place, looked_at, subjects_today
from bartizan.workspace.ledger import Ledger, LedgerSettings

_FRAUD = Item("model", "fraud")
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
PROJECT = """
[project]
name = "shop"
[[model]]
name = "fraud"
path = "fraud.txt"
[[model]]
name = "far"
path = "https://models.example/fraud"
[[data]]
name = "rows"
role = "test"
path = "rows.csv"
target = "y"
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "bartizan.toml").write_text(PROJECT)
    (tmp_path / "fraud.txt").write_text("a model")
    (tmp_path / "rows.csv").write_text("x,y\n1,0\n")
    return read_config(tmp_path / "bartizan.toml")


def digests(config: Config, folder: Path) -> dict[str, str]:
    return {one.name: one.digest for one in subjects_today(config, folder=folder)}


def told(config: Config, folder: Path, *facts: Found) -> Known:
    ledger = Ledger(folder / ".bartizan", settings=LedgerSettings())
    ledger.record(facts)
    return looked_at(Place(config=config, folder=folder, ledger=ledger, now=NOW)).known


def found(
    *subjects: str,
    name: str = "evasion.x@fraud",
    outcome: Outcome = "pass",
    days: float = 1,
    waived_until: str = "",
) -> Found:
    return Found(
        finding=name,
        outcome=outcome,
        severity="high" if outcome == "fail" else "none",
        evidence="",
        subjects=subjects,
        decides=not waived_until,
        waived_until=waived_until,
        when=(NOW - timedelta(days=days)).isoformat(),
    )


@pytest.fixture(autouse=True)
def place(tmp_path: Path) -> None:
    (tmp_path / ".bartizan").mkdir()


def test_a_finding_is_about_the_model_and_the_data_that_it_was_made_with(
    config: Config, tmp_path: Path
) -> None:
    now = digests(config, tmp_path)
    assert set(now) == {"fraud", "rows"}  # an address has no bytes
    known = told(config, tmp_path, found(now["fraud"], now["rows"]))
    assert set(known.found) == {_FRAUD, Item("data", "rows")}


def test_a_model_that_was_changed_takes_its_findings_along_though_the_data_is_the_same(
    config: Config, tmp_path: Path
) -> None:
    before = digests(config, tmp_path)
    (tmp_path / "fraud.txt").write_text("another model")
    assert told(config, tmp_path, found(before["fraud"], before["rows"])).found == {}


def test_a_scan_counts_for_whatever_of_it_is_still_there(config: Config, tmp_path: Path) -> None:
    now = digests(config, tmp_path)
    scan = found("sha256:gone", now["fraud"], name="artifact.scan@fraud.txt")
    assert set(told(config, tmp_path, scan).found) == {_FRAUD}


def test_what_is_too_old_or_of_the_future_does_not_count(config: Config, tmp_path: Path) -> None:
    model = digests(config, tmp_path)["fraud"]
    known = told(
        config,
        tmp_path,
        found(model, name="old.x@fraud", days=91),
        found(model, name="young.x@fraud", days=89),
        found(model, name="future.x@fraud", days=-1),
    )
    assert [one.finding for one in known.found[_FRAUD]] == ["young.x@fraud"]


def test_the_newest_word_on_a_finding_counts(config: Config, tmp_path: Path) -> None:
    model = digests(config, tmp_path)["fraud"]
    facts = (found(model, outcome="fail", days=2), found(model, days=1))
    assert [one.outcome for one in told(config, tmp_path, *facts).found[_FRAUD]] == ["pass"]


def test_a_waived_finding_counts_again_when_its_time_is_over(
    config: Config, tmp_path: Path
) -> None:
    model = digests(config, tmp_path)["fraud"]
    known = told(
        config,
        tmp_path,
        found(model, name="a.x@fraud", outcome="fail", waived_until="2026-05-31"),
        found(model, name="b.x@fraud", outcome="fail", waived_until="2026-06-01"),
    )
    decides = {one.finding: one.decides for one in known.found[_FRAUD]}
    assert decides == {"a.x@fraud": True, "b.x@fraud": False}


def test_a_pass_on_rows_that_the_project_does_not_name_counts_for_nothing_and_a_failure_does(
    config: Config, tmp_path: Path
) -> None:
    now = digests(config, tmp_path)
    easy = found(now["fraud"], "sha256:easy")
    hard = found(now["fraud"], "sha256:hard", name="evasion.y@fraud", outcome="fail")
    own = found(now["fraud"], now["rows"], name="evasion.z@fraud")
    known = told(config, tmp_path, easy, hard, own)
    assert [one.finding for one in known.found[_FRAUD]] == ["evasion.y@fraud", "evasion.z@fraud"]


def test_a_pass_on_easy_rows_does_not_take_back_a_failure(config: Config, tmp_path: Path) -> None:
    now = digests(config, tmp_path)
    facts = (
        found(now["fraud"], now["rows"], outcome="fail", days=2),
        found(now["fraud"], "sha256:easy", days=1),
    )
    assert [one.outcome for one in told(config, tmp_path, *facts).found[_FRAUD]] == ["fail"]


def test_where_data_has_no_bytes_to_go_by_the_model_alone_decides(
    config: Config, tmp_path: Path
) -> None:
    now = digests(config, tmp_path)
    (tmp_path / "rows.csv").unlink()
    assert set(told(config, tmp_path, found(now["fraud"], "sha256:any")).found) == {_FRAUD}


def test_a_failure_about_what_lies_there_grows_never_too_old_and_is_not_hidden(
    config: Config, tmp_path: Path
) -> None:
    model = digests(config, tmp_path)["fraud"]
    known = told(
        config,
        tmp_path,
        found(model, outcome="fail", days=200),
        found(model, outcome="inconclusive", days=1),
    )
    assert [one.outcome for one in known.found[_FRAUD]] == ["fail"]
    known = told(config, tmp_path, found(model, days=1))
    assert [one.outcome for one in known.found[_FRAUD]] == ["pass"]


def test_facts_of_the_future_are_not_believed_of_whatever_kind(
    config: Config, tmp_path: Path
) -> None:
    now = digests(config, tmp_path)
    ledger = Ledger(tmp_path / ".bartizan", settings=LedgerSettings())
    place = Place(config=config, folder=tmp_path, ledger=ledger, now=NOW)
    for when, count in (("2027-01-01T00:00:00Z", 0), ("2026-05-01T00:00:00Z", 1)):
        ledger.record(
            [
                Signed(
                    model="fraud",
                    root=now["fraud"],
                    signer="key:1",
                    bundle="",
                    act="signed",
                    by="Ada",
                    when=when,
                )
            ]
        )
        assert len(looked_at(place).known.facts) == count
