"""Arrays of pictures as batches: .npz, .npy and IDX files, and arrays in memory."""

from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.adapt.batches.fitted import fitted
from bartizan.adapt.batches.images import ImageBatches
from bartizan.adapt.batches.reading import Batches
from bartizan.adapt.images.pixels import image_form
from bartizan.adapt.images.reading import ImageSource, read_images
from bartizan.core.errors import InputError
from bartizan.core.schema import Schema

_BATCH_BYTES = 64 << 20
"""Most bytes of pixels in a batch: 64 MiB."""


class ArrayBatches:
    """Labelled pictures of one size that were read whole; batches are views of them."""

    def __init__(
        self, source: ImageSource, *, name: str | None = None, target: str | None = None
    ) -> None:
        """Find out what a row is.

        Args:
            source: The pictures and their labels.
            name: What to call them; the file's name unless said.
            target: What the column of labels is called.

        Raises:
            ShapeError: the arrays are no pictures, or it is not clear which axis is which.
            SchemaError: they hold no numbers, or no contrast.
            NonFiniteError: a value is NaN or infinite.
        """
        self._source = source
        self.codec, notes = image_form(source.values, where=source.where)
        self.name = name or source.name
        self.target: str | None = target or source.labels.name or "target"
        self.assumed = False
        """The array shows what it is; there are no columns to declare."""
        self.digest: str | None = source.digest
        self.schema = Schema(image=self.codec.image)
        self.notes: tuple[str, ...] = (*source.notes, *notes)
        self.rows: int = len(source.labels)
        each = max(source.values[:1].nbytes, 1)
        self._rows = max(1, _BATCH_BYTES // each)

    def with_schema(self, schema: Schema) -> "ArrayBatches":
        """The same pictures: their array says what they are."""
        del schema
        return self

    def __iter__(self) -> Iterator[Batch]:
        """All pictures, in order."""
        target = self.target or ""
        for start in range(0, self.rows, self._rows):
            stop = min(start + self._rows, self.rows)
            raw = pl.DataFrame({target: self._source.labels[start:stop]})
            yield Batch(
                start=start,
                raw=raw,
                frame=fitted(raw, schema=Schema(), target=target)[0],
                pixels=self._pixels(start, stop),
            )

    def _pixels(self, start: int, stop: int) -> Any:
        """Some pictures, shape (n, h, w, c)."""
        values = self._source.values[start:stop]
        if self.codec.axes == "nchw":
            values = values.transpose(0, 2, 3, 1)
        return values.reshape(len(values), *self.codec.image.shape)


AnyBatches: TypeAlias = Batches | ImageBatches | ArrayBatches
"""A data set that can be read several times, batch by batch."""


def array_batches(
    source: Any, *, target: str | None, name: str | None = None, has_header: bool = True
) -> ArrayBatches | None:
    """Open arrays of pictures, if these are some.

    Args:
        source: Path of an .npz, .npy or IDX file, or (X, y) with X of three or four axes.
        target: The labels; see `bartizan.adapt.images.reading.read_images`.
        name: What to call them.
        has_header: Whether the first line of a text file of labels names its column.

    Returns:
        None where the source is something else, such as a table or a folder.

    Raises:
        InputError: they cannot be read, or pictures and labels do not fit.
    """
    if isinstance(source, str | PathLike):
        path = Path(source)
        if path.is_dir() or not path.exists():
            return None
    read = read_images(source, target=target, has_header=has_header)
    if read is None:
        return None
    if read.values.ndim not in (3, 4):
        message = (
            f"{read.where}: expected pictures, shape (n, h, w) or with an axis of channels, got "
            f"{read.values.shape}; save rows of numbers as CSV or Parquet"
        )
        raise InputError(message)
    return ArrayBatches(read, name=name, target=None if target is None else Path(target).stem)
