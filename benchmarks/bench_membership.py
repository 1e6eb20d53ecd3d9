"""Membership inference: time of shadow models, and what is found beside ART's attacks."""

import io
import os
import tarfile
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from art.attacks.inference.membership_inference import (
    MembershipInferenceBlackBox,
    MembershipInferenceBlackBoxRuleBased,
    ShadowModels,
)
from art.estimators.classification import SklearnClassifier
from lightgbm import LGBMClassifier
from scipy.stats import norm
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression

import results
import subjects
from bartizan.adapt import bind, load_dataset, load_model, load_recipe
from bartizan.assess.candidates import Candidates, candidates
from bartizan.assess.membership import Params, run
from bartizan.attack.likelihood_ratio import balanced, likelihood_ratio
from bartizan.attack.roc import Roc, area
from bartizan.core.arrays import AnyArray, Array, Ints
from bartizan.core.entry import CheckResult, Study, finished
from bartizan.core.streams import rng

SHADOWS = 64
"""Shadow models whose training was promised within the bar."""
BAR_S, BAR_NULL, BAR_BOOK, BAR_SCORE_S = 30.0, 0.02, 0.005, 2.0
LEARNERS = ("nn", "rf", "gb", "lr", "dt", "knn", "svm")
"""Attack models that ART brings."""


@dataclass
class Case:
    """A fitted model, rows it was trained on, and rows it was not."""

    name: str
    model: Any
    train: tuple[Array, Ints]
    rest: tuple[Array, Ints]
    pieces: dict[str, Mapping[str, AnyArray]] = field(default_factory=dict)

    @classmethod
    def fitted(cls, name: str, model: Any, x: Array, y: Ints, *, size: int) -> "Case":
        """Train on the first rows."""
        return cls(name, model.fit(x[:size], y[:size]), (x[:size], y[:size]), (x[size:], y[size:]))

    def study(self) -> Study:
        """All that the check works with; it keeps what shadow models say."""
        table = load_dataset(self.rest, target=None)
        train = load_dataset(self.train, target=None, schema=table.dataset.schema)
        loaded = load_model(self.model)

        def kept(name: str, make: Any) -> Mapping[str, AnyArray]:
            self.pieces[name] = make()
            return self.pieces[name]

        return Study(
            model=bind(loaded, table),
            data=table.dataset,
            train=train.dataset,
            recipe=load_recipe(model=loaded, table=table),
            kept=kept,
        )

    def asked(self, study: Study, params: Params) -> Candidates:
        """The rows that `checked` puts in question."""
        assert study.train is not None
        return candidates(study.train, study.data, limit=params.rows, rng=rng(0, self.name))

    def checked(self, study: Study, params: Params) -> tuple[CheckResult, float]:
        """The result of the check, and its CPU time."""
        started = process_time()
        found = finished(run(study, params=params, rng=rng(0, self.name)))
        return found, process_time() - started


def main() -> None:
    args = results.options(__doc__ or "", samples=4000)
    rows, shadows = (300, 6) if args.smoke else (args.samples, SHADOWS)
    section = results.Section(
        name="membership",
        title="Membership inference",
        command="python benchmarks/bench_membership.py",
        packages=("numpy", "scikit-learn", "lightgbm", "adversarial-robustness-toolbox"),
    )
    _times(section, Params(shadows=shadows, rows=rows), size=rows)
    few = Params(shadows=6 if args.smoke else 16, rows=rows)
    _forest(section, few, size=300 if args.smoke else 2000)
    _nothing(section, few, size=rows)
    _location(section, few)
    _scoring(section, n=1000 if args.smoke else 50_000)
    if not args.smoke:
        section.write()


def _made(rows: int) -> tuple[Array, Ints]:
    """Two classes in 30 columns, one in five rows of the rarer, one in twenty mislabelled."""
    return make_classification(
        rows, 30, n_informative=10, weights=[0.8], flip_y=0.05, random_state=0
    )


