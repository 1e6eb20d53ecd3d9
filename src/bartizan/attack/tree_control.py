"""The control of attacks on known trees: a few small trees, tried out cell by cell."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bartizan.attack.twins import Split, TreeTwin, grown
from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.classifier import Recipe, decisions
from bartizan.core.constraint import Constraint
from bartizan.core.dataset import Dataset
from bartizan.core.entry import ControlResult
from bartizan.core.oracle import Oracle
from bartizan.core.trees import Trees

_ROWS = 16
"""Rows attacked, as in the control of the other evasion attacks."""
_POOL = 200
"""Rows of the user's data looked through: each is tried in up to 125 cells."""
_QUERIES = 1000
"""Questions a row; a sound attack needs one."""
_DRAWS = 12
"""Random twins to choose from: many cuts lie too far from most rows."""
_AXES = 3
"""Numbers and choices that the twin tests: few enough to try every cell."""
_CUTS = 2
"""Thresholds of each number."""
_REACH = (0.05, 0.45)
"""How far from some row a threshold lies, as a share of the budget's reach: for less than half."""
_FOUND = 0.75
"""Share of the planted cases that must be found; see `planted`."""
_SAME = 1e-6
"""Relative difference between equal prices."""


@dataclass(frozen=True)
class _Case:
    """A twin, the rows that it misjudges for half the budget, and what that costs."""

    twin: TreeTwin
    rows: Ints
    least: Array
    related: bool
    """Whether relations have a say in what the twin tests."""


def planted_trees(
    run: Callable[..., Any], params: object, *, exact: bool = False
) -> Callable[..., ControlResult]:
    """The control of one attack on known trees.

    A few stumps and a tree of depth two test numbers and choices that the attacker can move. Every
    cell is tried, so that the cheapest change is known; the user's own rows that need at most
    half the budget are attacked.

    Args:
        run: The attack.
        params: Its settings.
        exact: Ask for the cheapest change in every row; else for one within the budget in three
            rows of four.

    Returns:
        ``control(*, constraint, data, recipe, rng) -> ControlResult``.
    """

    def control(
        *, constraint: Constraint, data: Dataset, recipe: Recipe | None, rng: np.random.Generator
    ) -> ControlResult:
        del recipe  # the twin is not trained
        pool = data.x[np.sort(rng.choice(len(data.x), min(_POOL, len(data.x)), replace=False))]
        drawn = [_drawn(constraint, pool, rng=rng) for _ in range(_DRAWS)]
        case = max(drawn, key=lambda one: len(one.rows))
        if not case.rows.size:
            return ControlResult(
                passed=False,
                detail=(
                    "no case could be planted: in none of the rows can this attacker change "
                    "anything that a tree would see for half the budget"
                ),
            )
        x = pool[case.rows]
        owned = replace(constraint, sample=pool, sample_y=decisions(case.twin.scores(pool)))
        y = np.zeros(len(x), dtype=np.int64)
        oracle = Oracle(case.twin, y=y, access="structure", budget=_QUERIES)
        points = run(oracle, owned, x, y, params=params, rng=rng).points
        most = constraint.attacker.budget if not exact or case.related else case.least
        found = int(_broken(case.twin, constraint, x, points, most=most).sum())
        where = "at the least price" if exact and not case.related else "within the budget"
        return ControlResult(
            passed=found >= (1.0 if exact else _FOUND) * len(x),
            detail=(
                f"found {found} of {len(x)} cases planted at half the budget, {where} (small trees)"
            ),
        )

    return control


def _broken(
    twin: TreeTwin, constraint: Constraint, x: Array, points: Array, *, most: Array | float
) -> Mask:
    """Rows that really crossed for so much: what the attack says of itself is not asked."""
    crossed = decisions(twin.scores(points)) == 1
    cheap = constraint.price(x, points) <= most * np.float64(1 + _SAME)
    return np.asarray(crossed & cheap & constraint.valid(x, points))


def _drawn(constraint: Constraint, pool: Array, *, rng: np.random.Generator) -> _Case:
    axes, related = _axes(constraint, rng=rng)
    tests = [test for axis in axes for test in _tests(constraint, pool, axis, rng=rng)]
    none = _Case(
        TreeTwin(_grown(constraint, [], rng=rng)), np.zeros(0, dtype=np.int64), pool, related
    )
    if not tests:
        return none
    trees = _grown(constraint, tests, rng=rng)
    cells, price = _tried(constraint, pool, tests)
    value = trees.scores(cells.reshape(-1, pool.shape[1]))[:, 1].reshape(price.shape)
    before, half = value[:, 0], constraint.attacker.budget / 2
    after = np.where(price <= half, value, -np.inf).max(axis=1)
    steps = np.unique(value)
    lines = (steps[1:] + steps[:-1]) / 2
    if not len(lines):
        return none
    across = (before[:, None] < lines) & (after[:, None] > lines)
    line = lines[across.sum(axis=0).argmax()]
    rows = np.flatnonzero((before < line) & (after > line))[:_ROWS]
    least = np.where(value[rows] > line, price[rows], np.inf).min(axis=1)
    twin = TreeTwin(replace(trees, base=np.array([0.0, -line])))
    return _Case(twin, rows, least, related)


