"""Fraud of the card-fraud example: rings that buy stolen cards by the batch."""

from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.examples.card_purchases import DAY_MIN, HOUR_MIN, LENGTH_MIN, Purchases
from bartizan.examples.card_world import LEAST_EURO, MEDIAN_EURO, SIDE_KM, SPREAD, World

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
# Pairs: the most reckless ring, and the most careful one. Which is which is what a model learns.
_GREED = (5.0, 1.3)
"""Factor on the usual amount."""
_GAP_MIN = (6.0, 400.0)
"""Mean minutes between uses of one card."""
_TESTING = (0.75, 0.15)
"""Chance of each of two test purchases."""
_REPEATING = (0.8, 0.1)
"""Chance of each theft after the first."""
_IMITATING = (0.05, 0.5)
"""Chance that the device looks like the victim's own."""
_REUSING = (0.6, 0.0)
"""Chance that it is one that served for other cards."""
_ABROAD = (0.6, 0.0)
"""Chance that a ring sits in another country."""
_HIDDEN = 0.15
"""Share that is left of the distance to the victims, for the careful half: they use proxies."""
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
        away_km=rng.uniform(20.0, 2 * SIDE_KM, size=count) * np.where(care > 0.5, _HIDDEN, 1.0),
        abroad=rng.random(count) < _between(_ABROAD, care),
        merchants=np.argpartition(-keys, _SHOPS - 1, axis=1)[:, :_SHOPS],
    )


def _between(ends: tuple[float, float], care: Array) -> Array:
    """Interpolate from the reckless to the careful end."""
    return ends[0] + (ends[1] - ends[0]) * care


def _between_logs(ends: tuple[float, float], care: Array) -> Array:
    """The same for factors and durations: halfway is the geometric mean."""
    return np.asarray(np.exp(_between((np.log(ends[0]), np.log(ends[1])), care)))


def _uses(hits: int, *, care: Array, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Lay out the purchases on each stolen card.

    Returns:
        (hit, step, tests), each (uses,): which stolen card, the how-manieth use of it, and how
        many of its uses are tests. Careful rings test less and stop earlier.
    """
    tests = rng.binomial(2, _between(_TESTING, care))
    thefts = 1 + rng.binomial(_USES - 3, _between(_REPEATING, care))
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
    gap = _between_logs(_GAP_MIN, care)
    time_min = _times(hit, step, start=rings.start_min[ring], gap=gap, rng=rng)
    card = rng.integers(len(world.cards.habit), size=hits)[hit]
    merchant = rings.merchants[ring[hit], rng.integers(_SHOPS, size=n)]
    category = world.merchants.category[merchant]
    usual = MEDIAN_EURO[category] * world.cards.habit[card]
    theft = usual * _between_logs(_GREED, care[hit])
    return Purchases(
        card=card,
        time_min=_daytime(time_min, care=care[hit], rng=rng),
        merchant_category=category,
        cents=_cents(theft, test=step < tests, spread=SPREAD[category], rng=rng),
        online=rng.random(n) >= _IN_SHOPS,
        device=_devices(care[hit], rng=rng),
        distance_km=rings.away_km[ring[hit]] * np.exp(rng.normal(0.0, 0.15, size=n)),
        abroad=rings.abroad[ring[hit]],
        fraud=np.ones(n, dtype=bool),
    )


def _cents(theft: Array, *, test: Mask, spread: Array, rng: np.random.Generator) -> Ints:
    """Amounts of tests and thefts; thefts vary less than purchases, for a ring has a routine."""
    noise = rng.normal(0.0, np.where(test, 0.5, 0.7 * spread))
    euros = np.maximum(np.where(test, _TEST_EURO, theft) * np.exp(noise), LEAST_EURO)
    return np.asarray(np.round(euros * 100), dtype=np.int64)


def _devices(care: Array, *, rng: np.random.Generator) -> Ints:
    """Reckless rings reuse one phone for all cards; careful ones imitate the victim's."""
    draw = rng.random(len(care))
    familiar = _between(_IMITATING, care)
    shared = familiar + _between(_REUSING, care)
    return np.where(draw < familiar, 0, np.where(draw < shared, 1, 2))
