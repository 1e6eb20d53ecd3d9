"""Finds columns that together encode one choice."""

import numpy as np
import polars as pl

_SEPARATORS = "_=.:"
"""Between the name of the choice and the option, in the habits of pandas, scikit-learn, R."""


def one_hot_groups(frame: pl.DataFrame) -> dict[str, str]:
    """Group 0/1 columns of which exactly one is 1 in every row.

    Only columns whose names share a beginning are grouped: two independent switches that
    happen to exclude each other in this sample are not one choice.

    Args:
        frame: The features.

    Returns:
        Group of each grouped column. Groups do not share columns; the longest common beginning
        wins.
    """
    switches = {column.name: column for column in frame.iter_columns() if _is_switch(column)}
    by_prefix: dict[str, list[str]] = {}
    for name in switches:
        for place in range(1, len(name) - 1):
            if name[place] in _SEPARATORS:
                by_prefix.setdefault(name[: place + 1], []).append(name)
    found: dict[str, str] = {}
    for prefix in sorted(by_prefix, key=len, reverse=True):
        members = [name for name in by_prefix[prefix] if name not in found]
        if len(members) > 1 and _is_choice([switches[name] for name in members]):
            group = _unused(prefix[:-1], taken={*frame.columns, *found.values()})
            found.update(dict.fromkeys(members, group))
    return found


def _is_switch(column: pl.Series) -> bool:
    """Whether a column holds 0 and 1 only, none missing."""
    if column.null_count() or not (column.dtype.is_numeric() or column.dtype == pl.Boolean):
        return False
    return column.dtype == pl.Boolean or bool(((column == 0) | (column == 1)).all())


def _is_choice(columns: list[pl.Series]) -> bool:
    """Whether exactly one column is 1 in every row, and not always the same one."""
    ones = np.zeros(len(columns[0]), dtype=np.int64)
    used = 0
    for column in columns:
        values = column.cast(pl.Int64).to_numpy()
        ones += values
        used += bool(values.any())
    return used > 1 and bool((ones == 1).all())


def _unused(name: str, *, taken: set[str]) -> str:
    """A group's name, which must not be that of a column or another group."""
    while name in taken:
        name += " group"
    return name
