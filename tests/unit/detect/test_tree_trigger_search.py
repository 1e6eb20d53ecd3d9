"""Thresholds of trees: a value for each interval reaches every leaf that any value reaches."""

import numpy as np

from bartizan.core.dataset import Dataset
from bartizan.core.schema import Feature, Schema
from bartizan.detect.tree_trigger_search import thresholds, tree_choices
from forests import forest

X = np.random.default_rng(0).normal(size=(80, 3))
TREES = forest(X, np.random.default_rng(1), trees=8, depth=4)
DATA = Dataset(
    name="rows",
    x=X,
    y=np.arange(80) % 2,
    classes=(0, 1),
    ids=np.arange(80),
    schema=Schema(features=tuple(Feature(name=f"c{i}") for i in range(3))),
    digest="sha256:0",
)


def test_no_value_of_a_column_reaches_what_no_choice_reaches() -> None:
    choices = tree_choices(TREES, DATA, values=1000)
    for column, values in enumerate(choices):
        anything, chosen = np.repeat(X[:1], 2000, axis=0), np.repeat(X[:1], len(values), axis=0)
        anything[:, column] = np.linspace(-6, 6, 2000)
        chosen[:, column] = values
        reached = {tuple(one) for one in TREES.reached(anything).tolist()}
        assert reached <= {tuple(one) for one in TREES.reached(chosen).tolist()}


def test_thresholds_are_those_of_the_nodes() -> None:
    found = thresholds(TREES, 3)
    inner = TREES.feature >= 0
    assert sum(map(len, found)) == len(
        {(int(c), float(t)) for c, t in zip(TREES.feature[inner], TREES.threshold[inner])}  # noqa: B905
    )
    assert all((np.diff(cuts) > 0).all() for cuts in found)


def test_a_column_gets_no_more_values_than_are_allowed() -> None:
    assert all(len(values) <= 5 for values in tree_choices(TREES, DATA, values=5))
