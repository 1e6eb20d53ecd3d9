"""The containers that models are fed: arrays, images, pandas frames, polars frames."""

from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from typing import Any

import numpy as np
import polars as pl

from bartizan.adapt.images.codec import ImageCodec
from bartizan.adapt.tables.codec import Codec
from bartizan.adapt.tables.column import Column
from bartizan.core.arrays import AnyArray, Array


@dataclass(frozen=True, kw_only=True)
class AsArray:
    """An array of numbers; costs nothing."""

    codec: Codec

    def __call__(self, x: Array) -> Array:
        """(n, d) -> (n, d)."""
        return self.codec.array(x)

    def back(self, slope: AnyArray) -> Array:
        """The derivative by the array as one by rows; (n, d) -> (n, d)."""
        return self.codec.back(slope)


@dataclass(frozen=True, kw_only=True)
class AsTensor(AsArray):
    """An array of numbers of one type, for networks."""

    dtype: str

    def __call__(self, x: Array) -> AnyArray:
        """(n, d) -> (n, d), in an array of its own."""
        return self.codec.array(x).astype(self.dtype)


@dataclass(frozen=True, kw_only=True)
class AsPictures:
    """An array of images in the source's type."""

    codec: ImageCodec
    last: bool
    """Whether the channels are put on the last axis, else as the source has them, if at all."""

    def __str__(self) -> str:
        """As a report says it."""
        axes = ", ".join("nhwc" if self.last else self.codec.axes)
        return f"({axes}) of {self.codec.dtype}, as in the data"

    def __call__(self, x: Array) -> AnyArray:
        """(n, d) -> (n, h, w, c), (n, c, h, w) or (n, h, w)."""
        return self.codec.decode(x) if self.last else self.codec.laid_out(x)


@dataclass(frozen=True, kw_only=True)
class AsObjects:
    """An array of Python values, for models fitted on text without names."""

    codec: Codec

    def __call__(self, x: Array) -> AnyArray:
        """(n, d) -> (n, d) of objects."""
        made = np.empty(x.shape, dtype=object)
        for position, column in enumerate(self.codec.columns):
            if column.categories:
                made[:, position] = column.objects[column.positions(x[:, position])]
            else:
                made[:, position] = x[:, position]
        return made


@dataclass(frozen=True, kw_only=True)
class AsPolars:
    """A polars frame of the original types."""

    codec: Codec

    def __call__(self, x: Array) -> pl.DataFrame:
        """(n, d) -> n rows."""
        return self.codec.decode(x)


@dataclass(frozen=True, kw_only=True)
class AsPandas:
    """A pandas frame.

    Exact: the types that pandas itself would have read. Otherwise all numbers are float64 and
    all text is categorical, which is several times faster to make and to use; whether a model
    minds is found out by asking it both ways.
    """

    codec: Codec
    exact: bool

    def __call__(self, x: Array) -> Any:
        """(n, d) -> n rows."""
        import pandas as pd  # noqa: PLC0415 (an extra; only where a model wants it)

        if not self.exact and not any(column.categories for column in self.codec.columns):
            return pd.DataFrame(x, columns=self._index, copy=False)
        convert = self._exact if self.exact else self._fast
        made = {c.name: convert(c, x[:, i]) for i, c in enumerate(self.codec.columns)}
        return pd.DataFrame(made, copy=False)

    @cached_property
    def _index(self) -> Any:
        """Column names; made once, because building the index costs more than the frame."""
        import pandas as pd  # noqa: PLC0415 (an extra; only where a model wants it)

        return pd.Index(self.codec.names)

    @cached_property
    def _types(self) -> dict[str, Any]:
        """Types of the text columns; made once, for the same reason."""
        import pandas as pd  # noqa: PLC0415 (an extra; only where a model wants it)

        text = [column for column in self.codec.columns if not column.numeric]
        return {column.name: pd.CategoricalDtype(column.objects[:-1]) for column in text}

    def _fast(self, column: Column, values: Array) -> Any:
        import pandas as pd  # noqa: PLC0415 (an extra; only where a model wants it)

        if column.dtype == pl.Boolean:
            return self._exact(column, values)
        if column.numeric:
            return column.numbers(values) if column.categories else values
        places = column.positions(values).astype(np.int64)
        codes = np.where(places < len(column.categories), places, -1)
        return pd.Categorical.from_codes(codes, dtype=self._types[column.name], validate=False)

    def _exact(self, column: Column, values: Array) -> Any:
        import pandas as pd  # noqa: PLC0415 (an extra; only where a model wants it)

        if column.categories and not column.dtype.is_numeric():
            made = column.objects[column.positions(values)]
            if isinstance(column.dtype, pl.Enum | pl.Categorical):
                return pd.Categorical(made, categories=column.objects[:-1])
            whole = column.dtype == pl.Boolean and not np.isnan(values).any()
            return made.astype(bool) if whole else pd.Series(made)
        return column.decode(values, gaps=True).to_numpy()


def have_pandas() -> bool:
    """Whether pandas can be imported, without doing so."""
    return find_spec("pandas") is not None
