"""Evasion of XGBoost models whose trees are known: search against the proven least price."""

from dataclasses import dataclass
from functools import cached_property
from time import process_time
from typing import Any

import numpy as np
from xgboost import XGBClassifier

import peers
import results
import subjects
from bartizan import adapt
from bartizan.attack import tree_exact, tree_greedy
from bartizan.core.arrays import Array, Ints
from bartizan.core.attacker import Attacker, NormName
from bartizan.core.classifier import ScoreKind, TreeEnsemble
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult, Entry
from bartizan.core.oracle import Oracle
from bartizan.core.schema import Label
from bartizan.core.space import Box
from bartizan.core.trees import Trees

NORMS: tuple[NormName, ...] = ("L1", "L2", "Linf")
LIMITS_S: dict[tuple[int, int], dict[NormName, float]] = {
    (20, 4): {"L1": 0.25, "L2": 0.15, "Linf": 0.25},
    (100, 6): {"L2": 0.5},
}
"""Promised CPU seconds a sample of the exact search."""
GREEDY_S, GREEDY_RATIO = 0.010, 1.05
ROUNDS = 3
"""The search is timed so often; the least disturbed time counts."""
ART_ROWS = 8
SAME = 1e-6
PROBED = 200
"""Rows with which a model is bound: both classes occur among them."""


@dataclass
class Known:
    """A subject that shows its trees and answers as the library does."""

    subject: subjects.Subject
    classes: tuple[Label, ...] = (0, 1)
    score_kind: ScoreKind = "logit"

    @cached_property
    def trees(self) -> Trees:
        """Read once, as an assessment reads them."""
        few = slice(0, PROBED)
        rows = (self.subject.table.test_x[few], self.subject.table.test_y[few])
        table = adapt.load_dataset(rows, target=None)
        bound = adapt.bind(adapt.load_model(self.subject.model), table)
        assert isinstance(bound, TreeEnsemble)
        return bound.structure()

    def scores(self, x: Array) -> Array:
        """The library's own margin."""
        margin = self.subject.model.predict(x, output_margin=True).astype(float)
        return np.stack([np.zeros(len(x)), margin], axis=1)

    def structure(self) -> Trees:
        """All trees."""
        return self.trees


@dataclass(frozen=True)
class Task:
    """One model, one norm, and the rows attacked."""

    model: Known
    constraint: Constraint
    x: Array
    y: Ints

    def run(self, entry: Entry, params: Any) -> tuple[AttackResult, float]:
        """The result and the CPU seconds a sample."""
        oracle = Oracle(self.model, y=self.y, access="structure")
        started = process_time()
        rng = np.random.default_rng(0)
        result = entry.run(oracle, self.constraint, self.x, self.y, params=params, rng=rng)
        return result, (process_time() - started) / len(self.x)


def task(table: subjects.Table, shape: tuple[int, int], norm: NormName, *, samples: int) -> Task:
    trees, depth = shape
    model = XGBClassifier(n_estimators=trees, max_depth=depth, n_jobs=1, random_state=0)
    model.fit(table.train_x, table.train_y)
    subject = subjects.Subject(
        f"{trees} x {depth}", table, model, model.predict_proba, "probability"
    )
    x, y = subject.rows(samples)
    low, high = np.quantile(table.train_x, (0.01, 0.99), axis=0)
    space = Box(np.full(x.shape[1], -np.inf), np.full(x.shape[1], np.inf), high - low)
    attacker = Attacker(name="a", access="structure", norm=norm, eps=0.1)
    return Task(Known(subject), Constraint(space, attacker, subject.own()), x, y)


