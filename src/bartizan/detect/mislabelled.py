"""Which labels are wrong, and how many, told apart from rows that are hard to label."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.errors import ShapeError

_FLOOR = 1e-4
"""Chance that a source of evidence is taken to give at least: nothing rests on the tenth digit of a
model's confidence."""
_SOFT = (0.003, 0.01, 0.03, 0.1)
"""Widths over which a chance that should be below 0, noise taken away, is bent to a small positive
one. Which serves is seen by likelihood; noisy evidence wants a wide one."""
_MOST = 0.9
"""Chance at most that a label says nothing about its row. Above it nobody could learn anything."""
_TOP = 0.999 * _MOST
"""The most noise that is tried."""
_DOUBT = 0.5
"""Rate at which more noise is less likely beforehand. Where labels tell nothing of it, as where no
class can be told from another, none is assumed; one row outweighs it."""
_NUMBERS = 1_000_000
"""Rows x classes that the mixture is fitted to; of more, a random part."""
_HALF = 1.92
"""Fall of the log-likelihood at the ends of a 95 % interval: half of chi-square's 3.84."""
_STEPS = 100
"""Steps of the fit at most; 20 to 60 are usual."""
_START = 0.05
"""Chance of noise at which the fit starts."""
_NONE = 1e-6
"""Chance of noise that stands for none."""
_FEW = 0.5
"""Wrong labels, estimated, below which there is no noise to take back."""
_HALVINGS = 4
"""Times that the end of an interval is halved: it is then known to a sixteenth of its width."""
_WIDE = 30.0
"""Parameters are logarithms: beyond e^30 lies nothing."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is believed of each label."""

    honest: Array
    """Shape (n, k): chance of each class by what the rows show, were all labels honest."""
    wrong: Array
    """Shape (n,): chance that the label is wrong."""
    p: Array
    """Shape (n,): chance of an honest label at least as unlikely on such a row."""
    against: Array
    """Shape (n,): logarithm of how much likelier the best other class is; larger = odder."""
    share: float
    """Of wrong labels, over all rows."""
    low: float
    """Lower end of its 95 % interval."""
    high: float


