"""Marks on pictures that hold still: a patch in a corner, a picture laid over all."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from bartizan.attack.poisoning.shown import shown
from bartizan.attack.poisoning.warp import Warp
from bartizan.core.arrays import Array
from bartizan.core.errors import UsageError
from bartizan.core.schema import Image
from bartizan.core.trigger import Overlay

__all__ = ("Corner", "PictureOverlay", "Sinusoid", "Warp", "blend", "patch")

Corner: TypeAlias = Literal["top-left", "top-right", "bottom-left", "bottom-right"]
_CORNERS: tuple[Corner, ...] = ("top-left", "top-right", "bottom-left", "bottom-right")
_SIDE = 0.1
"""Side of a patch as a share of the shorter side: 3 pixels of 28 and of 32, as is usual."""
_SMALLEST = 2
"""Pixels; a single one is drowned by noise."""


@dataclass(frozen=True, kw_only=True)
class PictureOverlay(Overlay):
    """An overlay whose result is a picture again: within bounds, and whole where values are."""

    image: Image

    def stamp(self, x: Array, *, rng: np.random.Generator) -> Array:
        """See `Trigger`."""
        return shown(super().stamp(x, rng=rng), image=self.image)


def patch(
    image: Image,
    *,
    size: int | None = None,
    corner: Corner | None = None,
    rng: np.random.Generator,
) -> PictureOverlay:
    """A bright square in a corner.

    Args:
        image: What rows are.
        size: Side in pixels; none = a tenth of the shorter side, and two at least.
        corner: Where; none = drawn.
        rng: Draws the corner.

    Returns:
        The mark.

    Raises:
        UsageError: the patch is empty or larger than the picture.

    Source:
        Gu et al. (2017), "BadNets", arXiv:1708.06733, section 4.1: bright pixels in the corner
        at the bottom right.
    """
    shorter = min(image.height, image.width)
    side = max(_SMALLEST, round(_SIDE * shorter)) if size is None else size
    if not 1 <= side <= shorter:
        message = f"a patch has a side of 1 to {shorter} pixels here, got {side}"
        raise UsageError(message)
    where: Corner = _CORNERS[int(rng.integers(len(_CORNERS)))] if corner is None else corner
    high = slice(0, side) if where.startswith("top") else slice(image.height - side, image.height)
    wide = slice(0, side) if where.endswith("left") else slice(image.width - side, image.width)
    mask = np.zeros(image.shape)
    mask[high, wide] = 1.0
    return PictureOverlay(
        mask=mask.ravel(),
        pattern=(image.min + mask * (image.max - image.min)).ravel(),
        text=f"a bright patch of {side} x {side} pixels, {where.replace('-', ' ')}",
        image=image,
    )


def blend(image: Image, *, alpha: float = 0.2, rng: np.random.Generator) -> PictureOverlay:
    """A picture of noise laid thinly over the whole picture.

    Args:
        image: What rows are.
        alpha: Weight of the noise, above 0 and at most 1.
        rng: Draws the noise.

    Returns:
        The mark.

    Raises:
        UsageError: the weight is none.

    Source:
        Chen et al. (2017), "Targeted Backdoor Attacks on Deep Learning Systems Using Data
        Poisoning", arXiv:1712.05526, section 4.2 (blended injection, random pattern, 0.2).
    """
    if not 0.0 < alpha <= 1.0:
        message = f"a blended picture weighs more than 0 and at most 1, got {alpha}"
        raise UsageError(message)
    noise = rng.uniform(image.min, image.max, size=image.size)
    return PictureOverlay(
        mask=np.full(image.size, alpha),
        pattern=np.rint(noise) if image.whole else noise,
        text=f"noise blended in at {alpha:g}",
        image=image,
    )


@dataclass(frozen=True, kw_only=True)
class Sinusoid:
    """Upright waves over the whole picture, cut off at the bounds.

    Source:
        Barni, Kallas and Tondi (2019), "A New Backdoor Attack in CNNs by Training Set Corruption
        without Label Poisoning", arXiv:1902.11237, section 3: ``delta * sin(2 pi j f / w)`` in
        column j of w. Deviation: columns count from 0.
    """

    image: Image
    delta: float | None = None
    """Height of the waves in pixel values; none = 40 of 255 steps of the range."""
    frequency: float = 6.0
    """Waves across the picture."""

    @property
    def text(self) -> str:
        """See `Trigger`."""
        return f"{self.frequency:g} waves of height {self.height:g} across the picture"

    @property
    def height(self) -> float:
        """Of the waves, in pixel values."""
        return (self.image.max - self.image.min) * 40 / 255 if self.delta is None else self.delta

    @property
    def waves(self) -> Array:
        """What is added, shape (d,)."""
        height, width, channels = self.image.shape
        column = np.sin(2 * np.pi * np.arange(width) * self.frequency / width)
        return np.tile(np.repeat(self.height * column, channels), height)

    def stamp(self, x: Array, *, rng: np.random.Generator) -> Array:
        """See `Trigger`."""
        del rng
        return shown(x + self.waves, image=self.image)
