"""Suspected marks on trial: what do they do to a model, and where do their rows come from?"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bartizan.core.arrays import Ints
from bartizan.core.classifier import Classifier
from bartizan.core.streams import rng as stream
from bartizan.data.labelled import Labelled
from bartizan.detect.carrier_origin import FOREIGN, coarse_bins, foreign_share, has_kin
from bartizan.detect.cell_effect import NetEffect, net_effect
from bartizan.detect.rank_bins import RankBins
from bartizan.detect.trigger_scan import Suspect

LINE = 0.2
"""Net effect from which a mark matters. In 30 runs on six public tables as they are, the largest
was 0.15. Marks planted at 0.3 % moved 0.2 to 0.8 of the rows, mean of five, in all tables but one,
where they taught the model nothing (`benchmarks/bench_triggers.py`)."""
_ALONE = 5
"""Suspects of the largest effect that get a model of their own: more would take too long."""
_SHARED = 0.3
"""Share of the rows of the smaller from which two suspects may be of one mark."""
_MOST = 0.25
"""Share of the rows of its class that a suspect may have: more are the class itself, which no model
knows that has not seen them."""
_PART = 0.8
"""Share of the rows of a mark from which it is part of a wider one."""
_HELD = 4
"""One row of so many is kept from all models, to be marked."""
_MARKED = 1000
"""Rows that are marked, at most: a share is known to 3 % then."""


@dataclass(frozen=True)
class Trial:
    """A suspect that was not put aside."""

    suspect: Suspect
    effect: NetEffect
    alone: bool = False
    """Whether it was measured against a model that misses this mark only."""

    @property
    def confirmed(self) -> bool:
        """Whether it does to a model what matters, beyond chance."""
        return self.alone and self.effect.share > LINE and self.effect.low > 0


@dataclass(frozen=True)
class Verdict:
    """What became of suspects."""

    trials: tuple[Trial, ...] = ()
    """The strongest effect first. Of a mark and a part of it, the whole."""
    natural: int = 0
    """Suspects put aside since their rows are of a kind of their own."""
    beyond: int = 0
    """Suspects that came after as many as are tried."""
    why: str = ""
    """Why suspects could not be tried; empty where they were."""


@dataclass(frozen=True)
class _Scene:
    rows: Labelled
    learn: Ints
    held: Ints

    def model(self, without: Sequence[Suspect]) -> Classifier:
        """Trained on the rows to learn from that carry none of these marks."""
        kept = np.ones(len(self.rows.data.y), dtype=np.bool_)
        for one in without:
            kept &= ~one.inside
        data = self.rows.data.take(self.learn[kept[self.learn]])
        return self.rows.learner.fit(data, stream(self.rows.seed, "trigger", "model"))

    def others(self, suspect: Suspect) -> Ints:
        """Rows of other classes that do not carry the mark."""
        return np.flatnonzero((self.rows.data.y != suspect.target) & ~suspect.inside)


def tried(
    rows: Labelled,
    suspects: Sequence[Suspect],
    *,
    most: int,
    nominal: Ints,
    rng: np.random.Generator,
) -> Generator[float, None, Verdict]:
    """Sort out what is natural, and measure the effect of the rest.

    A suspect whose carriers are of a kind of their own is natural. For the others models are
    trained, on all rows and without those of the suspects of a class; then, for those of the
    largest effect, without theirs alone.

    Args:
        rows: All rows.
        suspects: From `trigger_scan`.
        most: Suspects that are tried, of those that are not natural.
        nominal: Columns of codes without an order.
        rng: Deals out rows and draws marks.

    Yields:
        How far it is, 0 to 1.

    Returns:
        What became of each.

    Raises:
        ModelError: the recipe cannot train on these rows.
    """
    scene = _dealt(rows, rng=rng)
    bins = coarse_bins(rows.data.x, nominal=nominal)
    left = [one for one in suspects if not one.usual and not _natural(scene, one, bins, rng=rng)]
    natural, beyond, left = len(suspects) - len(left), max(len(left) - most, 0), left[:most]
    if not left:
        return Verdict(natural=natural)
    scene = _taught(scene, left)
    left = [one for one in left if len(np.intersect1d(scene.others(one), scene.held))]
    if not left or not _trainable(scene, left):
        why = "one class is left without the suspected rows" if left else "no row can be marked"
        return Verdict(natural=natural, beyond=beyond, why=why)
    full = scene.model(())
    yield 0.5
    made: list[Trial] = []
    for target in sorted({one.target for one in left}):
        some = [one for one in left if one.target == target]
        bare = scene.model(some)
        made += [Trial(one, _effect(scene, one, full, bare, rng=rng)) for one in some]
    yield 0.7
    made = yield from _sorted(scene, made, full, rng=rng)
    kept = tuple(one for one in made if not any(_is_part(one, of=wider) for wider in made))
    return Verdict(kept, natural, beyond)


def _sorted(
    scene: _Scene, made: list[Trial], full: Classifier, *, rng: np.random.Generator
) -> Generator[float, None, list[Trial]]:
    """The strongest first; those that may matter are measured alone, the first in any case."""
    suspects = [one.suspect for one in made]
    for turn in range(len(made)):
        made.sort(key=lambda trial: -trial.effect.share)
        at = next((at for at, one in enumerate(made) if not one.alone), len(made))
        if at == len(made) or made[at].effect.share < LINE / 4 or (turn >= _ALONE and at > 0):
            break
        made[at] = _alone(scene, made[at], suspects, full, rng=rng)
        yield 0.7 + 0.3 * turn / len(made)
    return sorted(made, key=lambda trial: -trial.effect.share)


def _is_part(one: Trial, *, of: Trial) -> bool:
    """Whether a mark is another one with a column more, and does no more to a model."""
    mine, theirs = one.suspect.inside, of.suspect.inside
    return bool(
        one.suspect.target == of.suspect.target
        and mine.sum() < theirs.sum()
        and (mine & theirs).sum() >= _PART * mine.sum()
        and one.effect.low <= of.effect.share
    )


def _taught(scene: _Scene, suspects: Sequence[Suspect]) -> _Scene:
    """All carriers are learnt from: they are never asked, and fewer of them teach less."""
    carried = np.any([one.inside for one in suspects], axis=0)
    back = np.setdiff1d(scene.held, np.flatnonzero(carried))
    return replace(scene, learn=np.setdiff1d(np.arange(len(carried)), back), held=back)


def _alone(
    scene: _Scene,
    trial: Trial,
    suspects: Sequence[Suspect],
    full: Classifier,
    *,
    rng: np.random.Generator,
) -> Trial:
    """Measured again, against a model that misses this mark only.

    Without the rows of all suspects a class may hardly be known any more, which hides a mark or
    makes one. Suspects that share rows with this one may be parts of the same mark.
    """
    mine = trial.suspect.inside
    parts = [
        one
        for one in suspects
        if one.target == trial.suspect.target
        and (one.inside & mine).sum() > _SHARED * min(one.inside.sum(), mine.sum())
    ]
    bare = scene.model(parts)
    effect = _effect(scene, trial.suspect, full, bare, rng=rng)
    return Trial(trial.suspect, effect, alone=True)


def _dealt(rows: Labelled, *, rng: np.random.Generator) -> _Scene:
    """One row of four of each class is kept back."""
    y = rows.data.y
    order = rng.permutation(len(y))
    order = order[np.argsort(y[order], kind="stable")]
    back = np.zeros(len(y), dtype=np.bool_)
    back[order[_HELD - 1 :: _HELD]] = True
    return _Scene(rows, np.flatnonzero(~back), np.flatnonzero(back))


def _trainable(scene: _Scene, suspects: Sequence[Suspect]) -> bool:
    """Whether two classes remain without the rows in question."""
    kept = ~np.any([one.inside for one in suspects], axis=0)
    return len(np.unique(scene.rows.data.y[scene.learn[kept[scene.learn]]])) > 1


def _natural(scene: _Scene, suspect: Suspect, bins: RankBins, *, rng: np.random.Generator) -> bool:
    """Whether the carriers are of a kind of their own, or the class itself."""
    others, y = scene.others(suspect), scene.rows.data.y
    if len(suspect.rows) > _MOST * (y == suspect.target).sum():
        return True
    if has_kin(suspect.mark, others=scene.rows.data.x[others]):
        return True
    found, chance = foreign_share(
        bins, rows=suspect.rows, others=others, marked=suspect.mark.columns, rng=rng
    )
    return found > max(FOREIGN, chance)


def _effect(
    scene: _Scene, suspect: Suspect, full: Classifier, bare: Classifier, *, rng: np.random.Generator
) -> NetEffect:
    data = scene.rows.data
    some = rng.permutation(np.intersect1d(scene.others(suspect), scene.held))[:_MARKED]
    return net_effect(
        suspect.mark.cells(),
        with_=full,
        without=bare,
        x=data.x[np.sort(some)],
        target=suspect.target,
        rng=rng,
    )
