"""Labels that are honest, or drawn without regard to their rows: a mixture, fitted."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bartizan.core.arrays import Array, Ints

FLOOR = 1e-4
"""Chance that a source of evidence is taken to give at least: nothing rests on the tenth digit of a
model's confidence."""
MOST = 0.9
"""Chance at most that a label says nothing about its row. Above it nobody could learn anything."""
_TOP = 0.999 * MOST
"""The most noise that is tried."""
_DOUBT = 0.5
"""Rate at which more noise is less likely beforehand. Where labels tell nothing of it, as where no
class can be told from another, none is assumed; one row outweighs it."""
HALF = 1.92
"""Fall of the log-likelihood at the ends of a 95 % interval: half of chi-square's 3.84."""
_STEPS = 100
"""Steps of the fit at most; 20 to 60 are usual."""
_START = 0.05
"""Chance of noise at which the fit starts."""
NONE = 1e-6
"""Chance of noise that stands for none."""
_HALVINGS = 4
"""Times that the end of an interval is halved: it is then known to a sixteenth of its width."""
_WIDE = 30.0
"""Parameters are logarithms: beyond e^30 lies nothing."""


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
        return np.asarray(np.log(np.maximum(bent, FLOOR**2)))

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
        total = MOST / (1 + float(np.exp(-told[m])))
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
                [(by_total - _DOUBT) * total * (1 - total / MOST)],
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
        return share if share > NONE else 0.0

    def honest(self, evidence: Sequence[Array]) -> Array:
        """Chance of each class, were labels honest, shape (n, k)."""
        weights, offset, _, _ = self.mixture.parted(self.told)
        logs = np.stack([self.mixture.cleared(part) for part in evidence])
        return _chances(logs, weights, offset)

    def interval(self) -> tuple[float, float]:
        """95 % limits of the share, by profile likelihood."""
        best = float(self.noise.sum())
        low, high = NONE, min(best + 2 / len(self.mixture.y), _TOP)
        while high < _TOP and not self._fallen(high)[0]:
            high = min(best + 2 * (high - best), _TOP)
        if best <= 2 * NONE or not self._fallen(low)[0]:
            return 0.0, self._limit(best, high)
        return self._limit(best, low), self._limit(best, high)

    def _fallen(self, total: float) -> tuple[bool, "Fit"]:
        """Whether the likelihood is too low where so much is noise."""
        fit = self.mixture.fitted(self.told, total=total)
        return fit.surprise - self.surprise > HALF, fit

    def _limit(self, inner: float, outer: float) -> float:
        """The share at the end of the interval between two chances of noise, the wider one."""
        for _ in range(_HALVINGS):
            middle = (outer + inner) / 2
            if self._fallen(middle)[0]:
                outer = middle
            else:
                inner = middle
        return self._fallen(outer)[1].share


def _chances(logs: Array, weights: Array, offset: Array) -> Array:
    made = np.tensordot(weights, logs, axes=1) + offset
    made -= made.max(axis=1, keepdims=True)
    np.exp(made, out=made)
    made /= made.sum(axis=1, keepdims=True)
    return np.asarray(made)


def _unbounded(total: float) -> float:
    return float(np.log(total / (MOST - total)))
