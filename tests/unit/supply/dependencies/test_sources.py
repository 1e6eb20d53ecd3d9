import os
from pathlib import Path

import pytest

from bartizan.supply.dependencies.sources import sources_in
from bartizan.supply.scan.paths import find


def written(path: Path, text: str = "requests==1.0\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def names(*roots: Path) -> list[str]:
    return [one.name for one in sources_in(find(roots))]


def test_lists_are_called_what_the_scan_calls_their_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    written(Path("shop/uv.lock"), "version = 1\n")
    written(Path("shop/notes.txt"))
    written(Path("one/requirements.txt"))
    assert names(Path("shop")) == ["shop/uv.lock"]
    assert names(Path("one/requirements.txt")) == ["one/requirements.txt"]
    assert names(tmp_path / "one" / "requirements.txt") == ["one/requirements.txt"]
    both = find([Path("shop"), Path("one/requirements.txt")])
    scanned = {place.name for place in both.places}
    assert {one.name for one in sources_in(both)} <= scanned


def test_a_name_that_would_end_a_findings_id_is_spelled_out(tmp_path: Path) -> None:
    written(tmp_path / "a@b#c" / "requirements.txt")
    (source,) = sources_in(find([tmp_path]))
    assert source.name == f"{tmp_path.name}/a%40b%23c/requirements.txt"
    (asked,) = source.read().dependencies
    assert asked.file == source.name
    assert list(source.digests()) == [source.name]


def test_a_folder_is_known_by_its_name_even_from_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path / "requirements" / "dev.txt")
    monkeypatch.chdir(tmp_path / "requirements")
    assert names(Path()) == ["dev.txt"]


def test_a_pipe_that_is_called_like_a_list_is_unread_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "requirements.txt")
    (source,) = sources_in(find([tmp_path]))
    said = source.read()
    assert (said.dependencies, [one.file for one in said.unread]) == ((), [source.name])


def test_a_file_and_its_link_are_one_list_each_line_once(tmp_path: Path) -> None:
    place = written(tmp_path / "requirements.txt")
    (tmp_path / "requirements-old.txt").symlink_to(place.name)
    found = sources_in(find([tmp_path]))
    assert {one.name for one in found} == {f"{tmp_path.name}/requirements.txt"}
    assert len({line for one in found for line in one.read().dependencies}) == 1
