"""What contributors who send wrong labels do: customers of their own, or everybody's."""

from dataclasses import replace
from time import process_time
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

import results
import subjects
from bartizan.adapt import bind, load_dataset, load_model, load_recipe
from bartizan.assess.damage.contributors import ENTRY
from bartizan.core.arrays import Array, Ints
from bartizan.core.entry import CheckResult, Study, finished
from bartizan.core.finding import Measure, Threshold
from bartizan.core.provenance import Provenance
from bartizan.core.streams import rng
from bartizan.core.verdict import judged

TABLES = {
    "ULB credit card": ("ulb-creditcard/creditcard_union_sample.csv.gz", 6000),
    "Spambase": ("spambase/spambase.csv.gz", 3000),
}
CONTRIBUTORS = 20
WAYS = ("few-sources", "few-sources-hiding-a-class", "drip", "drip-hiding-a-class")


def main() -> None:
    """Run everything, and write the section."""
    args = results.options(__doc__ or "", samples=0)
    section = results.Section(
        name="damage-sources",
        title="Damage by contributors",
        command="python benchmarks/bench_damage_sources.py",
        packages=("bartizan", "numpy", "scikit-learn"),
    )
    section.say(
        f"`damage.source` at 5 % poison, 5 seeds, 95 %, with {CONTRIBUTORS} contributors of the "
        "same size: rows in the order of their first principal component and cut into parts, so "
        "that each has customers of its own, or the same parts dealt out at random. Balanced "
        "accuracy lost. Rows come in the order of the file, shuffled. The control plants its "
        "poison in five draws of these rows. That nothing is found where nothing is planted, "
        "*Damage by poisoned training data* measures for all checks of this kind."
    )
    rows = []
    for name, (path, size) in TABLES.items():
        table = subjects.load(path, train=400 if args.smoke else size)
        for kind, model in _models().items():
            rows += _judged(f"{name}, {kind}", model, table, section, smoke=args.smoke)
    section.table(["model", "contributors", *WAYS, "verdict", "CPU s"], rows)
    if not args.smoke:
        section.write()


def _models() -> dict[str, Any]:
    return {
        "boosted trees": HistGradientBoostingClassifier(max_iter=50, early_stopping=False),
        "logistic regression": LogisticRegression(max_iter=500),
        "15 nearest rows": KNeighborsClassifier(15),
    }


def _judged(
    name: str, model: Any, table: subjects.Table, section: results.Section, *, smoke: bool
) -> list[list[object]]:
    """One line for each way that contributors are made."""
    study = _study(model, table, smoke=smoke)
    assert study.train is not None
    params = replace(ENTRY.params, seeds=2 if smoke else 5, curve=False)
    made: list[list[object]] = []
    for kind, sources in _contributors(study.train.x).items():
        started = process_time()
        subject = replace(study, provenance=Provenance(sources=sources))
        found = finished(ENTRY.run(subject, params=params, rng=rng(0, ENTRY.id)))
        spent = process_time() - started
        shown = [_shown(found, way) for way in WAYS]
        made.append([name, kind, *shown, _verdict(found), spent])
    passed = [
        ENTRY.control(
            constraint=None, data=study.data, recipe=None, rng=rng(seed, "control")
        ).passed
        for seed in range(1 if smoke else 5)
    ]
    what = f"{name}: share of controls that recover"
    section.targets.append(results.Target.at_least(what, float(np.mean(passed)), 1.0))
    return made


def _study(model: Any, table: subjects.Table, *, smoke: bool) -> Study:
    rest = slice(0, 300 if smoke else None)
    data = load_dataset((table.test_x[rest], table.test_y[rest]), target=None)
    schema = data.dataset.schema
    train = load_dataset((table.train_x, table.train_y), target=None, schema=schema)
    loaded = load_model(model.fit(table.train_x, table.train_y))
    return Study(
        model=bind(loaded, data),
        data=data.dataset,
        train=train.dataset,
        recipe=load_recipe(model=loaded, table=data),
    )


def _contributors(x: Array) -> dict[str, Ints]:
    _, _, axes = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    rank = np.argsort(np.argsort(x @ axes[0], kind="stable"), kind="stable")
    own = (rank * CONTRIBUTORS // len(x)).astype(np.int64)
    return {"customers of their own": own, "the same customers": rng(0, "dealt").permutation(own)}


def _measure(found: CheckResult, way: str) -> Measure | None:
    return next((one for one in found.measures if one.name == f"accuracy-loss-{way}"), None)


def _shown(found: CheckResult, way: str) -> str:
    one = _measure(found, way)
    if one is None or one.value is None:
        return "-"
    return f"{one.value:.3f} ({one.low or 0:.3f} to {one.high or 0:.3f})"


def _verdict(found: CheckResult) -> str:
    name, op, value = ENTRY.threshold
    line = Threshold(measure=name, op=op, value=value, source="default")
    return judged(found.measures[0], line, unsure=ENTRY.unsure)[0]


if __name__ == "__main__":
    main()
