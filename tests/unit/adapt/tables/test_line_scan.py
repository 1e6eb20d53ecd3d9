import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.adapt.batches.batch import Pace
from bartizan.adapt.tables.delimited import delimited_frames, read_delimited
from bartizan.adapt.tables.line_scan import LineScan, checked_text
from bartizan.core.errors import InputError, SchemaError


def cut(raw: bytes, *, size: int) -> list[bytes]:
    return [raw[start : start + size] for start in range(0, len(raw), size)]


def in_blocks(raw: bytes, *, size: int, rows: int) -> list[tuple[object, ...]]:
    """Rows of a file that is read in blocks of some bytes, some rows at a time."""
    pace = Pace(rows=rows, cells=10**6)
    frames = delimited_frames(
        cut(raw, size=size), where="t.csv", has_header=True, pace=pace, notes=[]
    )
    return [row for frame in frames for row in frame.rows()]


CELLS = st.text("ab,\n\r\"é' ", max_size=4)
TABLES = st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6)


def spelled(rows: list[tuple[str, str]]) -> bytes:
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    return "\n".join(["a,b", *lines]).encode()


@settings(max_examples=150, deadline=None)
@given(TABLES, st.integers(1, 9), st.integers(1, 4))
def test_rows_do_not_depend_on_how_a_file_is_cut(
    table: list[tuple[str, str]], size: int, rows: int
) -> None:
    raw = spelled(table)
    frame, _ = read_delimited(raw, where="t.csv")
    assert in_blocks(raw, size=size, rows=rows) == frame.rows() == table


BROKEN = [
    (b"a,b\n1,2\n3\n4,5\n", "line 3: expected 2 fields"),
    (b'a,b\n"x\ny",2\n3,4,5\n', "line 4: expected 2 fields"),
    (b'a,b\n1,2\n"3,4\n5,6\n', "line 3: a quote opens and never closes"),
    ("a,b\n1,2\n1é,2\n".encode("latin-1"), "line 3: byte 9 is not UTF-8"),
    (b"\xef\xbb\xbfa,b\n1,\xff\n", "line 2: byte 6 is not UTF-8"),
]


@pytest.mark.parametrize(("raw", "reason"), BROKEN)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_the_line_that_is_broken_is_named_however_a_file_is_cut(
    raw: bytes, reason: str, size: int
) -> None:
    with pytest.raises(InputError, match=reason):
        in_blocks(raw, size=size, rows=2)


def test_a_broken_line_far_down_is_named_by_its_number() -> None:
    good = b"1,2\n" * 399_998
    for bad, reason in (
        (b"1,2,3\n", "expected 2 fields"),
        (b"1,\0\n", "is NUL"),
        (b"\xff,2\n", "not UTF-8"),
    ):
        with pytest.raises(InputError, match=rf"line 400000\b.*{reason}"):
            in_blocks(b"a,b\n" + good + bad + good, size=1 << 20, rows=65_536)


def test_a_nul_far_down_does_not_make_text_a_binary_file() -> None:
    with pytest.raises(InputError, match="line 3: byte 10 is NUL"):
        in_blocks(b"a,b\n1,2\n3,\x00\n", size=4, rows=2)


def test_blank_text_is_refused_in_blocks() -> None:
    with pytest.raises(SchemaError, match="nothing but blank lines"):
        list(checked_text([b"\n\n", b"  \n"], where="t.csv"))
    with pytest.raises(SchemaError, match="has a header and no rows"):
        in_blocks(b"\n\na,b\n\n\n", size=2, rows=3)


def test_lines_wait_in_order_and_are_taken_once() -> None:
    scan = LineScan(where="t.csv")
    for block in checked_text(cut(b"a;b\n\n1;2\n\r\n3;4\n5;6", size=6), where="t.csv"):
        scan.feed(block)
    scan.close()
    assert (scan.lines, scan.separator, scan.first()) == (4, ";", b"a;b")
    assert [scan.take(2), scan.take(1), scan.take(9), scan.take(1)] == [
        b"a;b\n1;2\n",
        b"3;4\n",
        b"5;6",
        b"",
    ]
    assert (scan.lines, scan.size) == (0, 0)


def test_long_rows_come_in_batches_of_fewer() -> None:
    raw = b"a,b\n" + (b"x" * 1000 + b",1\n") * 500
    pace = Pace(rows=400, cells=10**6, text_bytes=50_000)
    frames = delimited_frames(
        cut(raw, size=10_000), where="t.csv", has_header=True, pace=pace, notes=[]
    )
    heights = [frame.height for frame in frames]
    assert sum(heights) == 500
    assert max(heights) <= 70


def test_wide_rows_come_in_batches_of_fewer() -> None:
    assert Pace(rows=100, cells=1000).height(50) == 20
    assert Pace(rows=100, cells=1000).height(5) == 100
    assert Pace(rows=100, cells=1000).height(5000) == 1


def test_numbers_of_fields_are_those_of_a_reader() -> None:
    rng = np.random.default_rng(3)
    for _ in range(30):
        width, height = int(rng.integers(1, 9)), int(rng.integers(1, 40))
        lines = [b",".join([b"7"] * width) for _ in range(height + 1)]
        lines[0] = b",".join(f"n{place}".encode() for place in range(width))
        assert in_blocks(b"\n".join(lines), size=17, rows=11) == [("7",) * width] * height


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize("rows", [3, 100])
def test_the_separator_does_not_depend_on_how_a_file_is_cut(size: int, rows: int) -> None:
    lines = ["kind\ttext, in words", *(f"ham\tone, {'two, ' * (at % 3)}x" for at in range(rows))]
    found = in_blocks("\n".join(lines).encode(), size=size, rows=2)
    assert len(found) == rows
    assert found[2] == ("ham", "one, two, two, x")
