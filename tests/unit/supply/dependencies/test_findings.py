from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bartizan.core.entry import ControlResult
from bartizan.core.finding import Finding, Severity
from bartizan.supply.dependencies.check import Checked, check_dependencies
from bartizan.supply.dependencies.dependency import Dependency, Listing, Unread
from bartizan.supply.dependencies.entry import control
from bartizan.supply.dependencies.findings import facts_of, findings_of
from unit.supply.advisories.osv import NOW, events, folder_of, record

HELD = ControlResult(passed=True, detail="")
FIXED = events(("introduced", "0"), ("fixed", "2.0"))


def asked(version: str, line: int, file: str = "a.txt") -> Dependency:
    return Dependency(name="requests", version=version, file=file, line=line)


def judged(
    folder: Path, listing: Listing, *records: dict[str, Any], held: ControlResult = HELD
) -> list[Finding]:
    place = folder_of(folder / "osv", record("nothing", id="GHSA-0", versions=["0"]), *records)
    done = check_dependencies(listing, place=place, now=NOW)
    return list(findings_of(["a.txt"], listing, done, control=held))


def test_a_vulnerable_line_fails_with_its_line(tmp_path: Path) -> None:
    mild = record(id="GHSA-1", ranges=[FIXED], database_specific={"severity": "LOW"})
    bad = record(id="GHSA-2", ranges=[FIXED], database_specific={"severity": "CRITICAL"})
    (found,) = judged(tmp_path, Listing(dependencies=(asked("1.0", 4), asked("3", 5))), mild, bad)
    assert (found.id, found.outcome) == ("artifact.dependencies@a.txt", "fail")
    assert found.severity == "critical"
    assert [one.line for one in found.flagged] == [4, 4]
    assert "GHSA-2" in found.reason
    assert "and 1 more" in found.reason
    values = {one.name: one.value for one in found.measures}
    assert values == {"vulnerable-lines": 1.0, "advisories": 2.0, "open-places": 0.0}


def test_all_looked_up_and_nothing_known_passes_and_says_of_which_day(tmp_path: Path) -> None:
    (found,) = judged(tmp_path, Listing(dependencies=(asked("3", 5),)), record(ranges=[FIXED]))
    assert (found.outcome, found.flagged) == ("pass", ())
    assert "2026-11-20" in found.reason
    assert "2 advisories" in found.remarks[0]


def test_an_empty_file_passes_too(tmp_path: Path) -> None:
    (found,) = judged(tmp_path, Listing())
    assert found.outcome == "pass"


@pytest.mark.parametrize(
    "listing",
    [
        Listing(dependencies=(asked("", 2),)),
        Listing(unread=(Unread(file="a.txt", line=2, what="-e .", why="it is code"),)),
    ],
)
def test_what_could_not_be_looked_up_is_inconclusive(tmp_path: Path, listing: Listing) -> None:
    (found,) = judged(tmp_path, listing)
    assert (found.outcome, found.severity, found.flagged[0].line) == ("inconclusive", "none", 2)


def test_without_a_snapshot_every_file_is_inconclusive() -> None:
    listing = Listing(dependencies=(asked("1", 1), asked("1", 1, file="b.txt")))
    done = check_dependencies(listing, place=None, now=NOW)
    found = findings_of(["c.txt"], listing, done, control=HELD)
    assert [one.subject for one in found] == ["a.txt", "b.txt", "c.txt"]
    assert {one.outcome for one in found} == {"inconclusive"}
    assert facts_of(done) == {}


def test_a_control_that_fails_leaves_no_pass_but_keeps_what_was_found(tmp_path: Path) -> None:
    missed = ControlResult(passed=False, detail="found nothing")
    listing = Listing(dependencies=(asked("3", 1), asked("1", 1, file="b.txt")))
    found = judged(tmp_path, listing, record(ranges=[FIXED]), held=missed)
    assert [one.outcome for one in found] == ["inconclusive", "fail"]


@pytest.mark.parametrize(
    ("fail_on", "outcome"), [("low", "fail"), ("medium", "fail"), ("high", "inconclusive")]
)
def test_a_hole_below_the_line_does_not_hide_what_was_not_looked_up(
    tmp_path: Path, fail_on: Severity, outcome: str
) -> None:
    known = record(ranges=[FIXED], database_specific={"severity": "MODERATE"})
    place = folder_of(tmp_path / "osv", known)
    listing = Listing(dependencies=(asked("1.0", 1), asked("", 2)))
    done = check_dependencies(listing, place=place, now=NOW)
    (found,) = findings_of(["a.txt"], listing, done, control=HELD, fail_on=fail_on)
    assert found.outcome == outcome
    assert "requests 1.0, line 1" in found.reason
    (alone,) = findings_of(
        ["a.txt"],
        Listing(dependencies=(asked("1.0", 1),)),
        replace(done, concerns=tuple(one for one in done.concerns if one.line == 1)),
        control=HELD,
        fail_on=fail_on,
    )
    assert (alone.outcome, alone.severity) == ("fail", "medium")


def test_facts_name_the_snapshot(tmp_path: Path) -> None:
    place = folder_of(tmp_path / "osv", record(versions=["0"]))
    facts = facts_of(check_dependencies(Listing(), place=place, now=NOW))
    assert str(facts["snapshot"]).startswith("sha256:")
    assert facts["snapshot_date"] == "2026-11-20T00:00:00Z"


def test_the_planted_version_is_found() -> None:
    assert control().passed


def test_a_check_that_finds_nothing_or_everything_fails_the_control() -> None:
    def blind(*_: Any, **__: Any) -> Checked:
        return Checked(concerns=(), snapshot=None, looked_up=0)

    def frightened(listing: Listing, **rest: Any) -> Checked:
        worst = Listing(
            dependencies=tuple(
                Dependency(name=one.name, version="1.9", file=one.file, line=one.line)
                for one in listing.dependencies
            )
        )
        return check_dependencies(worst, **rest)

    assert not control(check=blind).passed
    assert not control(check=frightened).passed
