import json
import os
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bartizan.core.errors import InputError, LimitError
from bartizan.supply.advisories import snapshot_files
from bartizan.supply.advisories.snapshot import Snapshot, read_snapshot
from unit.supply.advisories.osv import NOW, events, folder_of, record, zip_of

FIXED = events(("introduced", "0"), ("fixed", "2.0"))
ONE = record(ranges=[FIXED])
OTHER = record(
    "flask", id="PYSEC-2026-1", ranges=[FIXED], modified="2026-11-01T08:00:00.123456789Z"
)


def read(place: Path, **more: Any) -> Snapshot:
    return read_snapshot(place, **{"names": {"requests"}, "now": NOW, **more})


def test_only_what_was_asked_for_is_kept(tmp_path: Path) -> None:
    snapshot = read(folder_of(tmp_path / "osv", ONE, OTHER))
    assert snapshot.records == 2
    assert set(snapshot.about) == {"requests"}
    assert [one.id for one, _ in snapshot.about["requests"]] == ["GHSA-aaaa-bbbb-cccc"]


@pytest.mark.parametrize("inside", ["all.zip", "PyPI/all.zip"])
def test_zip_files_are_found_where_osv_puts_them(tmp_path: Path, inside: str) -> None:
    path = zip_of(tmp_path / "osv" / inside, ONE, OTHER)
    for place in (path, tmp_path / "osv"):
        assert read(place).about == read(folder_of(tmp_path / "flat", ONE, OTHER)).about


def test_the_date_is_that_of_the_newest_change(tmp_path: Path) -> None:
    snapshot = read(folder_of(tmp_path / "osv", ONE, OTHER))
    assert (f"{snapshot.date:%Y-%m-%d}", snapshot.dated_by) == (
        "2026-11-20",
        "the newest change of a record in it",
    )


def test_a_stated_date_comes_first(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "osv", ONE)
    (folder / "SNAPSHOT").write_text("2026-11-19\n", encoding="ascii")
    snapshot = read(folder)
    assert (f"{snapshot.date:%Y-%m-%d}", snapshot.dated_by) == ("2026-11-19", "its file SNAPSHOT")


def test_a_snapshot_of_the_last_day_that_is_allowed_is_read(tmp_path: Path) -> None:
    then = NOW - timedelta(days=30)
    place = folder_of(tmp_path / "osv", record(ranges=[FIXED], modified=then.isoformat()))
    assert read(place).date == then


@pytest.mark.parametrize("days", [30.1, 400, -2])
def test_a_snapshot_that_is_too_old_or_not_yet_made_is_refused(tmp_path: Path, days: float) -> None:
    then = NOW - timedelta(days=days)
    place = folder_of(tmp_path / "osv", record(ranges=[FIXED], modified=then.isoformat()))
    with pytest.raises(InputError, match=r"days old|has not come"):
        read(place)


def test_the_age_that_is_allowed_is_an_argument(tmp_path: Path) -> None:
    place = folder_of(tmp_path / "osv", record(ranges=[FIXED], modified="2026-01-01T00:00:00Z"))
    assert read(place, max_age_days=400).records == 1


def test_the_digest_changes_with_every_record(tmp_path: Path) -> None:
    digests = {
        read(folder_of(tmp_path / "a", ONE, OTHER)).digest,
        read(folder_of(tmp_path / "b", ONE)).digest,
        read(folder_of(tmp_path / "c", ONE, {**OTHER, "summary": "changed"})).digest,
        read(zip_of(tmp_path / "all.zip", ONE, OTHER)).digest,
    }
    assert len(digests) == 4
    assert read(folder_of(tmp_path / "d", ONE, OTHER)).digest in digests


def test_withdrawn_advisories_and_other_ecosystems_are_left_out(tmp_path: Path) -> None:
    gone = record(id="GHSA-gone", withdrawn="2026-01-01T00:00:00Z", ranges=[FIXED])
    foreign = record(id="GHSA-npm", ecosystem="npm", ranges=[FIXED])
    snapshot = read(folder_of(tmp_path / "osv", ONE, gone, foreign))
    assert [one.id for one, _ in snapshot.about["requests"]] == ["GHSA-aaaa-bbbb-cccc"]


@pytest.mark.parametrize(
    "broken",
    [
        '{"id": "x", "modified": "2026-11-20", "schema_version": "2.0"}',
        "{",
        "[]",
        '{"id": "x"}',
        '{"id": 3, "modified": "x"}',
        "\x00",
    ],
)
def test_a_record_that_is_none_is_told(tmp_path: Path, broken: str) -> None:
    folder = folder_of(tmp_path / "osv", ONE)
    (folder / "GHSA-broken.json").write_text(broken, encoding="utf-8")
    snapshot = read(folder)
    assert (snapshot.records, snapshot.unreadable) == (1, ("GHSA-broken.json",))


def empty(tmp_path: Path) -> Path:
    return folder_of(tmp_path / "osv")


def absent(tmp_path: Path) -> Path:
    return tmp_path / "absent"


def of_npm(tmp_path: Path) -> Path:
    return folder_of(tmp_path / "osv", record(ecosystem="npm"))


def no_zip(tmp_path: Path) -> Path:
    path = tmp_path / "all.zip"
    path.write_bytes(b"PK\x03\x04 and no more")
    return path


def cut_off(tmp_path: Path) -> Path:
    path = zip_of(tmp_path / "all.zip", ONE, OTHER)
    path.write_bytes(path.read_bytes()[:-40])
    return path


def damaged(tmp_path: Path) -> Path:
    path = zip_of(tmp_path / "all.zip", ONE)
    raw = bytearray(path.read_bytes())
    raw[80] ^= 0xFF
    path.write_bytes(raw)
    return path


def a_pipe(tmp_path: Path) -> Path:
    folder = folder_of(tmp_path / "osv", ONE)
    os.mkfifo(folder / "GHSA-pipe.json")
    return folder


def a_link(tmp_path: Path) -> Path:
    folder = folder_of(tmp_path / "osv", ONE)
    (folder / "more").symlink_to(folder_of(tmp_path / "elsewhere", OTHER))
    return folder


def nonsense_for_a_date(tmp_path: Path) -> Path:
    folder = folder_of(tmp_path / "osv", ONE)
    (folder / "SNAPSHOT").write_text("yesterday", encoding="ascii")
    return folder


@pytest.mark.parametrize(
    "make",
    [empty, absent, of_npm, no_zip, cut_off, damaged, a_pipe, a_link, nonsense_for_a_date],
)
def test_what_cannot_be_relied_on_is_refused(tmp_path: Path, make: Any) -> None:
    with pytest.raises(InputError):
        read(make(tmp_path))


def test_a_record_of_any_length_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_files, "RECORD_BYTES", 1000)
    long = {**ONE, "summary": "x" * 2000}
    for place in (folder_of(tmp_path / "osv", long), zip_of(tmp_path / "all.zip", long)):
        with pytest.raises(LimitError):
            read(place)


def test_records_of_a_zip_below_folders_are_read(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("PyPI/deep/GHSA-1.json", json.dumps(ONE))
        archive.writestr("README.md", "no record")
    assert read(path).records == 1