def _times(section: results.Section, params: Params, *, size: int) -> None:
    """CPU time of a whole check, and of the bare trainings in it."""
    x, y = _made(3 * size)
    boosters = {
        "HistGradientBoosting": HistGradientBoostingClassifier(max_iter=100),
        "LightGBM": LGBMClassifier(n_estimators=100, n_jobs=1, verbose=-1),
    }
    lines = []
    for name, model in boosters.items():
        case = Case.fitted(name, model, x, y, size=size)
        found, spent = case.checked(case.study(), params)
        started = process_time()
        for seed in range(4):
            clone(model).set_params(random_state=seed).fit(*case.train)
        bare = (process_time() - started) / 4 * params.shadows
        lines.append([name, spent, bare, spent / bare, *_shares(found)])
        what = f"{params.shadows} shadow models of {name}, {size} x 30, 100 trees: CPU s"
        section.targets.append(results.Target.at_most(what, spent, BAR_S))
    section.say("CPU seconds of a whole check on one thread; bare = the trainings alone.")
    section.table(["model", "check", "bare", "ratio", "AUC", "at 1 % false"], lines)


def _shares(found: CheckResult) -> list[float]:
    by = {measure.name: measure.value or 0.0 for measure in found.measures}
    return [by["membership-auc"], by["membership-tpr-at-1-percent-fpr"]]


def _forest(section: results.Section, params: Params, *, size: int) -> None:
    """An overfitted forest on Spambase, attacked by us, by ART, and by a textbook loop."""
    table = subjects.load("spambase/spambase.csv.gz", train=size)
    x = np.concatenate([table.train_x, table.test_x])
    y = np.concatenate([table.train_y, table.test_y])
    case = Case.fitted("forest", RandomForestClassifier(100, random_state=0), x, y, size=size)
    study = case.study()
    asked = case.asked(study, params)
    found, spent = case.checked(study, params)
    by = {measure.name: measure.value or 0.0 for measure in found.measures}
    lines = [["bartizan, likelihood ratio", *_shares(found), by["membership-advantage"], spent]]
    peers = [
        [f"ART, {name}", *_judged(score[member], score[~member]), cpu]
        for name, score, member, cpu in _art(case, asked)
    ]
    best = max(float(line[3]) for line in peers)
    lines += sorted(peers, key=lambda line: -float(line[3]))
    what = "overfitted forest: advantage over that of ART's best black-box attack"
    section.targets.append(results.Target.at_least(what, by["membership-advantage"] / best, 1.0))
    section.targets.append(_book(case, asked))
    section.say(
        f"A forest of 100 trees trained on {size} rows of Spambase; {asked.each} of them and as "
        "many others in question. ART's learnt attacks are told of one half of the rows whether "
        "they are members, and judged on the other; ours is told of none."
    )
    section.table(["attack", "AUC", "at 1 % false", "advantage", "CPU s"], lines)


def _judged(members: Array, others: Array) -> list[float]:
    roc = Roc.of(members, others)
    return [area(members, others).value, float(roc.at(0.01)), roc.advantage]


def _art(case: Case, asked: Candidates) -> Iterator[tuple[str, Array, Array, float]]:
    """Name, scores, truth and CPU time of every black-box attack of ART."""
    victim = SklearnClassifier(case.model)
    x, y, member = asked.rows.x.astype(np.float32), asked.rows.y, asked.member
    known = np.arange(len(y)) % 2 == 0
    for learner in LEARNERS:
        started = process_time()
        attack = MembershipInferenceBlackBox(victim, attack_model_type=learner)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its SVM asks for what scikit-learn will drop
            attack.fit(x[known & member], y[known & member], x[known & ~member], y[known & ~member])
        score = attack.infer(x[~known], y[~known], probabilities=True).reshape(-1)
        yield f"{learner} on predictions", score, member[~known], process_time() - started
    started = process_time()
    rule = MembershipInferenceBlackBoxRuleBased(victim).infer(x, y).reshape(-1)
    yield "rule", rule.astype(float), member, process_time() - started
    started = process_time()
    score = _art_shadows(victim, x, y)
    yield "rf on predictions of shadow models", score, member, process_time() - started


def _art_shadows(victim: SklearnClassifier, x: Array, y: Ints) -> Array:
    """An attack trained on what ART's own shadow models say about the very rows in question."""
    shadows = ShadowModels(victim, num_shadow_models=3, random_state=0)
    member, other = shadows.generate_shadow_dataset(x, np.eye(y.max() + 1)[y])
    attack = MembershipInferenceBlackBox(victim, attack_model_type="rf")
    attack.fit(None, member[1], None, other[1], pred=member[2], test_pred=other[2])
    return attack.infer(x, y, probabilities=True).reshape(-1)