@dataclass(frozen=True)
class _Test:
    """One split: a number against a threshold, or some options of a choice against the others."""

    number: int
    choice: int
    threshold: float
    options: Mask
    """Options that pass."""


def _axes(
    constraint: Constraint, *, rng: np.random.Generator
) -> tuple[list[tuple[int, int]], bool]:
    """Some (number, choice), the other being -1; free of relations where there are such."""
    ruled: set[int] = set()
    for relation in constraint.space.relations:
        ruled |= relation.left.mentions | relation.right.mentions
    numbers = [(place, -1) for place in range(len(constraint.numeric))]
    choices = [(-1, place) for place in range(len(constraint.switches))]
    free = [pair for pair in numbers if int(constraint.numeric[pair[0]]) not in ruled]
    known = [*free, *choices] or numbers
    order = rng.permutation(len(known))[:_AXES]
    return [known[place] for place in order], not free and not choices


def _tests(
    constraint: Constraint, pool: Array, axis: tuple[int, int], *, rng: np.random.Generator
) -> list[_Test]:
    number, choice = axis
    if number < 0:
        switch = constraint.switches[choice]
        place = rng.permutation(len(switch.options))
        # A column of a one-hot group tells one option from the others; a code tells any sets apart.
        options = place % 2 == 0 if len(switch.columns) == 1 else place > 0
        return [_Test(-1, choice, np.nan, options)]
    column = constraint.numeric[number]
    values = pool[:, column]
    values = values[np.isfinite(values)]
    if not values.size:
        return []
    reach = rng.choice([-1, 1], _CUTS) * rng.uniform(*_REACH, _CUTS)
    cuts = rng.choice(values, _CUTS) + reach * min(constraint.unit[number], _span(values))
    if column in constraint.space.whole:
        cuts = np.floor(cuts) + 0.5
    none = np.zeros(0, dtype=bool)
    return [_Test(number, -1, _single(cut), none) for cut in np.unique(cuts)]


def _span(values: Array) -> float:
    return float(values.max() - values.min()) or 1.0


def _single(cut: float) -> float:
    """The largest double that rounds below a number of single precision.

    The nearest values on both sides then survive rounding, and cost what they cost.
    """
    above = np.float32(cut)
    below = np.nextafter(above, np.float32(-np.inf))
    middle = (np.float64(above) + np.float64(below)) / 2
    return float(middle if np.float32(middle) == below else np.nextafter(middle, -np.inf))


def _tried(constraint: Constraint, pool: Array, tests: list[_Test]) -> tuple[Array, Array]:
    """Every cell of every row: points (n, cells, d) and prices (n, cells); the original first."""
    ways: dict[tuple[int, int], list[tuple[Ints, Array]]] = {}
    for test in tests:
        ways.setdefault((test.number, test.choice), []).extend(_sides(constraint, test))
    cells, prices = [], []
    for combined in itertools.product(*[[None, *found] for found in ways.values()]):
        x = pool.copy()
        for way in combined:
            if way is not None:
                x[:, way[0]] = way[1]
        x[np.isnan(pool)] = np.nan
        x = constraint.repair(pool, x) if constraint.space.relations else x
        price = constraint.price(pool, x)
        cells.append(x)
        prices.append(np.where(constraint.valid(pool, x), price, np.inf))
    return np.stack(cells, axis=1), np.stack(prices, axis=1)


def _sides(constraint: Constraint, test: _Test) -> list[tuple[Ints, Array]]:
    """Columns and values nearest to a split on either side."""
    if test.number < 0:
        switch = constraint.switches[test.choice]
        sides = [np.flatnonzero(test.options), np.flatnonzero(~test.options)]
        return [(switch.columns, switch.options[side[0]]) for side in sides if len(side)]
    column = constraint.numeric[[test.number]]
    if column[0] in constraint.space.whole:
        ends = [np.floor([test.threshold]), np.floor([test.threshold]) + 1]
    else:
        ends = [np.array([test.threshold]), np.nextafter([test.threshold], np.inf)]
    return [(column, end) for end in ends]


def _grown(constraint: Constraint, tests: list[_Test], *, rng: np.random.Generator) -> Trees:
    """A stump for each test, and a tree that asks two of them one after the other."""
    chains = [[test] for test in tests]
    if len(tests) > 1:
        chains.append([tests[place] for place in rng.permutation(len(tests))[:2]])
    return grown([[_split(constraint, test) for test in chain] for chain in chains], rng=rng)


def _split(constraint: Constraint, test: _Test) -> Split:
    if test.number >= 0:
        return Split(int(constraint.numeric[test.number]), test.threshold)
    switch = constraint.switches[test.choice]
    if len(switch.columns) == 1:
        return Split(int(switch.columns[0]), np.nan, test.options)
    column = switch.columns[np.flatnonzero(~test.options)[0]]
    return Split(int(column), 0.5)
