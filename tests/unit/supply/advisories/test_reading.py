import os
from pathlib import Path

import pytest

from bartizan.core.errors import InputError, LimitError
from bartizan.supply.advisories.reading import plain, read_regular


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"\x00\xff" * 10)
    assert read_regular(path, limit_bytes=20) == b"\x00\xff" * 10


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(InputError, match="no regular file"):
        read_regular(path)


def test_a_folder_and_nothing_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(InputError, match=r"cannot read|no regular"):
            read_regular(path)


def test_what_is_larger_than_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(bytes(21))
    with pytest.raises(LimitError, match="more than 20 bytes"):
        read_regular(path, limit_bytes=20)


@pytest.mark.parametrize("text", ["\x1b[2J", "a\nb", "\u202eexe", "\x00", "x" * 10_000, "\ud800"])
def test_plain_text_is_short_and_does_nothing(text: str) -> None:
    shown = plain(text)
    assert shown.isascii()
    assert shown.isprintable()
    assert len(shown) <= 83
