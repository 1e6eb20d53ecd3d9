"""Where attacks move: the geometry of one kind of input, on plain arrays."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, Self

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.errors import SchemaError, ShapeError
from bartizan.core.relation import Relation, parse
from bartizan.core.schema import Image, Schema

_QUANTILES = (0.01, 0.99)
"""The range that scales distances; outliers beyond it do not stretch the unit."""


class Space(Protocol):
    """What a constraint needs to know about a kind of input."""

    @property
    def lower(self) -> Array:
        """Smallest value of each column, shape (d,); -inf = unbounded."""
        ...

    @property
    def upper(self) -> Array:
        """Largest value of each column, shape (d,); inf = unbounded."""
        ...

    @property
    def scale(self) -> Array:
        """Length of one unit of distance in each column, shape (d,), >= 0."""
        ...

    @property
    def numeric(self) -> Ints:
        """Columns that are quantities."""
        ...

    @property
    def whole(self) -> Ints:
        """Columns of quantities that hold whole numbers."""
        ...

    @property
    def switches(self) -> "tuple[Switch, ...]":
        """Choices between values of no order."""
        ...

    @property
    def relations(self) -> tuple[Relation, ...]:
        """Rules between columns."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """Column names, in order."""
        ...

    @property
    def image(self) -> Image | None:
        """What every row is, where rows are images."""
        ...

    def round(self, x: Array) -> Array:
        """The nearest rows that the types admit; (n, d) -> (n, d)."""
        ...


@dataclass(frozen=True)
class Switch:
    """One choice: a categorical column, or the columns of a one-hot group."""

    name: str
    columns: Ints
    """Shape (c,)."""
    options: Array
    """What the columns can be set to, shape (k, c)."""

    def chosen(self, x: Array) -> Ints:
        """Which option each row holds, shape (n,); -1 where none (missing)."""
        same = (x[:, None, self.columns] == self.options[None]).all(axis=2)
        return np.asarray(np.where(same.any(axis=1), same.argmax(axis=1), -1), dtype=np.int64)


@dataclass(frozen=True)
class Box:
    """Numbers between bounds; the values of images are the usual case."""

    lower: Array
    upper: Array
    scale: Array
    image: Image | None = None
    whole: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    switches: tuple[Switch, ...] = ()
    relations: tuple[Relation, ...] = ()

    @classmethod
    def uniform(cls, d: int, *, lower: float = -np.inf, upper: float = np.inf) -> Self:
        """The same bounds for all d columns, and 1 as the unit of distance."""
        return cls(lower=np.full(d, lower), upper=np.full(d, upper), scale=np.ones(d))

    @classmethod
    def of(cls, image: Image) -> Self:
        """The space of images; the unit of distance is the way from dark to bright."""
        d = image.size
        return cls(
            lower=np.full(d, image.min),
            upper=np.full(d, image.max),
            scale=np.full(d, image.max - image.min),
            image=image,
            whole=np.arange(d if image.whole else 0),
        )

    @property
    def numeric(self) -> Ints:
        """Every column."""
        return np.arange(len(self.lower))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Columns have no names of their own: x0, x1, ..."""
        return tuple(f"x{position}" for position in range(len(self.lower)))

    def round(self, x: Array) -> Array:
        """Real numbers stay as they are; the values of images become whole where they must."""
        return np.round(x) if self.whole.size else x


@dataclass(frozen=True)
class Mixed:
    """A table: quantities, ordered codes, categories and one-hot groups.

    Category codes are positions in the feature's `categories`; missing values are NaN.
    """

    schema: Schema
    lower: Array
    upper: Array
    scale: Array
    numeric: Ints
    whole: Ints
    """Numeric columns that hold whole numbers."""
    switches: tuple[Switch, ...]
    relations: tuple[Relation, ...]
    image: Image | None = None

    @classmethod
    def of(cls, schema: Schema, reference: Array) -> Self:
        """Lay the space out from the schema, and its units from reference rows.

        Args:
            schema: The columns.
            reference: Rows that scale distances, shape (n, d), n >= 1: each numeric column's
                unit is its 1-99 % range there; where that is zero, its full range; where that
                is zero too, the column cannot move.
        """
        if reference.ndim != 2 or reference.shape[1] != len(schema.features) or not len(reference):
            message = (
                f"expected reference rows with {len(schema.features)} columns, "
                f"got shape {reference.shape}"
            )
            raise ShapeError(message)
        features = schema.features
        numeric = [
            position
            for position, feature in enumerate(features)
            if feature.type != "categorical" and feature.group is None and not feature.identifier
        ]
        whole = [position for position in numeric if features[position].type != "number"]
        low = np.array([_bound(f.min, f.categories, last=False) for f in features])
        high = np.array([_bound(f.max, f.categories, last=True) for f in features])
        low[whole], high[whole] = np.ceil(low[whole]), np.floor(high[whole])
        return cls(
            schema=schema,
            lower=low,
            upper=high,
            scale=_units(reference, np.array(numeric, dtype=np.int64)),
            numeric=np.array(numeric, dtype=np.int64),
            whole=np.array(whole, dtype=np.int64),
            switches=_switches(schema),
            relations=tuple(parse(text, names=schema.names) for text in schema.relations),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Column names, in order."""
        return self.schema.names

    def round(self, x: Array) -> Array:
        """Whole-number columns to the nearest whole number."""
        if not self.whole.size:
            return x
        x = x.copy()
        x[:, self.whole] = np.round(x[:, self.whole])
        return x


def _bound(declared: float | None, categories: tuple[str, ...], *, last: bool) -> float:
    """The declared bound, or the first or last code, or none."""
    if categories:
        return float(len(categories) - 1 if last else 0)
    if declared is not None:
        return declared
    return np.inf if last else -np.inf


def space_of(schema: Schema, reference: Array) -> "Space":
    """Where attacks on such data move: a box for images, the mixed space for tables.

    Args:
        schema: What rows hold.
        reference: Rows that scale distances in tables, shape (n, d); see `Mixed.of`.
    """
    return Mixed.of(schema, reference) if schema.image is None else Box.of(schema.image)


def _units(reference: Array, numeric: Ints) -> Array:
    """The unit of distance of each column: see `Mixed.of`."""
    scale = np.zeros(reference.shape[1])
    for position in numeric:
        values = reference[:, position]
        values = values[np.isfinite(values)]
        if not values.size:
            continue
        low, high = np.quantile(values, _QUANTILES)
        scale[position] = high - low or values.max() - values.min()
    return scale


def _switches(schema: Schema) -> tuple[Switch, ...]:
    found = [
        Switch(
            name=feature.name,
            columns=np.array([position]),
            options=np.arange(len(feature.categories), dtype=float)[:, None],
        )
        for position, feature in enumerate(schema.features)
        if feature.type == "categorical" and feature.group is None and not feature.identifier
    ]
    for name, columns in schema.groups().items():
        if name in schema.names:
            message = f"one-hot group {name!r} has the name of a column; rename the group"
            raise SchemaError(message)
        found.append(Switch(name=name, columns=np.array(columns), options=np.eye(len(columns))))
    return tuple(found)
