from pathlib import Path
from typing import Any

import pytest

from bartizan.supply.dependencies.check import Checked, check_dependencies
from bartizan.supply.dependencies.dependency import Dependency, Listing, Unread
from unit.supply.advisories.osv import NOW, events, folder_of, record

FIXED = events(("introduced", "0"), ("fixed", "2.0"))
RATED: dict[str, Any] = {"database_specific": {"severity": "CRITICAL"}}


def asked(name: str = "requests", version: str = "1.0", line: int = 3) -> Dependency:
    return Dependency(name=name, version=version, file="requirements.txt", line=line)


def checked(folder: Path, *dependencies: Dependency, records: Any = (), **more: Any) -> Checked:
    about_nothing = record("nothing-here", id="GHSA-0", versions=["0"])
    place = folder_of(folder / "osv", about_nothing, *records)
    listing = Listing(dependencies=dependencies)
    return check_dependencies(listing, **{"place": place, "now": NOW, **more})


def test_a_vulnerable_version_is_told_with_its_line_and_remedy(tmp_path: Path) -> None:
    advisory = record(ranges=[FIXED], aliases=["CVE-2026-1"], **RATED)
    done = checked(tmp_path, asked(), asked(version="2.0", line=4), records=[advisory])
    (one,) = done.concerns
    assert (one.file, one.line, one.severity) == ("requirements.txt", 3, "critical")
    assert (one.notice.rule, one.notice.verdict) == ("dependency.vulnerable", "suspicious")
    assert one.notice.what == "requests 1.0"
    assert one.ids == ("GHSA-aaaa-bbbb-cccc", "CVE-2026-1")
    assert one.fixed == ("2.0",)
    assert "fixed in 2.0" in one.notice.why
    assert done.looked_up == 2


def test_names_are_compared_as_pep_503_writes_them(tmp_path: Path) -> None:
    advisory = record("Flask_SQL.Alchemy", ranges=[FIXED])
    assert len(checked(tmp_path, asked("flask-sql-alchemy"), records=[advisory]).concerns) == 1


def test_nothing_known_and_all_looked_up_is_no_concern(tmp_path: Path) -> None:
    done = checked(tmp_path, asked(version="2.0"), records=[record(ranges=[FIXED])])
    assert done.concerns == ()
    assert done.snapshot is not None
    assert done.snapshot.records == 2


def test_a_malicious_package_is_malicious(tmp_path: Path) -> None:
    advisory = record(id="MAL-2026-1", versions=["1.0"])
    (one,) = checked(tmp_path, asked(), records=[advisory]).concerns
    assert (one.notice.verdict, one.severity) == ("malicious", "critical")
    assert one.notice.rule == "dependency.malicious"


def test_aliases_of_one_another_are_told_once(tmp_path: Path) -> None:
    both = [
        record(ranges=[FIXED], aliases=["CVE-2026-1"]),
        record(id="PYSEC-2026-1", ranges=[FIXED], aliases=["CVE-2026-1"]),
    ]
    (one,) = checked(tmp_path, asked(), records=both).concerns
    assert one.ids[0] == "GHSA-aaaa-bbbb-cccc"


def test_an_alias_that_is_clear_of_the_version_does_not_hide_one_that_is_not(
    tmp_path: Path,
) -> None:
    both = [
        record(versions=["0.5"], aliases=["CVE-2026-1"]),
        record(id="PYSEC-2026-1", ranges=[FIXED], aliases=["CVE-2026-1"]),
    ]
    (one,) = checked(tmp_path, asked(), records=both).concerns
    assert one.ids[0] == "PYSEC-2026-1"


def test_a_second_part_of_an_advisory_about_the_package_counts(tmp_path: Path) -> None:
    advisory = record(versions=["0.5"])
    advisory["affected"].append(record(ranges=[FIXED])["affected"][0])
    assert len(checked(tmp_path, asked(), records=[advisory]).concerns) == 1


@pytest.mark.parametrize(
    ("dependency", "advisory"),
    [
        (asked(version="2004d"), record(ranges=[FIXED])),
        (asked(version="2004d"), record("another", ranges=[FIXED])),
        (asked(), record(ranges=[events(("introduced", "0"), kind="GIT")])),
    ],
)
def test_what_cannot_be_compared_is_inconclusive(
    tmp_path: Path, dependency: Dependency, advisory: dict[str, Any]
) -> None:
    (one,) = checked(tmp_path, dependency, records=[advisory]).concerns
    assert (one.notice.rule, one.notice.verdict) == ("dependency.unclear", "inconclusive")


def test_a_dependency_without_a_version_is_inconclusive(tmp_path: Path) -> None:
    (one,) = checked(tmp_path, asked(version=""), records=[record(ranges=[FIXED])]).concerns
    assert (one.notice.rule, one.notice.verdict) == ("dependency.unpinned", "inconclusive")
    assert one.line == 3


@pytest.mark.parametrize("place", ["absent", "none", "old"])
def test_without_a_snapshot_to_rely_on_nothing_passes(tmp_path: Path, place: str) -> None:
    old = folder_of(tmp_path / "old", record(versions=["9"], modified="2020-01-01T00:00:00Z"))
    places = {"absent": tmp_path / "absent", "none": None, "old": old}
    done = checked(tmp_path, asked(), place=places[place])
    (one,) = done.concerns
    assert (one.notice.rule, one.notice.verdict) == ("dependency.snapshot", "inconclusive")
    assert (done.snapshot, done.looked_up) == (None, 0)


def test_a_damaged_record_is_inconclusive_beside_what_was_found(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "osv", record(ranges=[FIXED]))
    (folder / "GHSA-x.json").write_text("{", encoding="utf-8")
    done = checked(tmp_path, asked())
    rules = {one.notice.rule for one in done.concerns}
    assert rules == {"dependency.snapshot", "dependency.vulnerable"}


def test_unread_lines_are_inconclusive_with_their_reason(tmp_path: Path) -> None:
    unread = Unread(file="requirements.txt", line=9, what="-e .", why="it is code")
    place = folder_of(tmp_path / "osv", record(versions=["0"]))
    (one,) = check_dependencies(Listing(unread=(unread,)), place=place, now=NOW).concerns
    assert (one.notice.rule, one.line, one.notice.why) == ("dependency.unread", 9, "it is code")


def test_concerns_come_by_line_and_the_worst_first(tmp_path: Path) -> None:
    mild = record(id="GHSA-1", ranges=[FIXED], database_specific={"severity": "LOW"})
    bad = record(id="GHSA-2", ranges=[FIXED], **RATED)
    done = checked(tmp_path, asked(line=7), asked(line=2), records=[mild, bad])
    assert [(one.line, one.ids[0]) for one in done.concerns] == [
        (2, "GHSA-2"),
        (2, "GHSA-1"),
        (7, "GHSA-2"),
        (7, "GHSA-1"),
    ]


def test_foreign_text_does_nothing_to_a_terminal(tmp_path: Path) -> None:
    advisory = record(ranges=[FIXED], summary="\x1b[2J\u202egone" * 100)
    (one,) = checked(tmp_path, asked(), records=[advisory]).concerns
    assert one.notice.why.isprintable()
    assert len(one.notice.why) < 400
