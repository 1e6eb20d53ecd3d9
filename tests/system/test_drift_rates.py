"""The stated rates on public tables: what is split at random does not drift."""

import gzip
import os
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from scipy.stats import binom

from bartizan.adapt.batches.batch import Batch
from bartizan.adapt.batches.reading import open_batches
from bartizan.core.streams import rng
from bartizan.data.inspection import Brief
from bartizan.data.inspections import drift, joint_drift
from bartizan.data.inspections.halves import against, halves

DATA = Path(os.environ.get("BARTIZAN_DATA", "no such folder"))
SPLITS = 40
"""`benchmarks/bench_drift.py` takes 200."""
TABLES = {
    "spambase/spambase.csv.gz": -1,
    "adult/adult-train.csv.gz": -1,
    "nsl-kdd/KDDTrain+_20Percent.csv.gz": -2,
}
pytestmark = [pytest.mark.slow, pytest.mark.data]


def opened(name: str, *, target: int) -> tuple[Brief, Batch]:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not in {DATA}; set BARTIZAN_DATA to the folder of public data")
    raw = gzip.decompress(path.read_bytes()).replace(b", ", b",").rstrip()
    header = name.startswith("spambase")
    frame = pl.read_csv(raw, has_header=header, infer_schema_length=None)
    label = frame.columns[target]
    source = open_batches(frame, target=label, batch_rows=1 << 20, batch_cells=1 << 30)
    (batch,) = source
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Brief(name=name, schema=source.schema, target=label, now=now), batch


@pytest.mark.parametrize("name", TABLES)
def test_the_stated_rate_holds_on_clean_splits(name: str) -> None:
    brief, whole = opened(name, target=TABLES[name])
    hits = {drift.ENTRY.id: 0, joint_drift.ENTRY.id: 0}
    for seed in range(SPLITS):
        draws = rng(seed, "split")
        first, second = halves(whole, rng=draws)
        told = against(brief, first, rng=draws)
        for entry in (drift.ENTRY, joint_drift.ENTRY):
            inspection = entry.run(told, params=entry.params, rng=draws)
            inspection.see(second)
            hits[entry.id] += bool(inspection.result().measures[0].value)
    allowed = binom.ppf(0.999, SPLITS, 0.05)
    assert max(hits.values()) <= allowed, hits