def measure(
    section: results.Section, case: Task, shape: tuple[int, int], *, limit_s: float
) -> list[object]:
    """One line of the table; adds targets."""
    norm: NormName = case.constraint.norm.name
    name = f"{shape[0]} x {shape[1]}, {norm}"
    timed = [case.run(tree_greedy.ENTRY, tree_greedy.Params()) for _ in range(ROUNDS)]
    greedy, greedy_s = timed[0][0], min(spent for _, spent in timed)
    exact, exact_s = case.run(tree_exact.ENTRY, tree_exact.Params(limit_s=limit_s))
    assert exact.lower is not None
    assert greedy.lower is not None
    solved = exact.lower >= exact.price * (1 - SAME)
    both = exact.success & greedy.success
    ratio = float(greedy.price[both].mean() / exact.price[both].mean())
    gap = 1 - exact.lower[exact.success] / exact.price[exact.success]
    if norm in LIMITS_S[shape]:
        bar = LIMITS_S[shape][norm]
        section.targets.append(results.Target.at_most(f"exact, {name}: CPU s/sample", exact_s, bar))
    missed = float((exact.success & ~greedy.success).sum())
    section.targets.append(
        results.Target.at_most(f"search, {name}: rows only exact breaks", missed, 0)
    )
    section.targets.append(
        results.Target.at_most(f"search, {name}: mean price over exact", ratio, GREEDY_RATIO)
    )
    if shape == (100, 6):
        section.targets.append(
            results.Target.at_most(f"search, {name}: CPU s/sample", greedy_s, GREEDY_S)
        )
    bound = float((greedy.lower[both] / exact.price[both]).mean())
    return [
        name, float(exact.price[both].mean()), exact_s, f"{int(solved.sum())} of {len(solved)}",
        float(gap.max(initial=0.0)), greedy_s * 1000, ratio, bound,
    ]  # fmt: skip


def beside_art(section: results.Section, case: Task) -> None:
    """ART's HopSkipJump and ZOO on a handful of rows of the smaller model."""
    few = slice(None, None, max(len(case.x) // ART_ROWS, 1))
    x, y, subject = case.x[few], case.y[few], case.model.subject
    exact, exact_s = Task(case.model, case.constraint, x, y).run(
        tree_exact.ENTRY, tree_exact.Params()
    )
    own = subject.own()
    kinds = np.asarray(subject.model.predict(own))
    starts = np.array([own[kinds != label][0] for label in y])
    tried = {
        "ART HopSkipJump, 20 iterations": peers.art(subject, x, y, starts=starts, iterations=20),
        "ART ZOO, 50 iterations, 5 searches": peers.zoo(subject, x, y, iterations=50),
    }
    lines: list[list[object]] = [
        ["exact", f"{int(exact.success.sum())} of {len(x)}", 1.0, exact_s, 1]
    ]
    for name, met in tried.items():
        won = subject.fooled(met.points, y)
        price = case.constraint.price(x, met.points)
        ratio = float(price[won].mean() / exact.price[won].mean()) if won.any() else float("nan")
        lines.append(
            [name, f"{int(won.sum())} of {len(x)}", ratio, met.cpu_s / len(x), met.rows / len(x)]
        )
    section.table(
        (f"{subject.name}, L2, {len(x)} rows", "broken", "price / least", "CPU s a row",
         "questions a row"), lines,
    )  # fmt: skip


def main() -> None:
    args = results.options(__doc__ or "", samples=100)
    section = results.Section(
        "trees", "Evasion of known trees", "python benchmarks/bench_trees.py",
        ("numpy", "scipy", "xgboost-cpu", "adversarial-robustness-toolbox"),
    )  # fmt: skip
    table = subjects.credit_cards()
    lines = []
    for shape in LIMITS_S:
        for norm in NORMS:
            case = task(table, shape, norm, samples=args.samples)
            limit_s = 1.0 if args.smoke else 10.0
            lines.append(measure(section, case, shape, limit_s=limit_s))
            if (shape, norm) == ((20, 4), "L2"):
                beside_art(section, case)
    section.table(
        ("model, norm", "least price", "exact s", "solved", "largest gap", "search ms",
         "search / least", "bound / least"), lines,
    )  # fmt: skip
    if not args.smoke:
        section.write()


if __name__ == "__main__":
    main()
