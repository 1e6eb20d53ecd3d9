"""The target column as classes."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from bartizan.core.arrays import Ints
from bartizan.core.errors import NonFiniteError, SchemaError
from bartizan.core.schema import Label

_MAX_CLASSES = 1000
"""ImageNet's number; a target with more values is a quantity or an identifier."""


@dataclass(frozen=True, kw_only=True)
class Labels:
    """A target column, coded."""

    y: Ints
    """Positions in `classes`, shape (n,); -1 = missing."""
    classes: tuple[Label, ...]
    """Whole numbers or text, as the data spells them, sorted."""


def code_labels(target: pl.Series) -> Labels:
    """Code a target column.

    Truth values are the classes ``"False"`` and ``"True"``; floats must be whole.

    Raises:
        SchemaError: the target is a quantity (regression), or all of it is missing.
        NonFiniteError: a label is infinite.
    """
    values = _spelled(target)
    classes = values.drop_nulls().unique().sort()
    if not len(classes):
        message = f"the target {target.name!r} is missing in every row; name another column"
        raise SchemaError(message)
    if len(classes) > _MAX_CLASSES:
        message = (
            f"the target {target.name!r} has {len(classes)} different values, more than "
            f"{_MAX_CLASSES} classes: this is regression or an identifier; name a column of classes"
        )
        raise SchemaError(message)
    codes = values.replace_strict(classes, np.arange(len(classes)), default=-1)
    y = codes.fill_null(-1).to_numpy().astype(np.int64)
    return Labels(y=y, classes=tuple(classes.to_list()))


def _spelled(target: pl.Series) -> pl.Series:
    """Labels as whole numbers or text."""
    if target.dtype == pl.Boolean:
        return target.cast(pl.String).str.to_titlecase()
    if target.dtype.is_float():
        return _whole(target)
    return target.cast(pl.Int64 if target.dtype.is_integer() else pl.String)


def _whole(target: pl.Series) -> pl.Series:
    target = target.fill_nan(None)
    if target.is_infinite().any():
        row = int(target.is_infinite().fill_null(value=False).arg_true()[0])
        message = f"the target {target.name!r} is infinite in row {row}; a class label is not"
        raise NonFiniteError(message)
    odd = (target != target.round()).fill_null(value=False)
    if odd.any():
        row = int(odd.arg_true()[0])
        message = (
            f"the target {target.name!r} holds fractions ({target[row]} in row {row}): this is "
            "regression; Bartizan judges classifiers, name a column of classes"
        )
        raise SchemaError(message)
    return target.cast(pl.Int64)
