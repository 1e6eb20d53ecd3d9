import hashlib
import io
import math
import struct
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.adapt.batches.reading import open_batches
from bartizan.adapt.rows.canonical import canonical_batch, canonical_rows, row_keys
from bartizan.adapt.rows.canonical_cells import Stray, Value, decode_row
from bartizan.adapt.rows.layout import RowColumn, RowLayout, frame_layout, row_layout
from bartizan.core.errors import InputError, SchemaError, ShapeError
from bartizan.core.schema import Feature, Schema

SCHEMA = Schema(
    features=(
        Feature(name="n"),
        Feature(name="i", type="integer"),
        Feature(name="c", type="categorical", categories=("u", "ä", "true", "1")),
        Feature(name="t", type="integer"),
    )
)
FRAME = pl.DataFrame(
    {
        "n": [0.5, None, -0.0, 1e300, 0.1],
        "i": [1, 2, None, -4, 2**53 + 1],
        "c": ["u", None, "a\u0308", "other", "1"],
        "t": [datetime(2024, 1, 1, 1, 2, 3, 456789, tzinfo=UTC), None, None, None, None],
        "y": ["a", "b", "a", None, "b"],
    },
    schema_overrides={"t": pl.Datetime("us", "UTC")},
)
LAYOUT = row_layout(SCHEMA, target="y", times=("t",))
KEY = bytes(range(32))


def rows_of(source: object) -> list[bytes]:
    batches = open_batches(source, schema=SCHEMA, target="y", batch_rows=2)
    return [row for batch in batches for row in canonical_batch(batch, layout=LAYOUT)]


def test_a_row_is_the_bytes_that_the_format_says() -> None:
    frame = pl.DataFrame({"b": [-0.0, None], "a": [-2, 7], "s": ["é", None], "r": ["", "x"]})
    assert canonical_rows(frame, layout=frame_layout(frame)) == [
        b"\2\xff\xff\xff\xff\xff\xff\xff\xfe\1" + bytes(8) + b"\3\0\0\0\0\3\0\0\0\2\xc3\xa9",
        b"\2\0\0\0\0\0\0\0\7" + bytes(9) + b"\3\0\0\0\1x" + b"\0",
    ]


def test_the_same_data_gives_the_same_bytes_from_every_source(tmp_path: Path) -> None:
    expected = canonical_rows(FRAME, layout=LAYOUT)
    texts = FRAME.with_columns(pl.col("t").dt.to_string("iso:strict"))
    (tmp_path / "t.csv").write_text(texts.write_csv())
    (tmp_path / "t.jsonl").write_text(texts.write_ndjson())
    FRAME.write_parquet(tmp_path / "t.parquet")
    pandas = pd.DataFrame(
        {
            name: pd.array(FRAME[name].to_list(), dtype=kind)
            for name, kind in (("n", "Float64"), ("i", "Int64"), ("c", "str"), ("y", "category"))
        }
    ).assign(t=pd.to_datetime(FRAME["t"].to_list(), utc=True))
    shuffled = FRAME.select("y", "t", "c", "i", "n")
    for source in (*sorted(tmp_path.iterdir()), FRAME, pandas, shuffled):
        assert rows_of(source) == expected


def test_cells_that_do_not_fit_keep_what_the_source_spells(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("n,i,c,t,y\nabc,1.5,u,never,a\nabd,,u,NA,a\n,,u,,a\n")
    shown = [decode_row(row, layout=LAYOUT) for row in rows_of(path)]
    assert shown == [
        {"i": Stray("1.5"), "n": Stray("abc"), "t": Stray("never"), "c": "u", "y": "a"},
        {"i": None, "n": Stray("abd"), "t": None, "c": "u", "y": "a"},
        {"i": None, "n": None, "t": None, "c": "u", "y": "a"},
    ]


def after_1970(micros: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)


TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
ROWS = st.lists(
    st.tuples(
        st.none() | st.floats(allow_nan=True, allow_infinity=False),
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999).map(after_1970),
        TEXTS,
        TEXTS,
        st.none() | st.text("ab,1\u0308", min_size=1, max_size=3),
    ),
    min_size=1,
    max_size=5,
)
TYPES = {
    "n": pl.Float64(),
    "i": pl.Int64(),
    "t": pl.Datetime("us", "UTC"),
    "s": pl.String(),
    "u": pl.String(),
}


def composed(value: Value) -> Value:
    """A value as the format keeps it."""
    if isinstance(value, float):
        return value + 0.0
    if isinstance(value, str):
        return pl.Series([value]).str.normalize("NFC").item()
    return value


