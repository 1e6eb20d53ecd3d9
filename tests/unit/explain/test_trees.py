from itertools import permutations
from math import factorial

import numpy as np
import pytest

from bartizan.core.arrays import Array, Ints
from bartizan.core.streams import rng
from bartizan.core.trees import Trees
from bartizan.explain import trees as room
from bartizan.explain.trees import tree_contributions
from timing import within


def forest(seed: int, *, d: int, depth: int, count: int, k: int = 2, sets: bool = False) -> Trees:
    """Random full trees, with tests of categories on column 0 if so wished."""
    draw = rng(seed, "forest")
    size = 2 ** (depth + 1) - 1
    inner = np.arange(size) < 2**depth - 1
    place = np.arange(size)
    parts: dict[str, list[Ints]] = {"feature": [], "left": [], "right": []}
    for tree in range(count):
        parts["feature"].append(np.where(inner, draw.integers(0, d, size), -1))
        parts["left"].append(np.where(inner, 2 * place + 1 + tree * size, -1))
        parts["right"].append(np.where(inner, 2 * place + 2 + tree * size, -1))
    feature, left, right = (np.concatenate(parts[name]) for name in ("feature", "left", "right"))
    coded = (feature == 0) & sets
    leaf = feature < 0
    return Trees(
        feature=feature,
        threshold=np.where(leaf | coded, np.nan, draw.normal(size=len(feature))),
        left=left,
        right=right,
        missing_left=draw.random(len(feature)) < 0.5,
        members=np.where(coded, draw.integers(0, 3, len(feature)), -1),
        sets=draw.random((3, 4)) < 0.5,
        value=np.where(leaf[:, None], draw.normal(size=(len(feature), k)), 0.0),
        roots=np.arange(count) * size,
        base=draw.normal(size=k),
        kind="logit",
    )


def rows(seed: int, n: int, d: int, *, sets: bool = False) -> Array:
    draw = rng(seed, "rows", n)
    x = draw.normal(size=(n, d))
    if sets:
        x[:, 0] = draw.integers(0, 5, n)  # a code beyond the known ones too
    x[draw.random(x.shape) < 0.1] = np.nan
    return x


def shapley(trees: Trees, x: Array, background: Array) -> Array:
    """By the definition: over all orders in which features are revealed."""
    n, d = x.shape
    found = np.zeros((n, d, trees.k))
    for i in range(n):
        for order in permutations(range(d)):
            mixed = background.copy()
            before = trees.scores(mixed).mean(axis=0)
            for column in order:
                mixed[:, column] = x[i, column]
                after = trees.scores(mixed).mean(axis=0)
                found[i, column] += (after - before) / factorial(d)
                before = after
    return found


@pytest.mark.parametrize("sets", [False, True])
@pytest.mark.parametrize("narrow", [0, 9])
@pytest.mark.parametrize(("d", "depth", "k"), [(1, 2, 2), (3, 3, 2), (4, 4, 3)])
def test_values_are_those_of_the_definition(
    d: int, depth: int, k: int, narrow: int, *, sets: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_NARROW", narrow)  # short paths by pairs of rows too
    trees = forest(1, d=d, depth=depth, count=3, k=k, sets=sets)
    x, background = rows(2, 3, d, sets=sets), rows(3, 5, d, sets=sets)
    found = tree_contributions(trees, x, background=background)
    assert found == pytest.approx(shapley(trees, x, background), abs=1e-12)


@pytest.mark.parametrize("cells", [1, 50_000, 4_000_000])
def test_they_sum_to_the_difference_of_scores(cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_CELLS", cells)  # however the work is cut
    trees = forest(4, d=12, depth=9 if cells > 1 else 3, count=4)
    x, background = rows(5, 20, 12), rows(6, 30, 12)
    found = tree_contributions(trees, x, background=background)
    wanted = trees.scores(x) - trees.scores(background).mean(axis=0)
    assert found.sum(axis=1) == pytest.approx(wanted, abs=1e-10)


def test_a_column_that_no_tree_tests_gets_nothing() -> None:
    trees = forest(7, d=3, depth=4, count=5)
    found = tree_contributions(trees, rows(8, 10, 6), background=rows(9, 10, 6))
    assert not found[:, 3:].any()
    assert found[:, :3].any()


def test_a_row_compared_with_itself_gets_nothing() -> None:
    trees = forest(10, d=4, depth=4, count=3)
    x = rows(11, 1, 4)
    assert not tree_contributions(trees, x, background=x).any()


def test_a_tree_that_is_a_single_leaf_explains_nothing() -> None:
    trees = forest(12, d=2, depth=0, count=3)
    assert not tree_contributions(trees, rows(13, 4, 2), background=rows(14, 4, 2)).any()


def test_a_hundred_trees_take_seconds() -> None:
    trees = forest(15, d=30, depth=6, count=100)
    x, background = rows(16, 200, 30), rows(17, 50, 30)
    # About 1 s on the slow machine it was written on.
    within(10, lambda: tree_contributions(trees, x, background=background))
