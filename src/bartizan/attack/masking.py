"""Signs that a model hides its gradient, so that a gradient attack says little about it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from scipy.special import betaincinv

from bartizan.attack import pgd
from bartizan.attack.differences import Compared, compare
from bartizan.attack.losses import margin
from bartizan.attack.sweep import Leg
from bartizan.attack.terrain import Terrain
from bartizan.attack.unseen import unseen
from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.constraint import Constraint, within
from bartizan.core.oracle import Oracle

Flag: TypeAlias = Literal[
    "vanished", "foreign", "unseen", "beaten", "unreached", "rising", "restless", "soft"
]

_BLIND = 0.1
"""Share of rows with mostly useless gradients above which they count as vanished; single rows on
a flat spot of a sound network are no sign."""
_FOREIGN = 0.25
"""Share of the rows that could be compared whose gradient may be another one than that of the
scores; single rows lie so near a bend that no step size is small enough."""
_FEW = 0.1
"""Share of all rows that it must be at least: of a saturated model few rows can be compared, and
they lie on the edge of what single precision shows."""
_UNSEEN = 0.25
"""Share of the rows whose scores are moved by what the gradient leaves out."""
_BEATEN = 0.002
"""Share of rows that a black box may break beyond the white box: AutoAttack's 0.2 points."""
_UNREACHED = 0.01
"""Share of rows that an attack without a budget may fail on."""
_RISING = 0.25
"""Share of unbroken rows whose loss may still rise at the last step."""
_STEEP = 0.05
"""A loss still rises if its last tenth of the steps lies so much of the whole climb above the
tenth before; a climb that never slows gains 0.1 there."""
_SAME = 1e-6
"""Relative difference of two answers to one question: rounding in single precision."""
_LEVEL = 0.95
"""Of the one-sided bound."""


@dataclass(frozen=True)
class Probe:
    """What a short walk uphill showed of a model."""

    value: Array
    """The margin at every step, shape (steps, n); not a number once a row broke."""
    restless: Mask
    """Whether the same question got two answers, shape (n,)."""
    soft: bool
    """Whether the scores are plain probabilities where logits were said."""
    compared: Compared
    """Whether the gradient is that of the scores."""
    unseen: Mask
    """Whether numbers that the gradient leaves out move the scores, shape (n,)."""


def probe(
    oracle: Oracle, constraint: Constraint, x: Array, *, rng: np.random.Generator, steps: int = 40
) -> Probe:
    """Ask the same question twice, climb within the budget, compare gradient and differences.

    A few dozen rows are enough.

    Args:
        oracle: The model, with gradients; its rows are those of `x`.
        constraint: What the attacker may change.
        x: Rows, shape (n, d).
        rng: Source of the directions of the comparison.
        steps: Of the climb.

    Cost:
        Five gradients and one for each step and row, and 10 to 51 answers.
    """
    terrain = Terrain(oracle, constraint, x)
    value, answers = np.full((steps, len(x)), np.nan), np.full((2, len(x), oracle.k), np.nan)
    loss = margin(oracle)
    for answer in answers:
        _note(terrain, answer)
    seen = {"steps": 0}

    def noting(scores: Array, rows: Ints) -> tuple[Array, Array]:
        values, slopes = loss(scores, rows)
        value[seen["steps"], rows] = values
        seen["steps"] += 1
        return values, slopes

    patch = terrain.patch(np.arange(len(x)))
    if len(patch.rows):
        start = np.zeros(patch.low.shape)
        pgd.climb(terrain, patch, start, loss=noting, leg=Leg(1.0, steps, decides=True))
    compared = compare(oracle, constraint, x, rng=rng)
    return Probe(
        value=value,
        restless=_differ(*answers),
        soft=_is_soft(answers[0]),
        compared=compared,
        unseen=unseen(oracle, constraint, x, rng=rng),
    )


def _note(terrain: Terrain, answer: Array) -> None:
    """Scores of the original rows into `answer`, shape (n, k)."""
    patch = terrain.patch(np.arange(len(answer)))

    def noting(scores: Array, rows: Ints) -> tuple[Array, Array]:
        answer[rows] = scores
        return np.zeros(len(scores)), np.zeros_like(scores)

    if len(patch.rows):
        terrain.look(patch, np.zeros(patch.low.shape), noting)


def _differ(first: Array, second: Array) -> Mask:
    with np.errstate(invalid="ignore"):
        apart = np.abs(first - second) > _SAME * np.maximum(np.abs(first), np.abs(second))
    return np.asarray(apart.any(axis=1))


def _is_soft(scores: Array) -> bool:
    with np.errstate(invalid="ignore"):
        inside = bool(((scores >= 0) & (scores <= 1)).all())
    return inside and bool(np.allclose(scores.sum(axis=1), 1.0, rtol=0, atol=1e-4))


