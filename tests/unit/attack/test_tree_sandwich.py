"""Bound <= exact = brute force <= search, on random ensembles in spaces of every kind."""

import itertools
from dataclasses import dataclass

import numpy as np
import pytest

from bartizan.attack import tree_exact, tree_greedy
from bartizan.core.arrays import Array
from bartizan.core.attacker import Attacker, Reach
from bartizan.core.classifier import decisions
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult, Entry
from bartizan.core.oracle import Oracle
from bartizan.core.schema import Feature, Schema
from bartizan.core.space import Mixed
from bartizan.core.streams import rng
from bartizan.core.trees import Trees
from forests import Forest, forest

KINDS = ("L1", "L2", "Linf", "money")
SAME = 1e-6
ROWS = 4


@dataclass(frozen=True)
class Case:
    """A small ensemble over two numbers, a count, a category and a one-hot group."""

    trees: Trees
    constraint: Constraint
    x: Array
    target: int | None


def schema() -> Schema:
    return Schema(
        features=(
            Feature(name="a", missing=True, min=-2.5),
            Feature(name="b"),
            Feature(name="n", type="integer", min=0, max=6),
            Feature(name="c", type="categorical", categories=tuple("wxyz")),
            *(Feature(name=name, group="g") for name in ("g0", "g1", "g2")),
            Feature(name="fixed"),
        )
    )


def case(seed: int, kind: str) -> Case:
    draw = rng(seed, "sandwich", kind)
    n = 60
    x = np.column_stack(
        [
            np.where(draw.random(n) < 0.1, np.nan, draw.normal(size=n)),
            draw.normal(size=n) * 10,
            draw.integers(0, 7, n),
            draw.integers(0, 4, n),
            np.eye(3)[draw.integers(0, 3, n)],
            draw.normal(size=n),
        ]
    )
    k = int(draw.integers(2, 4))
    count, depth = int(draw.integers(1, 6)), int(draw.integers(1, 4))
    trees = forest(x, draw, trees=count, depth=depth, k=k, codes={3: 4})
    target = None if draw.random() < 0.6 else int(draw.integers(k))
    space = Mixed.of(schema(), x)
    reach = {"fixed": Reach(mutable=False), "b": Reach(direction="up")}
    if kind == "money":
        costs = {"a": 1.0, "n": 0.5, "c": 0.4, "g": 0.0}
        priced = {name: Reach(cost=cost) for name, cost in costs.items()}
        attacker = Attacker(
            name="m", access="structure", money=0.7,
            features={**reach, **priced, "b": Reach(direction="up", cost=0.2)},
        )  # fmt: skip
    else:
        attacker = Attacker(
            name=kind, access="structure", norm=kind, eps=0.3, features=reach,  # type: ignore[arg-type]  # a norm
            categories=int(draw.integers(0, 3)),
        )  # fmt: skip
    return Case(trees, Constraint(space, attacker, x[30:]), x[:ROWS], target)


def brute(case: Case, row: int, y: int) -> float:
    """The least price over all cells, each entered as little as doubles allow."""
    x0, constraint, trees = case.x[row : row + 1], case.constraint, case.trees
    ways: list[list[tuple[np.ndarray, np.ndarray]]] = []
    for column in constraint.numeric:
        here = (trees.feature == column) & (trees.members < 0)
        cuts = np.unique(trees.threshold[here])
        if column in constraint.space.whole:
            values = np.arange(0.0, 7.0)
        else:
            values = np.concatenate([cuts, np.nextafter(cuts, np.inf)])
        at = np.array([column])
        ways.append([(at, x0[0, at]), *((at, np.array([value])) for value in values)])
    ways += [[(one.columns, option) for option in one.options] for one in constraint.switches]
    cells = []
    for combined in itertools.product(*ways):
        cell = x0[0].copy()
        for columns, values in combined:
            cell[columns] = values
        cells.append(cell)
    points = np.array(cells)
    many = np.repeat(x0, len(points), axis=0)
    decided = decisions(trees.scores(points))
    wrong = decided != y if case.target is None else decided == case.target
    wrong &= constraint.valid(many, points)
    return float(np.where(wrong, constraint.price(many, points), np.inf).min())


def attack(entry: Entry, case: Case) -> AttackResult:
    model = Forest(case.trees)
    y = decisions(model.scores(case.x))
    oracle = Oracle(model, y=y, access="structure", budget=100, target=case.target)
    result: AttackResult = entry.run(
        oracle, case.constraint, case.x, y, params=entry.params, rng=rng(0)
    )
    return result


def squeezed(seed: int, kind: str) -> None:
    """Check one ensemble: every row between its bounds."""
    made = case(seed, kind)
    y = decisions(made.trees.scores(made.x))
    exact, greedy = attack(tree_exact.ENTRY, made), attack(tree_greedy.ENTRY, made)
    assert exact.lower is not None
    assert greedy.lower is not None
    for row in range(ROWS):
        least = brute(made, row, int(y[row]))
        if np.isinf(least):
            assert np.isinf(exact.price[row])
            assert np.isinf(exact.lower[row])
            assert np.isinf(greedy.price[row])
            continue
        scale = max(least, 1e-3)
        assert exact.price[row] == pytest.approx(least, abs=SAME * scale)
        assert exact.lower[row] == exact.price[row]
        assert greedy.price[row] >= least - SAME * scale
        assert greedy.lower[row] <= least + SAME * scale


@pytest.mark.parametrize("kind", KINDS)
def test_the_exact_price_is_that_of_the_cheapest_cell_and_lies_between_bound_and_search(
    kind: str,
) -> None:
    for seed in range(7):
        squeezed(seed, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_the_search_breaks_nearly_all_that_can_be_broken_and_pays_little_more(kind: str) -> None:
    found, least = [], []
    for seed in range(50, 60):
        made = case(seed, kind)
        found.append(attack(tree_greedy.ENTRY, made).price)
        least.append(attack(tree_exact.ENTRY, made).price)
    greedy, exact = np.concatenate(found), np.concatenate(least)
    possible = np.isfinite(exact)
    both = possible & np.isfinite(greedy)
    assert possible.sum() > 10
    assert both.sum() >= 0.95 * possible.sum()
    assert greedy[both].sum() <= 1.05 * exact[both].sum()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", range(7))
def test_it_does_for_a_thousand_pairs_of_model_and_row(kind: str, part: int) -> None:
    for seed in range(100 + 10 * part, 110 + 10 * part):
        squeezed(seed, kind)
