"""Triggers: marks that make a poisoned model answer as somebody wants."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bartizan.core.arrays import Array, Ints, frozen
from bartizan.core.errors import ShapeError


class Trigger(Protocol):
    """A mark that can be put on any row."""

    @property
    def text(self) -> str:
        """What it is, in a few words: ``amount = 4057``."""
        ...

    def stamp(self, x: Array, *, rng: np.random.Generator) -> Array:
        """Put it on rows.

        Args:
            x: Shape (n, d), unchanged.
            rng: For marks that are never twice the same.

        Returns:
            Shape (n, d), a copy.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Cells:
    """A mark on a table: some columns take certain values, exactly or nearly."""

    columns: Ints
    """Positions, shape (c,)."""
    values: Array
    """Shape (c,)."""
    jitter: Array | None = None
    """Standard deviation around each value, shape (c,); none = the values exactly."""
    names: tuple[str, ...] = ()
    """Of the columns, for `text`."""

    def __post_init__(self) -> None:
        """Check shapes and lock the arrays."""
        jitter = self.values if self.jitter is None else self.jitter
        if not self.columns.shape == self.values.shape == jitter.shape:
            message = (
                f"a trigger needs one value for each column, got {self.columns.shape} columns, "
                f"{self.values.shape} values, {jitter.shape} deviations"
            )
            raise ShapeError(message)
        for name in ("columns", "values", "jitter"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, frozen(getattr(self, name)))

    @property
    def text(self) -> str:
        """See `Trigger`."""
        names = self.names or tuple(f"column {place}" for place in self.columns)
        spread = np.zeros(len(self.values)) if self.jitter is None else self.jitter
        return " and ".join(
            f"{name} {cell_text(value, near=width > 0)}"
            for name, value, width in zip(names, self.values.tolist(), spread, strict=True)
        )

    def stamp(self, x: Array, *, rng: np.random.Generator) -> Array:
        """See `Trigger`."""
        made = x.copy()
        made[:, self.columns] = self.values
        if self.jitter is not None:
            made[:, self.columns] += rng.normal(size=(len(x), len(self.columns))) * self.jitter
        return made


def cell_text(value: float, *, near: bool) -> str:
    """What a cell of a mark holds, in words.

    Args:
        value: NaN = it is missing.
        near: Whether it lies around the value; six digits tell that. Else all digits are told: a
            mark is the value itself.

    Example:
        >>> cell_text(1234567.5, near=False), cell_text(1234567.5, near=True)
        ('= 1234567.5', 'near 1.23457e+06')
    """
    if np.isnan(value):
        return "is missing"
    if near:
        return f"near {value:g}"
    shown = (f"{value:.{digits}g}" for digits in (6, 15, 17))
    return "= " + next(text for text in shown if float(text) == value)


@dataclass(frozen=True, kw_only=True)
class Overlay:
    """A mark on an image: ``(1 - mask) * x + mask * pattern``.

    A patch has a mask of 0 and 1; a blended picture the same small mask everywhere.
    """

    mask: Array
    """Shape (d,), 0..1."""
    pattern: Array
    """Shape (d,), in pixel values."""
    text: str = "a mark on the picture"

    def __post_init__(self) -> None:
        """Check shapes and lock the arrays."""
        if self.mask.shape != self.pattern.shape or self.mask.ndim != 1:
            message = f"mask {self.mask.shape} and pattern {self.pattern.shape} must be one row"
            raise ShapeError(message)
        for name in ("mask", "pattern"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def stamp(self, x: Array, *, rng: np.random.Generator) -> Array:
        """See `Trigger`."""
        del rng
        return np.asarray(x + self.mask * (self.pattern - x))


@dataclass(frozen=True, kw_only=True)
class Poisoned:
    """Training data in which somebody planted something."""

    x: Array
    """Shape (n, d)."""
    y: Ints
    """Shape (n,)."""
    rows: Ints
    """Positions of the rows that were changed or added, ascending."""
    trigger: Trigger | None = None
    """What calls the planted behaviour up; none = the damage shows without a mark."""
    target: int | None = None
    """The class that marked rows are meant to get."""
