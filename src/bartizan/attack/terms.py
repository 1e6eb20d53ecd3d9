"""Rows as sums of terms: what a linear model adds up, and what surrogates learn from."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.space import Space


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Numbers in their own unit, and 0/1 terms for the options of choices and for what is missing.

    The first option of a choice has no term; nothing is missing among the terms.
    """

    space: Space
    usual: Array
    """A row in the middle of the reference rows, shape (d,): medians, commonest options."""
    unit: Array
    """Length of one unit of each column, shape (d,), > 0."""
    absent: Ints
    """Columns of numbers that may be missing."""
    open: tuple[int, ...]
    """Choices that may be missing."""

    @classmethod
    def of(cls, space: Space, rows: Array) -> Self:
        """Lay the terms out.

        Args:
            space: Which columns are numbers and which are choices.
            rows: Reference rows, shape (n, d), n >= 1.
        """
        gaps = np.isnan(rows)
        with np.errstate(invalid="ignore"):
            usual = np.where(gaps.all(axis=0), 0.0, _medians(rows))
        usual = space.round(usual[None])[0]
        unset = []
        for place, switch in enumerate(space.switches):
            chosen = switch.chosen(rows)
            known = chosen[chosen >= 0]
            common = int(np.bincount(known).argmax()) if known.size else 0
            usual[switch.columns] = switch.options[common]
            if known.size < len(chosen):
                unset.append(place)
        return cls(
            space=space,
            usual=usual,
            unit=np.where(space.scale > 0, space.scale, 1.0),
            absent=space.numeric[gaps[:, space.numeric].any(axis=0)],
            open=tuple(unset),
        )

    def matrix(self, x: Array) -> Array:
        """Rows as terms: (n, d) -> (n, terms), finite."""
        columns = self.space.numeric
        numbers = (x[:, columns] - self.usual[columns]) / self.unit[columns]
        parts = [np.nan_to_num(numbers, nan=0.0), np.isnan(x[:, self.absent])]
        for place, switch in enumerate(self.space.switches):
            chosen = switch.chosen(x)[:, None]
            parts.append(chosen == np.arange(1, len(switch.options)))
            if place in self.open:
                parts.append(chosen < 0)
        return np.concatenate([part.astype(np.float64) for part in parts], axis=1)

    @property
    def owners(self) -> tuple[str, ...]:
        """Feature or choice that each term belongs to."""
        names = self.space.names
        found = [names[j] for j in self.space.numeric] + [names[j] for j in self.absent]
        for place, switch in enumerate(self.space.switches):
            found += [switch.name] * (len(switch.options) - 1 + (place in self.open))
        return tuple(found)

    def probes(self) -> Array:
        """The usual row, and rows that differ from it in one term each.

        Returns:
            Shape (m + 1, d), all within the bounds; m is the number of terms that can change.
            The constant and the terms of these rows are linearly independent.
        """
        moved = [self.usual]
        for column in self.space.numeric:
            moved += self._step(int(column))
        moved += [self._with(np.array([column]), np.nan) for column in self.absent]
        for place, switch in enumerate(self.space.switches):
            here = switch.chosen(self.usual[None])[0]
            others = (o for o in range(len(switch.options)) if o != here)
            moved += [self._with(switch.columns, switch.options[o]) for o in others]
            if place in self.open:
                moved.append(self._with(switch.columns, np.nan))
        return np.stack(moved)

    def _step(self, column: int) -> list[Array]:
        """The usual row with one number half a unit away, if it can move at all."""
        step = self.unit[column] / 2
        if column in self.space.whole:
            step = max(1.0, np.round(step))
        here = self.usual[column]
        low, high = self.space.lower[column], self.space.upper[column]
        value = here + step if here + step <= high else max(here - step, low)
        return [] if value == here else [self._with(np.array([column]), value)]

    def _with(self, columns: Ints, value: Array | float) -> Array:
        row = self.usual.copy()
        row[columns] = value
        return row


def _medians(rows: Array) -> Array:
    """Median of what is known of each column; 0 where nothing is."""
    filled = np.where(np.isnan(rows).all(axis=0), 0.0, rows)
    return np.asarray(np.nanmedian(filled, axis=0))
