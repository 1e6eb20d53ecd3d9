"""Fraud of the card-fraud example: rings that buy stolen cards by the batch."""

from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import AnyArray, Array, Ints, Mask
from bartizan.examples.card_purchases import DAY_MIN, HOUR_MIN, LENGTH_MIN, Purchases
from bartizan.examples.card_world import MEDIAN_EURO, SIDE_KM, SPREAD, World

_HITS = 3
"""Stolen cards in a ring's batch. Real batches are larger; at 20,000 purchases three give some
thirty rings, enough that the last part of the stream holds kinds the first part showed."""
_SHOPS = 3
"""Merchants that one ring uses."""
_RING_DAYS = 3.0
"""How long a batch stays good before the issuer has blocked most of it."""
_USES = 5
"""Most purchases on one stolen card: at most two tests, then the theft."""
_TEST_EURO = 2.5
"""Median of a test purchase: small enough not to be missed."""
_GREED = (5.0, 1.3)
"""Factor on the usual amount, for the most reckless and for the most careful ring."""
_GAP_MIN = (6.0, 400.0)
"""Mean minutes between uses of one card, for the most reckless and the most careful ring."""
_IN_SHOPS = 0.12
"""Share of fraud made with a copied card in a shop."""


@dataclass(frozen=True)
class _Rings:
    """Every array has shape (rings,) unless said."""

    start_min: Ints
    care: Array
    """0 = reckless, 1 = blends in."""
    away_km: Array
    """How far from the victims' homes the ring appears to be."""
    abroad: Mask
    merchants: Ints
    """Shape (rings, shops)."""


def _rings(count: int, *, world: World, rng: np.random.Generator) -> _Rings:
    care = rng.beta(2.0, 2.0, size=count)
    keys = rng.gumbel(size=(count, len(world.merchants.resale))) + np.log(world.merchants.resale)
    return _Rings(
        start_min=rng.integers(LENGTH_MIN - int(_RING_DAYS * DAY_MIN), size=count),
        care=care,
        # careful rings hide behind proxies near their victims
        away_km=rng.uniform(20.0, 2 * SIDE_KM, size=count) * np.where(care > 0.5, 0.15, 1.0),
        abroad=rng.random(count) < 0.6 * (1 - care),
        merchants=np.argpartition(-keys, _SHOPS - 1, axis=1)[:, :_SHOPS],
    )


def _between(ends: tuple[float, float], care: Array) -> AnyArray:
    """Interpolate on the logarithm from the reckless to the careful end."""
    low, high = np.log(ends[0]), np.log(ends[1])
    return np.exp(low + (high - low) * care)


def _uses(hits: int, *, care: Array, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Lay out the purchases on each stolen card.

    Returns:
        (hit, step, tests), each (uses,): which stolen card, the how-manieth use of it, and how
        many of its uses are tests. Careful rings test less and stop earlier.
    """
    tests = rng.binomial(2, 0.75 - 0.6 * care)
    thefts = 1 + rng.binomial(_USES - 3, 0.8 - 0.7 * care)
    uses = tests + thefts
    hit = np.repeat(np.arange(hits), uses)
    step = np.arange(len(hit)) - np.repeat(np.cumsum(uses) - uses, uses)
    return hit, step, tests[hit]


def _times(hit: Ints, step: Ints, *, start: Ints, gap: Array, rng: np.random.Generator) -> Ints:
    """Minutes of each use: the first when the ring gets to the card, the next ones after gaps."""
    first = start[hit] + rng.integers(int(_RING_DAYS * DAY_MIN), size=start.shape)[hit]
    waits = np.where(step == 0, 0.0, np.ceil(rng.exponential(gap[hit])))
    total = np.cumsum(waits)
    since_first = total - total[np.flatnonzero(step == 0)][hit]
    return np.asarray(np.minimum(first + since_first, LENGTH_MIN - 1), dtype=np.int64)


def _daytime(time_min: Ints, *, care: Array, rng: np.random.Generator) -> Ints:
    """Careful rings move night purchases into the shopping hours of the same day."""
    hour = time_min // HOUR_MIN % 24
    shifted = time_min + (rng.integers(9, 21, size=len(hour)) - hour) * HOUR_MIN
    return np.where((hour < 8) & (rng.random(len(hour)) < care), shifted, time_min)


def purchases(n: int, *, world: World, rng: np.random.Generator) -> Purchases:
    """Draw n fraudulent purchases.

    Args:
        n: How many, >= 1.
        world: Whose cards are stolen, and where they are used.
        rng: Source of chance.

    Returns:
        Purchases in no particular order, all of them fraud. The last ring may be cut short.
    """
    hits = n  # each stolen card is used at least once
    ring = np.arange(hits) // _HITS
    rings = _rings(int(ring[-1]) + 1, world=world, rng=rng)
    care = np.clip(rings.care[ring] + rng.normal(0.0, 0.1, size=hits), 0.0, 1.0)
    hit, step, tests = (part[:n] for part in _uses(hits, care=care, rng=rng))
    time_min = _times(hit, step, start=rings.start_min[ring], gap=_between(_GAP_MIN, care), rng=rng)
    card = rng.integers(len(world.cards.habit), size=hits)[hit]
    merchant = rings.merchants[ring[hit], rng.integers(_SHOPS, size=n)]
    category = world.merchants.category[merchant]
    habit = world.cards.habit[card]
    theft = MEDIAN_EURO[category] * habit * _between(_GREED, care[hit])
    euros = np.where(step < tests, _TEST_EURO, theft) * np.exp(
        rng.normal(0.0, np.where(step < tests, 0.5, 0.7 * SPREAD[category]))
    )
    return Purchases(
        card=card,
        time_min=_daytime(time_min, care=care[hit], rng=rng),
        merchant_category=category,
        cents=np.round(np.maximum(euros, 0.5) * 100).astype(np.int64),
        online=rng.random(n) >= _IN_SHOPS,
        device=_devices(care[hit], rng=rng),
        distance_km=rings.away_km[ring[hit]] * np.exp(rng.normal(0.0, 0.15, size=n)),
        abroad=rings.abroad[ring[hit]],
        fraud=np.ones(n, dtype=bool),
    )


def _devices(care: Array, *, rng: np.random.Generator) -> Ints:
    """Reckless rings reuse one phone for all cards; careful ones imitate the victim's."""
    draw = rng.random(len(care))
    familiar = 0.05 + 0.45 * care
    shared = familiar + 0.6 * (1 - care)
    return np.where(draw < familiar, 0, np.where(draw < shared, 1, 2))
