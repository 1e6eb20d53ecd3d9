"""What poisoned training data does: curves on three public data sets, and how honest they are."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression

import results
import subjects
from bartizan.adapt import bind, load_dataset, load_model, load_recipe
from bartizan.adapt.training.stand_in import Network
from bartizan.assess.damage import cell_marks, flips, picture_marks, points
from bartizan.assess.damage.check import damage
from bartizan.assess.damage.ground import Ground
from bartizan.assess.damage.measures import FLIPPED
from bartizan.assess.damage.settings import Params
from bartizan.assess.damage.spread import spread
from bartizan.assess.damage.ways import Way
from bartizan.core.arrays import Array, Ints
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, Entry, Study, finished
from bartizan.core.finding import Measure, Threshold
from bartizan.core.schema import Image, Schema
from bartizan.core.streams import rng
from bartizan.core.trigger import Poisoned
from bartizan.core.verdict import judged

TABLES = {
    "ULB credit card": ("ulb-creditcard/creditcard_union_sample.csv.gz", 6000),
    "Spambase": ("spambase/spambase.csv.gz", 3000),
}
IMAGES = 4000
BAR_COVER, BAR_NULL, BAR_NET, BAR_COST = 0.93, 0.8, 0.5, 1.5
STUDIES, NULLS = 2000, 20


@dataclass(frozen=True)
class Case:
    """A model, what it learnt from, and how to train it anew."""

    name: str
    study: Study
    bare_s: Callable[[], float]
    """Trains once more; CPU seconds."""


def main() -> None:
    """Run everything, and write the section."""
    args = results.options(__doc__ or "", samples=0)
    section = results.Section(
        name="damage",
        title="Damage by poisoned training data",
        command="python benchmarks/bench_damage.py",
        packages=("bartizan", "numpy", "scikit-learn"),
    )
    _coverage(section, studies=100 if args.smoke else STUDIES)
    _null(section, repeats=2 if args.smoke else NULLS)
    for case in _tables(smoke=args.smoke):
        _curves(section, case, (flips.ENTRY, points.ENTRY, cell_marks.ENTRY), smoke=args.smoke)
    _curves(
        section, _images(smoke=args.smoke), (flips.ENTRY, picture_marks.ENTRY), smoke=args.smoke
    )
    if not args.smoke:
        section.write()


def _tables(*, smoke: bool) -> list[Case]:
    made = []
    for name, (path, size) in TABLES.items():
        rows = 400 if smoke else size
        table = subjects.load(path, train=rows)
        rest = slice(0, 300 if smoke else None)
        train = (table.train_x, table.train_y)
        others = (table.test_x[rest], table.test_y[rest])
        models = {
            "boosted trees": HistGradientBoostingClassifier(max_iter=50, early_stopping=False),
            "logistic regression": LogisticRegression(max_iter=500),
        }
        for kind, model in models.items():
            made.append(_fitted(f"{name}, {kind}", model, train=train, others=others))
    return made


def _fitted(
    name: str, model: Any, *, train: tuple[Array, Ints], others: tuple[Array, Ints]
) -> Case:
    """A model of scikit-learn as a user brings it."""
    loaded = load_model(model.fit(*train))
    table = load_dataset(others, target=None)
    learnt = load_dataset(train, target=None, schema=table.dataset.schema)
    study = Study(
        model=bind(loaded, table),
        data=table.dataset,
        train=learnt.dataset,
        recipe=load_recipe(model=loaded, table=table),
    )
    return Case(name, study, lambda: _timed(lambda: clone(model).fit(*train)))


def _timed(work: Callable[[], object]) -> float:
    started = process_time()
    work()
    return process_time() - started


def _images(*, smoke: bool) -> Case:
    """Fashion-MNIST with the network that stands in where nobody names a model."""
    folder = Path(os.environ.get("BARTIZAN_DATA", results.ROOT.parent / "shared" / "data"))
    with np.load(folder / "fashion-mnist" / "fashion_mnist_20k_10k.npz") as found:
        parts = {name: found[name] for name in found.files}
    size = 400 if smoke else IMAGES
    train = _pictures(parts["x_train"][:size], parts["y_train"][:size])
    data = _pictures(parts["x_test"][: size // 2], parts["y_test"][: size // 2])
    recipe = Network(rounds=2 if smoke else 10)
    study = Study(model=recipe.fit(train, rng(0)), data=data, train=train, recipe=recipe)
    return Case(
        "Fashion-MNIST, network of two layers",
        study,
        lambda: _timed(lambda: recipe.fit(train, rng(1))),
    )


def _pictures(x: Array, y: Ints) -> Dataset:
    return Dataset(
        name="fashion-mnist",
        x=x.reshape(len(x), -1).astype(float),
        y=y.astype(np.int64),
        classes=tuple(range(10)),
        ids=np.arange(len(x)),
        digest="",
        schema=Schema(features=(), image=Image(height=28, width=28, channels=1)),
    )


def _curves(
    section: results.Section, case: Case, entries: tuple[Entry, ...], *, smoke: bool
) -> None:
    """Verdict, curves and cost of each entry on one model."""
    for entry in entries:
        params = replace(entry.params, seeds=2, curve=False) if smoke else entry.params
        told = entry.control(
            constraint=None, data=case.study.data, recipe=None, rng=rng(0, "control")
        )
        started = process_time()
        found = finished(entry.run(case.study, params=params, rng=rng(0, entry.id)))
        spent = process_time() - started
        count = params.seeds * (1 + len(params.rates) * len(_named(found)))
        bare = count * float(np.median([case.bare_s() for _ in range(3)]))
        section.say(
            f"**{case.name}: `{entry.id}`.** {_verdict(entry, found)} {spent:.0f} CPU s for "
            f"{count} models, {spent / bare:.2f} times the bare trainings; control "
            f"{'passed' if told.passed else 'FAILED'}."
        )
        _table(section, found)
        section.targets += _promised(case, entry, found, passed=told.passed)
        if entry is cell_marks.ENTRY and "boosted" in case.name:
            what = f"{case.name}: CPU time of {entry.id} over that of its bare trainings"
            section.targets.append(results.Target.at_most(what, spent / bare, BAR_COST))


def _named(found: CheckResult) -> dict[str, Measure]:
    """Measures of the single ways, by name."""
    first = found.measures[0].name.split("-at-")[0]
    return {
        one.name.removeprefix(f"{first}-"): one
        for one in found.measures[1:]
        if one.name.startswith(f"{first}-")
    }


def _verdict(entry: Entry, found: CheckResult) -> str:
    name, op, value = entry.threshold
    line = Threshold(measure=name, op=op, value=value, source="default")
    outcome, reason = judged(found.measures[0], line, unsure=entry.unsure)
    return f"{outcome}: {reason}."


def _table(section: results.Section, found: CheckResult) -> None:
    curves = {one.name.replace(" ", "-"): one for one in found.series}
    rows = []
    rates: tuple[float, ...] = max((one.x for one in found.series), key=len, default=())
    for way, measure in _named(found).items():
        curve = curves.get(way)
        at = dict(zip(curve.x, curve.y, strict=True)) if curve else {}
        value = f"{measure.value or 0:.3f} ({measure.low or 0:.3f} to {measure.high or 0:.3f})"
        rows.append([way, *(f"{at[r]:.3f}" if r in at else "-" for r in rates), value])
    head = ["way", *(f"{100 * rate:g} %" for rate in rates), "at the deciding share (interval)"]
    section.table(head, rows)
    more = {one.name: one.value or 0.0 for one in found.measures}
    shown = [
        f"{name.replace('-', ' ')} {more[name]:.3f}"
        for name in ("clean-balanced-accuracy", "clean-spread", "clean-success", "accuracy-loss")
        if name in more
    ]
    section.say(f"{', '.join(shown)}.")


def _promised(
    case: Case, entry: Entry, found: CheckResult, *, passed: bool
) -> list[results.Target]:
    made = [
        results.Target.at_least(f"{case.name}: control of {entry.id} recovers", float(passed), 1.0)
    ]
    if entry is cell_marks.ENTRY and "ULB credit card, boosted" in case.name:
        value = _named(found)["jittered"].value or 0.0
        what = f"{case.name}: net success of the jittered mark at 1 %"
        made.append(results.Target.at_least(what, value, BAR_NET))
    return made


def _coverage(section: results.Section, *, studies: int) -> None:
    """How often the interval covers what it should, in made-up studies of five models."""
    rows, worst = [], 1.0
    for name, (draw, mean) in DRAWS.items():
        line: list[object] = [name]
        for models in (3, 5, 10):
            stream = rng(0, "cover", name, models)
            found = [spread(draw(stream, models), np.zeros(200, int)) for _ in range(studies)]
            share = float(np.mean([one.low <= mean <= one.high for one in found]))
            line.append(f"{share:.3f}")
            worst = min(worst, share) if models == 5 else worst
        rows.append(line)
    section.say(
        f"Share of {studies} made-up studies with 200 rows in which the 95 % interval covers the "
        "mean over all models and rows:"
    )
    section.table(["what differs", "3 models", "5 models", "10 models"], rows)
    what = "made-up studies of 5 models: the interval covers the truth, at the worst"
    section.targets.append(results.Target.at_least(what, worst, BAR_COVER))


Draw = Callable[[np.random.Generator, int], Array]


def _moody(stream: np.random.Generator, models: int) -> Array:
    return (stream.random((models, 200)) < stream.beta(2, 2, size=(models, 1))).astype(float)


def _stubborn(stream: np.random.Generator, models: int) -> Array:
    rows = np.where(stream.random(200) < 0.3, 0.9, 0.05)
    return (stream.random((models, 200)) < rows).astype(float)


def _paired(stream: np.random.Generator, models: int) -> Array:
    before, after = (stream.random((models, 200)) < share for share in (0.9, 0.85))
    return before.astype(float) - after


DRAWS: dict[str, tuple[Draw, float]] = {
    "models: success of 0 to 100 % from model to model": (_moody, 0.5),
    "rows: three in ten are nearly always lost": (_stubborn, 0.305),
    "accuracy before and after, 5 points apart": (_paired, 0.05),
}


@dataclass
class Restless:
    """Forests with luck of their own, whatever seed they are given."""

    fits: int = 0

    def fit(self, data: Dataset, rng: np.random.Generator) -> Any:
        """Train on the rows; every call draws anew."""
        del rng
        self.fits += 1
        model = RandomForestClassifier(10, max_depth=6, random_state=self.fits)
        return _Forest(model.fit(data.x, data.y), data.classes)


@dataclass(frozen=True)
class _Forest:
    model: Any
    classes: tuple[Any, ...]
    score_kind: str = "probability"

    def scores(self, x: Array) -> Array:
        return np.asarray(self.model.predict_proba(x), dtype=np.float64)


def _null(section: results.Section, *, repeats: int) -> None:
    """Poison that is none, and a recipe that is not deterministic: how often damage is seen."""
    table = subjects.load(TABLES["Spambase"][0], train=1000)
    others = load_dataset((table.test_x[:800], table.test_y[:800]), target=None).dataset
    train = load_dataset((table.train_x, table.train_y), target=None, schema=others.schema).dataset
    recipe, covered, failed = Restless(), 0, 0
    params = Params(rate=0.05, others=())
    for number in range(repeats):
        study = Study(model=recipe.fit(train, rng(0)), data=others, train=train, recipe=recipe)
        stream = rng(number, "null")
        found = finished(damage(study, kind=FLIPPED, plan=_idle, params=params, rng=stream))
        first = found.measures[0]
        covered += (first.low or 0.0) <= 0.0 <= (first.high or 0.0)
        failed += (first.low or 0.0) > flips.ENTRY.threshold[2]
    section.say(
        f"Nothing planted, forests of 10 trees with luck of their own on Spambase, {repeats} "
        f"studies of 5 seeds: the interval holds zero in {covered}, {failed} fail."
    )
    what = "nothing planted: share of the studies whose interval holds zero"
    section.targets.append(results.Target.at_least(what, covered / repeats, BAR_NULL))
    what = "nothing planted: studies that fail"
    section.targets.append(results.Target.at_most(what, float(failed), 0.0))


def _idle(place: Ground, *_: object) -> tuple[Way, ...]:
    train = place.train
    made = Poisoned(x=train.x, y=train.y, rows=np.zeros(0, dtype=np.int64))
    return (Way.unmarked("nothing", lambda *_: made),)


if __name__ == "__main__":
    main()
