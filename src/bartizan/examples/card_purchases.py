"""Purchases of the card-fraud example, and what a purchase looks like to the issuer."""

from dataclasses import dataclass, fields

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.examples.card_world import DAYS, Cards

DEVICES = ("familiar", "shared", "fresh")
"""What the issuer knows of the terminal, phone or computer: seen with this card before, seen
with several cards, never seen."""
DAY_MIN = 1440
HOUR_MIN = 60
LENGTH_MIN = DAYS * DAY_MIN


@dataclass(frozen=True)
class Purchases:
    """Purchases in any order; every array has shape (n,)."""

    card: Ints
    time_min: Ints
    """Minutes since the stream began."""
    merchant_category: Ints
    cents: Ints
    online: Mask
    device: Ints
    """Position in `DEVICES`."""
    distance_km: Array
    """From the cardholder's home to the shop, or to where the online order came from."""
    abroad: Mask
    fraud: Mask
    """The truth; what ends in the books is `charged_back`."""

    def take(self, rows: Ints) -> "Purchases":
        """Some of the purchases, in the order given."""
        return Purchases(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def join(parts: tuple[Purchases, ...]) -> Purchases:
    """All purchases of several sources."""
    names = [f.name for f in fields(Purchases)]
    return Purchases(**{k: np.concatenate([getattr(p, k) for p in parts]) for k in names})


@dataclass(frozen=True)
class History:
    """What the card did just before each purchase; every array has shape (n,)."""

    minutes_since_last: Ints
    n_1h: Ints
    """Purchases on the card in the last hour, this one included."""
    n_24h: Ints
    earlier_cents: Ints
    """Spent on the card in the last 24 hours, this purchase not included."""


def history(bought: Purchases, *, cards: Cards, rng: np.random.Generator) -> History:
    """Look back from each purchase along its card.

    Args:
        bought: Sorted by card, then by time, shape (n,).
        cards: Their owners.
        rng: Draws the wait before the first purchase that the stream shows of each card, which
            began before the stream did.

    Returns:
        One entry for each purchase, in the same order.
    """
    # One axis for all cards, each far enough from the next that windows never overlap.
    axis = bought.card * (LENGTH_MIN + 2 * DAY_MIN) + bought.time_min
    here = np.arange(len(axis))
    day = np.searchsorted(axis, axis - DAY_MIN, side="right")
    hour = np.searchsorted(axis, axis - HOUR_MIN, side="right")
    before = np.concatenate([[0], np.cumsum(bought.cents)])
    per_card = np.maximum(cards.activity * len(axis), 1.0)
    wait = np.round(rng.exponential(LENGTH_MIN / per_card[bought.card])).astype(np.int64)
    first = np.concatenate([[True], bought.card[1:] != bought.card[:-1]])
    gap = np.diff(bought.time_min, prepend=0)
    # the first purchase of a card follows one from before the stream began
    return History(
        minutes_since_last=np.where(first, bought.time_min + 1 + wait, gap),
        n_1h=here - hour + 1,
        n_24h=here - day + 1,
        earlier_cents=before[here] - before[day],
    )


def charged_back(fraud: Mask, *, rng: np.random.Generator) -> Mask:
    """What the books say: some fraud is never noticed, some honest purchases are disputed.

    Source:
        Our own assumption: 5 % of fraud is never reported, and 1 honest purchase in 5,000 is
        charged back. The shares only have to be small and not zero, so that no model can be
        perfect.
    """
    unnoticed, disputed = 0.05, 0.0002
    chance = np.where(fraud, 1 - unnoticed, disputed)
    return np.asarray(rng.random(len(fraud)) < chance)
