"""Untrusted bytes are read where and as far as somebody asks."""

import os
from pathlib import Path

import pytest

from bartizan.core.errors import InputError, LimitError
from bartizan.formats.content import Budget, Expanded, Window, head, windowed

RAW = bytes(range(200))


def test_a_window_never_reads_beyond_its_end() -> None:
    window = Window.of(RAW).part(10, 20)
    assert window.at(0, 5) == RAW[10:15]
    assert window.at(15, 100) == RAW[25:30]
    assert window.at(20, 1) == window.at(-5, 0) == b""
    assert window.part(15, 100).size == 5


def test_a_stream_skips_what_it_is_told_to_and_says_where_it_is() -> None:
    stream = Window.of(RAW).open()
    assert stream.skip(150) == 150
    assert stream.read(10) == RAW[150:160]
    assert stream.skip(1000) == 40
    assert stream.position == len(RAW)
    assert stream.read(1) == b""


def test_a_file_is_read_in_place(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(RAW)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        window = Window.of_file(descriptor)
        assert window.size == len(RAW)
        assert window.part(100, 50).at(10, 10) == RAW[110:120]
    finally:
        os.close(descriptor)


def test_a_file_that_shrinks_while_it_is_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(RAW)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        window = Window.of_file(descriptor)
        os.truncate(path, 50)
        with pytest.raises(InputError, match="became shorter"):
            window.at(0, 100)
    finally:
        os.close(descriptor)


def test_what_comes_out_of_something_compressed_is_opened_anew_each_time() -> None:
    content = Expanded(Window.of(RAW).open)
    assert head(content, 4) == head(content, 4) == RAW[:4]
    assert windowed(content, limit_bytes=200).at(199, 1) == RAW[199:]


def test_more_than_the_limit_is_not_kept() -> None:
    with pytest.raises(LimitError, match="more than 199 bytes"):
        windowed(Expanded(Window.of(RAW).open), limit_bytes=199)


def test_a_budget_is_spent_to_its_last_byte_and_no_further() -> None:
    budget = Budget(expanded_bytes=10)
    budget.spend("expanded_bytes", 10)
    with pytest.raises(LimitError, match="more than 10 expanded bytes"):
        budget.spend("expanded_bytes", 1)


def test_files_inside_of_files_end_somewhere() -> None:
    budget = Budget.for_file(1000)
    budget.require_depth(budget.depth)
    with pytest.raises(LimitError, match="deep"):
        budget.require_depth(budget.depth + 1)
