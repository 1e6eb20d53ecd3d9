"""Bias audit: cost of rates, intervals and gaps beside Fairlearn, and how often it accuses."""

from time import process_time

import numpy as np

import results
from bartizan.assess.fairness.audit import LINE, Params, judge
from bartizan.core.arrays import Array, Ints
from bartizan.core.dataset import Dataset
from bartizan.core.groups import Grouping
from bartizan.core.schema import Feature, Schema

BAR_S, BAR_CROSSED_S = 0.5, 1.0
"""Seconds of CPU for 50,000 rows with 1,000 draws: less than asking most models costs."""
BAR_RATE = 0.04
"""2.5 %, and what a few hundred worlds leave open."""
GROUPS = 12


def main() -> None:
    args = results.options(__doc__ or "", samples=50_000)
    rows, worlds = (4000, 20) if args.smoke else (args.samples, 600)
    section = results.Section(
        name="fairness",
        title="Bias audit",
        command="python benchmarks/bench_fairness.py",
        packages=("numpy", "fairlearn", "scikit-learn", "pandas"),
    )
    _cost(section, rows)
    _accused(section, worlds)
    if not args.smoke:
        section.write()


def _world(
    errors: Array, rows: int, *, rng: np.random.Generator, other: int = 2
) -> tuple[Dataset, Ints]:
    """Rows of groups that are decided wrongly at the rates given, and the decisions."""
    codes, more = rng.integers(0, len(errors), rows), rng.integers(0, other, rows)
    y = (rng.random(rows) < 0.4).astype(np.int64)
    decided = np.where(rng.random(rows) < errors[codes], 1 - y, y)
    data = Dataset(
        name="world",
        x=np.zeros((rows, 1)),
        y=y,
        classes=("no", "yes"),
        ids=np.arange(rows),
        schema=Schema(features=(Feature(name="x"),)),
        digest="sha256:0",
        groups=(_grouping("g", codes), _grouping("h", more)),
    )
    return data, decided


def _grouping(column: str, codes: Ints) -> Grouping:
    names = tuple(str(code) for code in range(int(codes.max()) + 1))
    return Grouping(column=column, names=names, codes=codes)


def _cost(section: results.Section, rows: int) -> None:
    """CPU time of one audit."""
    stream = np.random.default_rng(0)
    data, decided = _world(np.full(GROUPS, 0.2), rows, rng=stream)
    wide, said = _world(np.full(20, 0.2), rows, rng=stream, other=20)
    cases = (
        (f"{GROUPS} + 2 groups", data, decided, Params()),
        (f"{GROUPS} x 2 crossed", data, decided, Params(crossed=True)),
        ("20 x 20 crossed, the most", wide, said, Params(crossed=True)),
    )
    table, spent = [], []
    for name, one, answers, params in cases:
        times = []
        for seed in range(3):
            rng = np.random.default_rng(seed)
            started = process_time()
            judge(one, answers, protected=(), params=params, rng=rng)
            times.append(process_time() - started)
        spent.append(min(times))
        table.append((name, f"{rows:,}", f"{params.draws:,}", min(times)))
    peer = _peer(data, decided)
    if peer is not None:
        table.append(("Fairlearn, 12 groups, intervals from 20 draws", f"{rows:,}", "20", peer))
        ratio = peer / 20 * 1000 / spent[0]
        section.say(f"A draw of Fairlearn costs {ratio:,.0f} times as much (rows are drawn there).")
    section.table(("what", "rows", "draws", "CPU s"), table)
    section.targets.append(results.Target.at_most("an audit, CPU s", spent[0], BAR_S))
    section.targets.append(results.Target.at_most("groups crossed, CPU s", spent[1], BAR_CROSSED_S))


def _peer(data: Dataset, decided: Ints) -> float | None:
    """CPU time of Fairlearn's rates with intervals; none = it is not installed."""
    try:
        from fairlearn import metrics  # noqa: PLC0415 (a peer that may be missing)
    except ImportError:
        return None
    from sklearn.metrics import accuracy_score, precision_score  # noqa: PLC0415

    asked = {
        "selection": metrics.selection_rate,
        "true": metrics.true_positive_rate,
        "false": metrics.false_positive_rate,
        "precision": precision_score,
        "accuracy": accuracy_score,
    }
    started = process_time()
    metrics.MetricFrame(
        metrics=asked,
        y_true=data.y,
        y_pred=decided,
        sensitive_features=data.groups[0].codes,
        n_boot=20,
        ci_quantiles=[0.025, 0.975],
        random_state=0,
    )
    return process_time() - started


def _accused(section: results.Section, worlds: int) -> None:
    """How often a fair model is accused, and an unfair one found."""
    stream = np.random.default_rng(7)
    cases = (
        ("12 groups, 2,400 rows, all alike: any gap", np.full(12, 0.2), 2400, 0.0),
        ("20 groups, 5,000 rows, all alike: any gap", np.full(20, 0.2), 5000, 0.0),
        (
            f"12 groups, 4,000 rows, {LINE:g} apart: above the line",
            np.repeat([0.2, 0.2 + LINE], 6),
            4000,
            LINE,
        ),
        ("11 alike, one 0.30 apart: above the line", np.array([0.1] * 11 + [0.4]), 4000, LINE),
    )
    table, shares = [], []
    for name, errors, rows, line in cases:
        hits = 0
        for _ in range(worlds):
            data, decided = _world(errors, rows, rng=stream)
            params = Params(draws=400)
            found = judge(data, decided, protected=(), params=params, rng=stream).measures[0]
            hits += (found.low or 0.0) > line
        shares.append(hits / worlds)
        table.append((name, worlds, shares[-1]))
    section.table(("world", "audits", "accused"), table)
    if worlds >= 100:
        worst = max(shares[:3])
        section.targets.append(
            results.Target.at_most("fair models accused, share", worst, BAR_RATE)
        )
        section.targets.append(results.Target.at_least("an unfair one found", shares[3], 0.9))


if __name__ == "__main__":
    main()
