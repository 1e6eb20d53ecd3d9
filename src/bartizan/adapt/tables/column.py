"""One column of a table: how its values become numbers and come back."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from bartizan.core.arrays import AnyArray, Array, Ints
from bartizan.core.errors import NonFiniteError, SchemaError
from bartizan.core.schema import Feature

_WIDEST = float(np.nextafter(2.0**63, 0.0))
"""Largest float64 that a 64-bit whole number can hold."""
_FIRST_DAY, _LAST_DAY = -719_162.0, 2_932_896.0
"""1 January of year 1 and 31 December of year 9999, counted from 1970."""
_TRUTHS = ("false", "true")


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column's name, its type in the source, and the texts of its codes."""

    name: str
    dtype: pl.DataType
    categories: tuple[str, ...] = ()
    """Texts of the codes 0, 1, ...; empty = the values are numbers."""

    @property
    def numeric(self) -> bool:
        """Whether the values are numbers or truth values in the source."""
        return not self.categories or self.dtype.is_numeric() or self.dtype == pl.Boolean

    @property
    def codes_are_values(self) -> bool:
        """Whether the number in x is the number in the source."""
        return not self.categories or self.categories == _TRUTHS

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Smallest and largest number of a whole type; none if fractions are allowed."""
        if self.categories:
            return 0.0, float(len(self.categories) - 1)
        if self.dtype == pl.Boolean:
            return 0.0, 1.0
        if self.dtype.is_integer():
            low, high = pl.select(self.dtype.min(), high=self.dtype.max()).row(0)  # type: ignore[attr-defined]
            return max(float(low), -(2.0**63)), min(float(high), _WIDEST)
        return _moments(self.dtype) if self.dtype.is_temporal() else None

    @cached_property
    def values(self) -> pl.Series:
        """The value that each code stands for, and a missing one at the end."""
        texts = pl.Series(self.name, [*self.categories, None], dtype=pl.String)
        if self.dtype == pl.Boolean:
            return texts == "true"
        return texts if self.dtype == pl.String else texts.cast(self.dtype)

    @cached_property
    def objects(self) -> AnyArray:
        """`values` as Python objects, shape (k + 1,); NaN where missing."""
        found: list[Any] = self.values.to_list()
        made = np.empty(len(found), dtype=object)
        made[:] = found
        made[-1] = np.nan
        return made

    def positions(self, codes: Array) -> AnyArray:
        """Places in `values` of the nearest codes, shape (n,); the last place where missing."""
        last = len(self.categories)
        places = np.clip(np.rint(codes), 0, last - 1)
        return np.where(np.isnan(places), last, places).astype(np.uint32)

    def numbers(self, codes: Array) -> Array:
        """The numbers that codes stand for, shape (n,)."""
        return self.values.cast(pl.Float64).to_numpy()[self.positions(codes)]

    def decode(self, values: Array, *, gaps: bool) -> pl.Series:
        """Numbers as values of the source; shape (n,). `gaps`: some may be NaN."""
        if self.categories:
            return self.values.gather(self.positions(values)).alias(self.name)
        limits = self.bounds
        if limits is not None:
            values = np.clip(np.rint(values), *limits)
        made = pl.Series(self.name, values)
        if gaps:
            made = made.fill_nan(None)
        if self.dtype == pl.Float64:
            return made
        return (made.cast(pl.Int64) if self.dtype.is_temporal() else made).cast(self.dtype)

    def encode(self, values: pl.Series, *, rows: Ints | None = None) -> Array:
        """Values of the source as numbers, shape (n,); NaN where missing.

        Args:
            values: Shape (n,).
            rows: What messages call the rows, shape (n,); positions if not given.

        Raises:
            SchemaError: a value is no number, or none of the categories.
            NonFiniteError: a number is infinite.
        """
        rows = np.arange(len(values)) if rows is None else rows
        if self.categories:
            return self._codes(values, rows=rows)
        if isinstance(values.dtype, pl.Enum | pl.Categorical):
            values = values.cast(pl.String)
        if values.dtype.is_temporal():
            values = values.cast(self.dtype) if self.dtype.is_temporal() else values
            values = values.to_physical()
        made = values.cast(pl.Float64, strict=False).fill_nan(None)
        known = values.is_null() | made.is_not_null() | _nan(values)
        self._require(known, values=values, rows=rows, what="a number")
        found = made.to_numpy()
        infinite = np.flatnonzero(np.isinf(found))
        if infinite.size:
            message = (
                f"column {self.name!r}, row {rows[infinite[0]]}: expected a finite number, got "
                f"{found[infinite[0]]} ({infinite.size} such rows); remove them or leave them empty"
            )
            raise NonFiniteError(message)
        return found

    def _codes(self, values: pl.Series, *, rows: Ints) -> Array:
        spelled = texts(values)
        codes = spelled.cast(pl.Enum(list(self.categories)), strict=False).to_physical()
        allowed = f"one of the {len(self.categories)} categories of the schema"
        known = spelled.is_null() | codes.is_not_null()
        self._require(known, values=spelled, rows=rows, what=allowed)
        return codes.cast(pl.Float64).to_numpy()

    def _require(self, known: pl.Series, *, values: pl.Series, rows: Ints, what: str) -> None:
        """Refuse the first value that is not known."""
        wrong = (~known).arg_true()
        if len(wrong):
            first = int(wrong[0])
            message = (
                f"column {self.name!r}, row {rows[first]}: expected {what}, got {values[first]!r} "
                f"({len(wrong)} such rows); correct the data or the schema"
            )
            raise SchemaError(message)


def _moments(dtype: pl.DataType) -> tuple[float, float]:
    """First and last moment of a type of time that Python can hold as well (years 1 to 9999)."""
    if dtype == pl.Date:
        return _FIRST_DAY, _LAST_DAY
    if dtype == pl.Time:
        return 0.0, 86_400e9 - 1
    if not isinstance(dtype, pl.Datetime):
        return -(2.0**63), _WIDEST
    per_day = 86_400.0 * {"ms": 1e3, "us": 1e6, "ns": 1e9}[dtype.time_unit]
    low, high = _FIRST_DAY * per_day, (_LAST_DAY + 1) * per_day - per_day / 86_400
    return max(low, -(2.0**63)), min(high, _WIDEST)


def _nan(values: pl.Series) -> pl.Series:
    """Where a column of floats is NaN, which counts as missing."""
    if values.dtype.is_float():
        return values.is_nan().fill_null(value=False)
    return pl.Series([False]).new_from_index(0, len(values))


def texts(values: pl.Series) -> pl.Series:
    """Values as category texts: whole numbers without a point, truth values in small letters."""
    if values.dtype.is_float():
        whole = values.cast(pl.Int64, strict=False)
        if (whole.cast(values.dtype) == values).all():
            values = whole
        values = values.fill_nan(None) if values.dtype.is_float() else values
    return values.cast(pl.String)


def column_of(feature: Feature, *, dtype: pl.DataType | None) -> Column:
    """The column of one feature, in the type of the source where that can hold its values."""
    coded = feature.type in ("ordered", "categorical")
    if coded:
        fits = dtype is not None and _holds(dtype, feature.categories)
        kept = dtype if fits and dtype is not None else pl.String()
        return Column(name=feature.name, dtype=kept, categories=feature.categories)
    if dtype is None or not (dtype.is_numeric() or dtype.is_temporal() or dtype == pl.Boolean):
        dtype = pl.Int64() if feature.type == "integer" else pl.Float64()
    return Column(name=feature.name, dtype=dtype)


def _holds(dtype: pl.DataType, categories: tuple[str, ...]) -> bool:
    """Whether every category can be a value of this type."""
    if dtype == pl.Boolean:
        return set(categories) <= set(_TRUTHS)
    try:
        made = pl.Series(categories, dtype=pl.String).cast(dtype)
    except pl.exceptions.PolarsError:
        return False
    return made.null_count() == 0 and made.cast(pl.String).to_list() == list(categories)