@dataclass(frozen=True)
class Signs:
    """How much speaks for a hidden gradient; each number is larger = more suspicious."""

    vanished: float
    """Mean share of gradients that were zero or not finite."""
    blind: float
    """Share of rows for which most of them were."""
    foreign: float | None
    """Share of the rows that could be compared whose scores change otherwise than the gradient
    says."""
    unseen: float | None
    """Share of the rows whose scores are moved by numbers that the gradient leaves out. An attack
    without gradients makes up for it, so the sign counts where none got to half of the rows."""
    beaten: int | None
    """Rows that a black box broke within the budget, and the white box did not."""
    compared: int
    """Rows that both asked about."""
    rows: int
    """Rows of the white box."""
    beaten_low: float | None
    """Lower 95 % bound of that share, exact."""
    unreached: float | None
    """Share of rows that an attack without a budget did not break. It may be honest where bounds
    or immutable columns leave no way."""
    rising: float | None
    """Share of the unbroken rows whose loss still rose at the last step."""
    restless: float | None
    """Share of rows where the same question got two answers."""
    soft: bool
    """Whether scores are probabilities where logits were said: losses saturate twice."""

    @property
    def flags(self) -> tuple[Flag, ...]:
        """What is above its line; any of them means that the white box proves nothing alone."""
        raised: dict[Flag, bool] = {
            "vanished": self.blind > _BLIND,
            "foreign": (self.foreign or 0.0) > _FOREIGN,
            "unseen": 2 * self.compared < self.rows and (self.unseen or 0.0) > _UNSEEN,
            "beaten": (self.beaten_low or 0.0) > _BEATEN,
            "unreached": (self.unreached or 0.0) > _UNREACHED,
            "rising": (self.rising or 0.0) > _RISING,
            "restless": (self.restless or 0.0) > 0,
            "soft": self.soft,
        }
        return tuple(flag for flag, up in raised.items() if up)


def signs(
    price: Array,
    vanished: Array,
    *,
    budget: float,
    black: Array | None = None,
    free: Array | None = None,
    probed: Probe | None = None,
) -> Signs:
    """Gather the signs from what was measured.

    Args:
        price: Of the white-box attack, shape (n,); infinity where nothing was found.
        vanished: Its share of useless gradients, shape (n,).
        budget: In the unit of the prices.
        black: Prices of attacks without gradients on the same rows, shape (n,); not a number
            for rows that they did not get to.
        free: Prices of an attack that knows no budget, such as FMN, shape (rows,).
        probed: Of `probe`, on rows of the same kind.

    Source:
        Croce and Hein (2020), AutoAttack, and the flags in its `flags_doc`: randomised answers,
        softmax outputs, zero gradients, and Square lowering robust accuracy by more than 0.2
        points. Optimisation at inference, its fifth, cannot be told from arrays; it shows as
        `vanished` or `beaten`. Carlini et al. (2019), arXiv:1902.06705, section 3: no budget must
        mean full success, and black boxes must not do better. Pintor et al. (2022), "Indicators of
        attack failure", arXiv:2106.09947: the loss must have settled.
    """
    beaten = None if black is None else within(black, budget) & ~within(price, budget)
    count = None if beaten is None else int(beaten.sum())
    compared = 0 if black is None else int((~np.isnan(black)).sum())
    return Signs(
        vanished=_share(vanished),
        blind=_share(vanished > 0.5),
        foreign=None if probed is None else _foreign(probed.compared),
        unseen=None if probed is None else _share(probed.unseen),
        beaten=count,
        compared=compared,
        rows=len(price),
        beaten_low=None if count is None else _at_least(count, compared),
        unreached=None if free is None else _share(~np.isfinite(free)),
        rising=None if probed is None else _rising(probed.value),
        restless=None if probed is None else _share(probed.restless),
        soft=probed is not None and probed.soft,
    )


def _share(values: Array | Mask) -> float:
    return float(values.mean()) if len(values) else 0.0


def _foreign(compared: Compared) -> float:
    """Share of the rows that differences could say anything of; 0 if these are too few."""
    told = compared.agrees | compared.differs
    return _share(compared.differs[told]) if _share(compared.differs) > _FEW else 0.0


def _at_least(hits: int, n: int) -> float:
    """Lower bound of a share, exact (Clopper and Pearson, 1934)."""
    return float(betaincinv(hits, n - hits + 1, 1 - _LEVEL)) if hits else 0.0


def _rising(value: Array) -> float:
    """Share of rows that were climbed to the end and would have gone on; (steps, n) -> share."""
    tenth = max(len(value) // 10, 1)
    kept = value[:, np.isfinite(value).all(axis=0)]
    if len(value) < 2 * tenth + 1 or not kept.shape[1]:
        return 0.0
    whole = kept.max(axis=0) - kept[0]
    late = kept[-tenth:].mean(axis=0) - kept[-2 * tenth : -tenth].mean(axis=0)
    return _share((whole > 0) & (late > _STEEP * whole))
