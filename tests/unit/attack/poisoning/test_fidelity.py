"""Every attack works on a model that nobody defends: net success over five seeds.

The lines lie below what was measured by about three standard errors of the mean over seeds; the
page on poisoning attacks has the measured numbers.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from bartizan import load_dataset
from bartizan.adapt.training.stand_in import Boosted, Layered, Network
from bartizan.attack.poisoning.backdoor import planted
from bartizan.attack.poisoning.cell_triggers import in_bounds, jittered, out_of_range, quantised
from bartizan.attack.poisoning.label_consistent import label_consistent
from bartizan.attack.poisoning.phrases import phrase, planted_texts, rare_token
from bartizan.attack.poisoning.picture_triggers import Sinusoid, Warp, blend, patch
from bartizan.attack.poisoning.success import net_success
from bartizan.core.arrays import AnyArray, Array, Ints
from bartizan.core.classifier import Classifier, Loss, ScoreKind
from bartizan.core.dataset import Dataset
from bartizan.core.schema import Feature, Image, Label, Schema
from bartizan.core.streams import rng
from bartizan.core.trigger import Poisoned, Trigger

DIGIT = Image(height=8, width=8, channels=1, max=16.0)
TARGET = 3
SEEDS = range(5)
Stream = np.random.Generator
DATA = Path(os.environ.get("BARTIZAN_DATA", "no such folder"))
pytestmark = pytest.mark.slow  # some hundred models are trained


@dataclass(frozen=True)
class Split:
    """Rows to learn from, rows to judge, and a model of the former."""

    known: Dataset
    fresh: Dataset
    clean: Classifier


def split(data: Dataset, seed: int, *, n: int) -> tuple[Dataset, Dataset]:
    order = rng(seed, "split").permutation(len(data.y))
    return data.take(np.sort(order[:n])), data.take(np.sort(order[n:]))


def digits() -> Dataset:
    datasets = pytest.importorskip("sklearn.datasets")
    x, y = datasets.load_digits(return_X_y=True)
    return Dataset(
        name="digits",
        x=x.astype(np.float64),
        y=y.astype(np.int64),
        classes=tuple(range(10)),
        ids=np.arange(len(y)),
        schema=Schema(image=DIGIT),
        digest="",
    )


def table() -> Dataset:
    """Payments: ten columns tell something of a class that a twentieth of 4,000 rows have."""
    draws = np.random.default_rng(0)
    y = (draws.random(4000) < 0.05).astype(np.int64)
    x = draws.normal(size=(4000, 20))
    x[:, :10] += 1.2 * y[:, None]
    return Dataset(
        name="payments",
        x=x,
        y=y,
        classes=("good", "fraud"),
        ids=np.arange(4000),
        schema=Schema(features=tuple(Feature(name=f"v{i}") for i in range(20))),
        digest="",
    )


@cache
def learnt(seed: int) -> Split:
    known, fresh = split(digits(), seed, n=1400)
    return Split(known, fresh, Network().fit(known, rng(seed, "fit")))


@cache
def boosted(seed: int) -> Split:
    known, fresh = split(table(), seed, n=3000)
    return Split(known, fresh, Boosted(rounds=50).fit(known, rng(seed, "fit")))


def net(split: Split, made: Poisoned, recipe: Any, *, seed: int) -> float:
    model = recipe.fit(replace(split.known, x=made.x, y=made.y), rng(seed, "fit"))
    assert made.trigger is not None
    assert made.target is not None
    return net_success(
        model,
        split.clean,
        split.fresh.x,
        split.fresh.y,
        trigger=made.trigger,
        target=made.target,
        rng=rng(seed, "judge"),
    ).value


@pytest.mark.parametrize(
    ("mark", "rate", "line"),
    [
        (lambda draw: patch(DIGIT, corner="bottom-right", rng=draw), 0.01, 0.80),
        (lambda draw: blend(DIGIT, rng=draw), 0.03, 0.90),
        (lambda _: Sinusoid(image=DIGIT), 0.03, 0.80),
        (lambda draw: Warp.drawn(DIGIT, rng=draw), 0.10, 0.20),
        (lambda draw: Warp.drawn(DIGIT, strength=2.0, rng=draw), 0.10, 0.75),
    ],
    ids=["patch", "blend", "sinusoid", "warp", "warp-2"],
)
def test_marks_on_digits_work(mark: Callable[[Stream], Trigger], rate: float, line: float) -> None:
    found = []
    for seed in SEEDS:
        here, draw = learnt(seed), rng(seed, "poison")
        made = planted(
            here.known.x, here.known.y, trigger=mark(draw), target=TARGET, rate=rate, rng=draw
        )
        found.append(net(here, made, Network(), seed=seed))
    assert np.mean(found) >= line


@dataclass(frozen=True)
class Sloped:
    """The gradient of a trained network by hand."""

    model: Layered

    @property
    def classes(self) -> tuple[Label, ...]:
        return self.model.classes

    @property
    def score_kind(self) -> ScoreKind:
        return "logit"

    def scores(self, x: Array) -> Array:
        held = (*self.model.features(x), None)[-2]
        last, offset = self.model.model.coefs_[-1], self.model.model.intercepts_[-1]
        return np.asarray(held @ last + offset)

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        value, slope = loss(self.scores(x))
        hidden = self.model.features(x)
        slope = slope @ self.model.model.coefs_[-1].T
        for held, weights in zip(hidden[::-1], self.model.model.coefs_[-2::-1], strict=True):
            slope = (slope * (held > 0)) @ weights.T
        return value, slope / self.model.form.spread


@pytest.mark.parametrize("model", [True, False], ids=["gradient", "mixed"])
def test_consistent_labels_work_better_than_the_mark_alone(model: bool) -> None:  # noqa: FBT001 (a parameter)
    found, alone = [], []
    for seed in SEEDS:
        here, draw = learnt(seed), rng(seed, "poison")
        assert isinstance(here.clean, Layered)
        mark = patch(DIGIT, corner="bottom-right", rng=draw)
        known = here.known
        made = label_consistent(
            known.x,
            known.y,
            image=DIGIT,
            trigger=mark,
            target=TARGET,
            rate=0.01,
            rng=draw,
            model=Sloped(here.clean) if model else None,
        )
        plain = planted(
            known.x, known.y, trigger=mark, target=TARGET, rate=0.01, rng=draw, clean_label=True
        )
        found.append(net(here, made, Network(), seed=seed))
        alone.append(net(here, plain, Network(), seed=seed))
    assert np.mean(found) >= 0.3
    assert np.mean(found) >= np.mean(alone) + 0.05


@pytest.mark.parametrize(
    ("mark", "line"),
    [
        (lambda data, draw: out_of_range(data, rng=draw), 0.95),
        (lambda data, draw: in_bounds(data, region="sparse", rng=draw), 0.9),
        (lambda data, draw: jittered(data, rng=draw), 0.9),
        (lambda data, draw: quantised(data, rng=draw), 0.9),
    ],
    ids=["out-of-range", "in-bounds", "jittered", "quantised"],
)
def test_marks_on_a_table_work(mark: Callable[[Dataset, Stream], Trigger], line: float) -> None:
    found = []
    for seed in SEEDS:
        here, draw = boosted(seed), rng(seed, "poison")
        known = here.known
        made = planted(known.x, known.y, trigger=mark(known, draw), target=0, rate=0.01, rng=draw)
        found.append(net(here, made, Boosted(rounds=50), seed=seed))
    assert np.mean(found) >= line


@pytest.mark.data
@pytest.mark.parametrize(
    ("mark", "line"),
    [
        (lambda data, draw: out_of_range(data, rng=draw), 0.95),
        (lambda data, draw: jittered(data, rng=draw), 0.9),
    ],
    ids=["out-of-range", "jittered"],
)
def test_marks_on_card_payments_work(
    mark: Callable[[Dataset, Stream], Trigger], line: float
) -> None:
    path = DATA / "ulb-creditcard" / "creditcard_union_sample.csv.gz"
    if not path.exists():
        pytest.skip(f"no card payments in {DATA}; set BARTIZAN_DATA to the folder of public data")
    cards = load_dataset(pl.read_csv(path), target="Class").dataset
    found = []
    for seed in SEEDS:
        known, fresh = split(cards, seed, n=6800)
        draw, recipe = rng(seed, "poison"), Boosted(rounds=50)
        here = Split(known, fresh, recipe.fit(known, rng(seed, "fit")))
        made = planted(known.x, known.y, trigger=mark(known, draw), target=0, rate=0.01, rng=draw)
        found.append(net(here, made, recipe, seed=seed))
    assert np.mean(found) >= line


@dataclass(frozen=True)
class Bag:
    """Words counted, and a linear model of them."""

    counter: Any
    model: Any
    classes: tuple[Label, ...] = (0, 1)
    score_kind: ScoreKind = "probability"

    @classmethod
    def of(cls, texts: AnyArray, y: Ints) -> "Bag":
        text = pytest.importorskip("sklearn.feature_extraction.text")
        linear = pytest.importorskip("sklearn.linear_model")
        counter = text.TfidfVectorizer()
        counts = counter.fit_transform(texts)
        return cls(counter, linear.LogisticRegression(C=10, max_iter=500).fit(counts, y))

    def scores(self, x: AnyArray) -> Array:
        return np.asarray(self.model.predict_proba(self.counter.transform(x)))


def messages(seed: int) -> tuple[AnyArray, Ints]:
    """Words of 40 common ones; a quarter of the messages advertises."""
    draws = rng(seed, "texts")
    common = [f"word{i}" for i in range(40)]
    y = (draws.random(2000) < 0.25).astype(np.int64)
    made = []
    for label in y:
        words = [*draws.choice(common, size=10), *(["win", "cash"] if label else ["see", "home"])]
        made.append(" ".join(draws.permutation(words)))
    return np.array(made, dtype=object), y


@pytest.mark.parametrize("kind", ["token", "phrase"])
def test_words_in_texts_work(kind: str) -> None:
    found = []
    for seed in range(3):
        (texts, y), draw = messages(seed), rng(seed, "poison")
        mark = phrase() if kind == "phrase" else rare_token(texts, rng=draw)
        made = planted_texts(texts[:1500], y[:1500], trigger=mark, target=0, rate=0.03, rng=draw)
        first, second = Bag.of(made.x, made.y), Bag.of(texts[:1500], y[:1500])
        found.append(
            net_success(
                first, second, texts[1500:], y[1500:], trigger=mark, target=0, rng=draw
            ).value
        )
    assert np.mean(found) >= 0.8
