from itertools import combinations
from math import comb

import numpy as np
import pytest

from bartizan.core.arrays import Array, Ints
from bartizan.core.errors import ShapeError
from bartizan.core.streams import rng
from bartizan.detect import knn_shapley as module
from bartizan.detect.knn_shapley import knn_shapley


def brute(x: Array, y: Ints, test_x: Array, test_y: Ints, *, neighbours: int) -> Array:
    """Shapley values by their definition: every set of rows without the one in question."""
    n = len(x)

    def utility(rows: tuple[int, ...]) -> float:
        total = 0.0
        for ask, label in zip(test_x, test_y, strict=True):
            near = sorted(rows, key=lambda i: float(((x[i] - ask) ** 2).sum()))[:neighbours]
            total += sum(y[i] == label for i in near) / neighbours
        return total / len(test_x)

    values = np.zeros(n)
    for i in range(n):
        others = [j for j in range(n) if j != i]
        for size in range(n):
            for rows in combinations(others, size):
                gain = utility((*rows, i)) - utility(rows)
                values[i] += gain / (n * comb(n - 1, size))
    return values


@pytest.mark.parametrize("neighbours", [1, 3, 7, 10])
def test_values_are_those_of_brute_force(neighbours: int) -> None:
    draws = rng(neighbours)
    x, y = draws.normal(size=(7, 2)), draws.integers(3, size=7)
    test_x, test_y = draws.normal(size=(4, 2)), draws.integers(3, size=4)
    found = knn_shapley(x, y, test_x=test_x, test_y=test_y, neighbours=neighbours)
    assert found.value == pytest.approx(brute(x, y, test_x, test_y, neighbours=neighbours))


def test_values_sum_to_the_share_of_right_votes() -> None:
    draws = rng(1)
    x, y = draws.normal(size=(200, 3)), draws.integers(2, size=200)
    test_x, test_y = draws.normal(size=(50, 3)), draws.integers(2, size=50)
    gaps = np.linalg.norm(test_x[:, None] - x, axis=2)
    near = np.argsort(gaps, axis=1)[:, :5]
    right = (y[near] == test_y[:, None]).mean()
    found = knn_shapley(x, y, test_x=test_x, test_y=test_y)
    assert found.value.sum() == pytest.approx(right)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    draws = rng(2)
    x, y = draws.normal(size=(40, 3)), draws.integers(2, size=40)
    test_x, test_y = draws.normal(size=(30, 3)), draws.integers(2, size=30)
    whole = knn_shapley(x, y, test_x=test_x, test_y=test_y)
    monkeypatch.setattr(module, "_BLOCK", 100)
    found = knn_shapley(x, y, test_x=test_x, test_y=test_y)
    assert found.value == pytest.approx(whole.value)
    assert found.error == pytest.approx(whole.error)


def test_wrong_labels_do_harm_and_honest_ones_do_not() -> None:
    draws = rng(3)
    truth = draws.integers(2, size=1000)
    x = draws.normal(size=(1000, 2)) + 6 * truth[:, None]
    y = truth.copy()
    y[:20] = 1 - y[:20]
    found = knn_shapley(x[:500], y[:500], test_x=x[500:], test_y=truth[500:])
    assert (found.harm_p[:20] < 0.01).mean() > 0.8
    assert (found.harm_p[20:] < 0.01).mean() < 0.03


def test_where_all_rows_are_equal_nothing_is_said_to_do_harm() -> None:
    y = np.zeros(10, dtype=np.int64)
    found = knn_shapley(np.ones((10, 2)), y, test_x=np.ones((4, 2)), test_y=y[:4])
    assert (found.harm_p == 1).all()


def test_rows_without_labels_are_refused() -> None:
    x, y = np.ones((3, 2)), np.zeros(2, dtype=np.int64)
    with pytest.raises(ShapeError, match="one label for each"):
        knn_shapley(x, y, test_x=x, test_y=np.zeros(3, dtype=np.int64))
