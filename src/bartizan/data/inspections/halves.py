"""A batch cut into a reference and data to hold against it: what controls of drift begin with."""

from dataclasses import replace

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.core.arrays import Ints
from bartizan.data.inspection import Brief
from bartizan.data.profiling import Profiler
from bartizan.data.rules import Rules

SURE = 0.001
"""Rate at which controls judge: a control that is wrong once in twenty runs would be ignored."""


def halves(sample: Batch, *, rng: np.random.Generator) -> tuple[Batch, Batch]:
    """Two halves of the rows, at random."""
    order = rng.permutation(sample.rows)
    middle = sample.rows // 2
    return taken(sample, rows=np.sort(order[:middle])), taken(sample, rows=np.sort(order[middle:]))


def taken(batch: Batch, *, rows: Ints) -> Batch:
    """Some rows of a batch as a batch of its own, which begins at row 0."""
    at = pl.Series(rows, dtype=pl.UInt32)
    return Batch(
        start=0,
        raw=batch.raw[at],
        frame=batch.frame[at],
        unfit={name: mask.gather(at) for name, mask in batch.unfit.items()},
    )


def against(brief: Brief, half: Batch, *, rng: np.random.Generator) -> Brief:
    """The same brief with one half as its reference."""
    profiler = Profiler(brief.schema, target=brief.target, rules=Rules(), rng=rng)
    profiler.see(half)
    return replace(brief, rules=Rules(), profile=profiler.profile())


def swapped(batch: Batch, *, column: str, values: pl.Series) -> Batch:
    """The batch with other values in one column of its frame."""
    return replace(batch, frame=batch.frame.with_columns(values.alias(column)))
