"""Data files that are made to harm whoever reads them, or damaged on the way."""

import gzip
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from bartizan.adapt.batches.reading import open_batches
from bartizan.core.errors import InputError, SchemaError

FRAME = pl.DataFrame({"a": [1, 2, 3] * 40, "b": [0.5, None, 2.0] * 40, "c": ["x", None, "yy"] * 40})
BOUNDED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
from bartizan.adapt.batches.reading import open_batches
from bartizan.core.errors import InputError
try:
    for batch in open_batches(sys.argv[1]):
        pass
except InputError as error:
    print(error)
status = open("/proc/self/status").read()  # getrusage counts the process before exec as well
print(int(status.split("VmHWM:")[1].split()[0]) // 1024)
"""


def read(path: Path) -> int:
    return sum(batch.rows for batch in open_batches(path))


def read_apart(path: Path, *, script: str = BOUNDED) -> tuple[str, int]:
    """The error and the most memory, MiB, of a process that reads a file and may not have much."""
    made = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    *lines, peak = made.stdout.splitlines()
    return "\n".join(lines), int(peak)


def parquet(frame: pl.DataFrame, **settings: Any) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, **settings)
    return buffer.getvalue()


def varint(value: int) -> bytes:
    made = b""
    while value > 127:
        made += bytes([value & 127 | 128])
        value >>= 7
    return made + bytes([value])


def thrift(fields: dict[int, Any]) -> bytes:
    """A structure in Thrift's compact protocol: whole numbers, bytes, lists and structures."""
    made, last = b"", 0
    for number, value in fields.items():
        kind, body = thrift_value(value)
        made += bytes([(number - last) << 4 | kind]) + body
        last = number
    return made + b"\0"


def thrift_value(value: Any) -> tuple[int, bytes]:
    if isinstance(value, int):
        return 6, varint(value * 2 if value >= 0 else -value * 2 - 1)
    if isinstance(value, bytes):
        return 8, varint(len(value)) + value
    if isinstance(value, dict):
        return 12, thrift(value)
    parts = [thrift_value(one) for one in value]
    kind = parts[0][0] if parts else 12
    return 9, bytes([15 << 4 | kind]) + varint(len(parts)) + b"".join(body for _, body in parts)


def made_up(
    *,
    pages: bytes,
    rows: int,
    group_rows: int | None = None,
    groups: int = 1,
    start: int = 4,
    kind: int = 2,
) -> bytes:
    """A Parquet file of one column, of 64-bit whole numbers (2) or texts (6), as it is told."""
    group = rows if group_rows is None else group_rows
    column = {
        1: kind, 2: [0, 8], 3: [b"a"], 4: 0, 5: group, 6: len(pages), 7: len(pages), 9: start
    }  # fmt: skip
    schema = [{4: b"root", 5: 1}, {1: kind, 3: 0, 4: b"a"} | ({6: 0} if kind == 6 else {})]
    row_group = {1: [{2: 4, 3: column}], 2: len(pages), 3: group}
    footer = thrift({1: 1, 2: schema, 3: rows, 4: [row_group] * groups})
    return b"PAR1" + pages + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def page(body: bytes, *, values: int, unpacked: int | None = None) -> bytes:
    """A page of plain numbers."""
    size = len(body) if unpacked is None else unpacked
    return thrift({1: 0, 2: size, 3: len(body), 5: {1: values, 2: 0, 3: 3, 4: 3}}) + body


def one_value(values: int, *, text: bytes | None = None) -> bytes:
    """A dictionary of one value and a run that repeats it: any number of rows in some bytes."""
    value = (7).to_bytes(8, "little") if text is None else len(text).to_bytes(4, "little") + text
    dictionary = thrift({1: 2, 2: len(value), 3: len(value), 7: {1: 1, 2: 0}}) + value
    run = b"\1" + varint(values << 1) + b"\0"
    head = thrift({1: 0, 2: len(run), 3: len(run), 5: {1: values, 2: 8, 3: 3, 4: 3}})
    return dictionary + head + run


def test_the_made_up_files_are_files_that_a_reader_takes(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    body = np.arange(5, dtype="<i8").tobytes()
    path.write_bytes(made_up(pages=page(body, values=5), rows=5))
    (batch,) = open_batches(path)
    assert batch.frame["a"].to_list() == [0, 1, 2, 3, 4]
    path.write_bytes(made_up(pages=one_value(100_000), rows=100_000))
    assert read(path) == 100_000


def test_a_tiny_file_of_a_thousand_million_rows_is_a_bomb(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(made_up(pages=one_value(10**9), rows=10**9))
    assert path.stat().st_size < 250
    error, peak = read_apart(path)
    assert "is it a decompression bomb?" in error
    assert peak < 300


BODY = np.arange(5, dtype="<i8").tobytes()


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (made_up(pages=page(BODY, values=5), rows=10**8, group_rows=5), "declares 100000000 rows"),
        (made_up(pages=page(BODY, values=5), rows=10**8), "holds 5 values in a row group of 10"),
        (made_up(pages=page(BODY, values=10**8), rows=5), "holds 100000000 values"),
        (made_up(pages=page(BODY, values=5, unpacked=2**31 - 1), rows=5), "more than the limit"),
        (made_up(pages=page(BODY, values=5), rows=5, start=10**6), "lies outside the file"),
        (made_up(pages=page(BODY, values=5), rows=5, start=0), "lies outside the file"),
        (made_up(pages=page(BODY, values=5)[:-8], rows=5), "longer than its column"),
        (made_up(pages=page(BODY, values=-5), rows=5), "instead of a count"),
        (made_up(pages=page(BODY, values=5), rows=5, group_rows=-5), "instead of a count"),
        (made_up(pages=b"", rows=0, groups=10_000), "table is empty"),
    ],
)  # fmt: skip
def test_a_file_that_lies_about_itself_is_refused_in_little_memory(
    tmp_path: Path, raw: bytes, reason: str
) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(raw)
    with pytest.raises(InputError, match=reason):
        read(path)


def test_a_list_that_is_said_to_be_longer_than_the_file_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    footer = b"\x29\xfc" + varint(2**40)
    path.write_bytes(b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1")
    with pytest.raises(InputError, match=f"{2**40} elements"):
        read(path)


def test_structures_without_end_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    footer = b"\x1c" * 100_000
    path.write_bytes(b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1")
    with pytest.raises(InputError, match="nested more than"):
        read(path)


def test_many_small_row_groups_are_read_together(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(made_up(pages=page(BODY, values=5), rows=5 * 3000, group_rows=5, groups=3000))
    (batch,) = open_batches(path)
    assert batch.frame["a"].to_list() == [0, 1, 2, 3, 4] * 3000


def test_a_dictionary_of_one_long_text_comes_in_batches_of_few_rows(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(made_up(pages=one_value(500, text=b"x" * (1 << 20)), rows=500, kind=6))
    assert path.stat().st_size < 2 << 20
    sizes = [batch.rows for batch in open_batches(path)]
    assert sum(sizes) == 500
    assert max(sizes) <= 64
    error, peak = read_apart(path)
    assert not error
    assert peak < 900


@pytest.mark.parametrize("values", [[[1, 2]] * 3, [{"k": 1}] * 3, [b"raw"] * 3])
def test_columns_that_are_no_table_are_refused_by_name(tmp_path: Path, values: list[Any]) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(parquet(pl.DataFrame({"a": [1, 2, 3], "odd": values})))
    with pytest.raises(SchemaError, match="'odd' holds"):
        read(path)


@pytest.mark.parametrize("packed", [False, True])
def test_a_parquet_file_that_is_cut_anywhere_is_refused(tmp_path: Path, *, packed: bool) -> None:
    path = tmp_path / "t.parquet"
    raw = parquet(FRAME)
    for keep in range(4, len(raw), 7):
        path.write_bytes(gzip.compress(raw[:keep]) if packed else raw[:keep])
        with pytest.raises(InputError, match=r"t\.parquet"):
            read(path)


def test_an_encrypted_footer_is_called_so(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(parquet(FRAME)[:-4] + b"PARE")
    with pytest.raises(InputError, match="footer is encrypted"):
        read(path)


@pytest.mark.parametrize("form", ["csv", "ndjson", "parquet"])
def test_a_file_with_flipped_bits_is_read_or_refused(tmp_path: Path, form: str) -> None:
    path = tmp_path / "t"
    raw = parquet(FRAME, row_group_size=50)
    if form != "parquet":
        raw = (FRAME.write_csv() if form == "csv" else FRAME.write_ndjson()).encode()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(150):
        spoilt = bytearray(raw)
        for place in rng.integers(len(raw), size=rng.integers(1, 4)):
            spoilt[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(spoilt)
        try:
            read(path)
        except InputError:
            refused += 1
    assert refused > 20


def test_a_gzip_bomb_stops_at_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 2_000_000))
    with pytest.raises(InputError, match="unpacks to more than 1000000 bytes"):
        list(open_batches(path, limit_bytes=1_000_000))
    path.write_bytes(gzip.compress(bytes(1 << 26)))
    with pytest.raises(InputError, match="binary file"):
        open_batches(path)


def test_a_packed_parquet_file_that_unpacks_to_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet.gz"
    with gzip.open(path, "wb", compresslevel=1) as handle:
        handle.write(b"PAR1")
        for _ in range(65):
            handle.write(bytes(4 << 20))
    error, peak = read_apart(path)
    assert "unpack it first" in error
    assert peak < 700


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,b\n1," + b"x" * (21 << 20) + b"\n")
    with pytest.raises(InputError, match=r"line 2: longer than 16777216 bytes"):
        open_batches(path)


def test_a_quote_left_open_near_the_begin_of_a_long_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b'a,b\n1,2\n3,"4\n' + b"5,6\n" * (5 << 20))
    with pytest.raises(InputError, match=r"line 3: longer than .* is a quote left open"):
        list(open_batches(path))


def test_too_many_columns_are_refused_by_number(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(",".join(f"c{n}" for n in range(100_001)) + "\n" + "1," * 100_000 + "1\n")
    with pytest.raises(SchemaError, match="100001 columns, more than the limit of 100000"):
        open_batches(path)


def test_types_of_very_many_columns_are_not_inferred(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(",".join(f"c{n}" for n in range(30_000)) + "\n" + "1," * 29_999 + "1\n")
    with pytest.raises(SchemaError, match="30000 columns, and types are inferred of 20000 at most"):
        open_batches(path)


@pytest.mark.slow
def test_as_many_columns_as_are_allowed_are_read_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    row = ",".join(str(n % 7) for n in range(100_000)) + "\n"
    path.write_text(",".join(f"c{n}" for n in range(100_000)) + "\n" + row * 60)
    columns = "Schema(features=tuple(Feature(name=f'c{n}') for n in range(100_000)))"
    script = BOUNDED.replace("sys.argv[1])", f"sys.argv[1], schema={columns})")
    error, peak = read_apart(path, script="from bartizan.core.schema import *" + script)
    assert not error
    assert peak < 1500
