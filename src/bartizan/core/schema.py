"""Facts about data: what each column or pixel holds. Nothing about who may change it."""

import math
from collections import Counter
from typing import Literal, TypeAlias

from bartizan.core.errors import SchemaError
from bartizan.core.record import Record

FeatureType: TypeAlias = Literal["number", "integer", "ordered", "categorical"]
Label: TypeAlias = str | int


class Feature(Record, frozen=True, kw_only=True):
    """One column."""

    name: str
    type: FeatureType = "number"
    """`number` and `integer` are quantities; `ordered` are integer codes with an order (grades);
    `categorical` are codes without one."""
    min: float | None = None
    """Smallest value that can occur; none = unbounded."""
    max: float | None = None
    """Largest value that can occur; none = unbounded."""
    categories: tuple[str, ...] = ()
    """Texts of the codes 0, 1, ... of an `ordered` or `categorical` column."""
    missing: bool = False
    """Whether values may be missing."""
    group: str | None = None
    """Name of the one-hot group this 0/1 column belongs to."""
    personal: bool = False
    """Personal data: its values are redacted in reports."""
    identifier: bool = False
    """Names a row rather than describing it: never something an attacker moves."""

    def __post_init__(self) -> None:
        """Refuse contradictions."""
        if any(bound is not None and math.isnan(bound) for bound in (self.min, self.max)):
            message = f"feature {self.name!r}: a limit is NaN; leave it out where there is none"
            raise SchemaError(message)
        if self.min is not None and self.max is not None and self.min > self.max:
            message = f"feature {self.name!r}: min {self.min} is above max {self.max}; swap them"
            raise SchemaError(message)
        if self.type in ("ordered", "categorical") and not self.categories:
            message = f"feature {self.name!r} is {self.type} but has no categories; list them"
            raise SchemaError(message)
        if len(set(self.categories)) != len(self.categories):
            message = f"feature {self.name!r} lists a category twice; categories must be unique"
            raise SchemaError(message)


class Image(Record, frozen=True, kw_only=True):
    """The form of every image of a data set.

    A row holds the values from top to bottom, then from left to right, then by channel.
    """

    height: int
    width: int
    channels: int
    min: float = 0.0
    """Value of a dark pixel."""
    max: float = 255.0
    """Value of a bright pixel."""
    whole: bool = True
    """Whether values are whole numbers, as in files of 8 bits a value."""

    def __post_init__(self) -> None:
        """Refuse images without pixels or without contrast."""
        if min(self.height, self.width, self.channels) < 1 or not self.min < self.max:
            message = (
                f"an image needs pixels and two different values, got {self.height} x "
                f"{self.width} x {self.channels} from {self.min:g} to {self.max:g}"
            )
            raise SchemaError(message)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, channels)."""
        return self.height, self.width, self.channels

    @property
    def size(self) -> int:
        """Values of one image."""
        return self.height * self.width * self.channels


class Schema(Record, frozen=True, kw_only=True, tag_field="schema", tag="schema/1"):
    """The columns of a table, in order, and the relations that hold between them; or images."""

    features: tuple[Feature, ...] = ()
    relations: tuple[str, ...] = ()
    """Rules that hold in every row, such as ``"n_failed <= n_total"``."""
    image: Image | None = None
    """What every row is, where rows are images; there are no features then."""

    def __post_init__(self) -> None:
        """Refuse two columns of one name, and images with columns."""
        doubles = sorted(name for name, count in Counter(self.names).items() if count > 1)
        if doubles:
            message = f"two columns are named {doubles[0]!r}; names must be unique"
            raise SchemaError(message)
        if self.image is not None and (self.features or self.relations):
            message = "a schema describes columns or images, not both; leave one out"
            raise SchemaError(message)

    @property
    def width(self) -> int:
        """Numbers in a row: columns, or values of an image."""
        return len(self.features) if self.image is None else self.image.size

    @property
    def names(self) -> tuple[str, ...]:
        """Column names, in order."""
        return tuple(feature.name for feature in self.features)

    def groups(self) -> dict[str, tuple[int, ...]]:
        """Column positions of each one-hot group."""
        found: dict[str, list[int]] = {}
        for position, feature in enumerate(self.features):
            if feature.group is not None:
                found.setdefault(feature.group, []).append(position)
        return {name: tuple(positions) for name, positions in found.items()}
