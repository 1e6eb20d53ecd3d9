from pathlib import Path

import numpy as np

from bartizan.supply.dependencies.environment import read_environment


def installed(folder: Path, name: str, metadata: str) -> None:
    place = folder / f"{name}.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text(metadata, encoding="utf-8")


def test_what_is_installed_is_listed_by_name(tmp_path: Path) -> None:
    installed(tmp_path, "b-2", "Metadata-Version: 2.1\nName: B_b\nVersion: 2\n")
    installed(tmp_path, "a-1", "Metadata-Version: 2.1\nName: a\nVersion: 1.0+cpu\n")
    listing = read_environment([tmp_path])
    found = [(one.name, one.version, one.file) for one in listing.dependencies]
    assert found == [("a", "1.0+cpu", "a-1.dist-info"), ("b-b", "2", "b-2.dist-info")]


def test_metadata_without_a_name_or_version_is_told(tmp_path: Path) -> None:
    installed(tmp_path, "odd-1", "Metadata-Version: 2.1\nName: odd\n")
    listing = read_environment([tmp_path])
    assert not listing.dependencies
    assert [one.file for one in listing.unread] == ["odd-1.dist-info"]


def test_what_an_installation_left_behind_is_told_and_stops_nothing(tmp_path: Path) -> None:
    installed(tmp_path, "a-1", "Metadata-Version: 2.1\nName: a\nVersion: 1\n")
    (tmp_path / "left-1.dist-info").mkdir()
    installed(tmp_path, "odd-1", "")
    (tmp_path / "odd-1.dist-info" / "METADATA").write_bytes(b"Name: \xff\xfe\nVersion: 1\n")
    listing = read_environment([tmp_path])
    assert [one.name for one in listing.dependencies] == ["a"]
    assert [one.file for one in listing.unread] == ["left-1.dist-info", "odd-1.dist-info"]


def test_the_environment_that_runs_is_read_without_importing_it() -> None:
    folder = Path(np.__file__).parents[1]
    versions = {one.name: one.version for one in read_environment([folder]).dependencies}
    assert versions["numpy"] == np.__version__
