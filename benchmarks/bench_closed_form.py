"""Attacks on a linear model, whose nearest and cheapest changes are known in closed form."""

from dataclasses import dataclass
from types import ModuleType

import numpy as np

import peers
import results
import subjects
from bartizan.attack import coordinate, hop_skip_jump
from bartizan.core.arrays import Array, Ints
from bartizan.core.attacker import Attacker, NormName, Reach
from bartizan.core.constraint import Constraint
from bartizan.core.oracle import Oracle
from bartizan.core.space import Box

LABEL_QUERIES, SCORE_QUERIES = 5_000, 2_000
ART_ITERATIONS = 17
"""The fewest iterations that ask at least 5,000 questions, so ART never asks fewer than we do."""
COSTS = (0.5, 2.0)
"""Money per standard deviation of a feature is drawn between these."""
DRAWS = 3
MONEY = (1.0, 10.0, 100.0)
"""Budgets: less than most changes cost, about what they cost, far more."""


@dataclass(frozen=True)
class Task:
    """A linear model and the rows that are attacked."""

    subject: subjects.Subject
    x: Array
    y: Ints

    @property
    def weights(self) -> Array:
        """Sizes of the model's weights, shape (d,)."""
        return np.abs(self.subject.model.coef_[0])

    @property
    def gap(self) -> Array:
        """How far the linear score of each row is from the other class, shape (n,)."""
        return np.abs(self.subject.ask(self.x))

    def run(self, attack: ModuleType, attacker: Attacker, *, queries: int) -> tuple[Array, Ints]:
        """Price of what an attack finds for each row, and the questions it asked."""
        constraint = Constraint(Box.uniform(self.x.shape[1]), attacker, self.subject.own())
        model = subjects.Plain(self.subject)
        oracle = Oracle(model, y=self.y, access=attacker.access, budget=queries)
        rng = np.random.default_rng(0)
        found = attack.run(oracle, constraint, self.x, self.y, params=attack.Params(), rng=rng)
        assert self.subject.fooled(found.points, self.y).all()
        return found.price, found.queries


def main() -> None:
    args = results.options(__doc__ or "", samples=200)
    section = results.Section(
        name="closed-form",
        title="Distance to the closed form",
        command="python benchmarks/bench_closed_form.py",
        packages=("numpy", "scikit-learn", "adversarial-robustness-toolbox"),
    )
    subject = subjects.logistic(subjects.spambase())
    task = Task(subject, *subject.rows(args.samples))
    section.say(
        f"Logistic regression on standardised Spambase ({task.x.shape[1]} columns), unbounded, "
        f"{len(task.x)} test rows that the model gets right. Found distance or price over the "
        "least possible one: |f| over the dual norm of the weights, and for money the least over "
        "the features of cost * |f| / |w|."
    )
    _walk(task, section, smoke=args.smoke)
    _search(task, section, smoke=args.smoke)
    if not args.smoke:
        section.write()


def _walk(task: Task, section: results.Section, *, smoke: bool) -> None:
    """HopSkipJump, ours and ART's."""
    dual = {"L2": np.linalg.norm(task.weights), "Linf": task.weights.sum()}
    order: dict[NormName, float] = {"L2": 2, "Linf": np.inf}
    rows: list[tuple[object, ...]] = []
    for norm, number in order.items():
        least = task.gap / dual[norm]
        attacker = Attacker(name="bench", norm=norm, eps=1.0)
        price, queries = task.run(hop_skip_jump, attacker, queries=500 if smoke else LABEL_QUERIES)
        rows.append(_row(f"bartizan, {norm}", price / least, float(queries.mean())))
        art = peers.art(
            task.subject,
            task.x,
            task.y,
            starts=_nearest(task),
            norm=number,
            iterations=2 if smoke else ART_ITERATIONS,
        )
        far = np.linalg.norm(art.points - task.x, ord=number, axis=1) / least
        fooled = task.subject.fooled(art.points, task.y)
        share = f", the {fooled.mean():.0%} of rows where it succeeds"
        name = f"ART, {norm}{'' if fooled.all() else share}"
        rows.append(_row(name, far[fooled], art.rows / len(task.x)))
        section.targets.append(
            results.Target.at_most(
                f"HopSkipJump, {norm}, {LABEL_QUERIES:,} queries: mean over the closed form",
                float((price / least).mean()),
                1.05,
            )
        )
    section.table(["HopSkipJump, labels only", "mean", "median", "worst", "queries a row"], rows)


def _search(task: Task, section: results.Section, *, smoke: bool) -> None:
    """Coordinate search for the cheapest change, features having different prices."""
    draws = 1 if smoke else DRAWS
    rows, means = [], []
    for money in MONEY:
        ratios, asked = [], []
        for draw in range(draws):
            cost: Array = np.random.default_rng(draw).uniform(*COSTS, (task.x.shape[1],))
            least = task.gap * (cost / task.weights).min()
            reach = {f"x{place}": Reach(cost=float(each)) for place, each in enumerate(cost)}
            attacker = Attacker(name="bench", access="scores", money=money, features=reach)
            price, queries = task.run(coordinate, attacker, queries=300 if smoke else SCORE_QUERIES)
            ratios.append(price / least)
            asked.append(queries.mean())
        rows.append(
            _row(f"bartizan, budget {money:g}", np.concatenate(ratios), float(np.mean(asked)))
        )
        means.append(float(np.mean(ratios)))
    section.table(["Coordinate search, scores, money", "mean", "median", "worst", "queries"], rows)
    section.targets.append(
        results.Target.at_most(
            f"coordinate search, {SCORE_QUERIES:,} queries: mean over the cheapest change, "
            f"worst of {len(MONEY)} budgets",
            max(means),
            1.05,
        )
    )


def _row(name: str, ratio: Array, queries: float) -> tuple[object, ...]:
    return (name, float(ratio.mean()), float(np.median(ratio)), float(ratio.max()), queries)


def _nearest(task: Task) -> Array:
    """For each row the nearest of the attacker's rows of the other class."""
    own = task.subject.own()
    sides = task.subject.model.predict(own)
    far = np.linalg.norm(task.x[:, None, :] - own[None], axis=2)
    far[sides[None] == task.y[:, None]] = np.inf
    return own[far.argmin(axis=1)]


if __name__ == "__main__":
    main()
