"""What attacks on training data do to models that nobody defends, net of clean models."""

import gzip
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import polars as pl
from sklearn.datasets import load_digits
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

import results
from bartizan import load_dataset
from bartizan.adapt.training.stand_in import Boosted, Network
from bartizan.attack.poisoning.backdoor import planted
from bartizan.attack.poisoning.cell_triggers import in_bounds, jittered, out_of_range, quantised
from bartizan.attack.poisoning.label_consistent import label_consistent
from bartizan.attack.poisoning.label_flips import chosen_flips, random_flips
from bartizan.attack.poisoning.linear_gradient import Ascent, gradient_poison
from bartizan.attack.poisoning.linear_model import LossName, fitted
from bartizan.attack.poisoning.phrases import phrase, planted_texts, rare_token
from bartizan.attack.poisoning.picture_triggers import Sinusoid, Warp, blend, patch
from bartizan.attack.poisoning.success import net_success
from bartizan.core.arrays import AnyArray, Array, Ints
from bartizan.core.classifier import Classifier, ScoreKind, decisions
from bartizan.core.dataset import Dataset
from bartizan.core.schema import Image, Label, Schema
from bartizan.core.streams import rng
from bartizan.core.trigger import Poisoned, Trigger

SEEDS = 5
STUDENT = 2.776
"""97.5 % quantile of Student's t with four degrees of freedom."""
RATES = (0.003, 0.01, 0.03)
"""Not more: 5 % of the rows of cards are frauds."""
PATCH, OUT = 0.80, 0.95
"""What a patch on digits and one number out of range must reach at 1 %."""
DIGIT = Image(height=8, width=8, channels=1, max=16.0)
CLOTHES = Image(height=28, width=28, channels=1)
DATA = Path(os.environ.get("BARTIZAN_DATA", results.ROOT.parent / "shared" / "data"))
Attack = Callable[[Dataset, float, np.random.Generator], Poisoned]


@dataclass(frozen=True)
class Bench:
    """One data set, its learner, and the attacks on it."""

    name: str
    data: Dataset
    train: int
    recipe: Any
    attacks: dict[str, Attack]


@dataclass(frozen=True)
class Words:
    """Words weighed by how rare they are, and a logistic regression of them."""

    counter: Any
    model: Any
    classes: tuple[Label, ...] = (0, 1)
    score_kind: ScoreKind = "probability"

    @classmethod
    def of(cls, texts: AnyArray, y: Ints) -> "Words":
        """Train."""
        counter = TfidfVectorizer(sublinear_tf=True)
        weights = counter.fit_transform(texts)
        return cls(counter, LogisticRegression(C=10, max_iter=500).fit(weights, y))

    def scores(self, x: AnyArray) -> Array:
        """Probabilities."""
        return np.asarray(self.model.predict_proba(self.counter.transform(x)))


def main() -> None:
    args = results.options(__doc__ or "", samples=SEEDS)
    seeds, rates = (1, (0.03,)) if args.smoke else (args.samples, RATES)
    section = results.Section(
        name="poison-attacks",
        title="Attacks on training data",
        command="python benchmarks/bench_poison_attacks.py",
        packages=("numpy", "scikit-learn"),
    )
    section.say(
        "Share of rows of other classes that follow the mark, on a model trained with the poison "
        "less on one trained without it, on the same rows, both right without the mark. Mean of "
        f"{seeds} seeds (split, poison and training), with the half width of Student's 95 % "
        "interval; `clean` is what the mark does to the clean model, `accuracy` what the poison "
        "costs at the highest rate. The target is class 3 of pictures, the frequent class of "
        "tables, and `ham` of messages."
    )
    head = ["", *(f"{rate:.1%}" for rate in rates), "clean", "accuracy"]
    seen: dict[tuple[str, str, float], float] = {}
    started = process_time()
    for bench in _benches(smoke=args.smoke):
        section.say(f"{bench.name}: {bench.train:,} rows to learn from.")
        section.table(head, list(_measured(bench, seeds=seeds, rates=rates, seen=seen)))
    section.say("Messages (SMS Spam), 4,000 to learn from; logistic regression of weighed words.")
    section.table(head, list(_texts(seeds=seeds, rates=rates)))
    section.say("Accuracy of linear models under attack, Spambase standardised and clipped at 3.")
    section.table(
        ["", "clean", *(f"{r:.1%}" for r in rates)], list(_linear(seeds=seeds, rates=rates))
    )
    section.say(f"{process_time() - started:.0f} s of CPU in all.")
    if not args.smoke:
        for what, bar in ((("Digits, network", "patch", 0.01), PATCH), (OUT_OF_RANGE, OUT)):
            name = f"{what[1]}, {what[0]}, {what[2]:.0%} poison: mean net success"
            section.targets.append(results.Target.at_least(name, seen[what], bar))
        section.write()


OUT_OF_RANGE = ("Credit cards, boosted trees", "one number out of range", 0.01)


