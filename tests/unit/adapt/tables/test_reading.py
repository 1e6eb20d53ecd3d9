import gzip
import io
import os
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from bartizan.adapt.tables.reading import read_table
from bartizan.core.errors import InputError, SchemaError, ShapeError
from bartizan.core.record import digest

FRAME = pl.DataFrame({"a": [1, 2], "b": [0.5, None], "c": ["x", None]})


def parquet() -> bytes:
    buffer = io.BytesIO()
    FRAME.write_parquet(buffer)
    return buffer.getvalue()


CSV = b"a,b,c\n1,0.5,x\n2,,\n"
NDJSON = b'{"a": 1, "b": 0.5, "c": "x"}\n\n{"a": 2}\n'


@pytest.mark.parametrize("name", ["t.csv", "t.ndjson", "t"])
@pytest.mark.parametrize("raw", [CSV, NDJSON, parquet()])
@pytest.mark.parametrize("packed", [False, True])
def test_format_is_recognised_by_content_under_any_name(
    tmp_path: Path, *, name: str, raw: bytes, packed: bool
) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(raw) if packed else raw)
    read = read_table(path)
    assert read.frame.rows() == FRAME.rows()
    assert read.digest == digest(path.read_bytes())
    assert read.name == "t"


def test_all_suffixes_are_left_out_of_the_name(tmp_path: Path) -> None:
    path = tmp_path / "my.set.csv.gz"
    path.write_bytes(gzip.compress(CSV))
    assert read_table(path).name == "my.set"
    assert read_table(path, name="other").name == "other"


def test_text_under_the_name_of_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(CSV)
    with pytest.raises(InputError, match="is not a Parquet file"):
        read_table(path)


def test_missing_file_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_bytes(CSV)
    with pytest.raises(InputError, match=r"did you mean 'train\.csv'"):
        read_table(tmp_path / "trian.csv")


def test_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"directory .*nowhere does not exist"):
        read_table(tmp_path / "nowhere" / "t.csv")


def test_directory_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a directory"):
        read_table(tmp_path)


def test_pipe_is_no_table(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(InputError, match="not a regular file"):
        read_table(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_unreadable_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(CSV)
    path.chmod(0)
    with pytest.raises(InputError, match="check its permissions"):
        read_table(path)


def test_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"")
    with pytest.raises(InputError, match="is empty"):
        read_table(path)


def test_empty_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b""))
    with pytest.raises(InputError, match="empty inside"):
        read_table(path)


@pytest.mark.parametrize("cut", [12, -9])
def test_truncated_gzip_names_the_file(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(CSV * 50)[:cut])
    with pytest.raises(InputError, match=r"t\.csv\.gz: the gzip file is damaged or cut off"):
        read_table(path)


@pytest.mark.parametrize("keep", [8, 100, -1])
def test_truncated_parquet_names_the_file(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(parquet()[:keep])
    with pytest.raises(InputError, match=r"t\.parquet: the Parquet file is damaged or cut off"):
        read_table(path)


def test_parquet_without_its_beginning_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(parquet()[4:])
    with pytest.raises(InputError, match=r"t\.parquet is not a Parquet file"):
        read_table(path)


def test_truncated_ndjson_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(NDJSON[:-4])
    with pytest.raises(InputError, match=r"t\.jsonl, line 3: not JSON"):
        read_table(path)


def test_ndjson_line_that_is_no_object_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(b'{"a": 1}\n[1]\n')
    with pytest.raises(InputError, match="line 2: expected one JSON object"):
        read_table(path)


def test_file_above_the_limit_is_refused_packed_or_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(CSV + b"1,2,3\n" * 2000))
    with pytest.raises(InputError, match="unpacks to more than 2000 bytes"):
        read_table(path, limit_bytes=2000)
    with pytest.raises(InputError, match="more than the limit of 10"):
        read_table(path, limit_bytes=10)


def test_frames_of_three_libraries_read_alike() -> None:
    pandas = pd.DataFrame({"a": [1, 2], "b": [0.5, np.nan], "c": ["x", None]})
    arrow = pa.table({"a": [1, 2], "b": [0.5, None], "c": ["x", None]})
    reads = [read_table(frame) for frame in (FRAME, FRAME.lazy(), pandas, arrow)]
    assert {read.digest for read in reads} == {reads[0].digest}
    assert all(read.frame.rows() == FRAME.rows() for read in reads)
    assert [read.container for read in reads] == ["polars", "polars", "pandas", "polars"]


def test_digest_of_a_frame_changes_with_a_value_a_name_and_a_gap() -> None:
    others = [
        FRAME.with_columns(a=pl.Series([1, 3])),
        FRAME.rename({"a": "d"}),
        FRAME.with_columns(c=pl.Series(["x", ""])),
        FRAME.with_columns(b=pl.Series([0.5, 0.0])),
    ]
    digests = {read_table(frame).digest for frame in (FRAME, *others)}
    assert len(digests) == 5


def test_pandas_types_become_their_counterparts() -> None:
    frame = pd.DataFrame(
        {
            "whole": pd.array([1, None], dtype="Int64"),
            "truth": pd.array([True, None], dtype="boolean"),
            "grade": pd.Categorical(["lo", None], categories=["lo", "hi"]),
            "when": pd.to_datetime(["2024-01-01", None]),
            "single": np.array([1.5, 2.5], dtype=np.float32),
            "mixed": [1, "x"],
        }
    )
    read = read_table(frame)
    assert read.frame.row(1)[:4] == (None, None, None, None)
    assert read.frame.dtypes == [
        pl.Int64,
        pl.Boolean,
        pl.Enum(["lo", "hi"]),
        pl.Datetime("us"),
        pl.Float32,
        pl.String,
    ]
    assert read.notes == ("column 'mixed' mixes types (int, str); read as categories",)


def test_two_columns_of_one_name_are_refused_in_frames() -> None:
    twice = pd.DataFrame(np.zeros((2, 2)), columns=["a", "a"])
    with pytest.raises(SchemaError, match="two columns are named 'a'"):
        read_table(twice)
    with pytest.raises(SchemaError, match="two columns are named 'a'"):
        read_table(pa.Table.from_arrays([[1], [2]], names=["a", "a"]))


@pytest.mark.parametrize("frame", [pl.DataFrame(), FRAME.head(0)])
def test_empty_frame_is_refused(frame: pl.DataFrame) -> None:
    with pytest.raises(SchemaError, match="the table is empty"):
        read_table(frame)


def test_things_that_are_no_table_are_refused() -> None:
    with pytest.raises(InputError, match="cannot read a table from dict"):
        read_table({"a": [1]})
    with pytest.raises(ShapeError, match=r"got shape \(3,\)"):
        read_table(np.zeros(3))


def test_arrays_of_days_and_of_mixed_objects_are_read() -> None:
    days = np.array([["2024-01-01"], ["2024-01-02"]], dtype="datetime64[D]")
    assert read_table(days).frame.dtypes == [pl.Datetime("us")]
    read = read_table(np.array([[1, "a"], [None, 2.5]], dtype=object))
    assert read.frame.rows() == [(1, "a"), (None, "2.5")]
    assert read.notes == ("column 'x1' mixes types (float, str); read as categories",)
