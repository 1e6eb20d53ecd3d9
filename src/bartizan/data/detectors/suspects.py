"""Suspected groups of rows, and what a model trained without them says of their mark."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bartizan.adapt.training.stand_in import Network
from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.classifier import Classifier, decisions
from bartizan.core.dataset import Dataset
from bartizan.core.errors import InputError
from bartizan.core.trigger import Overlay
from bartizan.detect.activation_clusters import reclassified
from bartizan.detect.transplant import Effect, Surroundings, effect, moved

ROWS = 300
"""Rows that a mark is put on: a share is known to 0.06."""
NEEDED = 0.77
"""Net effect that counts as poison, at least, at the low end of its interval. Groups of clean
pictures reached 0.54 to 0.74 on MNIST, on which nothing had been tuned (seeds 133 and 140 to 143),
and 0.74 on GTSRB; noise on 18 of 1,797 digits reached 0.79. The bound lies between."""
NEEDED_PATCH = 0.5
"""The same of a square that is the same in many pictures of one label and in hardly any other."""
NEEDED_CLEAR = 0.1
"""The same of a group like none that honest pictures form: waves moved 0.05 to 0.5 of the rows."""
_SUBTLE = 0.11
"""Mean change by a mark, as a share of the range, at most. Noise blended in at 0.2 changes by 0.07
to 0.09, waves of 40 of 255 by 0.1; what natural groups have in common changed by 0.12 to 0.25."""
_SMALL = 0.15
"""Share of the picture up to which a patch may change as much as it likes: 3 x 3 of 8 x 8."""
_MOST = 0.75
"""Share of its class that a group may be. Larger ones are the class itself less its odd rows, and
no model knows a class that it has not seen."""
_SURE = 0.6
"""Net effect of a group that is more than half of its class, at least, at the low end; two natural
ones reached 0.56 on GTSRB."""
_KEPT = 0.1
"""Share of such a group that may be of the class without the mark: 0.00 to 0.02 of planted groups
were, 0.25 and more of natural ones."""
_STILL = 0.1
"""What a group whose mark moves nothing counts beside one whose mark moves all rows."""
_SCREENED = 0.3
"""Share of rows that a mark must move in the model at hand before another is trained."""


@dataclass(kw_only=True)
class Suspects:
    """Rows of one class that stand apart."""

    label: int
    member: Mask
    """Shape (n,), of all rows."""
    gain: float
    rows: Ints
    """Positions of the class's rows."""
    along: Array
    """Shape (rows,): how far each is on the group's side."""
    mark: Overlay | None = None
    marked: Array | None = field(default=None, repr=False)
    others: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """Rows of other classes that the mark is put on."""
    needed: float = NEEDED
    """Net effect that confirms it, at least, at the low end."""
    far: float = 1.0
    """Distance of its middle from those of other classes, in units of their spread."""
    varied: float = 1.0
    """Spread of its pixels as a share of that of the rest of its class; small = one film."""
    moved: float = 0.0
    """Share of them that the model at hand then gives the class."""
    effect: Effect | None = None
    elsewhere: tuple[float, int] | None = None
    """Share of the group that a model which never saw it gives another class, and the class that
    most of them are given."""

    @property
    def net(self) -> float:
        """Net effect, -1..1; 0 where none was measured."""
        return 0.0 if self.effect is None else self.effect.net[0]

    @property
    def standing(self) -> tuple[float, float]:
        """Sorts groups: larger = clearer, does more, and is of more than one picture."""
        odd = self.gain * self.far * min(self.varied, 1.0)
        return -self.needed, odd * (_STILL + self.moved)

    @property
    def confirmed(self) -> bool:
        """Whether the mark does what it is suspected of."""
        return self.effect is not None and self.effect.net[1] >= self.needed


def clearest(found: Sequence[Suspects]) -> list[Suspects]:
    """In the order of how clearly they stand apart and how much their mark does."""
    return sorted(found, key=lambda one: one.standing, reverse=True)


def screened(
    found: Sequence[Suspects], *, data: Dataset, model: Classifier, rng: np.random.Generator
) -> list[Suspects]:
    """Those whose mark, rebuilt, is faint and moves rows of other classes in the model at hand."""
    around = _around(data)
    return [one for one in found if _strongest(one, around=around, model=model, rng=rng)]


def tried(one: Suspects, *, data: Dataset, model: Classifier, rng: np.random.Generator) -> bool:
    """Whether a mark that is known moves rows of other classes in the model at hand."""
    marks = () if one.mark is None else (one.mark,)
    return _try(one, marks, around=_around(data), model=model, rng=rng, limit=1.0)


def _around(data: Dataset) -> Surroundings:
    image = data.schema.image
    if image is None:
        message = "marks are rebuilt on pictures; these rows are a table"
        raise InputError(message)
    return Surroundings(x=data.x, y=data.y, low=image.min, high=image.max)


def _strongest(
    one: Suspects, *, around: Surroundings, model: Classifier, rng: np.random.Generator
) -> bool:
    if one.member.sum() > _MOST * len(one.rows):
        return False
    marks = around.rebuilt(one.member, label=one.label)
    return _try(one, marks, around=around, model=model, rng=rng)


def _try(
    one: Suspects,
    marks: Sequence[Overlay],
    *,
    around: Surroundings,
    model: Classifier,
    rng: np.random.Generator,
    limit: float = _SUBTLE,
) -> bool:
    """Put marks on rows of other classes, and keep the one that moves most of them."""
    pool = np.flatnonzero(around.y != one.label)
    if not len(pool):
        return False
    one.others = np.sort(rng.choice(pool, min(ROWS, len(pool)), replace=False))
    plain = around.x[one.others]
    for mark in marks:
        marked = around.stamped(mark, one.others, rng=rng)
        change = float(np.abs(marked - plain).mean()) / (around.high - around.low)
        if change > limit and not 0 < float((mark.mask > 0).mean()) <= _SMALL:
            continue
        share = moved(model, plain=plain, marked=marked, target=one.label) / len(plain)
        if share > one.moved:
            one.mark, one.marked, one.moved = mark, marked, share
    return one.moved >= min(_SCREENED, one.needed)


def confirm(one: Suspects, *, data: Dataset, model: Classifier, rng: np.random.Generator) -> bool:
    """Train without the suspects, and measure how much less the mark does then.

    A group that is most of its class may be the class itself, which no model knows that has not
    seen it. Its mark must then do more, and without it the suspects must not be of the class.
    """
    rest = np.flatnonzero(~one.member)
    if one.marked is None or len(np.unique(data.y[rest])) < 2:
        return False
    without = Network().fit(data.take(rest), rng)
    plain = data.x[one.others]
    one.effect = effect(model, without, plain=plain, marked=one.marked, target=one.label)
    one.elsewhere = reclassified(without, data.x[one.member], label=one.label)
    if (
        one.needed == NEEDED
        and 2 * one.member.sum() > len(one.rows)
        and not _sure(one, data, model, rng=rng)
    ):
        one.effect = None
    return one.confirmed


def _sure(one: Suspects, data: Dataset, model: Classifier, *, rng: np.random.Generator) -> bool:
    """Whether a group that is most of its class is of the class by its mark alone."""
    if one.mark is None or one.effect is None or one.effect.net[1] < _SURE:
        return False
    around = _around(data)
    rows = np.flatnonzero(one.member)
    rows = rng.choice(rows, min(ROWS, len(rows)), replace=False)
    bare = around.stripped(one.mark, rows)
    return float((decisions(model.scores(bare)) == one.label).mean()) <= _KEPT
