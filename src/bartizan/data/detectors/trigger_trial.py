"""Suspected marks on trial: what do they do to a model, and where do their rows come from?"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Ints
from bartizan.core.classifier import Classifier, decisions
from bartizan.core.streams import rng as stream
from bartizan.data.labelled import Labelled
from bartizan.detect.carrier_origin import foreign_share, unmarked_share
from bartizan.detect.cell_effect import NetEffect, net_effect
from bartizan.detect.rank_bins import rank_bins
from bartizan.detect.trigger_scan import Suspect

LINE = 0.2
"""Net effect from which a mark matters. What was left of six public tables as they are had none
at all; marks planted at 0.3 % had 0.3 to 1.0 where they worked."""
_HELD = 4
"""One row of so many is kept from all models, to be marked."""
_MARKED = 1000
"""Rows that are marked, at most: a share is known to 3 % then."""
_FOREIGN = 1 / 3
"""Carriers that cannot come from other classes, above which a region is a natural group. Planted
marks had up to 0.2, natural groups of public tables from 0.34."""
_TOLD = 0.6
"""Carriers that have their label by a model that never saw them, above which it is no surprise."""
_COARSE, _LEAST = 8, 0.04
"""Bins of a column, and share of the rows in each, when carriers are compared with others."""


@dataclass(frozen=True)
class Trial:
    """A suspect that was not cleared."""

    suspect: Suspect
    effect: NetEffect


@dataclass(frozen=True)
class _Scene:
    rows: Labelled
    learn: Ints
    held: Ints

    def model(self, without: Sequence[Suspect], *, name: str) -> Classifier:
        """Trained on the rows to learn from that carry none of these marks."""
        kept = np.ones(len(self.rows.data.y), dtype=np.bool_)
        for one in without:
            kept &= ~one.inside
        data = self.rows.data.take(self.learn[kept[self.learn]])
        return self.rows.learner.fit(data, stream(self.rows.seed, "trigger", name))

    def others(self, suspect: Suspect) -> Ints:
        """Rows of other classes that do not carry the mark."""
        return np.flatnonzero((self.rows.data.y != suspect.target) & ~suspect.inside)


def tried(
    rows: Labelled, suspects: Sequence[Suspect], *, nominal: Ints, rng: np.random.Generator
) -> Generator[float, None, tuple[Trial, ...]]:
    """Sort out what is natural, and measure the effect of the rest.

    Two models are trained, on all rows and without those of any suspect; then a third one, without
    those of the suspects that remain, so that natural groups do not blur the measure.

    Args:
        rows: All rows.
        suspects: From `trigger_scan`.
        nominal: Columns of codes without an order.
        rng: Deals out rows and draws marks.

    Yields:
        How far it is, 0 to 1.

    Returns:
        Those not cleared, the strongest effect first.

    Raises:
        ModelError: the recipe cannot train on these rows.
    """
    scene = _dealt(rows, rng=rng)
    suspects = [
        one
        for one in suspects
        if not one.usual and len(one.rows) and len(np.intersect1d(scene.others(one), scene.held))
    ]
    if not suspects or not _trainable(scene, suspects):
        return ()
    full = scene.model((), name="with")
    yield 0.5
    bare = scene.model(suspects, name="with")
    yield 0.7
    bins = rank_bins(rows.data.x, most=_COARSE, nominal=nominal, least=_LEAST)
    left = []
    for one in suspects:
        apart = foreign_share(
            bins, rows=one.rows, others=scene.others(one), marked=one.mark.columns
        )
        if apart < _FOREIGN and not _rightful(scene, one, bare, rng=rng):
            left.append(one)
    if left and len(left) < len(suspects):
        bare = scene.model(left, name="with")
    yield 0.9
    made = [Trial(one, _effect(scene, one, full, bare, rng=rng)) for one in left]
    return tuple(sorted(made, key=lambda trial: -trial.effect.share))


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


def _rightful(
    scene: _Scene, suspect: Suspect, bare: Classifier, *, rng: np.random.Generator
) -> bool:
    """Whether carriers have their label by a model that never saw them, with or without the mark."""
    x = scene.rows.data.x
    told = float((decisions(bare.scores(x[suspect.rows])) == suspect.target).mean())
    mine, base = unmarked_share(
        x,
        rows=suspect.rows,
        others=scene.others(suspect),
        marked=suspect.mark.columns,
        model=bare,
        target=suspect.target,
        rng=rng,
    )
    return told > _TOLD or mine - base > _FOREIGN


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
