"""Turns rows of numbers back into images, in the type and layout of the source."""

import io
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
import polars as pl

from bartizan.adapt.tables.codec import Codec
from bartizan.adapt.tables.column import Column
from bartizan.core.arrays import AnyArray, Array
from bartizan.core.errors import ShapeError
from bartizan.core.schema import Image

Axes: TypeAlias = Literal["nhw", "nhwc", "nchw"]
"""Order of an array's axes: images, height, width, and channels where there are any."""
_BRIGHT = 255.0
"""Brightest value of a PNG file with 8 bits a value."""


@dataclass(frozen=True, kw_only=True)
class ImageCodec:
    """The way between rows as numbers, shape (n, h · w · c), and images.

    Nothing is clipped to the bounds of the schema: whether a value can occur is for the
    validator to say.
    """

    image: Image
    dtype: str
    """Name of the numpy type of the source, such as `uint8`."""
    axes: Axes = "nhwc"
    """Layout of the source."""

    @property
    def whole(self) -> bool:
        """Whether decoding leaves whole numbers only."""
        return self.image.whole or np.dtype(self.dtype).kind in "biu"

    @cached_property
    def flat(self) -> Codec:
        """The same rows as a table of numbers, for models that take flat rows."""
        names = (f"x{position}" for position in range(self.image.size))
        columns = tuple(Column(name=name, dtype=pl.Float64()) for name in names)
        return Codec(columns=columns, container="array")

    def decode(self, x: Array) -> AnyArray:
        """Rows as images of the source's type.

        Args:
            x: Shape (n, d).

        Returns:
            Shape (n, h, w, c). A type of whole numbers holds the nearest one that it can.

        Raises:
            ShapeError: x has another width.
        """
        if x.ndim != 2 or x.shape[1] != self.image.size:
            message = f"expected rows of {self.image.size} values, got shape {x.shape}"
            raise ShapeError(message)
        kind = np.dtype(self.dtype)
        values = np.rint(x) if self.whole else x
        if kind.kind in "iu":
            limits = np.iinfo(kind)
            values = np.clip(values, limits.min, limits.max)  # casting would wrap around
        return values.astype(kind).reshape(len(x), *self.image.shape)

    def laid_out(self, x: Array) -> AnyArray:
        """Rows as the source had them: its type, and its order of axes."""
        made = self.decode(x)
        if self.axes == "nhw":
            return made[..., 0]
        return np.ascontiguousarray(made.transpose(0, 3, 1, 2)) if self.axes == "nchw" else made

    def encode(self, values: AnyArray) -> Array:
        """Images in the source's layout as rows: the inverse of `laid_out`; -> (n, d)."""
        if self.axes == "nchw":
            values = values.transpose(0, 2, 3, 1)
        return np.ascontiguousarray(values.reshape(len(values), -1), dtype=np.float64)

    def round(self, x: Array) -> Array:
        """What is left of rows after decoding; (n, d) -> (n, d)."""
        if self.whole:
            return np.asarray(np.rint(x))
        kind = np.dtype(self.dtype)
        return x if kind == np.float64 else x.astype(kind).astype(np.float64)

    def png(self, row: Array) -> bytes:
        """One row as a PNG file with 8 bits a value, from dark to bright.

        Args:
            row: Shape (d,). What lies outside the bounds is shown at the bound.

        Returns:
            A grey image of one channel, a colour image of three; of any other number of
            channels the first one is shown.
        """
        from PIL import Image as Picture  # noqa: PLC0415 (slow to import; only for pictures)

        form = self.image
        share = (row.reshape(form.shape) - form.min) / (form.max - form.min)
        shown = np.rint(np.clip(share, 0.0, 1.0) * _BRIGHT).astype(np.uint8)
        if form.channels != 3:
            shown = shown[..., 0]
        file = io.BytesIO()
        Picture.fromarray(np.ascontiguousarray(shown)).save(file, format="PNG", optimize=True)
        return file.getvalue()
