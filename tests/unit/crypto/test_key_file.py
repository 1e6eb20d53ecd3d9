import os
import stat
from pathlib import Path

import pytest

from bartizan.core.errors import OutputError, TrustError, UsageError
from bartizan.crypto.key_file import SIZE_LIMIT, read_key_file, read_secret
from bartizan.crypto.safe_file import PRIVATE, create

SECRET = "PRIVATE+KEY+not+really\n"  # noqa: S105 (made up)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "log.key"
    create(path, SECRET.encode(), mode=PRIVATE)
    return path


def test_only_the_owner_can_read_what_is_written(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key_file(path) == SECRET
    assert list(path.parent.iterdir()) == [path]  # no temporary file stays


def test_a_wide_umask_opens_nothing(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        create(tmp_path / "key", SECRET.encode(), mode=PRIVATE)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_a_key_that_is_there_stays(path: Path) -> None:
    with pytest.raises(OutputError, match="exists already"):
        create(path, b"another\n", mode=PRIVATE)
    assert read_key_file(path) == SECRET
    assert list(path.parent.iterdir()) == [path]


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="exists already"):
        create(tmp_path / "key", SECRET.encode(), mode=PRIVATE)
    assert not (tmp_path / "elsewhere").exists()


def test_a_place_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot write"):
        create(tmp_path / "no" / "key", SECRET.encode(), mode=PRIVATE)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o777])
def test_a_key_that_others_may_use_is_refused(path: Path, mode: int) -> None:
    path.chmod(mode)
    with pytest.raises(TrustError, match="chmod 600"):
        read_key_file(path)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_key_of_its_owner_alone_is_read(path: Path, mode: int) -> None:
    path.chmod(mode)
    assert read_key_file(path) == SECRET


def test_a_link_is_refused(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(path)
    with pytest.raises(TrustError, match="is a link"):
        read_key_file(link)


def test_a_pipe_is_refused_and_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(TrustError, match="no plain file"):
        read_key_file(tmp_path / "pipe")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrustError, match="no plain file"):
        read_key_file(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nokey: No such file"):
        read_key_file(tmp_path / "nokey")


@pytest.mark.parametrize("raw", [b"", b" \n", b"\xff\xfesecret", b"x" * (SIZE_LIMIT + 1)])
def test_what_cannot_be_a_key_is_refused_and_not_shown(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "key"
    path.touch(0o600)
    path.write_bytes(raw)
    with pytest.raises(UsageError) as caught:
        read_key_file(path)
    assert "secret" not in str(caught.value)
    assert "xxx" not in str(caught.value)
    # A cause that holds the bytes would be shown with the traceback.
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_references_lead_to_files_and_to_the_environment(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG_KEY", SECRET)
    assert read_secret(f"file:{path}") == SECRET
    assert read_secret("env:LOG_KEY") == SECRET


def test_an_unset_variable_is_named() -> None:
    with pytest.raises(UsageError, match="env:NO_SUCH_KEY_HERE"):
        read_secret("env:NO_SUCH_KEY_HERE")


@pytest.mark.parametrize("text", ["hunter2", "PRIVATE+KEY+hunter2", "env:", "file:", ""])
def test_a_secret_that_was_written_down_is_not_repeated(text: str) -> None:
    with pytest.raises(UsageError, match="env:NAME or file:PATH") as caught:
        read_secret(text)
    assert "hunter2" not in str(caught.value)
