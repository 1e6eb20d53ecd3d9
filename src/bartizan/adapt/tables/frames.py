"""Frames and arrays of other libraries, as polars frames."""

from typing import Any, Literal, TypeAlias

import numpy as np
import polars as pl

from bartizan.adapt.names import first_double
from bartizan.adapt.tables import cells
from bartizan.core.arrays import AnyArray
from bartizan.core.errors import InputError, MissingExtraError, SchemaError, ShapeError, UsageError

Container: TypeAlias = Literal["polars", "pandas", "array"]
_NUMBERS = "biuf"
"""numpy kinds: truth values, whole numbers with and without sign, floats."""


def to_polars(source: Any) -> tuple[pl.DataFrame, list[str], Container]:
    """Turn a frame or an array into a polars frame.

    Args:
        source: A frame of polars, pandas or pyarrow, or an array of shape (n, d), whose columns
            are called x0, x1, ...

    Raises:
        InputError: it is none of these.
        SchemaError: two columns have one name.
    """
    library = type(source).__module__.split(".")[0]
    if isinstance(source, pl.LazyFrame):
        source = source.collect()
    if isinstance(source, pl.DataFrame):
        return source, [], "polars"
    if isinstance(source, np.ndarray):
        return (*_from_array(source), "array")
    if library == "pandas" and hasattr(source, "columns"):
        return (*_from_pandas(source), "pandas")
    if library == "pyarrow" and hasattr(source, "column_names"):
        return _from_arrow(source), [], "polars"
    message = (
        f"cannot read a table from {type(source).__name__}; expected a path, a frame of polars, "
        "pandas or pyarrow, or (X, y) arrays"
    )
    raise InputError(message)


def paired(
    source: tuple[Any, ...], *, target: str | None
) -> tuple[pl.DataFrame, str, list[str], Container]:
    """Turn (X, y) into a frame with the labels as its last column.

    Returns:
        The frame, the name of the labels, notes, and what X was.

    Raises:
        UsageError: there are not two, or a target was named as well.
        ShapeError: there is not one label a row.
    """
    if len(source) != 2 or target is not None:
        message = "expected (X, y) with target=None, or a table with a target column"
        raise UsageError(message)
    frame, notes, container = to_polars(source[0])
    label = "target"
    while label in frame.columns:
        label += "_"
    column, note = to_series(source[1], name=label)
    if len(column) != frame.height:
        message = f"expected one label a row, got {frame.height} rows and {len(column)} labels"
        raise ShapeError(message)
    return frame.with_columns(column), label, [*notes, *([note] if note else [])], container


def to_series(values: Any, *, name: str) -> tuple[pl.Series, str | None]:
    """Turn labels, shape (n,), into a column.

    Raises:
        ShapeError: they have more than one dimension.
    """
    if isinstance(values, pl.Series):
        return values.alias(name), None
    array = np.asarray(values)
    if array.ndim != 1:
        message = f"expected one label a row, shape (n,), got shape {array.shape}"
        raise ShapeError(message)
    return _column(name, array)


def _column(name: str, values: AnyArray) -> tuple[pl.Series, str | None]:
    if values.dtype.kind in _NUMBERS and values.dtype != np.float16:
        made = pl.Series(name, np.ascontiguousarray(values))
        return (made.fill_nan(None) if made.dtype.is_float() else made), None
    if values.dtype.kind == "M":
        return pl.Series(name, values.astype("datetime64[us]")), None
    return cells.from_values(name, values.tolist())


def _from_array(values: AnyArray) -> tuple[pl.DataFrame, list[str]]:
    if values.ndim != 2:
        message = f"expected an array of shape (n, d), got shape {values.shape}"
        raise ShapeError(message)
    made = [_column(f"x{position}", column) for position, column in enumerate(values.T)]
    return pl.DataFrame([column for column, _ in made]), [note for _, note in made if note]


def _from_pandas(source: Any) -> tuple[pl.DataFrame, list[str]]:
    """Column by column, which needs no pyarrow and survives mixed columns."""
    names = [str(name) for name in source.columns]
    _require_unique(names)
    made = [_from_pandas_column(name, source.iloc[:, i]) for i, name in enumerate(names)]
    return pl.DataFrame([column for column, _ in made]), [note for _, note in made if note]


def _from_pandas_column(name: str, column: Any) -> tuple[pl.Series, str | None]:
    categories = getattr(column.dtype, "categories", None)
    if categories is not None and all(isinstance(text, str) for text in categories):
        made = pl.Series(name, [*categories, None], dtype=pl.Enum(list(categories)))
        codes = column.cat.codes.to_numpy()
        return made.gather(np.where(codes < 0, len(categories), codes)), None
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in _NUMBERS + "M":
        return _column(name, column.to_numpy())
    loose = column.astype(object)
    return cells.from_values(name, loose.where(column.notna(), None).tolist())


def _from_arrow(source: Any) -> pl.DataFrame:
    _require_unique(list(source.column_names))
    try:
        made = pl.from_arrow(source)
    except ImportError as error:
        message = "reading this table needs pyarrow: pip install 'bartizan[frames]'"
        raise MissingExtraError(message) from error
    except pl.exceptions.PolarsError as error:
        message = f"the pyarrow table cannot be read: {error}"
        raise InputError(message) from error
    return made if isinstance(made, pl.DataFrame) else made.to_frame()


def _require_unique(names: list[str]) -> None:
    double = first_double(names)
    if double is not None:
        message = f"two columns are named {double!r}; names must be unique"
        raise SchemaError(message)
