"""Rows as bytes: the same for equal rows whatever file they came from, never for others.

The bytes of a row, for a layout of k columns of fixed width and m columns of text::

    k cells of 9 bytes     tag, then 8 bytes: float64 or int64, big-endian; zeros if null or unfit
    m cells                tag, and if not null: length (uint32, big-endian), UTF-8 in NFC
    a text for each unfit  length (uint32, big-endian), UTF-8 in NFC, in the order of the columns
    cell of the first k

Tags: 0 null, 1 number, 2 whole number, 3 text, 4 time in microseconds since 1970 UTC, 5 a value
that does not fit its column, as the source spells it. NaN has one form, zero has no sign.
"""

import hashlib
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.adapt.rows.layout import CellType, RowColumn, RowLayout, composed, frame_layout
from bartizan.adapt.tables.cells import MISSING
from bartizan.adapt.tables.moments import moments
from bartizan.core.arrays import AnyArray, Ints
from bartizan.core.errors import SchemaError, ShapeError

NULL, TEXT, UNFIT = 0, 3, 5
TAGS: Mapping[CellType, int] = MappingProxyType(
    {"number": 1, "integer": 2, "text": TEXT, "time": 4}
)
CELL_BYTES = 9
"""A tag and 64 bits."""
_BLOCK_ROWS = 16_384
"""Rows encoded at once: some megabytes, which stay in a processor's cache."""
_NONE: Mapping[str, pl.Series] = MappingProxyType({})


def canonical_rows(
    frame: pl.DataFrame, *, layout: RowLayout, strays: Mapping[str, pl.Series] = _NONE
) -> list[bytes]:
    """Encode typed rows.

    Args:
        frame: Typed as `Batch.frame`, times as Datetime("us", "UTC"); columns beyond the layout
            are ignored.
        layout: The columns.
        strays: By column of fixed width, what the source spells where a value does not fit the
            column: text of shape (n,), null elsewhere. Without it such a cell looks missing.

    Returns:
        One row each, in the order of the frame.

    Raises:
        SchemaError: a column is missing or of another type.

    Cost:
        About 2 microseconds a row of 42 columns.

    Source:
        Own format; "leading tags and lengths" as in ISO/IEC 8825-1 (DER).
    """
    columns = {composed(name): name for name in frame.columns}
    for column in layout.columns:
        _require(frame, column=column, known=columns)
    named = frame.select(columns[column.name] for column in layout.columns)
    named.columns = [column.name for column in layout.columns]
    extras = {composed(name): texts for name, texts in strays.items()}
    made: list[bytes] = []
    for start in range(0, frame.height, _BLOCK_ROWS):
        block = named.slice(start, _BLOCK_ROWS)
        parts = {name: texts.slice(start, _BLOCK_ROWS) for name, texts in extras.items()}
        made += _encoded(block, layout=layout, strays=parts)
    return made


def canonical_batch(batch: Batch, *, layout: RowLayout) -> list[bytes]:
    """Encode the rows of a batch: typed cells, times, and unfit cells as they are spelled.

    Raises:
        SchemaError: the layout has a column that the batch does not have.
    """
    frame = batch.frame
    raw = {composed(name): name for name in batch.raw.columns}
    for column in layout.fixed:
        if column.type == "time":
            source = batch.raw[raw[column.name]] if column.name in raw else _no_times(batch.rows)
            values, _ = moments(source)
            frame = frame.drop(column.name, strict=False).with_columns(values.alias(column.name))
    return canonical_rows(frame, layout=layout, strays=_strays(batch, frame=frame, layout=layout))


def row_keys(frame: pl.DataFrame, *, key: bytes) -> AnyArray:
    """Short keyed hashes of typed rows, for finding equal ones.

    Equal rows have equal hashes, in every process and from every kind of source. Others collide
    with a chance of 2^-64 a pair, and nobody without the key can make them collide.

    Args:
        frame: Typed as `Batch.frame`, n rows.
        key: 16 to 64 bytes.

    Returns:
        Shape (n,), uint64.

    Source:
        BLAKE2b (RFC 7693) with key and 8 bytes of output.
    """
    if not 16 <= len(key) <= hashlib.blake2b.MAX_KEY_SIZE:
        message = f"expected a key of 16 to 64 bytes, got {len(key)}"
        raise ShapeError(message)
    start = hashlib.blake2b(key=key, digest_size=8)
    made = bytearray()
    for row in canonical_rows(frame, layout=frame_layout(frame)):
        one = start.copy()
        one.update(row)
        made += one.digest()
    return np.frombuffer(bytes(made), dtype=">u8").astype(np.uint64)


def _no_times(rows: int) -> pl.Series:
    return pl.Series([None], dtype=pl.String).new_from_index(0, rows)