def mislabelled(parts: Sequence[Array], y: Ints, *, rng: np.random.Generator) -> Verdict:
    """Weigh the evidence for each label, and tell wrong labels from hard rows.

    A label is either honest, drawn with the chances that the row's evidence gives to the classes,
    or it was drawn without regard to the row. Hard rows have honest labels that are unlikely, but
    only where the evidence is divided; a wrong label stands as often where it is clear. So one
    fit by maximum likelihood finds how much each source of evidence weighs, how much it
    exaggerates, and how many labels of each class are wrong; nobody tells it. Evidence that was
    learnt from wrong labels is as unsure as they are many: that is taken back, in further fits,
    of which the likeliest is kept.

    Args:
        parts: Each shape (n, k), rows sum to 1: out-of-fold probabilities of a model, votes of
            neighbours. No row may have seen its own label.
        y: Labels, shape (n,).
        rng: Draws the part of the rows that is fitted to, where there are too many.

    Returns:
        The verdict. Its interval says how well these rows tell the share, not whether the mixture
        is the right one. Labels that are wrong where rows are hard look honest, and evidence that
        has learnt the noise so well that it is calibrated to it explains every wrong label: the
        share is then too low, never too high.

    Raises:
        ShapeError: parts and labels do not belong together.

    Cost:
        One to seven fits and two searches for an interval, each 20 to 60 passes over the rows:
        0.5 s for 20,000 rows of two classes.

    Source:
        Copas (1988), JRSS B 50 (logistic regression with labels that are mixed up); Wolpert (1992),
        Neural Networks 5 (stacking); Patrini et al. (2017), CVPR (taking the noise back).
        Own: all in one likelihood, and chances bent softly in place of an inverse that may be
        negative.
    """
    _require(parts, y)
    n, k = parts[0].shape
    rows = np.arange(n)
    if n * k > _NUMBERS:
        rows = np.sort(rng.permutation(n)[: max(_NUMBERS // k, 1)])
    seen = [np.maximum(part, _FLOOR) for part in parts]
    fits = _fits(Mixture(evidence=tuple(part[rows] for part in seen), y=y[rows]))
    fit = fits[0]
    honest = fit.honest(seen)
    low, high = fit.interval()
    near = [one.share for one in fits if one.surprise - fit.surprise <= _HALF]
    own = honest[np.arange(n), y]
    noise, kept = fit.noise, 1 - float(fit.noise.sum())
    odd = np.where(honest <= own[:, None] * (1 + 1e-9), honest, 0.0).sum(axis=1)
    return Verdict(
        honest=honest,
        wrong=noise[y] * (1 - own) / (kept * own + noise[y]),
        p=np.clip(odd, 0.0, 1.0),
        against=_against(honest, y),
        share=fit.share,
        low=min(low, *near),
        high=max(high, *near),
    )


def believed(wrong: Array, *, level: float) -> Mask:
    """The rows that may be called mislabelled, so that a stated share of them is not.

    Rows are taken from the surest on, as long as the mean chance that one taken is honest stays
    below the level.

    Args:
        wrong: Chance that each label is wrong, shape (n,).
        level: Share of false discoveries, on average.

    Returns:
        Shape (n,).

    Source:
        Efron et al. (2001), JASA 96 (local false discovery rates); Sun and Cai (2007), JASA 102
        (that this rule finds the most at its level).
    """
    order = np.argsort(-wrong, kind="stable")
    false = np.cumsum(1 - wrong[order]) / np.arange(1, len(wrong) + 1)
    held = np.flatnonzero(false <= level)
    found = np.zeros(len(wrong), dtype=np.bool_)
    found[order[: held[-1] + 1 if len(held) else 0]] = True
    return found


def _against(honest: Array, y: Ints) -> Array:
    logs = np.log(np.maximum(honest, _FLOOR**4))
    own = logs[np.arange(len(y)), y]
    logs[np.arange(len(y)), y] = -np.inf
    return np.asarray(logs.max(axis=1) - own)


def _require(parts: Sequence[Array], y: Ints) -> None:
    shapes = {part.shape for part in parts}
    if len(shapes) != 1 or next(iter(shapes))[:1] != y.shape or not len(y):
        message = f"each part needs one row for each of {len(y)} labels, got {sorted(shapes)}"
        raise ShapeError(message)


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """Labels that are honest, or drawn without regard to their rows."""

    evidence: tuple[Array, ...]
    """Each shape (n, k), positive."""
    y: Ints
    taken: Array | None = None
    """Chance of each class by noise in the evidence, shape (k,), which is taken back; none = 0."""
    soft: float = 0.0
    """Width over which it is."""

    @cached_property
    def logs(self) -> Array:
        """Logarithms of the evidence without its noise, shape (parts, n, k)."""
        return np.stack([self.cleared(part) for part in self.evidence])

    def cleared(self, part: Array) -> Array:
        """Logarithms of evidence without its noise."""
        if self.taken is None:
            return np.asarray(np.log(part))
        left = (part - self.taken) / (1 - self.taken.sum())
        bent = self.soft * np.logaddexp(0.0, left / self.soft)
        return np.asarray(np.log(np.maximum(bent, _FLOOR**2)))

    def parted(self, told: Array) -> tuple[Array, Array, float, Array]:
        """Parameters: weight of each part, offset and noise of each class.

        Args:
            told: Shape (parts + 1 + 2 k,), unbounded.

        Returns:
            Weights (parts,), offsets (k,), chance of noise in all, its classes (k,), which sum
            to 1.
        """
        m, k = self.logs.shape[0], self.logs.shape[2]
        toward = np.exp(told[m + k + 1 :] - told[m + k + 1 :].max())
        total = _MOST / (1 + float(np.exp(-told[m])))
        return np.exp(told[:m]), told[m + 1 : m + k + 1], total, toward / toward.sum()

    def surprise(self, told: Array) -> tuple[float, Array]:
        """Minus the log-likelihood of the labels, and its slope by the parameters.

        A standard normal prior on each parameter weighs as much as one row; noise in all has one
        of its own.
        """
        weights, offset, total, toward = self.parted(told)
        m, n, k = self.logs.shape
        chance = _chances(self.logs, weights, offset)
        own, spread = chance[np.arange(n), self.y], total * toward
        likely = (1 - total) * own + spread[self.y]
        pull = (1 - total) * own / likely
        slopes = -pull[:, None] * chance
        slopes[np.arange(n), self.y] += pull
        by_class = np.bincount(self.y, weights=1 / likely, minlength=k)
        by_total = float((toward * by_class).sum() - (own / likely).sum())
        by_toward = spread * (by_class - float((toward * by_class).sum()))
        slope = np.concatenate(
            [
                [weights[i] * float((slopes * self.logs[i]).sum()) for i in range(m)],
                [(by_total - _DOUBT) * total * (1 - total / _MOST)],
                slopes.sum(axis=0),
                by_toward,
            ]
        )
        prior = told.copy()
        prior[m] = 0.0
        doubt = _DOUBT * total + float((prior**2).sum()) / 2
        return float(-np.log(likely).sum()) + doubt, prior - slope

    def fitted(self, start: Array | None = None, *, total: float | None = None) -> "Fit":
        """The most likely parameters.

        Args:
            start: Where to begin; none = nearly no noise, each part believed.
            total: Chance of noise in all, if it is held; at most 0.9.
        """
        from scipy.optimize import minimize  # noqa: PLC0415 (slow to import)

        m, k = self.logs.shape[0], self.logs.shape[2]
        first = np.zeros(m + 1 + 2 * k) if start is None else start.copy()
        if start is None:
            first[:m], first[m] = -np.log(m), _unbounded(_START)
        bounds: list[tuple[float, float]] = [(-_WIDE, _WIDE)] * len(first)
        if total is not None:
            first[m] = _unbounded(total)
            bounds[m] = (float(first[m]), float(first[m]))
        found = minimize(
            self.surprise,
            first,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": _STEPS},
        )
        return Fit(mixture=self, told=np.asarray(found.x), surprise=float(found.fun))


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A mixture with its parameters."""

    mixture: Mixture
    told: Array
    surprise: float

    @cached_property
    def noise(self) -> Array:
        """Chance of a label of each class where it does not heed the row, shape (k,)."""
        _, _, total, toward = self.mixture.parted(self.told)
        return total * toward

    @cached_property
    def share(self) -> float:
        """Of wrong labels: noise may hit the right class."""
        chance = self.honest(self.mixture.evidence)
        share = float(self.noise.sum() - (chance @ self.noise).mean())
        return share if share > _NONE else 0.0

    def honest(self, evidence: Sequence[Array]) -> Array:
        """Chance of each class, were labels honest, shape (n, k)."""
        weights, offset, _, _ = self.mixture.parted(self.told)
        logs = np.stack([self.mixture.cleared(part) for part in evidence])
        return _chances(logs, weights, offset)

    def interval(self) -> tuple[float, float]:
        """95 % limits of the share, by profile likelihood."""
        best = float(self.noise.sum())
        low, high = _NONE, min(best + 2 / len(self.mixture.y), _TOP)
        while high < _TOP and not self._fallen(high)[0]:
            high = min(best + 2 * (high - best), _TOP)
        if best <= 2 * _NONE or not self._fallen(low)[0]:
            return 0.0, self._limit(best, high)
        return self._limit(best, low), self._limit(best, high)

    def _fallen(self, total: float) -> tuple[bool, "Fit"]:
        """Whether the likelihood is too low where so much is noise."""
        fit = self.mixture.fitted(self.told, total=total)
        return fit.surprise - self.surprise > _HALF, fit

    def _limit(self, inner: float, outer: float) -> float:
        """The share at the end of the interval between two chances of noise, the wider one."""
        for _ in range(_HALVINGS):
            middle = (outer + inner) / 2
            if self._fallen(middle)[0]:
                outer = middle
            else:
                inner = middle
        return self._fallen(outer)[1].share


def _fits(plain: Mixture) -> tuple[Fit, ...]:
    """Fits to the evidence as it is, and with noise taken back; the likeliest first."""
    first = plain.fitted()
    fits = [first]
    if first.share * len(plain.y) >= _FEW:
        noises = (first.noise, _floor(plain))
        fits += [_again(plain, first, taken=taken, soft=_SOFT[1]) for taken in noises]
        start = min(fits, key=lambda one: one.surprise)
        fits += [_again(plain, start, taken=start.noise, soft=soft) for soft in _SOFT]
    return tuple(sorted(fits, key=lambda one: one.surprise))


def _again(plain: Mixture, start: Fit, *, taken: Array, soft: float) -> Fit:
    """A fit to evidence without this noise."""
    again = Mixture(evidence=plain.evidence, y=plain.y, taken=taken, soft=soft)
    return again.fitted(start.told)


def _floor(plain: Mixture) -> Array:
    """What a model gives each class even where it is not, shape (k,), by the first evidence.

    A quarter of the way up among the rows of other classes.
    """
    part = plain.evidence[0]
    shares = np.bincount(plain.y, minlength=part.shape[1]) / len(plain.y)
    lows = [np.quantile(part[:, j], (1 - share) / 4) for j, share in enumerate(shares)]
    floor = np.minimum(lows, _MOST / 2)
    return np.asarray(floor * min(1.0, (_MOST - 0.1) / max(float(floor.sum()), _NONE)))


def _chances(logs: Array, weights: Array, offset: Array) -> Array:
    made = np.tensordot(weights, logs, axes=1) + offset
    made -= made.max(axis=1, keepdims=True)
    np.exp(made, out=made)
    made /= made.sum(axis=1, keepdims=True)
    return np.asarray(made)


def _unbounded(total: float) -> float:
    return float(np.log(total / (_MOST - total)))