@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_every_row_can_be_read_back(drawn: list[tuple[Value, ...]]) -> None:
    strays = pl.Series([row[5] for row in drawn], dtype=pl.String)
    frame = pl.DataFrame([row[:5] for row in drawn], schema=TYPES, orient="row")
    frame = frame.with_columns(pl.when(strays.is_null()).then(pl.col("n")).alias("n"))
    layout = frame_layout(frame)
    rows = canonical_rows(frame, layout=layout, strays={"n": strays})
    for row, (n, *rest, stray) in zip(rows, drawn, strict=True):
        shown = decode_row(row, layout=layout)
        first: Value = n if stray is None else Stray(str(composed(stray)))
        expected = [composed(value) for value in (first, *rest)]
        assert [repr(shown[name]) for name in TYPES] == [repr(value) for value in expected]


def test_nan_has_one_form_and_zero_no_sign() -> None:
    other = struct.unpack(">d", b"\x7f\xf8\0\0\0\0\0\1")[0]
    frame = pl.DataFrame({"n": [math.nan, other, -math.nan, 0.0, -0.0]})
    rows = canonical_rows(frame, layout=frame_layout(frame))
    assert len(set(rows[:3])) == len(set(rows[3:])) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\1\x80" + bytes(7) + b"\0",
        b"\1\x7f\xf8\0\0\0\0\0\1\0",
        b"\2" + bytes(8) + b"\0",
        b"\0" + bytes(7) + b"\1\0",
        bytes(9),
        bytes(9) + b"\0\0",
        bytes(9) + b"\3\0\0\0\5abc",
        bytes(9) + b"\3\0\0\0\1\xff",
        bytes(9) + b"\3\0\0\0\3a\xcc\x88",
        bytes(9) + b"\3\0\0",
        b"\5" + bytes(8) + b"\0",
    ],
)
def test_bytes_that_are_no_canonical_row_are_refused(raw: bytes) -> None:
    layout = row_layout(Schema(features=(Feature(name="n"),)), target="y")
    with pytest.raises(InputError):
        decode_row(raw, layout=layout)


def test_the_layout_does_not_depend_on_the_order_of_the_columns() -> None:
    turned = Schema(features=SCHEMA.features[::-1])
    assert row_layout(turned, target="y", times=("t",)).digest == LAYOUT.digest
    assert row_layout(SCHEMA, target="y").digest != LAYOUT.digest
    with pytest.raises(SchemaError, match="another order"):
        RowLayout(columns=LAYOUT.columns[::-1])
    with pytest.raises(SchemaError, match="composed form"):
        row_layout(Schema(features=(Feature(name="\u00e4"), Feature(name="a\u0308"))))


def test_rows_of_another_type_or_without_a_column_are_refused() -> None:
    layout = RowLayout(columns=(RowColumn(name="n", type="number"),))
    with pytest.raises(SchemaError, match="expected number values, got integer"):
        canonical_rows(pl.DataFrame({"n": [1]}), layout=layout)
    with pytest.raises(SchemaError, match="no column 'n'"):
        canonical_rows(pl.DataFrame({"m": [1.0]}), layout=layout)
    with pytest.raises(SchemaError, match="got Float32"):
        frame_layout(pl.DataFrame({"n": pl.Series([1.0], dtype=pl.Float32)}))


def test_keys_of_rows_are_those_of_the_specification() -> None:
    rows = canonical_rows(FRAME, layout=LAYOUT)
    keys = row_keys(FRAME, key=KEY)
    assert keys.dtype == np.uint64
    expected = [hashlib.blake2b(row, key=KEY, digest_size=8).digest() for row in rows]
    assert [int(key).to_bytes(8, "big") for key in keys] == expected
    assert (row_keys(FRAME, key=KEY[::-1]) != keys).all()
    with pytest.raises(ShapeError, match="16 to 64 bytes"):
        row_keys(FRAME, key=b"short")


def test_keys_of_rows_are_the_same_in_another_process() -> None:
    buffer = io.BytesIO()
    FRAME.write_ipc(buffer)
    code = (
        "import io, sys, polars as pl; from bartizan.adapt.rows.canonical import row_keys;"
        "frame = pl.read_ipc(io.BytesIO(sys.stdin.buffer.read()));"
        f"print(*row_keys(frame, key={KEY!r}))"
    )
    made = subprocess.run(
        [sys.executable, "-c", code], input=buffer.getvalue(), capture_output=True, check=True
    )
    assert [int(text) for text in made.stdout.split()] == row_keys(FRAME, key=KEY).tolist()


def test_rows_do_not_depend_on_how_many_are_encoded_at_once() -> None:
    frame = pl.DataFrame(
        {"n": np.arange(40_000) / 7, "s": [str(n % 97) * (n % 5) for n in range(40_000)]}
    )
    layout = frame_layout(frame)
    rows = canonical_rows(frame, layout=layout)
    assert rows[16_380:16_390] == canonical_rows(frame[16_380:16_390], layout=layout)
    assert len(set(rows)) == 40_000


def test_no_rows_give_no_bytes() -> None:
    assert canonical_rows(FRAME.head(0), layout=LAYOUT) == []
    assert row_keys(FRAME.head(0), key=KEY).shape == (0,)
