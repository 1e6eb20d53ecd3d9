"""Repair: what is left of a planted mark after cleaning, unlearning and pruning; certificates."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from scipy.stats import t as student
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

import results
from bartizan.adapt.table import load_dataset
from bartizan.adapt.training.stand_in import Boosted, Fitted, Network
from bartizan.attack.poisoning.backdoor import planted
from bartizan.attack.poisoning.cell_triggers import in_bounds, jittered
from bartizan.attack.poisoning.picture_triggers import patch
from bartizan.attack.poisoning.success import net_success
from bartizan.core.arrays import Ints
from bartizan.core.classifier import Classifier, Recipe, decisions
from bartizan.core.dataset import Dataset
from bartizan.core.entry import finished
from bartizan.core.schema import Image, Schema
from bartizan.core.streams import rng
from bartizan.core.trigger import Poisoned, Trigger
from bartizan.data.cleaning.repair import AGAIN
from bartizan.data.cleaning.suspicion import Suspicion
from bartizan.data.detectors.entries import DETECTORS
from bartizan.data.labelled import Labelled
from bartizan.defend.certificate import Curve, certified_curve
from bartizan.defend.fine_pruning import balanced_accuracy, fine_pruned
from bartizan.defend.partition import certified, partitioned, require_repeatable
from bartizan.defend.unlearning import stamped, unlearnt

RATE = 0.01
"""Share of the training rows that carry the mark."""
RADII = (0, 1, 5, 10, 20)
PARTS = 50
BARS = {1: 0.90, 5: 0.84, 10: 0.66}
"""Certified accuracy that was promised, by changed rows."""
MARKS = ("poison.trigger", "poison.latent")
"""Detectors of planted marks; the others look for wrong labels."""
LEFT, LOST = 0.05, 0.01
TUNED = 0.1
"""Share of the training rows, honest ones, that repairs of networks are given."""


@dataclass(frozen=True)
class Case:
    """Rows, how a model learns from them, and a mark."""

    name: str
    data: Dataset
    recipe: Recipe
    trigger: Callable[[Dataset, np.random.Generator], Trigger]
    target: int
    held: float = 0.25


@dataclass(frozen=True)
class Planted:
    """One seed of a case."""

    train: Dataset
    test: Dataset
    poison: Poisoned
    poisoned: Dataset
    honest: Classifier
    """Trained without poison."""
    fooled: Classifier
    """Trained with it."""

    def net(self, model: Classifier, seed: int) -> float:
        """Success of the mark beyond what it does to the honest model."""
        trigger, target = self.poison.trigger, self.poison.target
        assert trigger is not None
        assert target is not None
        return net_success(
            model,
            self.honest,
            self.test.x,
            self.test.y,
            trigger=trigger,
            target=target,
            rng=rng(seed, "bench", "stamp"),
        ).value


@dataclass(frozen=True)
class Logistic:
    """The base of the vote.

    Pixels and penalty were chosen on splits of seeds 100 to 105, which are not reported: certified
    against 5 changes 0.854; pixels of 0..16 and penalty 1: 0.849; pixels of 0..1: 0.810.
    """

    def fit(self, data: Dataset, rng: np.random.Generator) -> Fitted:
        """Train; the solver draws no numbers."""
        del rng
        model = LogisticRegression(C=1000, max_iter=1000)
        return Fitted(model=model.fit(data.x, data.y), classes=data.classes)


def main() -> None:
    """Measure all of it."""
    options = results.options("Repair of data and models", samples=5)
    section = results.Section(
        name="repair",
        title="Repair: cleaning, unlearning, pruning, certificates",
        command="python benchmarks/bench_repair.py",
        packages=("bartizan", "numpy", "scikit-learn"),
    )
    seeds = range(1 if options.smoke else options.samples)
    cleaning(section, seeds, small=options.smoke)
    votes(section, seeds, small=options.smoke)
    networks(section, seeds, small=options.smoke)
    if not options.smoke:
        section.write()


def cleaning(section: results.Section, seeds: Sequence[int], *, small: bool) -> None:
    """Leave flagged rows out, train anew."""
    rows = []
    for case in cases(small=small):
        told = [one for seed in seeds for one in _cleaned(case, seed)]
        for who in dict.fromkeys(one["who"] for one in told):
            own = [one for one in told if one["who"] == who]
            rows.append([case.name, who, *(_interval([one[key] for one in own]) for key in _KEYS)])
            left, lost = (float(np.mean([one[key] for one in own])) for key in ("left", "lost"))
            section.targets += [
                results.Target.at_most(f"net success left, {case.name}, {who}", left, LEFT),
                results.Target.at_most(f"accuracy lost, {case.name}, {who}", lost, LOST),
            ]
    section.say(
        f"**Clean and retrain.** {len(seeds)} seeds, {RATE:.0%} of the training rows carry the "
        "mark; means with 95 % intervals over seeds. Net success: beyond what the mark does to a "
        "model that never saw poison. Accuracy lost: of the model that was trained with the poison "
        "less that of the one trained anew. *perfect* = exactly the planted rows leave. Detectors "
        "are asked directly: their planted cases, without which the command line believes none of "
        "them, are not part of this, and the rows of a detector count whatever its verdict."
    )
    section.table(
        (
            "case",
            "detector",
            "found",
            "honest rows flagged",
            "net success before",
            "after",
            "accuracy lost",
        ),
        rows,
    )


_KEYS = ("found", "false", "was", "left", "lost")


def _cleaned(case: Case, seed: int) -> Iterator[dict[str, Any]]:
    one = poisoned(case, seed)
    was, right = one.net(one.fooled, seed), _accuracy(one.fooled, one.test)
    for who, gone in _detected(one, seed):
        kept = np.delete(np.arange(len(one.poisoned.y)), gone)
        model = case.recipe.fit(one.poisoned.take(kept), rng(seed, "bench", "fit"))
        hits = len(np.intersect1d(gone, one.poison.rows))
        yield {
            "who": who,
            "found": hits / len(one.poison.rows),
            "false": (len(gone) - hits) / (len(one.poisoned.y) - len(one.poison.rows)),
            "was": was,
            "left": one.net(model, seed),
            "lost": right - _accuracy(model, one.test),
        }


def _detected(one: Planted, seed: int) -> Iterator[tuple[str, Ints]]:
    """Rows that leave: the planted ones, and what each detector points at."""
    yield "perfect", one.poison.rows
    rows = Labelled(data=one.poisoned, seed=seed)
    for module in DETECTORS:
        entry = module.ENTRY
        if entry.id not in MARKS or module.applies(rows):
            continue
        answer = finished(entry.run(rows, params=entry.params, rng=rng(seed, "data", entry.id)))
        found = Suspicion.of({entry.id: answer}, one.poisoned)
        yield entry.id, found.within(one.poisoned)


def votes(section: results.Section, seeds: Sequence[int], *, small: bool) -> None:
    """Certificates of a vote."""
    rows, curves, took = [], [], 0.0
    for seed in seeds:
        order = rng(seed, "bench", "digits").permutation(1797)
        train, test = (digits().take(part) for part in np.split(order, [1300]))
        began = process_time()
        curves.append(_vote(train, test, seed=seed, count=10 if small else PARTS))
        took += process_time() - began
    rows += _curve_rows("digits, logistic", curves)
    for radius, bar in BARS.items():
        mean = float(np.mean([_at(curve, radius) for curve in curves]))
        section.targets.append(
            results.Target.at_least(f"certified, digits, {radius} changed rows", mean, bar)
        )
    if not small:
        for balanced in (False, True):
            curves = [_fraud_vote(seed, balanced=balanced) for seed in seeds]
            rows += _curve_rows("card fraud, trees" + (", balanced" if balanced else ""), curves)
    section.say(
        f"**Partition aggregation.** {PARTS} models, {len(seeds)} seeds; share of test rows that "
        "is right and certified against so many training rows added or removed (a changed row "
        f"counts as two). Digits: 1,300 training rows, {took / len(seeds):.2g} s of processor time "
        "a seed. The base is the third that was tried on digits: pixels of 0..1 (0.803 against 5 "
        "changes) and of 0..16 with penalty 1 (0.832) missed the bar on the seeds reported here; "
        "this one was then chosen among 13 settings on other splits (seeds 100 to 105)."
    )
    section.table(("case", "measure", *(f"@{radius}" for radius in RADII), "constant class"), rows)


def _vote(train: Dataset, test: Dataset, *, seed: int, count: int, balanced: bool = False) -> Curve:
    recipe: Recipe = Logistic() if train.schema.image is not None else Boosted(rounds=30)
    require_repeatable(train, recipe, count=count, seed=seed)
    models = partitioned(train, recipe, count=count, seed=seed, balanced=balanced)
    return certified_curve(certified(models.votes(test.x)), test.y, radii=RADII)


def _fraud_vote(seed: int, *, balanced: bool) -> Curve:
    data = fraud()
    order = rng(seed, "bench", "fraud").permutation(len(data.y))
    test, train = (data.take(part) for part in np.split(order, [len(order) // 4]))
    return _vote(train, test, seed=seed, count=PARTS, balanced=balanced)


def _curve_rows(name: str, curves: Sequence[Curve]) -> list[list[object]]:
    share = [_interval([_at(curve, radius) for curve in curves]) for radius in RADII]
    even = [_interval([_at(curve, radius, even=True) for curve in curves]) for radius in RADII]
    return [
        [name, "certified", *share, _interval([curve.constant for curve in curves])],
        [name, "balanced", *even, _interval([curve.constant_balanced for curve in curves])],
    ]


def _at(curve: Curve, radius: int, *, even: bool = False) -> float:
    point = next(one for one in curve.points if one.radius == radius)
    return point.balanced[0] if even else point.share[0]


def networks(section: results.Section, seeds: Sequence[int], *, small: bool) -> None:
    """Repairs of a network, and whether the old answer comes back."""
    told: dict[str, list[tuple[float, float, float]]] = {}
    case = clothes(rows=600 if small else 4000)
    for seed in seeds:
        one = poisoned(case, seed)
        for who, model in _repairs(one, seed):
            told.setdefault(who, []).append(
                (
                    one.net(model, seed),
                    balanced_accuracy(model, one.test),
                    one.net(_again(model, one, seed), seed),
                )
            )
    section.say(
        f"**Repairs of a network.** {case.name}, {len(seeds)} seeds, {TUNED:.0%} of the training "
        "rows, honest ones, for the repair; the mark is known exactly. Re-activated: "
        f"{AGAIN} poisoned rows among 200 honest ones, shown five times. *honest* was never "
        "poisoned: what the same rows do to it says how much of a return is new learning."
    )
    section.table(
        ("network", "net success", "balanced accuracy", "net success re-activated"),
        [
            [who, *(_interval([one[place] for one in own]) for place in range(3))]
            for who, own in told.items()
        ],
    )
    fooled = float(np.mean([one[1] for one in told["poisoned"]]))
    for who in ("unlearning", "fine-pruning"):
        left, right = (float(np.mean([one[place] for one in told[who]])) for place in (0, 1))
        section.targets += [
            results.Target.at_most(f"net success left, {who}", left, LEFT),
            results.Target.at_most(f"balanced accuracy lost, {who}", fooled - right, 2 * LOST),
        ]


def _repairs(one: Planted, seed: int) -> Iterator[tuple[str, Any]]:
    """The poisoned network, what repairs make of it, and an honest one."""
    honest = np.setdiff1d(np.arange(len(one.train.y)), one.poison.rows)
    spare = one.train.take(honest[: int(TUNED * len(one.train.y))])
    model: Any = one.fooled
    assert one.poison.trigger is not None
    yield "poisoned", model
    yield "unlearning", unlearnt(model, spare, one.poison.trigger, rng=rng(seed, "bench", "repair"))
    yield "fine-pruning", fine_pruned(model, spare, rng=rng(seed, "bench", "repair")).model
    yield "honest", one.honest


def _again(model: Any, one: Planted, seed: int) -> Classifier:
    """The network after a few poisoned rows."""
    stream, poison = rng(seed, "bench", "again"), one.poison
    assert poison.trigger is not None
    rows = stream.permutation(np.flatnonzero(one.train.y != poison.target))[:220]
    shown = stamped(
        one.train.take(rows),
        poison.trigger,
        rows=np.arange(AGAIN),
        rng=stream,
        target=poison.target,
    )
    made: Classifier = model.tuned(shown, stream, rounds=5)
    return made


def cases(*, small: bool) -> list[Case]:
    """What is cleaned."""
    data = fraud()
    if small:
        return [clothes(rows=600)]
    trees = Boosted()
    return [
        Case(
            "card fraud, constant",
            data,
            trees,
            lambda d, r: in_bounds(d, region="sparse", rng=r),
            0,
        ),
        Case("card fraud, jittered", data, trees, lambda d, r: jittered(d, rng=r), 0),
        clothes(rows=4000),
    ]


def poisoned(case: Case, seed: int) -> Planted:
    """Split, plant and train."""
    order = rng(seed, "bench", "split").permutation(len(case.data.y))
    held = int(case.held * len(order))
    test, train = case.data.take(order[:held]), case.data.take(np.sort(order[held:]))
    stream = rng(seed, "bench", "plant")
    trigger = case.trigger(train, stream)
    poison = planted(train.x, train.y, trigger=trigger, target=case.target, rate=RATE, rng=stream)
    with_them = replace(train, x=poison.x, y=poison.y)
    honest, fooled = (
        case.recipe.fit(data, rng(seed, "bench", "fit")) for data in (train, with_them)
    )
    return Planted(train, test, poison, with_them, honest, fooled)


def clothes(*, rows: int) -> Case:
    """Fashion-MNIST with a patch."""
    with np.load(_folder() / "fashion-mnist" / "fashion_mnist_20k_10k.npz") as arrays:
        whole = load_dataset((arrays["x_train"][:rows], arrays["y_train"][:rows]), target=None)
    data = whole.dataset
    image = data.schema.image
    assert image is not None
    return Case(
        f"Fashion-MNIST, {rows:,} rows, patch",
        data,
        Network(),
        lambda _, stream: patch(image, rng=stream),
        0,
    )


def fraud() -> Dataset:
    """ULB card fraud."""
    path = _folder() / "ulb-creditcard" / "creditcard_union_sample.csv.gz"
    return load_dataset(path, target="Class").dataset


def digits() -> Dataset:
    """Digits of 8 x 8, each of length 1."""
    x, y = load_digits(return_X_y=True)
    return Dataset(
        name="digits",
        x=x / np.linalg.norm(x, axis=1, keepdims=True),
        y=np.asarray(y, dtype=np.int64),
        classes=tuple(range(10)),
        ids=np.arange(len(y)),
        schema=Schema(image=Image(height=8, width=8, channels=1)),
        digest="",
    )


def _accuracy(model: Classifier, data: Dataset) -> float:
    return float((decisions(model.scores(data.x)) == data.y).mean())


def _interval(values: Sequence[float]) -> str:
    """Mean and 95 % interval over seeds."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return f"{mean:.3f}"
    wide = float(student.ppf(0.975, len(values) - 1) * np.std(values, ddof=1)) / len(values) ** 0.5
    return f"{mean:.3f} ± {wide:.3f}"


def _folder() -> Path:
    return Path(os.environ.get("BARTIZAN_DATA", results.ROOT.parent / "shared" / "data"))


if __name__ == "__main__":
    main()
