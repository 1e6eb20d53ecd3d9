"""Small squares that are the same, at the same place, in many pictures of one label."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import AnyArray, Array, Ints, Mask
from bartizan.core.schema import Image
from bartizan.detect.discovery import adjusted

_SIDE = 0.1
"""A square's side as a share of the picture's, 2 pixels at least: 3 of 28 and of 32, which is the
usual patch. Larger patches hold several squares."""
_LEVELS = 32
"""Steps of brightness that are told apart: what JPEG or a resize changes stays within one."""
_ELSEWHERE = 0.01
"""Share of the other labels' pictures that may show the same square."""
_CHANCE = 0.01
"""Expected share of false ones among the squares that are named."""
_SAME = 0.8
"""Share of carriers in common from which two squares are parts of one patch."""
_NAMED = 2000
"""Squares kept before they are joined, the clearest: an attacker's patch is among them."""


@dataclass(frozen=True)
class Patch:
    """Squares that the same pictures of one label show."""

    label: int
    rows: Ints
    """Positions of the pictures that show it, ascending, copies included."""
    mask: Mask
    """Shape (d,): the values it covers."""
    p: float
    """Adjusted chance that the other labels' pictures would show it as often."""


@dataclass(frozen=True)
class _Square:
    label: int
    carriers: Mask
    top: int
    left: int
    p: float


def patches(
    x: Array, y: Ints, *, image: Image, rng: np.random.Generator, fewest: int = 4
) -> tuple[Patch, ...]:
    """Look for patches.

    Each square of each picture becomes one number. A number that many pictures of one label have
    at the same place, and hardly any of the others, is a patch, or something natural: what it
    does must be tried. Equal pictures count once, so that copies are no evidence.

    Args:
        x: Pictures, shape (n, d).
        y: Labels, shape (n,).
        image: What a row is.
        rng: Draws the weights of the hash.
        fewest: Pictures that must show it.

    Returns:
        The clearest first.

    Cost:
        A sort of n numbers for each place: 2 s for 5,000 pictures of 28 x 28.
    """
    shorter = min(image.height, image.width)
    side = min(max(2, int(_SIDE * shorter + 0.5)), shorter)
    first = _first_copies(x)
    codes = _coded(x, image=image)
    squares = list(
        _squares(codes, y, once=first, side=side, fewest=fewest, rng=rng)
        if len(np.unique(y)) > 1
        else ()
    )
    if not squares:
        return ()
    believed = adjusted(np.array([one.p for one in squares]))
    order = np.argsort(believed, kind="stable")[:_NAMED]
    named = [(squares[k], float(believed[k])) for k in order if believed[k] <= _CHANCE]
    return tuple(_joined(named, image=image, side=side))


def _first_copies(x: Array) -> Mask:
    rows = np.ascontiguousarray(x)
    found = np.zeros(len(x), dtype=np.bool_)
    if len(x):
        kinds = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
        found[np.unique(kinds, return_index=True)[1]] = True
    return found


def _coded(x: Array, *, image: Image) -> AnyArray:
    """Brightness in few steps, shape (n, height, width, channels)."""
    share = (x - image.min) / (image.max - image.min)
    steps = np.clip(np.rint(share * (_LEVELS - 1)), 0, _LEVELS - 1)
    return steps.astype(np.int64).reshape(-1, *image.shape)


def _squares(
    codes: AnyArray, y: Ints, *, once: Mask, side: int, fewest: int, rng: np.random.Generator
) -> Iterator[_Square]:
    _, height, width, channels = codes.shape
    weights = rng.integers(1, 2**55, size=(side, side, channels))
    for top in range(height - side + 1):
        band = codes[:, top : top + side]
        made = np.zeros((len(codes), width - side + 1), dtype=np.int64)
        with np.errstate(over="ignore"):  # a hash wraps around
            for down in range(side):
                for across in range(side):
                    part = band[:, down, across : across + width - side + 1]
                    made += part @ weights[down, across]
        for left in range(width - side + 1):
            found = _repeated(made[:, left], y, once=once, fewest=fewest)
            for label, carriers, p in found:
                yield _Square(label, carriers, top, left, p)


def _repeated(
    values: Ints, y: Ints, *, once: Mask, fewest: int
) -> Iterator[tuple[int, Mask, float]]:
    """Numbers that one label has often and the others hardly ever."""
    from scipy.stats import binom  # noqa: PLC0415 (slow to import)

    own, labels = values[once], y[once]
    kinds, place, total = np.unique(own, return_inverse=True, return_counts=True)
    sizes = np.bincount(labels)
    often = np.flatnonzero(total >= fewest)
    for kind in often:
        counts = np.bincount(labels[place == kind], minlength=len(sizes))
        label = int(counts.argmax())
        others = len(own) - int(sizes[label])
        strays = int(total[kind] - counts[label])
        if counts[label] < fewest or strays > _ELSEWHERE * others:
            continue
        rate = (strays + 1) / (others + 2)
        p = float(binom.sf(counts[label] - 1, sizes[label], rate))
        yield label, (values == kinds[kind]) & (y == label), p


def _joined(named: list[tuple[_Square, float]], *, image: Image, side: int) -> Iterator[Patch]:
    """Squares of the same pictures, put together."""
    left = list(named)
    while left:
        head, p = left[0]
        parts = [one for one, _ in left if one.label == head.label and _alike(one, head)]
        mask = np.zeros(image.shape, dtype=np.bool_)
        for one in parts:
            mask[one.top : one.top + side, one.left : one.left + side] = True
        yield Patch(head.label, np.flatnonzero(head.carriers), mask.ravel(), p)
        taken = {id(one) for one in parts}
        left = [pair for pair in left if id(pair[0]) not in taken]


def _alike(one: _Square, other: _Square) -> bool:
    both = int((one.carriers & other.carriers).sum())
    return both >= _SAME * int((one.carriers | other.carriers).sum())
