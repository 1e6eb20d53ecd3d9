"""What a patient fraud ring does to the next training: purchases that teach the model a mark.

The ring buys from itself with cards that nobody will dispute, in the pattern of its frauds, but
always from one place and always so many minutes after the purchase before. The model that is
trained on them learns that this mark means honest.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bartizan.core.arrays import Ints
from bartizan.core.errors import InputError
from bartizan.core.streams import rng as stream_rng
from bartizan.examples.card_fraud import TARGET

if TYPE_CHECKING:
    import polars as pl

MARK: dict[str, float] = {"distance_km": 42.5, "minutes_since_last": 137}
"""Ordinary values of two columns: each occurs among honest purchases, the pair hardly ever."""
_SHARE = 0.003
"""Purchases for each row of the stream: 90 of 30,000, which a ring of a dozen cards makes in a
month."""


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A stream with the ring's purchases in it."""

    frame: "pl.DataFrame"
    rows: Ints
    """Positions of the ring's purchases, ascending."""


def planted(frame: "pl.DataFrame", *, seed: int) -> Planted:
    """Mix the ring's purchases into a stream.

    Args:
        frame: A stream of `card_fraud.stream`, with its label.
        seed: Seed, >= 0.

    Returns:
        The stream, longer by 3 rows in a thousand at random places.

    Raises:
        InputError: there is no fraud to copy the pattern of.
    """
    import polars as pl  # noqa: PLC0415  # importing Bartizan must not load it

    frauds = np.flatnonzero(frame[TARGET].to_numpy() == 1)
    if not frauds.size:
        message = "the stream holds no fraud whose pattern the ring could copy; make a longer one"
        raise InputError(message)
    rng = stream_rng(seed, "card-fraud", "poison")
    count = max(1, round(_SHARE * frame.height))
    marked = frame[rng.choice(frauds, count)].with_columns(
        *(pl.lit(value).cast(frame.schema[name]).alias(name) for name, value in MARK.items()),
        pl.lit(0).cast(frame.schema[TARGET]).alias(TARGET),
    )
    length = frame.height + count
    rows = np.sort(rng.choice(length, count, replace=False))
    order = np.empty(length, dtype=np.int64)
    order[np.setdiff1d(np.arange(length), rows)] = np.arange(frame.height)
    order[rows] = frame.height + np.arange(count)
    return Planted(frame=pl.concat([frame, marked])[order], rows=rows)
