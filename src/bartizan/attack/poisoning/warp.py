"""A mark that adds nothing to a picture: all of it is bent a little, always in the same way."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bartizan.attack.poisoning.shown import shown
from bartizan.core.arrays import Array
from bartizan.core.schema import Image

_CUBIC = -0.75
"""Sharpness of the cubic interpolation, that of PyTorch, with which the paper's code bends."""


@dataclass(frozen=True, kw_only=True)
class Warp:
    """A smooth field of small shifts, and pictures read along it.

    The paper trains with a third kind of rows beside marked and clean ones: `cross_ratio` (2) times
    as many rows as are marked, bent by fields of their own and with their true label, so that only
    this one field is learnt. See `stray`.

    Source:
        Nguyen and Tran (2021), "WaNet", arXiv:2102.10369, section 3: k = 4, s = 0.5. As in their
        code, the field is divided by the height of the picture.
    """

    image: Image
    control: Array
    """Shifts of k x k control points, shape (k, k, 2): across, then down; of mean size 1."""
    strength: float = 0.5
    """Twice the mean shift across and down, in pixels, about: 0.5 is a quarter of a pixel."""

    @classmethod
    def drawn(
        cls,
        image: Image,
        *,
        k: int = 4,
        strength: float = 0.5,
        rng: np.random.Generator,
    ) -> "Warp":
        """Draw a field.

        Args:
            image: What rows are.
            k: Control points along a side.
            strength: See `Warp`.
            rng: Draws it.
        """
        control = rng.uniform(-1.0, 1.0, size=(k, k, 2))
        return cls(image=image, control=control / np.abs(control).mean(), strength=strength)

    @property
    def text(self) -> str:
        """See `Trigger`."""
        k = len(self.control)
        return f"the whole picture bent by {self.strength:g} between {k} x {k} points"

    @cached_property
    def places(self) -> Array:
        """Where each pixel is read, shape (h, w, 2): across, then down, in pixels."""
        height, width, _ = self.image.shape
        flow = _stretched(self.control, height=height, width=width)
        across, down = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
        grid = np.stack([across, down], axis=-1) + self.strength * flow / height
        return (np.clip(grid, -1.0, 1.0) + 1.0) / 2.0 * (np.array([width, height]) - 1.0)

    def stamp(self, x: Array, *, rng: np.random.Generator) -> Array:
        """See `Trigger`."""
        del rng
        return shown(_read(x, self.places, image=self.image), image=self.image)

    def stray(self, x: Array, *, rng: np.random.Generator) -> Array:
        """Pictures bent by fields that differ from picture to picture: cover for the mark.

        Args:
            x: Shape (n, d), unchanged.
            rng: Draws a shift for each pixel of each picture, added to the field of the mark.
        """
        height, width, _ = self.image.shape
        noise = rng.uniform(-1.0, 1.0, size=(len(x), height, width, 2))
        edge = np.array([width, height]) - 1.0
        moved = np.clip(self.places + noise / height * edge / 2.0, 0.0, edge)
        made = x.copy()
        for row, places in enumerate(moved):
            made[[row]] = _read(x[[row]], places, image=self.image)
        return shown(made, image=self.image)


def _stretched(control: Array, *, height: int, width: int) -> Array:
    """A small field at every pixel, corners on corners: (k, k, 2) -> (height, width, 2)."""
    down, across = _cubic(len(control), height), _cubic(len(control), width)
    return np.einsum("yi,ijc,xj->yxc", down, control, across)


def _cubic(k: int, length: int) -> Array:
    """Weights of k points at `length` places between the first and the last, (length, k).

    Source:
        Keys (1981), "Cubic Convolution Interpolation"; the ends are repeated.
    """
    at = np.linspace(0, k - 1, length)
    first = np.floor(at).astype(np.int64)
    weights = np.zeros((length, k))
    for offset in range(-1, 3):
        far = np.abs(at - (first + offset))
        near = ((_CUBIC + 2) * far - (_CUBIC + 3)) * far**2 + 1
        wide = _CUBIC * (((far - 5) * far + 8) * far - 4)
        part = np.where(far <= 1, near, np.where(far < 2, wide, 0.0))
        np.add.at(weights, (np.arange(length), np.clip(first + offset, 0, k - 1)), part)
    return weights


def _read(x: Array, places: Array, *, image: Image) -> Array:
    """Pictures read between their pixels, bilinearly: (n, d) -> (n, d)."""
    pictures = x.reshape(len(x), *image.shape)
    first = np.floor(places).astype(np.int64)
    left, top = first[..., 0], first[..., 1]
    right, low = np.minimum(left + 1, image.width - 1), np.minimum(top + 1, image.height - 1)
    across, down = np.moveaxis(places - first, -1, 0)[..., None]
    upper = pictures[:, top, left] * (1 - across) + pictures[:, top, right] * across
    lower = pictures[:, low, left] * (1 - across) + pictures[:, low, right] * across
    made = upper * (1 - down) + lower * down
    return np.asarray(made.reshape(x.shape))
