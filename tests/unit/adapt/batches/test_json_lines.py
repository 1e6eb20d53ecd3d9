import json

import pytest

from bartizan.adapt.batches.batch import Pace
from bartizan.adapt.batches.json_lines import json_frames
from bartizan.core.errors import InputError, SchemaError


def read(
    raw: bytes, *, size: int = 7, rows: int = 2, text_bytes: int = 10**6
) -> list[tuple[object, ...]]:
    blocks = [raw[start : start + size] for start in range(0, len(raw), size)]
    pace = Pace(rows=rows, cells=10**6, text_bytes=text_bytes)
    return [
        row for frame in json_frames(blocks, where="t.jsonl", pace=pace) for row in frame.rows()
    ]


def test_values_are_text_as_they_are_spelled() -> None:
    raw = b'{"a": 1, "b": true, "c": "x", "d": 0.5}\n{"a": 10000000000000000000000, "c": "y"}'
    assert read(raw) == [("1", "true", "x", "0.5"), ("1" + "0" * 22, None, "y", None)]
    assert read(b'{"a": 1}\n{"a": "1"}\n{"a": 1.5}', rows=9) == [("1",), ("1",), ("1.5",)]


@pytest.mark.parametrize("size", [1, 5, 1000])
@pytest.mark.parametrize("rows", [1, 3, 100])
def test_rows_do_not_depend_on_how_a_file_is_cut(size: int, rows: int) -> None:
    made = [{"n": n, "é": "ü" * (n % 3), "gap": None if n % 2 else n / 4} for n in range(20)]
    raw = "\r\n".join(
        json.dumps(row, ensure_ascii=n % 2 == 0) for n, row in enumerate(made)
    ).encode()
    expected = [
        (str(row["n"]), row["é"], None if row["gap"] is None else str(row["gap"])) for row in made
    ]
    assert read(raw, size=size, rows=rows) == expected


def test_keys_that_come_late_are_columns_from_then_on() -> None:
    raw = b'{"a": 1}\n\n{"a": 2}\n{"b": 3}\n'
    pace = Pace(rows=1, cells=10**6)
    blocks = [line + b"\n" for line in raw.split(b"\n")]
    frames = list(json_frames(blocks, where="t.jsonl", pace=pace))
    assert [frame.columns for frame in frames] == [["a"], ["a"], ["a", "b"]]
    assert frames[2].rows() == [(None, "3")]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"a": 1}\n\n{"a": \n', "line 3: not JSON"),
        (b'{"a": 1}\n[1]\n', "line 2: expected one JSON object"),
        (b'{"a": 1}\n{"a": 1} {"a": 2}\n', "line 2: not JSON"),
        (b'{"a": 1}\n{"a":\n1}\n', "line 2: not JSON"),
        (b'{"a": 1}\n{"a": ' + b"[" * 100_000 + b"\n", "line 2: not JSON"),
        (b'{"a": 1}\n{"a": "\xff"}\n', "line 2: byte 16 is not UTF-8"),
    ],
)
def test_the_line_that_is_broken_is_named(raw: bytes, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        read(raw)


@pytest.mark.parametrize("value", [b"[1]", b'{"b": 1}'])
def test_lists_and_objects_are_no_cells(value: bytes) -> None:
    with pytest.raises(SchemaError, match="'a' holds a list or an object"):
        read(b'{"a": ' + value + b"}\n")


def test_numbers_that_json_does_not_know_and_python_writes_are_read() -> None:
    assert read(b'{"a": NaN}\n{"a": 1.0}\n', rows=9) == [("NaN",), ("1.0",)]


def test_long_rows_come_in_batches_of_fewer() -> None:
    raw = b"".join(b'{"a": "' + b"x" * 1000 + b'"}\n' for _ in range(100))
    pace = Pace(rows=90, cells=10**6, text_bytes=10_000)
    blocks = [raw[start : start + 4096] for start in range(0, len(raw), 4096)]
    heights = [frame.height for frame in json_frames(blocks, where="t.jsonl", pace=pace)]
    assert sum(heights) == 100
    assert max(heights) <= 16


def test_too_many_keys_are_refused() -> None:
    pace = Pace(rows=9, cells=99, columns=3)
    with pytest.raises(SchemaError, match="4 columns, more than the limit of 3"):
        list(json_frames([b'{"a":1,"b":1}\n{"c":1,"d":1}\n'], where="t.jsonl", pace=pace))
