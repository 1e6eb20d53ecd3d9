"""Labelled rows that claims are made about."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from bartizan.core.arrays import AnyArray, Array, Ints, frozen
from bartizan.core.errors import ShapeError
from bartizan.core.groups import Grouping
from bartizan.core.schema import Label, Schema


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """Rows as numbers, with what is needed to turn them back. Arrays are read-only."""

    name: str
    x: Array
    """Shape (n, d): category codes of the schema, missing values as NaN; an image is one row."""
    y: Ints
    """Positions in `classes`, shape (n,)."""
    classes: tuple[Label, ...]
    """Class labels as the data spells them, sorted."""
    ids: AnyArray
    """Row ids, shape (n,): positions in the source, counted from 0 without the header."""
    schema: Schema
    digest: str
    """Of the source as read: `sha256:` of the file, or of the frame's values."""
    notes: tuple[str, ...] = ()
    """What was odd about the source, in words for a report."""
    groups: tuple[Grouping, ...] = ()
    """Of the rows, for a bias audit; one for each column that is audited."""

    def __post_init__(self) -> None:
        """Check shapes and lock the arrays."""
        n, d = len(self.y), self.schema.width
        if self.x.shape != (n, d) or self.ids.shape != (n,):
            message = (
                f"data set {self.name!r}: expected x of shape ({n}, {d}) and {n} ids, got "
                f"{self.x.shape} and {self.ids.shape}"
            )
            raise ShapeError(message)
        for one in self.groups:
            if one.codes.shape != (n,):
                message = f"{self.name!r} has {n} rows, {one.column!r} groups {len(one.codes)}"
                raise ShapeError(message)
        for name in ("x", "y", "ids"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def take(self, rows: Ints) -> Self:
        """The same data set with some rows only, in the order given."""
        return replace(
            self,
            x=np.ascontiguousarray(self.x[rows]),
            y=self.y[rows],
            ids=self.ids[rows],
            groups=tuple(one.take(rows) for one in self.groups),
        )

    def holding(self, *, x: Array, y: Ints, **described: Any) -> Self:
        """The same data set with other rows in it, such as planted ones, which are in no group.

        Args:
            x: The rows, shape (n, d).
            y: Their classes, shape (n,).
            described: Further fields that change, such as `ids` where there are more or fewer rows.
        """
        return replace(self, x=x, y=y, groups=(), **described)
