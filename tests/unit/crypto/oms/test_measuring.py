import os
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bartizan.core.errors import InputError, TrustError
from bartizan.crypto.oms.manifest import Manifest
from bartizan.crypto.oms.measuring import GIT, listed, measured, open_file
from bartizan.crypto.oms.names import require_name


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    (folder / "part" / "deep").mkdir(parents=True)
    (folder / "weights").write_bytes(b"1" * 3_000_000)
    (folder / "part" / "deep" / "é").write_bytes(b"")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("x")
    return folder


def test_a_folder_is_hashed_file_by_file(model: Path) -> None:
    told: list[int] = []
    found = measured(model, ignored=GIT, progress=told.append)
    assert [file.name for file in found.files] == ["part/deep/é", "weights"]
    assert [file.size_bytes for file in found.files] == [0, 3_000_000]
    assert sum(told) == 3_000_000


def test_one_thread_or_many_find_the_same(model: Path) -> None:
    assert measured(model, threads=1) == measured(model, threads=8)


def test_a_file_is_a_model_of_one_file(model: Path) -> None:
    content = (model / "weights").read_bytes()
    assert measured(model / "weights") == Manifest.of_content(content)


def test_names_are_left_out_at_the_top_only(model: Path) -> None:
    (model / "part" / ".git").write_text("kept")
    assert listed(model, ignored=GIT) == ["part/.git", "part/deep/é", "weights"]
    assert listed(model, ignored=["part", ".git"]) == ["weights"]


@pytest.mark.parametrize("target", ["weights", "part", "nowhere", "/etc"])
def test_links_are_refused_wherever_they_lead(model: Path, target: str) -> None:
    (model / "part" / "link").symlink_to(target)
    with pytest.raises(TrustError, match="is a link"):
        measured(model)


def test_a_model_that_is_a_link_is_refused(model: Path) -> None:
    link = model.with_name("link")
    link.symlink_to(model)
    with pytest.raises(TrustError, match="is a link"):
        measured(link)
    with pytest.raises(TrustError, match="is a link"):
        open_file(link)


def test_a_pipe_is_refused_without_waiting_for_a_writer(model: Path) -> None:
    os.mkfifo(model / "pipe")
    with pytest.raises(InputError, match="neither a file nor a folder"):
        measured(model)
    with pytest.raises(InputError, match="neither a file nor a folder"):
        open_file(model / "pipe")


def test_a_socket_and_a_device_are_refused(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(model)  # the names of sockets are short
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket")
        with pytest.raises(InputError, match="neither a file nor a folder"):
            measured(model)
    with pytest.raises(InputError, match="neither a file nor a folder"):
        measured(Path("/dev/null"))


@pytest.mark.parametrize("name", ["a\nb", "a\u202eb", "a\u200bb", "a\x1bb", "a\\b", "\u2028"])
def test_names_that_a_person_does_not_see_as_they_are_are_refused(model: Path, name: str) -> None:
    (model / name).write_text("x")
    with pytest.raises(TrustError, match="is refused"):
        measured(model)


def test_a_name_that_is_not_utf_8_is_refused(model: Path) -> None:
    (Path(os.fsdecode(bytes(model))) / os.fsdecode(b"\xff")).write_text("x")
    with pytest.raises(TrustError, match="is refused"):
        measured(model)


@pytest.mark.parametrize("name", ["", "/a", "a/", "a//b", ".", "..", "a/../b", "a/./b", "a" * 5000])
def test_names_that_are_no_plain_way_down_are_refused(name: str) -> None:
    with pytest.raises(TrustError, match="is refused"):
        require_name(name)


def test_a_folder_that_cannot_be_read_is_an_error(model: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read every folder")
    (model / "part").chmod(0)
    try:
        with pytest.raises(InputError, match="cannot list"):
            measured(model)
    finally:
        (model / "part").chmod(0o700)


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        measured(tmp_path / "nothing")
    with pytest.raises(InputError, match="at least one file"):
        measured(tmp_path)


def test_a_file_that_changes_while_it_is_hashed_is_an_error(model: Path) -> None:
    changed = threading.Event()

    def meddle(_: int) -> None:
        if not changed.is_set():
            changed.set()
            with (model / "weights").open("ab") as file:
                file.write(b"more")

    with pytest.raises(InputError, match="changed while it was hashed"):
        measured(model, ignored=GIT, progress=meddle)


def test_a_file_that_comes_while_others_are_hashed_is_an_error(model: Path) -> None:
    with pytest.raises(InputError, match="came or went"):
        measured(model, progress=lambda _: (model / "new").write_text("x") and None)


@pytest.fixture
def deep() -> Iterator[Path]:
    """Folders in folders; taken away by a program that does not call itself, unlike pytest."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        handle = os.open(place, os.O_RDONLY)
        for _ in range(1500):
            os.mkdir("d", dir_fd=handle)
            below = os.open("d", os.O_RDONLY, dir_fd=handle)
            os.close(handle)
            handle = below
        os.close(handle)
        yield Path(place)
        subprocess.run(["rm", "-rf", f"{place}/d"], check=True, timeout=60)


def test_folders_may_lie_deeper_than_python_calls(deep: Path) -> None:
    (deep / "f").write_text("x")
    assert [file.name for file in measured(deep).files] == ["f"]
