"""Where a planted mark may lie, and what marks look like while they are searched for."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from bartizan.core.arrays import Array, Mask
from bartizan.core.dataset import Dataset
from bartizan.core.errors import ShapeError

_NUMBERS = ("number", "integer", "ordered")
"""Types of columns that a gradient can move."""


@dataclass(frozen=True, kw_only=True)
class Canvas:
    """Bounds of every value of a row. Where both are equal, no mark can lie."""

    low: Array
    """Shape (d,)."""
    high: Array
    """Shape (d,)."""
    channels: int = 1
    """Neighbouring values that share one mask: the colours of a pixel."""

    def __post_init__(self) -> None:
        """Check shapes."""
        if self.low.shape != self.high.shape or len(self.low) % self.channels:
            message = (
                f"a canvas needs two rows of bounds of whole pixels, got {self.low.shape} and "
                f"{self.high.shape} with {self.channels} channels"
            )
            raise ShapeError(message)

    @classmethod
    def of(cls, data: Dataset) -> Self:
        """The pixels of images; of a table the numbers, between the least and the largest seen.

        What the schema allows beyond what was seen counts too: a trigger may lie out of range.
        """
        image = data.schema.image
        if image is not None:
            return cls(
                low=np.full(image.size, image.min),
                high=np.full(image.size, image.max),
                channels=image.channels,
            )
        low, high = np.zeros(data.x.shape[1]), np.zeros(data.x.shape[1])
        for place, feature in enumerate(data.schema.features):
            column = data.x[:, place]
            known = column[~np.isnan(column)]
            if feature.type in _NUMBERS and not feature.identifier and len(known):
                least, most = float(known.min()), float(known.max())
                low[place] = least if feature.min is None else min(feature.min, least)
                high[place] = most if feature.max is None else max(feature.max, most)
        return cls(low=low, high=high)

    @property
    def pixels(self) -> int:
        """Places that have a mask of their own."""
        return len(self.low) // self.channels

    @property
    def free(self) -> Mask:
        """Pixels where a mark can lie, shape (pixels,)."""
        wide = (self.high > self.low).reshape(self.pixels, self.channels)
        return np.asarray(wide.any(axis=1))

    def spread(self, pixels: Array) -> Array:
        """Numbers of pixels as numbers of values: (..., pixels) -> (..., d)."""
        return np.repeat(pixels, self.channels, axis=-1) if self.channels > 1 else pixels

    def gathered(self, values: Array) -> Array:
        """Sums over the values of each pixel: (..., d) -> (..., pixels)."""
        if self.channels == 1:
            return values
        return np.asarray(values.reshape(*values.shape[:-1], self.pixels, -1).sum(axis=-1))
