"""Does a mark do what it is suspected of? Rebuilt from its carriers, put on other rows."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.classifier import Classifier, decisions
from bartizan.core.interval import gap_interval
from bartizan.core.trigger import Overlay, Trigger

_THIN = 0.02
"""Least weight of a laid-over picture: what is merely added has none, and is held by a weight this
small and a pattern this much stronger."""
_THICK = 0.9
_STIFF = 0.05
"""Spread of a pixel, as a share of the range, up to which it is the same in all carriers."""
_SUM_WEIGHT = 1e2
"""Weight of the rule that shares of classes add up to 1."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What pictures of each class are like: the mean and the spread of each pixel."""

    x: Array
    """Shape (n, d)."""
    y: Ints
    low: float
    """Of a dark pixel."""
    high: float
    """Of a bright pixel."""

    @cached_property
    def _classes(self) -> tuple[Ints, Array, Array]:
        known = np.unique(self.y)
        parts = [self.x[self.y == label] for label in known]
        means = np.stack([part.mean(axis=0) for part in parts])
        return known, means, np.stack([part.var(axis=0) for part in parts])

    def rebuilt(self, member: Mask, *, label: int) -> tuple[Overlay, ...]:
        """What the carriers of a mark have in common beyond what pictures are like.

        The mean of the carriers is explained by a mixture of the means of classes; what is left is
        the mark. Where pixels vary less among the carriers than in such a mixture, the mark covers
        them.

        Args:
            member: The suspects, shape (n,), at least one.
            label: Their class.

        Returns:
            A picture laid over everything, and a patch if some pixels are the same in all.

        Cost:
            O(k d): the means of classes are taken once.
        """
        known, means, spreads = self._classes
        own = (self.y == label) & ~member
        place = int(np.searchsorted(known, label))
        means, spreads = means.copy(), spreads.copy()
        if own.sum() >= 3:
            means[place], spreads[place] = self.x[own].mean(axis=0), self.x[own].var(axis=0)
        elif len(known) > 1:
            means, spreads = np.delete(means, place, 0), np.delete(spreads, place, 0)
        carriers = self.x[member]
        middle, held = carriers.mean(axis=0), carriers.var(axis=0)
        weight = _mixture(means, middle)
        expected = weight @ means
        usual = weight @ (spreads + (means - expected) ** 2)
        return self._forms(middle, held=held, expected=expected, usual=usual)

    def _forms(
        self, middle: Array, *, held: Array, expected: Array, usual: Array
    ) -> tuple[Overlay, ...]:
        span = self.high - self.low
        noise = (1e-3 * span) ** 2
        ratio = np.sqrt((held + noise) / (usual + noise))
        live = usual > (0.03 * span) ** 2
        thick = 1 - float(np.median(ratio[live])) if live.any() else 0.0
        alpha = float(np.clip(thick, _THIN, _THICK))
        forms = [
            Overlay(
                mask=np.full(len(middle), alpha, dtype=np.float64),
                pattern=(middle - (1 - alpha) * expected) / alpha,
                text=f"a picture laid over everything at {alpha:.2f}",
            )
        ]
        stiff = (held < (_STIFF * span) ** 2) & (np.abs(middle - expected) > 0.1 * span)
        if stiff.any():
            text = f"{int(stiff.sum())} values that are always the same"
            forms.append(Overlay(mask=stiff.astype(np.float64), pattern=middle, text=text))
        return tuple(forms)

    def stamped(self, trigger: Trigger, rows: Ints, *, rng: np.random.Generator) -> Array:
        """Rows with the mark, within bounds."""
        return np.clip(trigger.stamp(self.x[rows], rng=rng), self.low, self.high)

    def stripped(self, mark: Overlay, rows: Ints) -> Array:
        """Rows without the mark; where it covers them, the mean of all rows takes its place."""
        covered = mark.mask > _THICK
        thin = np.where(covered, 0.0, mark.mask)
        bare = (self.x[rows] - thin * mark.pattern) / (1 - thin)
        bare[:, covered] = self.x.mean(axis=0)[covered]
        return np.clip(bare, self.low, self.high)


def _mixture(means: Array, middle: Array) -> Array:
    """Shares of classes whose means add up to a mean best: not negative, in all 1."""
    from scipy.optimize import nnls  # noqa: PLC0415 (slow to import)

    unit = max(float(np.abs(means).max()), 1e-300)
    rows = np.vstack([means.T / unit, np.full(len(means), _SUM_WEIGHT)])
    gram = rows.T @ rows
    gram += 1e-9 * np.trace(gram) * np.eye(len(gram))
    factor = np.linalg.cholesky(gram).T
    side = np.linalg.solve(factor.T, rows.T @ np.append(middle / unit, _SUM_WEIGHT))
    shares = nnls(factor, side)[0]
    return np.asarray(shares / max(float(shares.sum()), 1e-300))


@dataclass(frozen=True, kw_only=True)
class Effect:
    """How much more a mark does to a model that was trained with its carriers."""

    with_carriers: int
    """Rows that the mark moved to the target in a model that saw the carriers."""
    without: int
    """The same in a model that did not."""
    n: int
    """Rows the mark was put on."""

    @property
    def net(self) -> tuple[float, float, float]:
        """Difference of the shares and its 95 % interval, each -1..1."""
        return gap_interval((self.with_carriers, self.n), (self.without, self.n))


def effect(
    trained: Classifier, without: Classifier, *, plain: Array, marked: Array, target: int
) -> Effect:
    """Put the mark on rows of other classes and count whose answer becomes the target.

    What looks like the target moves both models; a planted mark moves only the one that learnt it.

    Args:
        trained: Trained with the suspects.
        without: Trained without them, otherwise the same.
        plain: Rows of other classes, shape (n, d), n >= 1.
        marked: The same rows with the mark.
        target: The class suspected.

    Returns:
        The counts; rows that are given the target without the mark do not count.
    """
    hits = [moved(one, plain=plain, marked=marked, target=target) for one in (trained, without)]
    return Effect(with_carriers=hits[0], without=hits[1], n=len(plain))


def moved(model: Classifier, *, plain: Array, marked: Array, target: int) -> int:
    """Rows that are given the target with the mark and not without it."""
    before, after = decisions(model.scores(plain)), decisions(model.scores(marked))
    return int(((after == target) & (before != target)).sum())
