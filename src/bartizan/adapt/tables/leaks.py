"""Finds single columns that give the answer away."""

import numpy as np
import polars as pl

from bartizan.adapt.tables.column import texts
from bartizan.core.arrays import Array, Ints

_PERFECT = 0.995
"""Of AUC or balanced accuracy: real features of the reference data sets stay below 0.99."""
_MIN_ROWS = 5
"""Rows that the smallest class needs; with fewer, perfection is chance."""
_ROWS_PER_CODE = 10
"""Average rows a category needs: rarer ones know the answer because they name rows."""
_BINS = 64
"""Slices of a numeric column that are treated as categories for more than two classes."""


def leaks(frame: pl.DataFrame, y: Ints, *, target: str) -> list[str]:
    """Warn of columns that alone predict the target almost perfectly.

    Numbers are judged by their order (area under the ROC curve, two classes) and, like
    categories, by the most frequent class of each value (balanced accuracy).

    Args:
        frame: The features, n rows.
        y: Class codes, shape (n,).
        target: Its name, for the message.

    Returns:
        One warning a column.
    """
    present = np.unique(y)
    sizes = np.bincount(y)
    if len(present) < 2 or sizes[present].min() < _MIN_ROWS:
        return []
    dense = np.searchsorted(present, y)
    warnings = []
    for column in frame.iter_columns():
        power, kind = _power(column, dense)
        if power >= _PERFECT:
            warnings.append(
                f"column {column.name!r} alone predicts {target!r} with {kind} {power:.4f}: it may "
                "be known only after the answer is (a leak)"
            )
    return warnings


def _power(column: pl.Series, y: Ints) -> tuple[float, str]:
    """How well one column predicts, in [0, 1], and by which measure."""
    if column.dtype.is_numeric() or column.dtype.is_temporal() or column.dtype == pl.Boolean:
        numbers = column.to_physical().cast(pl.Float64).fill_nan(None).fill_null(-np.inf)
        ranks = numbers.rank("average").to_numpy()
        order = _area(ranks, y) if y.max() == 1 else 0.0
        accuracy = _accuracy(_slices(ranks), y)
        return (order, "AUC") if order >= accuracy else (accuracy, "balanced accuracy")
    codes = texts(column).fill_null("").rank("dense").to_numpy().astype(np.int64) - 1
    return _accuracy(codes, y), "balanced accuracy"


def _area(ranks: Array, y: Ints) -> float:
    """Area under the ROC curve, in either direction (Mann-Whitney)."""
    positive = int(y.sum())
    negative = len(y) - positive
    above = ranks[y == 1].sum() - positive * (positive + 1) / 2
    area = float(above) / (positive * negative)
    return max(area, 1.0 - area)


def _slices(ranks: Array) -> Ints:
    """Distinct values as codes if they are few, else slices of equal size."""
    values, codes = np.unique(ranks, return_inverse=True)
    if len(values) <= _BINS:
        return np.asarray(codes, dtype=np.int64)
    bins = max(2, min(_BINS, len(ranks) // _ROWS_PER_CODE))
    return np.minimum((ranks * bins / (len(ranks) + 1)).astype(np.int64), bins - 1)


def _accuracy(codes: Ints, y: Ints) -> float:
    """Balanced accuracy of the most frequent class of each code; 0 if codes are too rare.

    Classes are weighted by their size, so that a rare class can win a code.
    """
    n_codes, n_classes = int(codes.max()) + 1, int(y.max()) + 1
    if n_codes * _ROWS_PER_CODE > len(y) or n_codes < 2:
        return 0.0
    table = np.bincount(codes * n_classes + y, minlength=n_codes * n_classes)
    shares = table.reshape(n_codes, n_classes) / np.bincount(y, minlength=n_classes)
    return float(shares.max(axis=1).sum() / n_classes)