def _book(case: Case, asked: Candidates) -> results.Target:
    """Area of our ratio against a loop over rows as in the paper, on the same signals."""
    pieces = list(case.pieces.values())
    n = len(asked.rows.y)
    signals = np.stack([piece["confidence"] for piece in pieces], axis=1)
    inside = np.stack([np.unpackbits(p["inside"], count=n) for p in pieces], axis=1).astype(bool)
    # Any signal serves: the first model stands for the one in question, the others judge it.
    target, member = signals[:, 0].astype(float), inside[:, 0]
    signals, inside = signals[:, 2:], inside[:, 2:]
    gaps = []
    for prior in (0.0, np.inf):
        loop = _textbook(target, signals.astype(float), inside, pooled=prior > 0)
        ours = likelihood_ratio(target, signals, inside, prior=prior)
        areas = [area(score[member], score[~member]).value for score in (loop, ours)]
        gaps.append(abs(areas[0] - areas[1]))
    what = "area of the likelihood ratio off a textbook loop on the same signals"
    return results.Target.at_most(what, max(gaps), BAR_BOOK)


def _textbook(target: Array, signals: Array, inside: AnyArray, *, pooled: bool) -> Array:
    """Algorithm 1 of Carlini et al. (2022), row by row."""
    parts = [[row[chosen] for row, chosen in zip(signals, part, strict=True)]
             for part in (inside, ~inside)]  # fmt: skip
    spreads = [[np.std(values, ddof=1) + 1e-3 for values in part] for part in parts]
    if pooled:
        spreads = [[np.sqrt(np.mean(np.square(part)))] * len(part) for part in spreads]
    chances = [
        [norm.logpdf(t, np.mean(values), spread)
         for t, values, spread in zip(target, part, wide, strict=True)]
        for part, wide in zip(parts, spreads, strict=True)
    ]  # fmt: skip
    return np.array(chances[0]) - np.array(chances[1])


def _nothing(section: results.Section, params: Params, *, size: int) -> None:
    """A model that memorises nothing: logistic regression on five columns."""
    x, y = _made(3 * size)
    case = Case.fitted("nothing", LogisticRegression(), x[:, :5], y, size=size)
    found, _ = case.checked(case.study(), params)
    what = "a model that memorises nothing: area off one half"
    off = abs(_shares(found)[0] - 0.5)
    section.targets.append(results.Target.at_most(what, off, BAR_NULL))


def _location(section: results.Section, params: Params) -> None:
    """Location-30: logistic regression, which is right on all of its own rows."""
    root = Path(os.environ.get("BARTIZAN_DATA", results.ROOT.parent / "shared" / "data"))
    with tarfile.open(root / "location-30" / "dataset_location.tgz") as archive:
        opened = archive.extractfile("bangkok")
        assert opened is not None
        text = opened.read().decode().replace('"', "")
    values = np.loadtxt(io.StringIO(text), delimiter=",")
    values = values[np.random.default_rng(0).permutation(len(values))]
    size = min(params.rows, len(values) // 2)
    model = LogisticRegression(max_iter=1000)
    case = Case.fitted("location", model, values[: 2 * size, 1:],
                       values[: 2 * size, 0].astype(np.int64), size=size)  # fmt: skip
    found, spent = case.checked(case.study(), params)
    section.say(
        f"Location-30, logistic regression on {size} rows: right on "
        f"{model.score(*case.train):.0%} of its own rows and {model.score(*case.rest):.0%} of "
        f"others; {params.shadows} shadow models, {spent:.1f} CPU s."
    )
    lines = [
        [measure.name.replace("-", " "), results.shown(measure.value or 0.0),
         *(("-" if end is None else results.shown(end)) for end in (measure.low, measure.high))]
        for measure in found.measures
    ]  # fmt: skip
    section.table(["measure", "value", "from", "to"], lines)


def _scoring(section: results.Section, *, n: int) -> None:
    """The ratio alone, with many rows and models."""
    inside = balanced(n, SHADOWS, rng=rng(0))
    signals = rng(1).normal(size=(n, SHADOWS)).astype(np.float32)
    started = process_time()
    likelihood_ratio(rng(2).normal(size=n), signals, inside)
    spent = process_time() - started
    what = f"scoring {n:,} rows against {SHADOWS} models: CPU s"
    section.targets.append(results.Target.at_most(what, spent, BAR_SCORE_S))


if __name__ == "__main__":
    main()
