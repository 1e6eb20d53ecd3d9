"""The fixed part of the card-fraud example: cardholders, merchants, and what things cost."""

from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import AnyArray, Array, Ints, Mask

DAYS = 30
"""Length of the stream: one month, the period that an issuer reviews."""
SIDE_KM = 600.0
"""Side of the square country that everybody lives in."""

CATEGORIES = (
    "grocery",
    "fuel",
    "restaurant",
    "fashion",
    "electronics",
    "travel",
    "gaming",
    "gift_card",
)
_SHARE = np.array([0.27, 0.12, 0.19, 0.14, 0.08, 0.07, 0.08, 0.05])
"""Share of the merchants in each category."""
MEDIAN_EURO = np.array([32.0, 45.0, 27.0, 58.0, 140.0, 210.0, 15.0, 50.0])
"""Median amount of a purchase in each category."""
LEAST_EURO = 0.5
"""No purchase is smaller."""
SPREAD = np.array([0.65, 0.35, 0.55, 0.65, 0.85, 0.9, 0.7, 0.5])
"""Standard deviation of the logarithm of the amount in each category."""
_ONLINE = np.array([0.1, 0.0, 0.15, 0.45, 0.5, 0.65, 0.95, 0.7])
"""Share of the merchants in each category that sell online."""
RESALE = np.array([0.2, 0.1, 0.1, 1.0, 4.0, 1.5, 2.0, 5.0])
"""How well goods of each category turn into cash: what draws a ring to a merchant."""
_FAVOURITES = 12
"""Shops that one cardholder keeps going back to."""
_NEAR_KM = 60.0
"""Distance over which the pull of a shop falls to 1/e."""


@dataclass(frozen=True)
class Cards:
    """Cardholders; every array has shape (cards,)."""

    east_km: Array
    north_km: Array
    habit: Array
    """Factor on the usual amount; 1 = typical."""
    activity: Array
    """Share of all purchases, sums to 1."""
    online: Array
    """Share of this cardholder's purchases made online, 0 to 1."""
    age_days: Ints
    """Days since the card was issued."""
    mean_euro: Array
    """Mean amount in the 30 days before the stream, as the issuer's books have it."""


@dataclass(frozen=True)
class Merchants:
    """Merchants; every array has shape (merchants,)."""

    east_km: Array
    north_km: Array
    category: Ints
    """Position in `CATEGORIES`."""
    online: Mask
    resale: Array
    """Weight with which a ring picks this merchant."""


@dataclass(frozen=True)
class World:
    """Who buys, and where."""

    cards: Cards
    merchants: Merchants
    favourites: Ints
    """Merchants near each home, shape (cards, favourites); online ones are not among them."""


def _cards(count: int, *, rng: np.random.Generator) -> Cards:
    activity = rng.gamma(1.5, size=count)
    habit = np.exp(rng.normal(0.0, 0.4, size=count))
    usual = float(_SHARE @ (MEDIAN_EURO * np.exp(SPREAD**2 / 2)))
    return Cards(
        east_km=rng.uniform(0, SIDE_KM, size=count),
        north_km=rng.uniform(0, SIDE_KM, size=count),
        habit=habit,
        activity=activity / activity.sum(),
        online=rng.beta(1.5, 3.0, size=count),
        age_days=np.minimum(30 + rng.exponential(900, size=count), 3650).astype(np.int64),
        # a month of purchases estimates the mean with an error of about a fifth
        mean_euro=np.round(usual * habit * np.exp(rng.normal(0.0, 0.2, size=count)), 2),
    )


def _merchants(count: int, *, rng: np.random.Generator) -> Merchants:
    category = rng.choice(len(CATEGORIES), size=count, p=_SHARE)
    category[: len(CATEGORIES)] = np.arange(len(CATEGORIES))  # every category occurs
    online = rng.random(count) < _ONLINE[category]
    online[:2] = (False, False)  # somewhere to walk to,
    online[6:8] = (True, True)  # and somewhere to click
    return Merchants(
        east_km=rng.uniform(0, SIDE_KM, size=count),
        north_km=rng.uniform(0, SIDE_KM, size=count),
        category=category,
        online=online,
        resale=RESALE[category] * rng.gamma(2.0, size=count),
    )


def distance_km(from_east: Array, from_north: Array, to_east: Array, to_north: Array) -> Array:
    """Straight-line distance in km; the arrays broadcast."""
    return np.asarray(np.hypot(from_east - to_east, from_north - to_north))


def _favourites(cards: Cards, merchants: Merchants, *, rng: np.random.Generator) -> Ints:
    """Draw shops without replacement, near ones first (Gumbel keys: a weighted draw)."""
    shops = np.flatnonzero(~merchants.online)
    away = distance_km(
        cards.east_km[:, None],
        cards.north_km[:, None],
        merchants.east_km[shops],
        merchants.north_km[shops],
    )
    keys = rng.gumbel(size=away.shape) - away / _NEAR_KM
    count = min(_FAVOURITES, len(shops))
    best: AnyArray = np.argpartition(-keys, count - 1, axis=1)[:, :count]
    return np.asarray(shops[best])


def build(n: int, *, rng: np.random.Generator) -> World:
    """Draw cardholders and merchants to match a stream of about n purchases.

    Args:
        n: Purchases in the stream, >= 1. There is a card for every 25 of them (nearly one a
            day) and a merchant for every 50, but at least 40 of each, and at most 400 merchants.
        rng: Source of chance.

    Returns:
        The world; equal arguments give an equal world.
    """
    cards = _cards(max(n // 25, 40), rng=rng)
    merchants = _merchants(min(max(n // 50, 40), 400), rng=rng)
    favourites = _favourites(cards, merchants, rng=rng)
    return World(cards=cards, merchants=merchants, favourites=favourites)
