"""Rows as plain numbers of one scale, for whoever measures distances between them."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.dataset import Dataset

_MOST_CODES = 50
"""Categories of a column that get a number of their own, the most frequent ones; a column of names
would else drown all others."""


@dataclass(frozen=True, kw_only=True)
class StandardForm:
    """Numbers as steps of their spread from their middle, categories as 0 and 1; gaps are told."""

    numbers: Ints
    """Positions of the numeric columns."""
    middle: Array
    spread: Array
    gaps: Ints
    """Positions of numeric columns with missing values; each gets a column that tells where."""
    codes: tuple[tuple[int, Array], ...]
    """Position and frequent codes of each column of categories."""

    @classmethod
    def of(cls, data: Dataset) -> Self:
        """Learn middles and spreads.

        Args:
            data: A table, or images, whose numbers keep one scale for all pixels.
        """
        if data.schema.image is not None:
            image, places = data.schema.image, np.arange(data.x.shape[1])
            spread = np.full(len(places), image.max - image.min)
            return cls(
                numbers=places,
                middle=np.full(len(places), image.min),
                spread=spread,
                gaps=places[:0],
                codes=(),
            )
        plain = [one.type in ("number", "integer", "ordered") for one in data.schema.features]
        numbers = np.flatnonzero(plain)
        x = data.x[:, numbers]
        holes = np.isnan(x)
        known = np.maximum((~holes).sum(axis=0), 1)
        middle = np.where(holes, 0.0, x).sum(axis=0) / known
        spread = np.sqrt(np.where(holes, 0.0, (x - middle) ** 2).sum(axis=0) / known)
        return cls(
            numbers=numbers,
            middle=middle,
            spread=np.where(spread > 0, spread, 1.0),
            gaps=numbers[holes.any(axis=0)],
            codes=tuple(
                (int(place), _frequent(data.x[:, place]))
                for place in np.flatnonzero(~np.array(plain, dtype=bool))
            ),
        )

    def form(self, x: Array) -> Array:
        """Rows in this form.

        Args:
            x: Shape (n, d), as in the data set.

        Returns:
            Shape (n, p): numbers, gaps, categories; finite. A missing number is the middle.
        """
        numbers = (x[:, self.numbers] - self.middle) / self.spread
        parts = [np.nan_to_num(numbers, copy=False, nan=0.0), np.isnan(x[:, self.gaps]) * 1.0]
        parts += [(x[:, [place]] == codes) * 1.0 for place, codes in self.codes]
        return np.concatenate(parts, axis=1)


def _frequent(column: Array) -> Array:
    codes, counts = np.unique(column[~np.isnan(column)], return_counts=True)
    return np.sort(codes[np.argsort(-counts, kind="stable")[:_MOST_CODES]])
