"""Near duplicates among rows of numbers and categories."""

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.core.arrays import AnyArray, Array
from bartizan.data.inspection import Brief
from bartizan.data.inspections.near import Near, column_hashes, different, label_hashes
from bartizan.detect.crowding import (
    PROJECTIONS,
    centre_and_scale,
    crowded,
    signs,
    standardised,
)

_ODD = np.uint64(0x9E3779B97F4A7C15)
"""The golden ratio, as Fibonacci hashing has it."""

KEPT = 250_000
"""Rows kept at most, twice as many while they are gathered: 45 MB."""
_ALL = np.uint64(2**64 - 1)
_NO_KEY = np.zeros(1, dtype=np.uint64)


class NearTable:
    """Keeps 16 projections of each row, a hash, its place and its label: 88 bytes a row.

    Of more than `KEPT` rows only different ones are kept, and of more than `KEPT` different ones
    those with the smallest hashes: a random part, whatever the order of the rows.
    """

    def __init__(
        self, brief: Brief, *, opening: Batch, most: int, rng: np.random.Generator
    ) -> None:
        features = [one for one in brief.schema.features if not one.identifier]
        self._numbers = [one.name for one in features if one.type in ("number", "integer")]
        self._choices = [one.name for one in features if one.type not in ("number", "integer")]
        self._target, self._most, self._rng = brief.target, most, rng
        self._seeds = rng.integers(2**62, size=len(self._choices)).tolist()
        self._centre, self._scale = centre_and_scale(self._values(opening))
        self._columns = _varied(self._values(opening))
        shape = (len(self._numbers), PROJECTIONS)
        self._directions = rng.normal(size=shape) / np.sqrt(PROJECTIONS)
        self._points: list[AnyArray] = []
        self._keys: list[AnyArray] = []
        self._labels: list[AnyArray] = []
        self._places: list[AnyArray] = []
        self._held, self._limit = 0, _ALL

    def _values(self, batch: Batch) -> Array:
        """The numbers of a batch, shape (n, d); gaps are NaN."""
        empty = np.empty((batch.rows, 0))
        parts = [batch.frame[name].cast(pl.Float64).to_numpy() for name in self._numbers]
        return np.column_stack(parts) + 0.0 if parts else empty  # no -0, which is another number

    def see(self, batch: Batch) -> None:
        """Look at the next rows."""
        values = self._values(batch)
        gaps = np.isnan(values)
        scaled = standardised(values, centre=self._centre, scale=self._scale)
        points = scaled @ self._directions
        bits = np.where(gaps, np.nan, values).view(np.uint64)
        keys = np.zeros(batch.rows, dtype=np.uint64)
        for column in range(values.shape[1]):
            keys = _mixed(keys, bits[:, column])
            if gaps[:, column].any():
                points += gaps[:, column, None] * signs(
                    _mixed(_NO_KEY, np.array([column], dtype=np.uint64))
                )
        for name, seed in zip(self._choices, self._seeds, strict=True):
            hashes = column_hashes(batch.frame[name], seed=seed)
            keys = _mixed(keys, hashes)
            points += signs(hashes)
        here = np.flatnonzero(keys <= self._limit)
        self._points.append(points[here].astype(np.float32))
        self._keys.append(keys[here])
        self._labels.append(label_hashes(batch, self._target)[here])
        self._places.append(batch.start + here)
        self._held += len(here)
        if self._held > 2 * KEPT:
            self._thin()

    def _thin(self) -> None:
        """Keep different rows only, and a random part of them if there are too many."""
        keys = np.concatenate(self._keys)
        keep = different(keys)
        if len(keep) > KEPT:
            self._limit = np.partition(keys[keep], KEPT - 1)[KEPT - 1]
            keep = keep[keys[keep] <= self._limit]
        for parts in (self._points, self._keys, self._labels, self._places):
            parts[:] = [np.concatenate(parts)[keep]]
        self._held = len(keep)

    def points(self) -> tuple[AnyArray, AnyArray]:
        """Where the rows that are kept lie, shape (n, 16), and a hash of each, shape (n,)."""
        return np.concatenate(self._points), np.concatenate(self._keys)

    def found(self) -> Near:
        """The rows that are crowded beyond chance."""
        if self._held > KEPT:
            self._thin()
        (points, keys), labels = self.points(), np.concatenate(self._labels)
        places = np.concatenate(self._places)
        rows = different(keys)
        crowd = crowded(points[rows], columns=self._columns, most=self._most, rng=self._rng)
        mine = rows[crowd.rows]
        others = np.where(crowd.partners >= 0, rows[crowd.partners], mine[:, None])
        divided = (labels[others] != labels[mine][:, None]).any(axis=1)
        part = "" if crowd.looked == len(rows) else f", a random {crowd.looked:,} of them"
        kept = "" if self._limit == _ALL else " (a random part of all)"
        return Near(
            share=crowd.share,
            looked=crowd.looked,
            rows=places[mine],
            twins=places[others[:, 0] if len(mine) else mine],
            divided=divided,
            method=(
                f"Of {len(rows):,} different rows{kept}{part}, those count as near duplicates "
                "that have more rows close by than a little further away, as no chance makes them."
            ),
        )


def _varied(values: Array) -> int:
    """How many columns hold different numbers."""
    kept = np.where(np.isfinite(values), values, 0.0)
    return int((kept != kept[:1]).any(axis=0).sum())


def _mixed(keys: AnyArray, values: AnyArray) -> AnyArray:
    """Keys that also depend on the values; wraps around."""
    mixed = (values ^ (values >> np.uint64(32))) * _ODD
    mixed = (mixed ^ (mixed >> np.uint64(29))) + keys
    return (mixed ^ (mixed >> np.uint64(32))) * _ODD
