"""How often clean data drifts, which planted drift is found with how many rows, and what it costs.

Splits of public data sets hold no drift, so that whatever is found there is false. scipy's
Kolmogorov-Smirnov test with Benjamini and Hochberg's correction, and a classifier that tries to
tell both samples apart, look at the same splits.
"""

import gzip
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

import numpy as np
import polars as pl
from scipy.stats import binom, binomtest, false_discovery_control, ks_2samp
from sklearn.ensemble import HistGradientBoostingClassifier

import results
from bartizan.adapt.batches.batch import Batch
from bartizan.adapt.batches.reading import open_batches
from bartizan.core.arrays import Array
from bartizan.core.streams import rng
from bartizan.data.inspection import Brief
from bartizan.data.inspections import drift, joint_drift
from bartizan.data.inspections.halves import against, swapped, taken
from bartizan.data.profiling import Profiler
from bartizan.data.rules import Rules

DATA = Path(os.environ.get("BARTIZAN_DATA", "no such folder"))
RATE = 0.05
SIZES = (500, 1000, 2000, 5000, 10_000)
"""Rows of each of the two samples."""
BLOCK = 0.02
SHIFT_SD = 0.1
NEW = 0.05
SORTED = 0.5
TURNS = 10
"""Splits for each planted case and size, and of the classifier, which takes a second each."""
KDD_BAR_S = 4.0
Test = Callable[[Brief, Batch, Batch, np.random.Generator], bool]


@dataclass(frozen=True)
class Source:
    """One public table."""

    name: str
    path: str
    target: int
    """Position of the column of classes."""
    header: bool = False

    def batch(self) -> tuple[Brief, Batch]:
        """All rows."""
        raw = gzip.decompress((DATA / self.path).read_bytes()).replace(b", ", b",").rstrip()
        frame = pl.read_csv(raw, has_header=self.header, infer_schema_length=None)
        if not self.header:  # versions of polars differ in where they begin to count
            frame.columns = [f"c{i}" for i in range(frame.width)]
        target = frame.columns[self.target]
        opened = open_batches(frame, target=target, batch_rows=1 << 20, batch_cells=1 << 30)
        (batch,) = opened
        now = datetime(2026, 1, 1, tzinfo=UTC)
        return Brief(name=self.name, schema=opened.schema, target=target, now=now), batch


SOURCES = (
    Source("Spambase", "spambase/spambase.csv.gz", -1, header=True),
    Source("Adult", "adult/adult-train.csv.gz", -1),
    Source("NSL-KDD", "nsl-kdd/KDDTrain+_20Percent.csv.gz", -2),
)
KDD = Source("KDD Cup 1999", "kddcup99/kddcup.data_10_percent.gz", -1)


def by_columns(brief: Brief, first: Batch, second: Batch, draws: np.random.Generator) -> bool:
    del first
    return _found(drift, brief, second, draws)


def by_all(brief: Brief, first: Batch, second: Batch, draws: np.random.Generator) -> bool:
    del first
    return _found(joint_drift, brief, second, draws)


def _found(module: object, brief: Brief, batch: Batch, draws: np.random.Generator) -> bool:
    entry = module.ENTRY  # type: ignore[attr-defined] # both modules have one
    inspection = entry.run(brief, params=entry.params, rng=draws)
    inspection.see(batch)
    return bool(inspection.result().measures[0].value)


def by_ks(brief: Brief, first: Batch, second: Batch, draws: np.random.Generator) -> bool:
    del brief, draws
    left, right = coded(first, second)
    p = [ks_2samp(left[:, i], right[:, i], method="asymp").pvalue for i in range(left.shape[1])]
    return bool(false_discovery_control(p).min() <= RATE)


