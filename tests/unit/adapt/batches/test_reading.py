import gzip
import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from bartizan.adapt.batches.reading import Batches, open_batches
from bartizan.adapt.tables.reading import read_table
from bartizan.core.errors import InputError, SchemaError, ShapeError
from bartizan.core.record import digest
from bartizan.core.schema import Feature, Schema

SCHEMA = Schema(
    features=(
        Feature(name="n"),
        Feature(name="i", type="integer"),
        Feature(name="c", type="categorical", categories=("u", "v w")),
    )
)
FRAME = pl.DataFrame(
    {
        "n": [0.5, None, -2.0, 1e300, 0.1],
        "i": [1, 2, None, -4, 2**53 + 1],
        "c": ["u", None, "v w", "u", "other"],
        "y": ["a", "b", "a", None, "b"],
    }
)


def whole(batches: Batches) -> pl.DataFrame:
    """All rows together."""
    return pl.concat([batch.frame for batch in batches])


def csv(frame: pl.DataFrame) -> bytes:
    return frame.write_csv().encode()


def ndjson(frame: pl.DataFrame) -> bytes:
    return frame.write_ndjson().encode()


def parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, row_group_size=2)
    return buffer.getvalue()


@pytest.mark.parametrize("spell", [csv, ndjson, parquet])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("rows", [1, 2, 3, 100])
def test_a_file_gives_the_same_rows_in_every_format_and_batch_size(
    tmp_path: Path, *, spell: Callable[[pl.DataFrame], bytes], packed: bool, rows: int
) -> None:
    path = tmp_path / "t"
    path.write_bytes(gzip.compress(spell(FRAME)) if packed else spell(FRAME))
    batches = open_batches(path, schema=SCHEMA, target="y", batch_rows=rows)
    assert (batches.rows, batches.assumed, batches.name) == (None, False, "t")
    for _ in range(2):
        assert whole(batches).equals(FRAME)
        assert batches.rows == FRAME.height
        assert batches.digest == digest(path.read_bytes())
    assert [batch.start for batch in batches] == list(range(0, FRAME.height, rows))
    assert all(batch.rows <= rows and not batch.unfit for batch in batches)


def test_frames_of_all_libraries_and_arrays_are_read() -> None:
    pandas = pd.DataFrame(FRAME.to_dict(as_series=False))
    arrow = pa.table(FRAME.to_dict(as_series=False))
    for frame in (FRAME, FRAME.lazy(), pandas, arrow):
        batches = open_batches(frame, schema=SCHEMA, target="y", batch_rows=2)
        expected = FRAME
        if frame is pandas:  # a gap makes pandas' whole numbers floats
            expected = FRAME.with_columns(pl.Series("i", [1, 2, None, -4, 2**53]))
        assert whole(batches).equals(expected)
        assert batches.digest == read_table(frame).digest
    x, y = np.array([[0.5, 1.0], [1.5, np.nan]]), np.array([0, 1])
    batches = open_batches((x, y))
    assert batches.target == "target"
    assert whole(batches).rows() == [(0.5, 1, "0"), (1.5, None, "1")]
    with pytest.raises(ShapeError):
        open_batches((x, y[:1]))


def test_values_that_do_not_fit_are_marked_and_null(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("n,i,c,y\nabc,1.5,x,1.0\ninf,9223372036854775808,1,a\n 2 ,NA,,\n")
    (batch,) = open_batches(path, schema=SCHEMA, target="y")
    assert batch.frame.rows() == [
        (None, None, "x", "1"),
        (None, None, "1", "a"),
        (2, None, None, None),
    ]
    assert {name: mask.to_list() for name, mask in batch.unfit.items()} == {
        "n": [True, True, False],
        "i": [True, True, False],
    }
    assert batch.raw.row(2) == (" 2 ", "NA", None, None)


def test_missing_columns_are_null_and_extra_ones_stay_raw(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("n,extra\n1,e\n")
    (batch,) = open_batches(path, schema=SCHEMA)
    assert batch.frame.rows() == [(1.0, None, None)]
    assert batch.frame.dtypes == [pl.Float64, pl.Int64, pl.String]
    assert batch.raw.columns == ["n", "extra"]


def test_schema_is_inferred_from_the_first_batch_without_the_target(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(csv(FRAME))
    batches = open_batches(path, target="y")
    assert batches.assumed
    assert [(f.name, f.type, f.categories) for f in batches.schema.features] == [
        ("n", "number", ()),
        ("i", "integer", ()),
        ("c", "categorical", ("other", "u", "v w")),
    ]


def test_a_target_that_is_not_there_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(SchemaError, match="no target column 'z'"):
        open_batches(FRAME, target="z")


@pytest.mark.parametrize("frame", [pl.DataFrame(), FRAME.head(0)])
def test_an_empty_frame_is_refused(frame: pl.DataFrame) -> None:
    with pytest.raises(SchemaError, match="the table is empty"):
        open_batches(frame)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(csv(FRAME))
    batches = open_batches(path, schema=SCHEMA, batch_rows=2)
    rows = iter(batches)
    next(rows)
    with path.open("a") as handle:
        handle.write("1,1,u,a\n")
    with pytest.raises(InputError, match="changed while it was read"):
        list(rows)


def test_a_file_that_is_replaced_between_two_readings_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(parquet(FRAME))
    batches = open_batches(path, schema=SCHEMA)
    list(batches)
    times = path.stat()
    other = tmp_path / "other"
    other.write_bytes(path.read_bytes())
    os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
    other.rename(path)
    with pytest.raises(InputError, match="changed while it was read"):
        list(batches)
