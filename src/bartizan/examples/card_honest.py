"""Honest purchases of the card-fraud example."""

import numpy as np

from bartizan.core.arrays import AnyArray, Array, Ints, Mask
from bartizan.examples.card_purchases import DAY_MIN, HOUR_MIN, LENGTH_MIN, Purchases
from bartizan.examples.card_world import (
    LEAST_EURO,
    MEDIAN_EURO,
    SIDE_KM,
    SPREAD,
    World,
    distance_km,
)

_NIGHT = (1.2, 0.8, 0.5, 0.3, 0.3, 0.6)
_MORNING = (1.8, 3.5, 4.8, 5.2, 5.8, 6.8)
_AFTERNOON = (7.6, 6.2, 5.4, 5.6, 6.4, 7.8)
_EVENING = (8.2, 7.0, 5.6, 4.2, 2.9, 1.9)
_BY_HOUR = np.array([*_NIGHT, *_MORNING, *_AFTERNOON, *_EVENING])
"""Weight of each hour: noon and the way home are busy, the night is not empty."""
_SPREES = 0.15
"""Share of purchases that follow another one of the same card within minutes: a shopping trip."""
_SPREE_GAP_MIN = 20.0
_EXPLORING = 0.12
"""Share of purchases in shops that are not among the favourites."""
_TRAVELLING = 0.06
"""Share of purchases made while away from home."""
_JOURNEY_KM = (50.0, 2.5 * SIDE_KM)
_ONLINE_KM = 15.0
"""Mean distance from home of the place that an online order comes from: home, work, a train."""
_ABROAD = 0.35
"""Share of those journeys that cross a border."""
_SETTLED = 0.03
"""Share of home purchases that count as from abroad all the same (foreign shops online)."""
# Shops share one terminal among customers; people seldom buy a phone.
_DEVICE = {
    # familiar, shared, fresh
    "online": (0.78, 0.12, 0.10),
    "shop": (0.55, 0.44, 0.01),
}


def _times(n: int, *, rng: np.random.Generator) -> Ints:
    day = rng.integers(LENGTH_MIN // DAY_MIN, size=n)
    hour = rng.choice(24, size=n, p=_BY_HOUR / _BY_HOUR.sum())
    return np.asarray(day * DAY_MIN + hour * HOUR_MIN + rng.integers(HOUR_MIN, size=n))


def _trips(card: Ints, time_min: Ints, *, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Turn some purchases into followers of others: same card, a few minutes later."""
    card, time_min = card.copy(), time_min.copy()
    follows = np.flatnonzero(rng.random(len(card)) < _SPREES)
    leader = rng.integers(len(card), size=len(follows))
    gap = np.ceil(rng.exponential(_SPREE_GAP_MIN, size=len(follows))).astype(np.int64)
    card[follows] = card[leader]
    time_min[follows] = np.minimum(time_min[leader] + gap, LENGTH_MIN - 1)
    return card, time_min


def _merchants(card: Ints, online: Mask, *, world: World, rng: np.random.Generator) -> Ints:
    n = len(card)
    clicks = np.flatnonzero(world.merchants.online)
    shops = np.flatnonzero(~world.merchants.online)
    usual = world.favourites[card, rng.integers(world.favourites.shape[1], size=n)]
    exploring = rng.random(n) < _EXPLORING
    walked = np.where(exploring, rng.choice(shops, size=n), usual)
    return np.where(online, rng.choice(clicks, size=n), walked)


def _cents(category: Ints, habit: AnyArray, *, rng: np.random.Generator) -> Ints:
    """Log-normal amounts around the category's median, scaled by the cardholder's habit."""
    euros = MEDIAN_EURO[category] * habit * np.exp(rng.normal(0.0, SPREAD[category]))
    return np.asarray(np.round(np.maximum(euros, LEAST_EURO) * 100), dtype=np.int64)


def _places(
    card: Ints, merchant: Ints, *, online: Mask, world: World, rng: np.random.Generator
) -> tuple[Array, Mask]:
    """How far from home each purchase is made (shape (n,), km), and whether across a border."""
    cards, merchants, n = world.cards, world.merchants, len(card)
    shop_km = distance_km(
        cards.east_km[card],
        cards.north_km[card],
        merchants.east_km[merchant],
        merchants.north_km[merchant],
    )
    near_km = np.where(online, rng.exponential(_ONLINE_KM, size=n), shop_km)
    away = rng.random(n) < _TRAVELLING
    journey_km = rng.uniform(*_JOURNEY_KM, size=n)
    abroad = rng.random(n) < np.where(away, _ABROAD, np.where(online, _SETTLED, 0.0))
    return np.where(away, journey_km, near_km), np.asarray(abroad)


def _devices(online: Mask, *, rng: np.random.Generator) -> Ints:
    draw = rng.random(len(online))
    limits = {key: np.cumsum(shares)[:-1] for key, shares in _DEVICE.items()}
    return np.where(
        online,
        np.searchsorted(limits["online"], draw),
        np.searchsorted(limits["shop"], draw),
    )


def purchases(n: int, *, world: World, rng: np.random.Generator) -> Purchases:
    """Draw n purchases that their cardholders made.

    Args:
        n: How many, >= 1.
        world: Who buys where.
        rng: Source of chance.

    Returns:
        Purchases in no particular order, none of them fraud.
    """
    cards = world.cards
    card = rng.choice(len(cards.activity), size=n, p=cards.activity)
    card, time_min = _trips(card, _times(n, rng=rng), rng=rng)
    online = rng.random(n) < cards.online[card]
    merchant = _merchants(card, online, world=world, rng=rng)
    km, abroad = _places(card, merchant, online=online, world=world, rng=rng)
    category = world.merchants.category[merchant]
    return Purchases(
        card=card,
        time_min=time_min,
        merchant_category=category,
        cents=_cents(category, cards.habit[card], rng=rng),
        online=online,
        device=_devices(online, rng=rng),
        distance_km=km,
        abroad=abroad,
        fraud=np.zeros(n, dtype=bool),
    )