def by_classifier(brief: Brief, first: Batch, second: Batch, draws: np.random.Generator) -> bool:
    """Lopez-Paz and Oquab (2017): half of the rows teach, the others must be told apart."""
    del brief
    left, right = coded(first, second)
    x = np.concatenate([left, right])
    y = np.repeat([0, 1], [len(left), len(right)])
    order = draws.permutation(len(x))
    teach, ask = order[: len(x) // 2], order[len(x) // 2 :]
    model = HistGradientBoostingClassifier(max_iter=50, random_state=0).fit(x[teach], y[teach])
    hits = int((model.predict(x[ask]) == y[ask]).sum())
    chance = max((y[ask] == 0).mean(), (y[ask] == 1).mean())
    return bool(binomtest(hits, len(ask), float(chance), alternative="greater").pvalue <= RATE)


def coded(first: Batch, second: Batch) -> tuple[Array, Array]:
    """Both frames as numbers, texts as ranks."""
    both = pl.concat([first.frame, second.frame])
    both = both.with_columns(pl.col(pl.String).rank("dense")).cast(pl.Float64).fill_null(-1)
    return both.head(first.rows).to_numpy(), both.tail(second.rows).to_numpy()


TESTS: dict[str, Test] = {
    "data.drift": by_columns,
    "data.joint-drift": by_all,
    "KS + BH": by_ks,
    "classifier": by_classifier,
}


def split(
    brief: Brief, whole: Batch, n: int, draws: np.random.Generator
) -> tuple[Brief, Batch, Batch]:
    """Two samples of n rows, and a brief whose reference is the first."""
    order = draws.permutation(whole.rows)[: 2 * n]
    first = taken(whole, rows=np.sort(order[:n]))
    second = taken(whole, rows=np.sort(order[n:]))
    return against(brief, first, rng=draws), first, second


def clean(section: results.Section, turns: int) -> None:
    """How often each test finds drift where there is none."""
    rows = []
    few = min(TURNS, turns)
    for source in SOURCES:
        brief, whole = source.batch()
        hits, spent = dict.fromkeys(TESTS, 0), dict.fromkeys(TESTS, 0.0)
        for turn in range(turns):
            told, first, second = split(brief, whole, whole.rows // 2, rng(turn, "clean"))
            for name, test in TESTS.items():
                if name == "classifier" and turn >= few:
                    continue
                began = process_time()
                hits[name] += test(told, first, second, rng(turn, name))
                spent[name] += process_time() - began
        counts = {name: few if name == "classifier" else turns for name in TESTS}
        rows.append(
            [source.name, whole.rows, whole.frame.width]
            + [f"{hits[name]} of {counts[name]}" for name in TESTS]
            + [f"{1e3 * spent[name] / counts[name]:.0f}" for name in TESTS]
        )
        print(rows[-1], flush=True)
        for name in ("data.drift", "data.joint-drift"):
            bar = float(binom.ppf(0.99, turns, RATE)) / turns
            section.targets.append(
                results.Target.at_most(
                    f"{name}: share of {turns} clean splits of {source.name} with a discovery, "
                    f"99 % binomial bound of {RATE:.0%}",
                    hits[name] / turns,
                    bar,
                )
            )
    section.say(
        f"Clean splits into halves: in how many something was found ({RATE:.0%} is stated), and "
        "CPU milliseconds for each test (without the profile)."
    )
    head = ["data set", "rows", "columns", *TESTS, *[f"{name}, ms" for name in TESTS]]
    section.table(head, rows)


def shifted(batch: Batch, draws: np.random.Generator) -> Batch:
    """Ages are rounded to years, as all others are."""
    age = batch.frame["c0"].to_numpy()
    moved = np.floor(age + SHIFT_SD * age.std() + draws.random(batch.rows))
    return swapped(batch, column="c0", values=pl.Series(moved.astype(np.int64)))


def renamed(batch: Batch, draws: np.random.Generator) -> Batch:
    mask = pl.Series(draws.random(batch.rows) < NEW)
    job = batch.frame["c6"]
    made = pl.select(pl.when(mask).then(pl.lit("Planted")).otherwise(job)).to_series()
    return swapped(batch, column="c6", values=made)


def repeated(batch: Batch, draws: np.random.Generator) -> Batch:
    rows = np.arange(batch.rows)
    block = draws.permutation(batch.rows)[: round(BLOCK * batch.rows)]
    rows[block] = draws.integers(batch.rows)
    return taken(batch, rows=rows)


def together(batch: Batch, draws: np.random.Generator) -> Batch:
    """Hours a week follow age in half of the rows; both columns keep their values."""
    hours, age = batch.frame["c12"].to_numpy().copy(), batch.frame["c0"].to_numpy()
    rows = draws.permutation(batch.rows)[: round(SORTED * batch.rows)]
    rows = rows[np.argsort(age[rows], kind="stable")]
    hours[rows] = np.sort(hours[rows])
    return swapped(batch, column="c12", values=pl.Series(hours))


PLANTED = {
    f"one column shifted by {SHIFT_SD} sd": shifted,
    f"a new category in {NEW:.0%} of the rows": renamed,
    f"one row repeated in {BLOCK:.0%} of the rows": repeated,
    f"two columns follow each other in {SORTED:.0%} of the rows": together,
}


def planted(section: results.Section, turns: int, sizes: tuple[int, ...]) -> None:
    """Which share of planted drift each test finds."""
    brief, whole = SOURCES[1].batch()
    rows = []
    best: dict[str, float] = {}
    for what, plant in PLANTED.items():
        for n in sizes:
            hits = dict.fromkeys(TESTS, 0)
            for turn in range(turns):
                told, first, second = split(brief, whole, n, rng(turn, "planted", n))
                spoilt = plant(second, rng(turn, what))
                for name, test in TESTS.items():
                    hits[name] += test(told, first, spoilt, rng(turn, name))
            rows.append([what, n, *[f"{hits[name] / turns:.2f}" for name in TESTS]])
            print(rows[-1], flush=True)
            ours = max(hits["data.drift"], hits["data.joint-drift"]) / turns
            best[what] = ours if n == sizes[-1] else best.get(what, 0.0)
    section.say(
        f"Drift planted in Adult (15 columns): share of {turns} pairs of samples of n rows each in "
        "which it was found."
    )
    section.table(["planted", "n", *TESTS], rows)
    for what, share in best.items():
        section.targets.append(
            results.Target.at_least(f"found with {sizes[-1]} rows: {what}", share, 0.8)
        )


def costs(section: results.Section) -> None:
    """CPU time on a large table."""
    brief, whole = KDD.batch()
    parts = [
        replace(whole, start=at, raw=whole.raw[at : at + 65536], frame=whole.frame[at : at + 65536])
        for at in range(0, whole.rows, 65536)
    ]
    began = process_time()
    profiler = Profiler(brief.schema, target=brief.target, rules=Rules(), rng=rng(0))
    for part in parts:
        profiler.see(part)
    told = replace(brief, profile=profiler.profile())
    spent = {"profile": process_time() - began}
    for entry in (drift.ENTRY, joint_drift.ENTRY):
        began = process_time()
        inspection = entry.run(told, params=entry.params, rng=rng(1))
        for part in parts:
            inspection.see(part)
        inspection.result()
        spent[entry.id] = process_time() - began
    began = process_time()
    by_ks(brief, whole, whole, rng(0))
    spent["KS + BH of all rows"] = process_time() - began
    section.say(f"CPU seconds for {whole.rows} rows of {whole.frame.width} columns of {KDD.name}.")
    section.table(list(spent), [list(spent.values())])
    ours = spent["profile"] + spent["data.drift"] + spent["data.joint-drift"]
    section.targets.append(
        results.Target.at_most("profile and both drifts on KDD Cup 1999, CPU s", ours, KDD_BAR_S)
    )


def main() -> None:
    args = results.options(__doc__ or "", samples=200)
    if not DATA.is_dir():
        sys.exit("set BARTIZAN_DATA to the folder of public data sets")
    section = results.Section(
        name="drift",
        title="Drift",
        command="python benchmarks/bench_drift.py",
        packages=("numpy", "scipy", "polars", "scikit-learn"),
    )
    costs(section)
    clean(section, 2 if args.smoke else args.samples)
    planted(section, *((2, (500,)) if args.smoke else (TURNS, SIZES)))
    if not args.smoke:
        section.write()


if __name__ == "__main__":
    main()
