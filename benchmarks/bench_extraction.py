"""Model extraction: how good a copy is after some questions; linear models solved exactly."""

from dataclasses import dataclass
from time import process_time

import numpy as np
from lightgbm import LGBMClassifier
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression

import results
from bartizan.adapt import bind, load_dataset, load_model
from bartizan.assess.loot import Loot
from bartizan.assess.theft import ACTIVE, Scene, Theft
from bartizan.attack.equations import TRIED, solve
from bartizan.attack.surrogate import Answer, Purse
from bartizan.attack.terms import Terms
from bartizan.core.arrays import Array, Ints
from bartizan.core.entry import Study
from bartizan.core.space import Box
from bartizan.core.streams import rng

QUERIES = 3000
"""Questions of every thief."""
BAR_FIDELITY, BAR_EXACT = 0.97, 1e-6
_MEASURED = 5000
"""Rows that measure fidelity: its interval is then within half a point."""
_WAYS: tuple[tuple[str, Answer], ...] = (
    ("natural", "scores"),
    ("natural", "rounded"),
    ("natural", "labels"),
    ("marginal", "scores"),
    (ACTIVE, "scores"),
)
"""Which rows are asked about, and what the model tells."""
_WIDTHS = (5, 30, 200)
"""Columns of the linear models."""


@dataclass(frozen=True)
class Copied:
    """What one thief got."""

    fidelity: float
    above: float
    """Share of the decisions that a constant would get wrong and the copy gets right."""
    spent: float
    """CPU seconds."""
    learner: str


def main() -> None:
    args = results.options(__doc__ or "", samples=QUERIES)
    queries = 200 if args.smoke else args.samples
    section = results.Section(
        name="extraction",
        title="Model extraction",
        command="python benchmarks/bench_extraction.py",
        packages=("numpy", "scikit-learn", "lightgbm"),
    )
    _boosted(section, queries=queries, rows=1500 if args.smoke else 20_000)
    _linear(section)
    if not args.smoke:
        section.write()


def _boosted(section: results.Section, *, queries: int, rows: int) -> None:
    """A LightGBM model of 150 trees, and thieves who ask different rows and hear less or more."""
    x, y = make_classification(
        rows + 8000, 30, n_informative=12, n_redundant=4, weights=[0.85], random_state=1
    )
    raw = LGBMClassifier(n_estimators=150, n_jobs=1, verbose=-1, random_state=0)
    study = _study(raw.fit(x[:8000], y[:8000]), x[8000:], y[8000:], queries=queries)
    scene = Scene.of(study, most=_MEASURED, rng=rng(1, "numbers"))
    found = {way: _stolen(scene, way=way[0], answer=way[1]) for way in _WAYS}
    section.say(
        f"LightGBM, 150 trees, 30 columns, trained on 8,000 rows; the thief holds half of {rows:,} "
        f"others, and {len(scene.x):,} of the other half measure. A constant agrees with "
        f"{scene.floor:.1%} of the decisions. {queries:,} questions each."
    )
    section.table(
        ["questions", "told", "fidelity", "above the majority", "copy", "CPU s"],
        [
            (way, answer, copied.fidelity, copied.above, copied.learner, copied.spent)
            for (way, answer), copied in found.items()
        ],
    )
    for answer in ("scores", "labels"):
        what = f"LightGBM, {queries:,} natural questions, {answer}: fidelity"
        copied = found["natural", answer]
        section.targets.append(results.Target.at_least(what, copied.fidelity, BAR_FIDELITY))


def _study(raw: object, x: Array, y: Ints, *, queries: int) -> Study:
    table = load_dataset((x, y), target=None)
    return Study(model=bind(load_model(raw), table), data=table.dataset, queries=queries)


def _stolen(scene: Scene, *, way: str, answer: Answer) -> Copied:
    """One thief with a whole purse; smaller copies on the way are part of the time."""
    theft, loot = Theft(scene), Loot(way, answer)
    started = process_time()
    for _ in theft.stolen(loot):
        pass
    spent = process_time() - started
    fidelity = loot.fidelities(scene.decided)[-1]
    above = (fidelity - scene.floor) / (1 - scene.floor)
    return Copied(fidelity, above, spent, loot.learner)


def _linear(section: results.Section) -> None:
    """Logistic regressions as solved from d + 1 answers of their probabilities."""
    lines = []
    for width in _WIDTHS:
        x, y = make_classification(2000, width, n_informative=4, n_redundant=0, random_state=0)
        raw = LogisticRegression(max_iter=1000).fit(x, y)
        model = _study(raw, x, y, queries=0).model
        terms = Terms.of(Box.uniform(width), x)
        tried = x[:TRIED]
        purse = Purse(model, width + 1 + len(tried))
        started = process_time()
        copy = solve(purse.scores, terms, kind=model.score_kind, rows=tried)
        spent = process_time() - started
        gap = copy.scores(x)[:, 1] - raw.decision_function(x)
        lines.append((width, copy.asked, float(np.abs(gap).max()), spent))
    section.say(
        "Logistic regressions that answer probabilities; off = largest difference of a logit over "
        "2,000 rows. Sixteen more questions try whether the model is linear at all."
    )
    section.table(["columns", "questions", "off", "CPU s"], lines)
    section.targets.append(
        results.Target.at_most(
            f"linear models of {', '.join(map(str, _WIDTHS))} columns: largest error of a logit",
            max(line[2] for line in lines),
            BAR_EXACT,
        )
    )
    section.targets.append(
        results.Target.at_most(
            "linear models: questions beyond d + 1",
            float(max(asked - width - 1 for width, asked, _, _ in lines)),
            0,
        )
    )


if __name__ == "__main__":
    main()