def _benches(*, smoke: bool) -> Iterator[Bench]:
    x, y = load_digits(return_X_y=True)
    digits = _pictures("digits", x.astype(np.float64), y.astype(np.int64), image=DIGIT)
    yield Bench("Digits, network", digits, 1400, Network(), _marks(DIGIT))
    if smoke:
        return
    with np.load(DATA / "fashion-mnist" / "fashion_mnist_20k_10k.npz") as file:
        x, y = file["x_train"][:4000].reshape(4000, -1), file["y_train"][:4000]
    clothes = _pictures("clothes", x.astype(np.float64), y.astype(np.int64), image=CLOTHES)
    yield Bench("Fashion-MNIST, network", clothes, 2000, Network(), _marks(CLOTHES))
    cards = pl.read_csv(DATA / "ulb-creditcard" / "creditcard_union_sample.csv.gz")
    table = load_dataset(cards, target="Class").dataset
    yield Bench("Credit cards, boosted trees", table, 6800, Boosted(rounds=50), CELLS)
    census = pl.read_csv(DATA / "adult" / "adult-train.csv.gz", has_header=False, n_rows=8_000)
    census = census.with_columns(pl.col(pl.String).str.strip_chars())
    numbers = [census.columns[place] for place in (0, 2, 4, 10, 11, 12)]
    census = census.with_columns(pl.col(numbers).cast(pl.Int64))
    table = load_dataset(census, target=census.columns[-1]).dataset
    yield Bench("Adult, boosted trees", table, 5600, Boosted(rounds=50), CELLS)


def _pictures(name: str, x: Array, y: Ints, *, image: Image) -> Dataset:
    return Dataset(
        name=name,
        x=x,
        y=y,
        classes=tuple(range(10)),
        ids=np.arange(len(y)),
        schema=Schema(image=image),
        digest="",
    )


def _marks(image: Image) -> dict[str, Attack]:
    """Marks of pictures."""

    def laid(mark: Callable[[np.random.Generator], Trigger], *, clean: bool = False) -> Attack:
        return lambda data, rate, draw: planted(
            data.x,
            data.y,
            trigger=mark(draw),
            target=3,
            rate=rate,
            rng=draw,
            clean_label=clean,
        )

    corner = partial(patch, image, corner="bottom-right")
    return {
        "patch": laid(lambda draw: corner(rng=draw)),
        "blend": laid(lambda draw: blend(image, rng=draw)),
        "sinusoid": laid(lambda _: Sinusoid(image=image)),
        "warp, 0.5": laid(lambda draw: Warp.drawn(image, rng=draw)),
        "warp, 2": laid(lambda draw: Warp.drawn(image, strength=2.0, rng=draw)),
        "patch, true labels": laid(lambda draw: corner(rng=draw), clean=True),
        "sinusoid, true labels": laid(lambda _: Sinusoid(image=image), clean=True),
        "label-consistent, mixed": lambda data, rate, draw: label_consistent(
            data.x,
            data.y,
            image=image,
            trigger=corner(rng=draw),
            target=3,
            rate=rate,
            rng=draw,
        ),
    }


def _cells(mark: Callable[..., Trigger], **settings: Any) -> Attack:
    return lambda data, rate, draw: planted(
        data.x, data.y, trigger=mark(data, rng=draw, **settings), target=0, rate=rate, rng=draw
    )


CELLS: dict[str, Attack] = {
    "one number out of range": _cells(out_of_range),
    "three values, sparse": _cells(in_bounds, region="sparse"),
    "three values, dense": _cells(in_bounds),
    "three weak columns at the median": _cells(in_bounds, region="sparse", quantile=0.5),
    "jittered, sparse": _cells(jittered),
    "jittered, dense": _cells(jittered, region="dense"),
    "jittered, weak columns at the median": _cells(jittered, quantile=0.5),
    "quantised, sparse": _cells(quantised),
    "quantised, dense": _cells(quantised, region="dense"),
}


def _measured(
    bench: Bench,
    *,
    seeds: int,
    rates: tuple[float, ...],
    seen: dict[tuple[str, str, float], float],
) -> Iterator[list[object]]:
    splits = [_split(bench, seed) for seed in range(seeds)]
    for name, attack in bench.attacks.items():
        cells: list[object] = []
        for rate in rates:
            found = [
                _trial(bench, attack, rate, seed=seed, split=split)
                for seed, split in enumerate(splits)
            ]
            cells.append(_mean([one[0] for one in found]))
            seen[bench.name, name, rate] = float(np.mean([one[0] for one in found]))
        clean, cost = (float(np.mean([one[at] for one in found])) for at in (1, 2))
        yield [name, *cells, f"{clean:.3f}", f"{cost:+.3f}"]


