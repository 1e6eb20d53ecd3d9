"""Every file below a path is found, and what is no file is refused."""

import os
import socket
from pathlib import Path

import pytest

from bartizan.core.errors import InputError
from bartizan.supply.scan.paths import Place, called, find, opened


def names(root: Path) -> dict[str, str]:
    return {place.inner: place.refusal for place in find([root]).places}


def test_files_of_all_folders_are_found_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b/z", "b/a", "a", "c/d/e"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert list(names(tmp_path)) == ["a", "b/a", "b/z", "c/d/e"]


def test_a_file_is_its_own_root(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.touch()
    assert [place.path for place in find([path]).places] == [path]


def test_pipes_sockets_and_devices_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        found = names(tmp_path)
    assert "pipe" in found["pipe"]
    assert "socket" in found["socket"]
    assert "device" in find([Path("/dev/null")]).places[0].refusal


def test_links_out_of_the_folder_are_refused_and_those_inside_are_counted(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "file").touch()
    (root / "inside").symlink_to("file")
    (root / "outside").symlink_to("/etc/hostname")
    (root / "nowhere").symlink_to("missing")
    (root / "loop").symlink_to("loop")
    (root / "folder").symlink_to(tmp_path)
    found = find([root])
    refused = {place.inner for place in found.places if "link" in place.refusal}
    assert refused == {"outside", "nowhere", "loop", "folder"}
    assert found.links == 1


def test_a_link_stays_only_if_what_it_leads_to_is_scanned(tmp_path: Path) -> None:
    for name in (".git/evil.pkl", "sub/file"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    for name, target in (
        ("model.pkl", ".git/evil.pkl"),
        ("history", ".git"),
        ("all", "."),
        ("sub/up", "../.git/evil.pkl"),
        ("latest", "sub"),
        ("one", "latest/file"),
    ):
        (tmp_path / name).symlink_to(target)
    found = find([tmp_path])
    refused = {place.inner for place in found.places if place.refusal}
    assert refused == {"model.pkl", "history", "all", "sub/up"}
    assert found.links == 2


def test_a_link_named_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/hostname")
    assert "link" in find([tmp_path / "link"]).places[0].refusal


def test_the_history_of_versions_is_left_out_and_counted(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").touch()
    (tmp_path / "file").touch()
    found = find([tmp_path])
    assert [place.inner for place in found.places] == ["file"]
    assert found.folders == 1


def test_a_folder_further_down_that_is_called_like_a_history_is_scanned(tmp_path: Path) -> None:
    (tmp_path / "sub" / ".git").mkdir(parents=True)
    (tmp_path / "sub" / ".git" / "evil.pkl").touch()
    found = find([tmp_path])
    assert [place.inner for place in found.places] == ["sub/.git/evil.pkl"]
    assert found.folders == 0


def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root reads every folder")
    (tmp_path / "closed").mkdir(mode=0)
    assert "cannot be read" in names(tmp_path)["closed"]


@pytest.mark.parametrize("missing", ["no-such-file", "empty"])
def test_a_path_without_a_file_is_an_error(tmp_path: Path, missing: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=missing):
        find([tmp_path / missing])


def test_two_paths_of_one_name_are_refused(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "model").touch()
    with pytest.raises(InputError, match="two paths are called 'model'"):
        find([tmp_path / "a" / "model", tmp_path / "b" / "model"])


def test_names_are_never_absolute_and_never_lead_up(tmp_path: Path) -> None:
    assert called(tmp_path) == tmp_path.name
    assert Place(tmp_path, "a/b").name == f"{tmp_path.name}/a/b"
    assert Place(Path("../models"), "a").name == "models/a"


def test_names_are_relative_to_the_working_folder_however_it_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.pkl").touch()
    monkeypatch.chdir(tmp_path)
    for root in (Path(), Path("./"), tmp_path, Path("models/..")):
        assert [place.name for place in find([root]).places] == ["models/a.pkl"]
        assert called(root) == tmp_path.name
    for root in (Path("models"), Path("./models"), tmp_path / "models"):
        assert [place.name for place in find([root]).places] == ["models/a.pkl"]
        assert called(root) == "models"
    assert find([tmp_path / "models" / "a.pkl"]).places[0].name == "models/a.pkl"


def test_two_files_of_one_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.pkl").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="one of the paths lies in another"):
        find([Path(), Path("models")])


def test_a_link_that_took_the_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    place = find([path]).places[0]
    path.unlink()
    path.symlink_to("/etc/hostname")
    with pytest.raises(InputError, match="cannot be opened"), opened(place):
        pass


def test_a_pipe_that_took_the_place_of_a_file_blocks_nobody(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    place = find([path]).places[0]
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(InputError, match="pipe"), opened(place):
        pass


def test_names_with_newlines_and_bytes_that_are_no_text_are_found(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/a\nb\xff"
    os.close(os.open(raw, os.O_CREAT | os.O_WRONLY))
    place = find([tmp_path]).places[0]
    assert place.inner == "a\nb\udcff"
    assert place.name == f"{tmp_path.name}/a%0Ab%ED%B3%BF"


def test_a_file_of_holes_is_refused_and_a_small_one_is_read(tmp_path: Path) -> None:
    for name, size in (("large", 1 << 40), ("small", 1 << 20)):
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)
    large, small = find([tmp_path]).places
    with pytest.raises(InputError, match="holes"), opened(large):
        pass
    with opened(small) as descriptor:
        assert os.fstat(descriptor).st_size == 1 << 20
