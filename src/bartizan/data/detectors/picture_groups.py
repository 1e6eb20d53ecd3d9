"""Groups of pictures that stand apart in their class, seen in pixels and in hidden layers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.data.detectors.picture_views import views
from bartizan.data.detectors.suspects import NEEDED, NEEDED_CLEAR, Suspects, clearest
from bartizan.data.labelled import Labelled
from bartizan.detect.matched_filter import grown
from bartizan.detect.robust_whitening import White, odd_side, whitened
from bartizan.detect.standing_apart import Group, groups

_HEAPS = 2.3
"""Least distance of two heaps, in units of their spread; below 2 there is one, and the odd tails of
clean sandals came to 1.5 to 2.1. Chance heaps may be farther apart, but gain little."""
_GAIN = 20.0
"""Least gain in log-likelihood: chance groups of one heap reached 15 in five draws of 400 rows."""
_GROWN = 6
"""Groups of a class and a view that are grown, the clearest."""
_CLEAR = (6.0, 150.0, 40.0)
"""From where a group is like none that honest pictures form: as `_HEAPS`, as `_GAIN`, distance from
other classes in spreads of their means. Of 10,900 honest groups, many of the same pictures, those
of 20 rows and more with a D of 6 lay up to 0 away on Fashion-MNIST (seeds 100, 101, 110 and 111),
30 on GTSRB (seed 100) and 49 with a gain of 103 on MNIST (seeds 102, 133, 140 and 141). Waves had D
6 to 26, gained 189 to 661 and lay 53 to 647 away (seeds 100 and 101)."""
_ROWS = 20
"""Rows of a clear group, at least: films had 9 to 11."""
_VARIED = 0.35
"""Spread of the pixels of a clear group, as a share of that of the rest of its class, at least: one
film is the same picture many times. Frames of films had 0.2 to 0.3, carriers of patches on GTSRB
0.6 to 1.5. A picture laid over others at 0.2 leaves 0.64 of their spread, at 0.4 a third: carriers
of one had 0.47 (seed 0)."""
_EACH, _ALL = 6, 60
"""Groups whose mark is tried: of a class, and in all. With 43 classes the rest is chance."""
_ALIKE = 0.8
"""Share of rows in common from which two groups are one."""


@dataclass(frozen=True)
class _Class:
    """The rows of one class, in all views."""

    label: int
    place: int
    """Position of the class among those present."""
    rows: Ints
    whites: Sequence[White]
    pixels: int
    """How many of the views are of pixels; they come first."""


def suspected(rows: Labelled, *, fewest: int, rng: np.random.Generator) -> list[Suspects]:
    """Groups that stand apart in any view, the clearest first.

    The few directions of largest spread that are searched belong to films of one object and kinds
    of clothes as often as to a mark, and a cut along one of them holds part of its carriers. So
    the clearest groups are grown in the view they were found in, and in pixels; those that are far
    apart by then are suspects, beside those that were so from the start.

    Args:
        rows: All labelled pictures.
        fewest: Rows of a group, at least.
        rng: First guesses of directions.
    """
    image = rows.data.schema.image
    if image is None:
        return []
    data, pixels = rows.data, views(rows.data.x, image=image)
    whites = [whitened(view, data.y) for view in (*pixels, *rows.hidden)]
    found = []
    for place, label in enumerate(np.unique(data.y)):
        own = np.flatnonzero(data.y == label)
        here = _Class(int(label), place, own, whites, len(pixels))
        for white, one in _groups(here, rng=rng):
            side, far = odd_side(white, own, one.member, place=place)
            odd = one if side is one.member else one.other
            if odd.member.sum() >= fewest:
                found.append(_suspects(odd, far, here, x=data.x))
    return clearest(found)


def _groups(here: _Class, *, rng: np.random.Generator) -> Iterator[tuple[White, Group]]:
    """Groups far enough apart, with the view in which they are."""
    seen: list[set[bytes]] = [set() for _ in here.whites]
    for view, white in enumerate(here.whites):
        first = [one for one in groups(white.rows[here.rows], rng=rng) if one.gain >= _GAIN]
        for one in first:
            if one.apart >= _HEAPS:
                yield white, one
        for one in first[:_GROWN]:
            for other in sorted({*range(here.pixels), view}):
                made = grown(here.whites[other].rows[here.rows], one.member, seen=seen[other])
                if made is not None and made.gain >= _GAIN and made.apart >= _HEAPS:
                    yield here.whites[other], made


def _suspects(one: Group, far: float, here: _Class, *, x: Array) -> Suspects:
    member = np.zeros(len(x), dtype=np.bool_)
    member[here.rows[one.member]] = True
    varied = _varied(x, member, here.rows)
    clear = varied >= _VARIED and _beyond(one, far, _CLEAR)
    return Suspects(
        label=here.label,
        member=member,
        gain=one.gain,
        rows=here.rows,
        along=one.along,
        far=far,
        varied=varied,
        needed=NEEDED_CLEAR if clear else NEEDED,
    )


def _varied(x: Array, member: Mask, own: Ints) -> float:
    """How different from each other the pictures of a group are, beside the rest of its class."""
    rest = float(x[own[~member[own]]].var(axis=0).sum())
    return float(x[member].var(axis=0).sum()) / rest if rest > 0 else 1.0


def _beyond(one: Group, far: float, lines: tuple[float, float, float]) -> bool:
    """Whether a group is as far apart, as sure and as unlike other classes as the lines say."""
    heaps, gain, away = lines
    odd = one.apart >= heaps and one.gain >= gain and far >= away
    return odd and int(one.member.sum()) >= _ROWS


def distinct(found: list[Suspects]) -> list[Suspects]:
    """The clearest few of each class, each once."""
    kept: list[Suspects] = []
    for one in found:
        same = [other for other in kept if other.label == one.label]
        if len(same) < _EACH and not any(_alike(one, other) for other in same):
            kept.append(one)
    return kept[:_ALL]


def _alike(one: Suspects, other: Suspects) -> bool:
    both = int((one.member & other.member).sum())
    return both > _ALIKE * int((one.member | other.member).sum())
