"""The program of the cheapest change, whatever the size of its costs."""

from dataclasses import replace

import numpy as np
import pytest

from bartizan.attack import tree_exact
from bartizan.core.arrays import Array
from bartizan.core.attacker import Attacker, NormName
from bartizan.core.classifier import decisions
from bartizan.core.constraint import Constraint
from bartizan.core.oracle import Oracle
from bartizan.core.space import Box
from bartizan.core.streams import rng
from forests import Forest, forest

ROWS, D = 8, 6


def prices(norm: NormName, size: float) -> Array:
    """Least prices where every value and every threshold is multiplied by a size."""
    draw = rng(3, "program")
    x = draw.normal(size=(120, D))
    trees = forest(x, draw, trees=12, depth=4)
    model = Forest(replace(trees, threshold=trees.threshold * size))
    x = x[:ROWS] * size
    attacker = Attacker(name="a", access="structure", norm=norm, eps=0.5)
    constraint = Constraint(Box.uniform(D), attacker, x)
    oracle = Oracle(model, y=decisions(model.scores(x)), access="structure")
    patient = tree_exact.Params(limit_s=60.0, mean_s=60.0)
    found = tree_exact.run(oracle, constraint, x, oracle.y, params=patient, rng=rng(0))
    assert found.lower is not None
    np.testing.assert_array_equal(found.lower, found.price)
    return found.price


@pytest.mark.parametrize("norm", ["L1", "L2", "Linf"])
@pytest.mark.parametrize("size", [2.0**-24, 2.0**-12, 2.0**12, 2.0**24])
def test_prices_grow_with_the_table_and_none_is_too_small_to_be_told_from_none(
    norm: NormName, size: float
) -> None:
    """The solver stops at an absolute gap of a millionth: unscaled, all of these were equal."""
    assert prices(norm, size) / size == pytest.approx(prices(norm, 1.0), rel=1e-6)
