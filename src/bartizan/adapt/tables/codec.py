"""Turns numbers back into rows of the original types, and rows into numbers."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import polars as pl

from bartizan.adapt.names import nearest
from bartizan.adapt.tables.column import Column, column_of
from bartizan.adapt.tables.frames import Container
from bartizan.core.arrays import AnyArray, Array, Ints
from bartizan.core.errors import SchemaError, ShapeError
from bartizan.core.schema import Schema


@dataclass(frozen=True, kw_only=True)
class Codec:
    """The way between rows as numbers, shape (n, d), and rows as a frame.

    Tables of numbers pass through without a loop over columns; only columns with categories,
    truth values or dates are rebuilt one by one.
    """

    columns: tuple[Column, ...]
    container: Container = "polars"
    """What the table was read from."""

    @classmethod
    def of(
        cls, schema: Schema, *, dtypes: pl.Schema | None = None, container: Container = "polars"
    ) -> Self:
        """Lay out the columns of a schema.

        Args:
            schema: The columns.
            dtypes: Their types in the source; without, 64-bit numbers and text.
            container: What the table was read from.
        """
        made = tuple(
            column_of(feature, dtype=dtypes.get(feature.name) if dtypes else None)
            for feature in schema.features
        )
        return cls(columns=made, container=container)

    @property
    def names(self) -> tuple[str, ...]:
        """Column names, in order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def numeric(self) -> bool:
        """Whether every column can stand in an array of numbers: numbers and truth values."""
        return all(column.numeric for column in self.columns)

    @cached_property
    def plain(self) -> bool:
        """Whether every column is a number that keeps its value when the array is handed on."""
        return all(column.dtype == pl.Float64 and not column.categories for column in self.columns)

    @cached_property
    def _recoded(self) -> Ints:
        """Columns whose codes are not their values."""
        return np.array(
            [i for i, c in enumerate(self.columns) if c.numeric and not c.codes_are_values],
            dtype=np.int64,
        )

    def select(self, order: Ints, *, names: tuple[str, ...] | None = None) -> Self:
        """Some columns, in the order given, renamed if names are given."""
        chosen = [self.columns[position] for position in order]
        if names is not None:
            chosen = [replace(c, name=name) for c, name in zip(chosen, names, strict=True)]
        return replace(self, columns=tuple(chosen))

    def array(self, x: Array) -> Array:
        """Rows as an array of numbers; (n, d) -> (n, d). Only for a `numeric` table."""
        if not self._recoded.size:
            return x
        x = x.copy()
        for position in self._recoded:
            x[:, position] = self.columns[position].numbers(x[:, position])
        return x

    def back(self, slope: AnyArray) -> Array:
        """The derivative by an `array` as one by rows; (n, d) -> (n, d).

        Codes are rounded before they are looked up, so nothing changes with them.
        """
        made = slope.astype(np.float64)
        made[:, self._recoded] = 0.0
        return made

    def decode(self, x: Array) -> pl.DataFrame:
        """Rows as a frame of the original types; NaN becomes missing.

        Args:
            x: Shape (n, d).

        Returns:
            n rows; values between two whole numbers are rounded where the type is whole.

        Raises:
            ShapeError: x has another number of columns.
        """
        if x.ndim != 2 or x.shape[1] != len(self.columns):
            message = f"expected rows of {len(self.columns)} columns, got shape {x.shape}"
            raise ShapeError(message)
        by_column = np.asfortranarray(x)
        gaps = bool(np.isnan(x.sum()))  # one pass; a false alarm only costs a second look
        return pl.DataFrame(
            [column.decode(by_column[:, i], gaps=gaps) for i, column in enumerate(self.columns)]
        )

    def encode(self, frame: pl.DataFrame, *, rows: Ints | None = None) -> Array:
        """Rows as numbers: the inverse of `decode`.

        Args:
            frame: Has the codec's columns; others are ignored.
            rows: What messages call the rows, shape (n,); positions if not given.

        Returns:
            Shape (n, d), C order: category codes, missing values as NaN.

        Raises:
            SchemaError: a column is missing, or holds a value its type does not allow.
            NonFiniteError: a number is infinite.
        """
        x = np.empty((frame.height, len(self.columns)))
        for position, column in enumerate(self.columns):
            if column.name not in frame.columns:
                hint = nearest(column.name, frame.columns)
                message = f"expected a column {column.name!r}, the table has none{hint}"
                raise SchemaError(message)
            x[:, position] = column.encode(frame[column.name], rows=rows)
        return x

    def round(self, x: Array) -> Array:
        """What is left of rows after `decode` and `encode`; (n, d) -> (n, d).

        Whole types to the nearest value they can hold, single precision to single precision.
        """
        whole, low, high, single = self._grid
        if not whole.size and not single.size:
            return x
        x = x.copy()
        if whole.size:
            x[:, whole] = np.clip(np.rint(x[:, whole]), low, high)
        if single.size:
            x[:, single] = x[:, single].astype(np.float32)
        return x

    @cached_property
    def _grid(self) -> tuple[Ints, Array, Array, Ints]:
        """Whole columns, their lowest and highest values, and single-precision columns."""
        bounds = [column.bounds for column in self.columns]
        whole = [i for i, found in enumerate(bounds) if found is not None]
        limits = np.array([found for found in bounds if found is not None]).reshape(-1, 2)
        single = [i for i, c in enumerate(self.columns) if c.dtype == pl.Float32 and i not in whole]
        return np.array(whole, dtype=np.int64), *limits.T, np.array(single, dtype=np.int64)
