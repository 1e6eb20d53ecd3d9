"""The worked example: a stream of card payments with fraud rings in it, made up from a seed.

Nothing here is anybody's data. `docs/example-card-fraud.md` gives the reason for every choice.
"""

from typing import TYPE_CHECKING

import numpy as np

from bartizan.core.arrays import Mask
from bartizan.core.attacker import Attacker, Reach
from bartizan.core.errors import UsageError
from bartizan.core.schema import Feature, Schema
from bartizan.core.streams import rng as stream_rng
from bartizan.examples import card_honest, card_purchases, card_rings, card_world
from bartizan.examples.card_purchases import DEVICES, HOUR_MIN, History, Purchases
from bartizan.examples.card_world import CATEGORIES, Cards

if TYPE_CHECKING:
    import polars as pl

TARGET = "is_fraud"
"""Name of the label: 1 = charged back as fraud."""
_FRAUD = 0.016
"""Share of purchases that are fraud. Far above real life (a few in 10,000), so that a demo of
20,000 rows holds enough of them to say something."""
_MIN_ROWS = 500
"""Fewer rows hold fewer than eight frauds, less than one ring."""
_MONEY_EURO = 60.0
"""What the fraudster spends, or forgoes, on one purchase: a quarter of an average theft."""


def stream(*, n: int, seed: int) -> "pl.DataFrame":
    """Make up a month of card payments, in the order of time.

    Args:
        n: Rows, at least 500.
        seed: Seed, >= 0; equal seeds give equal streams.

    Returns:
        n rows: the features of `schema()`, in its order, then the label `is_fraud` (0 or 1).

    Raises:
        UsageError: n is below 500.

    Cost:
        About 0.1 s for 20,000 rows.

    Example:
        >>> stream(n=500, seed=7).columns[:3]
        ['amount', 'amount_earlier_24h', 'amount_24h']
    """
    if n < _MIN_ROWS:
        message = f"expected at least {_MIN_ROWS} rows, got {n}: fewer do not hold one fraud ring"
        raise UsageError(message)
    stolen = round(_FRAUD * n)
    world = card_world.build(n, rng=stream_rng(seed, "card-fraud", "world"))
    honest = card_honest.purchases(
        n - stolen, world=world, rng=stream_rng(seed, "card-fraud", "honest")
    )
    fraud = card_rings.purchases(stolen, world=world, rng=stream_rng(seed, "card-fraud", "rings"))
    bought = card_purchases.join((honest, fraud))
    bought = bought.take(np.lexsort((bought.time_min, bought.card)))
    rng = stream_rng(seed, "card-fraud", "books")
    past = card_purchases.history(bought, cards=world.cards, rng=rng)
    disputed = card_purchases.charged_back(bought.fraud, rng=rng)
    frame = _frame(bought, past, cards=world.cards, charged_back=disputed)
    return frame[np.argsort(bought.time_min, kind="stable")]


def _frame(bought: Purchases, past: History, *, cards: Cards, charged_back: Mask) -> "pl.DataFrame":
    """Put the columns into the order and the words of the schema."""
    import polars as pl  # noqa: PLC0415  # importing Bartizan must not load it

    return pl.DataFrame(
        {
            "amount": bought.cents / 100,
            "amount_earlier_24h": past.earlier_cents / 100,
            "amount_24h": (bought.cents + past.earlier_cents) / 100,
            "avg_amount_30d": cards.mean_euro[bought.card],
            "hour": bought.time_min // HOUR_MIN % 24,
            "minutes_since_last": past.minutes_since_last,
            "n_tx_1h": past.n_1h,
            "n_tx_24h": past.n_24h,
            "card_age_days": cards.age_days[bought.card],
            "distance_km": np.round(bought.distance_km, 1),
            "is_online": bought.online.astype(np.int64),
            "merchant_category": np.array(CATEGORIES)[bought.merchant_category],
            "device": np.array(DEVICES)[bought.device],
            "country_match": np.where(bought.abroad, "no", "yes"),
            TARGET: charged_back.astype(np.int64),
        }
    )


def schema() -> Schema:
    """Say what each column holds, and what holds between them."""
    return Schema(
        features=(
            Feature(name="amount", min=0.5),
            Feature(name="amount_earlier_24h", min=0.0),
            Feature(name="amount_24h", min=0.5),
            Feature(name="avg_amount_30d", min=0.0),
            Feature(name="hour", type="integer", min=0, max=23),
            Feature(name="minutes_since_last", type="integer", min=0),
            Feature(name="n_tx_1h", type="integer", min=1),
            Feature(name="n_tx_24h", type="integer", min=1),
            Feature(name="card_age_days", type="integer", min=0),
            Feature(name="distance_km", min=0.0),
            Feature(name="is_online", type="integer", min=0, max=1),
            Feature(name="merchant_category", type="categorical", categories=CATEGORIES),
            Feature(name="device", type="categorical", categories=DEVICES),
            Feature(name="country_match", type="categorical", categories=("no", "yes")),
        ),
        relations=(
            "amount_24h = amount + amount_earlier_24h",
            "n_tx_1h <= n_tx_24h",
        ),
    )


def attacker() -> Attacker:
    """Describe the fraudster: sees accept or decline, pays in euro, wants fraud to pass.

    The reasons for each price stand in `docs/example-card-fraud.md`.
    """
    fixed = Reach(mutable=False)
    return Attacker(
        name="fraudster",
        access="labels",
        goal="any",
        protected=("1",),
        money=_MONEY_EURO,
        features={
            "amount": Reach(direction="down", cost=1.0),  # a euro not stolen is a euro lost
            "amount_earlier_24h": fixed,
            "amount_24h": Reach(cost=0.0),  # follows from the amount
            "avg_amount_30d": fixed,
            "hour": Reach(cost=2.0),  # each hour the card may be blocked
            "minutes_since_last": Reach(direction="up", cost=0.03),  # the same risk by the minute
            "n_tx_1h": Reach(direction="down", cost=6.0),  # a test not made: the card may be dead
            "n_tx_24h": Reach(direction="down", cost=6.0),
            "card_age_days": fixed,
            "distance_km": Reach(cost=0.05),  # a proxy or a runner nearer to the victim
            "is_online": fixed,
            "merchant_category": Reach(cost=150.0),  # another mule merchant account
            "device": Reach(cost=20.0),  # a fresh device, or a profile that imitates one
            "country_match": Reach(cost=15.0),  # a proxy in the victim's country
        },
    )