def _strays(batch: Batch, *, frame: pl.DataFrame, layout: RowLayout) -> dict[str, pl.Series]:
    """What the source spells where a value does not fit, by column."""
    unfit = {composed(name): mask for name, mask in batch.unfit.items()}
    types = {column.name: column.type for column in layout.fixed}
    found = {}
    for name in batch.raw.columns:
        short = composed(name)
        if types.get(short) == "time":
            texts = batch.raw[name].cast(pl.String)
            blank = texts.str.strip_chars().str.to_lowercase().is_in(["", *MISSING])
            found[short] = texts.set(blank | frame[short].is_not_null(), None)
        elif short in types and short in unfit:
            found[short] = batch.raw[name].cast(pl.String).set(~unfit[short], None)
    return {name: texts for name, texts in found.items() if texts.null_count() < len(texts)}


def _require(frame: pl.DataFrame, *, column: RowColumn, known: Mapping[str, str]) -> None:
    if column.name not in known:
        message = f"the rows have no column {column.name!r}, which their layout has"
        raise SchemaError(message)
    have = frame_layout(frame.select(known[column.name])).columns[0].type
    if have != column.type:
        message = f"column {column.name!r}: expected {column.type} values, got {have}"
        raise SchemaError(message)


def _encoded(
    block: pl.DataFrame, *, layout: RowLayout, strays: Mapping[str, pl.Series]
) -> list[bytes]:
    """Rows of one block."""
    fixed = np.zeros((block.height, len(layout.fixed), CELL_BYTES), dtype=np.uint8)
    tails: list[pl.Series] = [block[column.name] for column in layout.texts]
    tagged = [True] * len(tails)
    for place, column in enumerate(layout.fixed):
        values = block[column.name]
        present = values.is_not_null().to_numpy()
        fixed[:, place, 0] = present * np.uint8(TAGS[column.type])
        fixed[:, place, 1:] = _words(values)
        if column.name in strays:
            texts = strays[column.name]
            fixed[texts.is_not_null().to_numpy(), place, 0] = UNFIT
            tails.append(texts)
            tagged.append(False)
    heads = _split(fixed)
    if not tails:
        return heads
    buffer, ends = _ragged(
        [_cells(texts, tagged=tag) for texts, tag in zip(tails, tagged, strict=True)]
    )
    starts = [0, *ends[:-1]]
    return [head + buffer[a:b] for head, a, b in zip(heads, starts, ends, strict=True)]


def _words(values: pl.Series) -> AnyArray:
    """64 bits a value, big-endian, shape (n, 8); zeros where null."""
    if values.dtype == pl.Float64:
        numbers = values.fill_null(0.0).to_numpy() + 0.0  # -0.0 + 0.0 is 0.0
        numbers[np.isnan(numbers)] = np.nan  # one of its 2^53 forms
        words = numbers.astype(">f8")
    else:
        words = values.to_physical().fill_null(0).to_numpy().astype(">i8")
    return words.view(np.uint8).reshape(len(values), 8)


def _split(fixed: AnyArray) -> list[bytes]:
    """The rows of an array of bytes."""
    width = fixed.shape[1] * fixed.shape[2]
    raw = fixed.tobytes()
    return [raw[place * width : (place + 1) * width] for place in range(len(fixed))]


def _cells(texts: pl.Series, *, tagged: bool) -> tuple[AnyArray, Ints]:
    """Cells of texts, one after the other, and their lengths, shape (n,).

    Args:
        texts: Null where a cell is missing.
        tagged: Whether each cell has a tag; a missing one is empty if not.
    """
    sizes = texts.str.len_bytes()
    if (sizes != texts.str.len_chars()).any():
        texts = texts.str.normalize("NFC")
        sizes = texts.str.len_bytes()
    lengths = sizes.fill_null(0).to_numpy().astype(np.int64)
    present = sizes.is_not_null().to_numpy()
    front = 4 * present + int(tagged)
    widths = lengths + front
    made = np.zeros(int(widths.sum()), dtype=np.uint8)
    ends = np.cumsum(widths)
    starts = ends - widths
    if tagged:
        made[starts] = present * np.uint8(TEXT)
    marks = lengths[present].astype(">u4").view(np.uint8).reshape(-1, 4)
    made[(starts[present] + int(tagged))[:, None] + np.arange(4)] = marks
    body = np.frombuffer("".join(texts.drop_nulls().to_list()).encode(), dtype=np.uint8)
    made[_places(starts + front, lengths)] = body
    return made, widths


def _ragged(columns: list[tuple[AnyArray, Ints]]) -> tuple[bytes, list[int]]:
    """Cells of several columns, row by row, and where each row ends."""
    if len(columns) == 1:
        return columns[0][0].tobytes(), np.cumsum(columns[0][1]).tolist()
    widths = np.stack([width for _, width in columns], axis=1)
    ends = np.cumsum(widths.ravel()).reshape(widths.shape)
    made = np.empty(int(widths.sum()), dtype=np.uint8)
    for place, (cells, width) in enumerate(columns):
        made[_places(ends[:, place] - width, width)] = cells
    return made.tobytes(), ends[:, -1].tolist()


def _places(starts: Ints, lengths: Ints) -> Ints:
    """Every place of stretches, one after the other."""
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()))
