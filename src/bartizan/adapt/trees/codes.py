"""Moves tests from the values that a model sees to the codes of the table."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bartizan.adapt.tables.codec import Codec
from bartizan.adapt.tables.column import Column
from bartizan.adapt.trees.join import require_few, turn
from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.errors import ModelError
from bartizan.core.trees import Trees

_MOST_NUMBERS = 2**16
"""Largest category that is looked up by its value in a column of numbers."""


def numbers_seen(codec: Codec) -> dict[int, Array]:
    """What a model that is fed an array of numbers sees in place of each code.

    Args:
        codec: The columns that the model takes, all of them numeric.

    Returns:
        By position of the column, the number for codes 0, 1, ...; columns whose codes are their
        values are left out.
    """
    return {
        position: column.numbers(np.arange(len(column.categories), dtype=np.float64))
        for position, column in enumerate(codec.columns)
        if column.numeric and not column.codes_are_values
    }


def places_seen(column: Column, *, known: Sequence[Any]) -> Array:
    """A model's own code for each code of a column, matched by what the categories are called.

    Args:
        column: Of the table. Without categories its codes are its values.
        known: The model's categories, in the order of its codes.

    Returns:
        By code of the table, the model's; NaN where the model knows no such category.

    Raises:
        ModelError: the column holds numbers, and the model's categories are no small whole ones.
    """
    place = {_spelled(value): code for code, value in enumerate(known)}
    if column.categories:
        spellings = enumerate(column.categories)  # truth values may have been fitted as 0 and 1
        truths = column.codes_are_values
        found = [place.get(t, place.get(str(c)) if truths else None) for c, t in spellings]
        return np.array(found, dtype=np.float64)
    try:
        numbers = [int(text) for text in place if text not in ("nan", "None")]
    except ValueError:
        numbers = [-1]
    if not numbers or not 0 <= min(numbers) <= max(numbers) < _MOST_NUMBERS:
        message = (
            f"column {column.name!r} holds numbers, the model takes it as one of {len(known)} "
            "categories that are no whole numbers"
        )
        raise ModelError(message)
    return np.array([place.get(str(code), np.nan) for code in range(max(numbers) + 1)])


def _spelled(value: Any) -> str:
    """A category as the tables spell it: see `column.texts`."""
    if isinstance(value, bool | np.bool_):
        return str(bool(value)).lower()
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def recoded(trees: Trees, seen: Mapping[int, Array]) -> Trees:
    """The same trees over the table's codes.

    Args:
        trees: Over the values that the model sees.
        seen: By column, what the model sees for codes 0, 1, ... of the table; NaN = missing.
            Codes beyond them count as missing.

    Returns:
        Tests of numbers stay such where greater codes stand for greater numbers. All others
        name the codes that pass.
    """
    made = replace(
        trees,
        threshold=trees.threshold.copy(),
        left=trees.left.copy(),
        right=trees.right.copy(),
        missing_left=trees.missing_left.copy(),
        members=trees.members.copy(),
    )
    rows = [trees.sets]
    for column, values in seen.items():
        nodes = np.flatnonzero(trees.feature == column)
        numeric = nodes[trees.members[nodes] < 0]
        if numeric.size and not np.isnan(values).any() and (np.diff(values) > 0).all():
            ranks = np.searchsorted(values, trees.threshold[numeric], side="right")
            made.threshold[numeric] = ranks - 1.0
            nodes = nodes[trees.members[nodes] >= 0]
        if nodes.size:
            rows.append(_chosen(trees, made, nodes=nodes, values=values, start=_height(rows)))
    return replace(made, sets=_stacked(rows))


def _chosen(trees: Trees, made: Trees, *, nodes: Ints, values: Array, start: int) -> Mask:
    """Turn tests into sets of codes; returns the sets, whose first is row `start`.

    Where missing values go left the test is turned around: a code that no set names goes right.
    """
    turned = trees.missing_left[nodes]
    tests = np.where(trees.members[nodes] >= 0, trees.members[nodes], -1)
    keys = np.column_stack((tests, np.where(tests < 0, trees.threshold[nodes], 0.0), turned))
    distinct, which = np.unique(keys, axis=0, return_inverse=True)
    require_few(len(distinct), len(values))
    passes = np.zeros((len(distinct), len(values)), dtype=bool)
    for row, (test, threshold, turn_it) in enumerate(distinct):
        left = values <= threshold if test < 0 else _named(trees.sets[int(test)], values)
        passes[row] = (left ^ bool(turn_it)) & ~np.isnan(values)
    made.threshold[nodes] = np.nan
    made.members[nodes] = start + which.reshape(-1)
    turn(made, nodes[turned])
    return passes


def _named(members: Mask, values: Array) -> Mask:
    """Whether a set names the codes that the model sees."""
    codes = np.where(np.isnan(values), -1, values).astype(np.int64)
    known = (codes >= 0) & (codes < len(members))
    return np.asarray(known & np.append(members, False)[np.where(known, codes, -1)])


def _height(rows: Sequence[Mask]) -> int:
    return sum(len(part) for part in rows)


def _stacked(rows: Sequence[Mask]) -> Mask:
    """Sets of different widths below each other."""
    width = max(part.shape[1] for part in rows)
    require_few(_height(rows), width)
    made = np.zeros((_height(rows), width), dtype=bool)
    at = 0
    for part in rows:
        made[at : at + len(part), : part.shape[1]] = part
        at += len(part)
    return made