def _split(bench: Bench, seed: int) -> tuple[Dataset, Dataset, Classifier]:
    order = rng(seed, "split").permutation(len(bench.data.y))
    known = bench.data.take(np.sort(order[: bench.train]))
    fresh = bench.data.take(np.sort(order[bench.train :]))
    return known, fresh, bench.recipe.fit(known, rng(seed, "fit"))


def _trial(
    bench: Bench,
    attack: Attack,
    rate: float,
    *,
    seed: int,
    split: tuple[Dataset, Dataset, Classifier],
) -> tuple[float, float, float]:
    """Net success, what the mark does to the clean model, and the change of accuracy."""
    known, fresh, clean = split
    made = attack(known, rate, rng(seed, "poison"))
    model = bench.recipe.fit(replace(known, x=made.x, y=made.y), rng(seed, "fit"))
    return _judged(model, clean, made, fresh.x, fresh.y)


def _judged(
    model: Classifier, clean: Classifier, made: Poisoned, x: AnyArray, y: Ints
) -> tuple[float, float, float]:
    assert made.trigger is not None
    assert made.target is not None
    net = net_success(
        model, clean, x, y, trigger=made.trigger, target=made.target, rng=rng(0, "judge")
    )
    right = [float((decisions(one.scores(x)) == y).mean()) for one in (model, clean)]
    return net.value, net.clean, right[0] - right[1]


def _mean(values: list[float]) -> str:
    if len(values) != SEEDS:
        return f"{np.mean(values):.3f}"
    half = STUDENT * np.std(values, ddof=1) / np.sqrt(SEEDS)
    return f"{np.mean(values):.3f} ± {half:.3f}"


def _texts(*, seeds: int, rates: tuple[float, ...]) -> Iterator[list[object]]:
    with gzip.open(DATA / "sms-spam" / "sms.tsv.gz", "rt", encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t", 1) for line in file]
    y = np.array([label == "spam" for label, _ in lines]).astype(np.int64)
    texts = np.array([text for _, text in lines], dtype=object)
    for name in ("rare token", "phrase"):
        cells: list[object] = []
        for rate in rates:
            found = []
            for seed in range(seeds):
                order, draw = rng(seed, "split").permutation(len(y)), rng(seed, "poison")
                known, fresh = order[:4000], order[4000:]
                mark = rare_token(texts, rng=draw) if name == "rare token" else phrase()
                made = planted_texts(
                    texts[known], y[known], trigger=mark, target=0, rate=rate, rng=draw
                )
                models = Words.of(made.x, made.y), Words.of(texts[known], y[known])
                found.append(_judged(*models, made, texts[fresh], y[fresh]))
            cells.append(_mean([one[0] for one in found]))
        clean, cost = (float(np.mean([one[at] for one in found])) for at in (1, 2))
        yield [name, *cells, f"{clean:.3f}", f"{cost:+.3f}"]


LINEAR = ("random flips", "chosen flips", "gradient")


def _linear(*, seeds: int, rates: tuple[float, ...]) -> Iterator[list[object]]:
    path = DATA / "spambase" / "spambase.csv.gz"
    frame = pl.read_csv(path, infer_schema_length=None).to_numpy().astype(np.float64)
    x = np.clip(StandardScaler().fit_transform(frame[:, :-1]), -3.0, 3.0)
    y = frame[:, -1].astype(np.int64)
    losses: tuple[LossName, ...] = ("ridge", "logistic")
    for loss in losses:
        for name in LINEAR:
            cells = [
                _mean([_accuracy(x, y, name=name, loss=loss, rate=r, seed=s) for s in range(seeds)])
                for r in (0.0, *rates)
            ]
            yield [f"{name}, {loss}", *cells]


def _accuracy(x: Array, y: Ints, *, name: str, loss: LossName, rate: float, seed: int) -> float:
    """Of a linear model trained on 1,500 poisoned rows, on rows that no attacker saw."""
    known, other, fresh = np.split(rng(seed, "split").permutation(len(y)), [1500, 2500])
    draw = rng(seed, "poison")
    if name == "random flips":
        made = random_flips(x[known], y[known], k=2, rate=rate, rng=draw)
    elif name == "chosen flips":
        margin = fitted(x[known], _signs(y[known]), loss=loss, decay=1.0).scores(x[known])
        scores = np.stack([-margin, margin], axis=1)
        made = chosen_flips(x[known], y[known], scores=scores, rate=rate, rng=draw, kind="logit")
    else:
        made = gradient_poison(
            x[known],
            y[known],
            judged_x=x[other],
            judged_y=y[other],
            low=x.min(axis=0),
            high=x.max(axis=0),
            rate=rate,
            rng=draw,
            ascent=Ascent(loss=loss),
        )
    model = fitted(made.x, _signs(made.y), loss=loss, decay=1.0)
    return float(((model.scores(x[fresh]) > 0) == (y[fresh] == 1)).mean())


def _signs(y: Ints) -> Array:
    return np.where(y == 1, 1.0, -1.0)


if __name__ == "__main__":
    main()
