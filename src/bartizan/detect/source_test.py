"""Which sources hold more labels that contradict their rows than the others do."""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, ndtr

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.errors import ShapeError

_EXACT = 2000
"""Rows of a source up to which the sum of its chances is computed exactly, which takes the square
of them. Beyond, a bound takes its place: the normal tail is far too light where labels are seldom
contrary (12 of 3,000 rows with a chance of 0.001 each have p = 0.00007, and 0.0000001 by it)."""
_MANY = 8
"""Sources from which on they tell how far honest ones are apart; of fewer, one odd one would."""
_MEDIAN = 0.4549
"""Median of a chi-square with one degree of freedom."""


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What is found of each source; entry s of every array belongs to source s."""

    rows: Ints
    """Rows it has."""
    contrary: Ints
    """Rows whose label is not the class expected of them."""
    expected: Array
    """How many there would be, were it like the others."""
    p: Array
    """Chance of as many contrary labels in an honest source; 1 where it has no row."""
    spread: float
    """Variance of honest sources, in units of what chance alone would give; at least 1."""

    @property
    def excess(self) -> Array:
        """Contrary labels beyond those expected, as a share of the source's rows."""
        return np.asarray((self.contrary - self.expected) / np.maximum(self.rows, 1))


def source_test(contrary: Mask, chance: Array, sources: Ints, *, count: int) -> Sources:
    """Test each source for labels that contradict their rows.

    Each row has a chance of a contrary label that is its own: hard rows have many, whoever sent
    them. A source is odd if it has more than its rows explain, and the other sources do not.
    Honest sources differ by more than chance, because models are wrong about some of them; how
    much, their own median tells, which a poisoned minority does not move.

    Args:
        contrary: Whether the label is not the expected one, shape (n,).
        chance: That an honest label is contrary, shape (n,), 0..1, by a model that saw neither
            the row nor its source.
        sources: Of each row, shape (n,), 0 to count - 1.
        count: Number of sources.

    Returns:
        One-sided p-values: of the exact distribution (Poisson-binomial; a bound of it beyond 2,000
        rows) and of the normal one with the variance of the sources, the larger.

    Raises:
        ShapeError: the arrays do not belong together.

    Cost:
        O(n) and the square of each source's rows up to 2,000.

    Source:
        Hong (2013), CSDA 59 (Poisson-binomial, here by convolution); Hoeffding (1956), Annals of
        Mathematical Statistics 27, theorem 5 (the bound); McCullagh and Nelder (1989), section
        4.5 (overdispersion; here from the median, so that odd sources do not hide themselves).
    """
    if not contrary.shape == chance.shape == sources.shape:
        message = f"got {contrary.shape} rows, {chance.shape} chances, {sources.shape} sources"
        raise ShapeError(message)
    rows = np.bincount(sources, minlength=count)
    found = np.bincount(sources[contrary], minlength=count)
    chance, doubt = _like_others(contrary, chance, sources, count=count)
    expected: Array = np.bincount(sources, weights=chance, minlength=count).astype(np.float64)
    variance = doubt + np.bincount(sources, weights=chance * (1 - chance), minlength=count)
    some = np.flatnonzero(variance > 0)
    steps = np.zeros(count)
    steps[some] = (found[some] - expected[some]) / np.sqrt(variance[some])
    spread = 1.0
    if len(some) >= _MANY:
        spread = max(float(np.median(steps[some] ** 2)) / _MEDIAN, 1.0)
    p = np.asarray(ndtr(-steps / np.sqrt(spread)))
    for one in np.flatnonzero(rows > 0):
        p[one] = max(p[one], _tail(chance[sources == one], int(found[one])))
    p[rows == 0] = 1.0
    return Sources(rows=rows, contrary=found, expected=expected, p=p, spread=spread)


def _like_others(
    contrary: Mask, chance: Array, sources: Ints, *, count: int
) -> tuple[Array, Array]:
    """Chances as the other sources have them, and how unsure that makes what is expected.

    Models are a little too sure of themselves. A source is compared with the others, so what is
    expected of it is what they turned out to have.

    Returns:
        Chances, shape (n,), never less than they were; a variance for each source.
    """
    expected = np.bincount(sources, weights=chance, minlength=count)
    variance = np.bincount(sources, weights=chance * (1 - chance), minlength=count)
    rest = expected.sum() - expected
    some = rest > 0
    more = np.bincount(sources[contrary], minlength=count)
    ratio, weight = np.ones(count), np.zeros(count)
    ratio[some] = np.maximum((more.sum() - more[some]) / rest[some], 1.0)
    weight[some] = expected[some] / rest[some]
    doubt = weight**2 * ratio * (variance.sum() - variance)
    return np.minimum(chance * ratio[sources], 1.0), doubt


def _tail(chances: Array, least: int) -> float:
    """Chance that at least so many happen; beyond `_EXACT` chances no less than that."""
    if len(chances) > _EXACT:
        return _bound(len(chances), float(chances.sum()), least)
    made = np.ones(1)
    for chance in chances:
        made = np.append(made * (1 - chance), 0.0) + np.append(0.0, made * chance)
    return float(np.clip(made[least:].sum(), 0.0, 1.0))


def _bound(rows: int, expected: float, least: int) -> float:
    """Chance that at least so many happen, or more than it.

    Of all sums of one mean the binomial has the heaviest tail from one above the mean on; nearer
    to the mean stands Markov's bound.
    """
    if least <= expected:
        return 1.0
    if least < expected + 1:
        return expected / least
    return float(betainc(least, rows - least + 1, expected / rows))
