import hashlib
import os
from pathlib import Path

import pytest

from bartizan.core.errors import OutputError, TrustError
from bartizan.store.blobs import Blobs

RAW = b"some bytes"
NAME = "sha256:" + hashlib.sha256(RAW).hexdigest()


def only_file(root: Path) -> Path:
    found = [path for path in root.rglob("*") if path.is_file()]
    assert len(found) == 1
    return found[0]


def test_bytes_come_back_under_their_digest(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs")
    assert blobs.put(RAW) == NAME
    assert blobs.get(NAME) == RAW


def test_nothing_is_as_good_as_any_bytes(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    assert blobs.get(blobs.put(b"")) == b""


def test_what_is_not_here_is_none(tmp_path: Path) -> None:
    assert Blobs(tmp_path / "no" / "folder").get(NAME) is None


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    assert blobs.put(RAW) == blobs.put(RAW)
    assert only_file(tmp_path).read_bytes() == RAW


def test_no_temporary_file_is_left(tmp_path: Path) -> None:
    Blobs(tmp_path).put(RAW)
    assert only_file(tmp_path).name == NAME.removeprefix("sha256:")


@pytest.mark.parametrize("content", [b"other bytes", RAW[:4], b"", RAW + b"x"])
def test_a_file_that_was_changed_is_not_trusted(tmp_path: Path, content: bytes) -> None:
    blobs = Blobs(tmp_path)
    blobs.put(RAW)
    only_file(tmp_path).write_bytes(content)
    with pytest.raises(TrustError, match="no longer has the content it was stored with; delete"):
        blobs.get(NAME)


def test_a_file_that_was_deleted_is_gone_and_can_be_put_again(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    blobs.put(RAW)
    only_file(tmp_path).unlink()
    assert blobs.get(NAME) is None
    assert blobs.get(blobs.put(RAW)) == RAW


def test_a_place_that_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"cannot keep results under .*file"):
        Blobs(tmp_path / "file").put(RAW)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="cannot keep results"):
        Blobs(tmp_path / "blobs").put(RAW)


def test_a_blob_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    blobs.put(RAW)
    path = only_file(tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(OutputError, match="cannot read"):
        blobs.get(NAME)
