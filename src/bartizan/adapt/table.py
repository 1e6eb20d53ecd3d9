"""Labelled tables and images: rows as numbers, and the codec that turns them back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from bartizan.adapt.images.codec import ImageCodec
from bartizan.adapt.images.pixels import as_rows
from bartizan.adapt.images.reading import ImageSource, read_images
from bartizan.adapt.names import nearest, told_of
from bartizan.adapt.tables import frames
from bartizan.adapt.tables.bands import groupings
from bartizan.adapt.tables.codec import Codec
from bartizan.adapt.tables.conform import conform, departures
from bartizan.adapt.tables.inference import infer
from bartizan.adapt.tables.labels import Labels, code_labels
from bartizan.adapt.tables.reading import Source, read_table
from bartizan.core.dataset import Dataset
from bartizan.core.errors import SchemaError, UsageError
from bartizan.core.groups import AuditColumn
from bartizan.core.schema import Schema


@dataclass(frozen=True, kw_only=True)
class Table:
    """A data set and the way back to its rows."""

    dataset: Dataset
    codec: Codec | ImageCodec
    apart: frozenset[str] = frozenset()
    """Columns of the source that are no features, of its own and of rows beside it."""


def load_dataset(
    source: Any,
    *,
    target: str | None,
    schema: Schema | None = None,
    name: str | None = None,
    has_header: bool = True,
    audit: Sequence[AuditColumn] = (),
    without: Collection[str] = (),
) -> Table:
    """Read labelled rows.

    Args:
        source: Path of a CSV, TSV, NDJSON or Parquet file (plain or in gzip), a frame of
            polars, pandas or pyarrow, or a tuple (X, y) of arrays with ``target=None``. Images:
            the path of an .npz, .npy or IDX file, of a folder with one sub-folder of PNG or
            JPEG files for each class, or (X, y) with X of three or four axes.
        target: The column of class labels. Of images in an .npz file, the array of labels:
            `y_test` goes with `x_test`. Of an .npy or IDX file, the file of labels beside it
            (for IDX found by its name if not given). A folder and arrays need none.
        schema: What is known about the other columns, or the form of the images; inferred from
            the rows if not given.
        name: What to call the data set; the file's name unless said.
        has_header: Whether a text table's first line names the columns; else they are called
            c0, c1, ...
        audit: Columns that say which group a row belongs to, for a bias audit.
        without: Further columns that are no features; left out where there are such.

    Returns:
        The rows with a label. What was odd about the others is in `dataset.notes`.

    Raises:
        InputError: the file cannot be read; the message names it, and the line where possible.
        SchemaError: no such target, no rows, no classes, or columns that do not fit the schema.
        NonFiniteError: a number is infinite.

    Example:
        >>> table = load_dataset((np.array([[0.5], [1.5]]), np.array([0, 1])), target=None)
        >>> table.dataset.x.shape, table.dataset.classes
        ((2, 1), (0, 1))
    """
    pictures = read_images(source, target=target, has_header=has_header)
    if pictures is not None:
        if audit:
            message = f"rows are images, which have no column {audit[0].column!r} to audit"
            raise UsageError(message)
        return _image_table(pictures, schema=schema, name=name)
    if schema is not None and schema.image is not None:
        message = "the schema describes images, the data is a table; leave the schema out"
        raise SchemaError(message)
    read, labels_name = _read(source, target=target, name=name, has_header=has_header)
    labels = code_labels(read.frame[labels_name])
    kept = np.flatnonzero(labels.y >= 0)
    frame = read.frame.filter(pl.Series(labels.y >= 0))
    notes = [*read.notes, *_notes(labels)]
    audited = groupings(frame, audit, where=read.name)
    apart = frozenset(without) | _apart(audit, target=labels_name)
    frame = frame.drop(apart, strict=False)
    with told_of(read.name, source):
        known, features, more = _described(frame, target=labels_name, schema=schema)
        codec = Codec.of(known, dtypes=features.schema, container=read.container)
        x = codec.encode(features, rows=kept)
    more += [] if schema is None else departures(x, schema, rows=kept)
    dataset = Dataset(
        name=read.name,
        x=x,
        y=labels.y[kept],
        classes=labels.classes,
        ids=kept,
        schema=known,
        digest=read.digest,
        notes=(*notes, *more),
        groups=audited,
    )
    return Table(dataset=dataset, codec=codec, apart=apart)


def _apart(audit: Sequence[AuditColumn], *, target: str) -> frozenset[str]:
    """Audited columns that are no features.

    Raises:
        SchemaError: one is the target.
    """
    if any(one.column == target for one in audit):
        message = f"{target!r} is the target, which an audit judges by; name a column of groups"
        raise SchemaError(message)
    return frozenset(one.column for one in audit if one.apart)


def _described(
    frame: pl.DataFrame, *, target: str, schema: Schema | None
) -> tuple[Schema, pl.DataFrame, list[str]]:
    """The schema, declared or inferred, the features in its order, and notes."""
    if schema is not None:
        return schema, conform(frame.drop(target), schema), []
    inferred = infer(frame, target=target)
    return inferred.schema, frame.drop(target), [*inferred.warnings]


def _read(
    source: Any, *, target: str | None, name: str | None, has_header: bool
) -> tuple[Source, str]:
    """The table with its labels as one column, and that column's name."""
    if isinstance(source, tuple):
        return _read_pair(source, target=target, name=name)
    if not isinstance(target, str):
        message = (
            "expected the name of the label column; say target=... (--target). Arrays go "
            "together: load_dataset((X, y), target=None)"
        )
        raise UsageError(message)
    read = read_table(source, target=target, name=name, has_header=has_header)
    if target not in read.frame.columns:
        hint = nearest(target, read.frame.columns)
        message = f"{read.name}: there is no target column {target!r}{hint}"
        raise SchemaError(message)
    if read.frame.width == 1:
        message = f"{read.name}: the target {target!r} is the only column; features are needed too"
        raise SchemaError(message)
    return read, target


def _read_pair(
    source: tuple[Any, ...], *, target: str | None, name: str | None
) -> tuple[Source, str]:
    frame, label, notes, container = frames.paired(source, target=target)
    read = read_table(frame, name=name)
    more = (*notes, *read.notes)
    made = Source(
        frame=read.frame, name=read.name, digest=read.digest, container=container, notes=more
    )
    return made, label


def _image_table(read: ImageSource, *, schema: Schema | None, name: str | None) -> Table:
    """Images with a label as rows."""
    labels = code_labels(read.labels)
    kept = np.flatnonzero(labels.y >= 0)
    values = read.values if len(kept) == len(labels.y) else read.values[kept]
    pixels = as_rows(values, where=read.where, schema=schema)
    dataset = Dataset(
        name=name or read.name,
        x=pixels.x,
        y=labels.y[kept],
        classes=labels.classes,
        ids=kept,
        schema=Schema(image=pixels.codec.image),
        digest=read.digest,
        notes=(*read.notes, *_notes(labels), *pixels.notes),
    )
    return Table(dataset=dataset, codec=pixels.codec)


def _notes(labels: Labels) -> list[str]:
    """What is odd about the labels."""
    notes, missing = [], int((labels.y < 0).sum())
    if missing:
        notes.append(f"{missing} of {len(labels.y)} rows have no label and were left out")
    if len(labels.classes) == 1:
        notes.append(f"all rows are of one class, {labels.classes[0]!r}")
    return notes
