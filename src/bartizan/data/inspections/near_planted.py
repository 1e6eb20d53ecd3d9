"""Copies with small changes, planted in the user's own rows."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.core.arrays import AnyArray, Ints
from bartizan.data.inspection import Brief
from bartizan.data.inspections.near_texts import text_columns

_LEAST = 20
"""Rows of a sample in which a case can be planted."""
_MOST = 4000
"""Rows that a case is planted in, so that the control takes a second at most."""
_SHARE = 20
"""One row in twenty is copied."""
_COPIES = 20
"""Copies at least: 16 pairs are what four standard errors tell from chance."""
_JITTER = 0.01
"""Of a column's spread: what rounding or another unit would change too."""
_STICKER = 10
"""A sticker covers a tenth of an image's height and width, as in BadNets."""


@dataclass(frozen=True)
class Planted:
    """Rows of the user with copies after them."""

    bare: Batch
    """The rows before."""
    batch: Batch
    rows: Ints
    """Ids of the copies."""
    of: Ints
    """For each, the id of the row it is a copy of."""
    how: str


def planted(brief: Brief, sample: Batch, *, rng: np.random.Generator) -> Planted | None:
    """Append changed copies of random rows to the first ones; none where rows do not admit it."""
    sample = _first(sample)
    texts = text_columns(sample, target=brief.target)
    many = max(_COPIES, sample.rows // _SHARE)
    rows = np.arange(sample.rows)
    if brief.schema.image is None and texts:
        length = sample.raw[texts[0]].fill_null("").str.len_chars().to_numpy()
        rows = np.flatnonzero(length >= np.median(length))
    if len(rows) < _LEAST:
        return None
    picks = rng.choice(rows, min(many, len(rows)), replace=False)
    ids, of = sample.start + sample.rows + np.arange(len(picks)), sample.start + picks
    if brief.schema.image is not None:
        batch = _stickers(sample, picks, bright=brief.schema.image.max)
        return None if batch is None else Planted(sample, batch, ids, of, "each with a sticker")
    raw, frame = sample.raw[picks], sample.frame[picks]
    if texts:
        raw = raw.with_columns(pl.col(texts[0]) + " ok")
        return Planted(sample, _appended(sample, raw, frame), ids, of, "each with one word more")
    features = [one for one in brief.schema.features if not one.identifier]
    numbers = [one.name for one in features if one.type in ("number", "integer")]
    if not numbers:
        return None
    moved = _jittered(sample.frame.select(numbers), picks, rng=rng)
    both = _appended(sample, raw, frame.with_columns(moved))
    return Planted(sample, both, ids, of, f"moved by {_JITTER:.0%} of a spread")


def _first(sample: Batch) -> Batch:
    """So few rows that every one of them is looked at."""
    return Batch(
        start=sample.start,
        raw=sample.raw.head(_MOST),
        frame=sample.frame.head(_MOST),
        pixels=None if sample.pixels is None else sample.pixels[:_MOST],
    )


def _jittered(table: pl.DataFrame, picks: AnyArray, *, rng: np.random.Generator) -> list[pl.Series]:
    """Columns of some rows, moved a little.

    Columns of which half is one value stay, unless all are such: nobody who copies rows moves
    zeros by a part of a spread that a few large values make.
    """
    values = {name: table[name].cast(pl.Float64).to_numpy() for name in table.columns}
    spreads = {name: _spread(column) for name, column in values.items()}
    if not any(spreads.values()):
        spreads = {name: float(_finite(column).std()) for name, column in values.items()}
    return [
        pl.Series(
            name, column[picks] + _JITTER * spreads[name] * rng.normal(size=len(picks))
        ).fill_nan(None)
        for name, column in values.items()
    ]


def _spread(column: AnyArray) -> float:
    """Of the inner half of the values, as the standard deviation of a normal distribution."""
    low, high = np.percentile(_finite(column), (25, 75))
    return float(high - low) / 1.349


def _finite(column: AnyArray) -> AnyArray:
    """The finite values; one 0 where there is none."""
    known = column[np.isfinite(column)]
    return known if len(known) else np.zeros(1)


def _appended(sample: Batch, raw: pl.DataFrame, frame: pl.DataFrame) -> Batch:
    return Batch(
        start=sample.start,
        raw=pl.concat([sample.raw, raw], how="vertical_relaxed"),
        frame=pl.concat([sample.frame, frame], how="vertical_relaxed"),
    )


def _stickers(sample: Batch, picks: AnyArray, *, bright: float) -> Batch | None:
    """Copies of images with a bright square in the lower right corner."""
    if sample.pixels is None:
        return None
    copies = sample.pixels[picks].copy()
    height, width = copies.shape[1:3]
    copies[:, height - max(height // _STICKER, 1) :, width - max(width // _STICKER, 1) :] = bright
    return Batch(
        start=sample.start,
        raw=pl.concat([sample.raw, sample.raw[picks]]),
        frame=pl.concat([sample.frame, sample.frame[picks]]),
        pixels=np.concatenate([sample.pixels, copies]),
    )
