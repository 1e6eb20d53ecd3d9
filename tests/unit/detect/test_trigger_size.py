"""How a model's smallest mark is compared."""

import numpy as np
import pytest

from bartizan.detect.trigger_size import anomaly_index, smallest


def test_the_share_is_the_smallest_size_over_the_median() -> None:
    found = smallest(np.array([10.0, 11.0, 2.0, 9.0, 10.0]))
    assert found.place == 2
    assert found.share == pytest.approx(0.2)


def test_a_class_that_is_small_in_clean_models_too_is_no_finding() -> None:
    size = np.array([10.0, 10.0, 3.0, 10.0, 10.0])
    clean = np.array([[20.0, 20.0, 6.0, 20.0, 20.0], [10.0, 10.0, 3.0, 10.0, 10.0]])
    assert smallest(size, clean=clean).share == pytest.approx(1.0)


def test_two_classes_are_compared_with_clean_models_and_not_with_each_other() -> None:
    clean = np.array([[8.0, 8.0]])
    assert smallest(np.array([2.0, 8.0]), clean=clean).share == pytest.approx(0.25)
    assert smallest(np.array([8.0, 8.0]), clean=clean).share == pytest.approx(1.0)


def test_a_smaller_mark_never_makes_a_backdoor_less_likely() -> None:
    sizes = [smallest(np.array([s, 10.0, 10.0, 10.0, 10.0])) for s in (0.0, 1.0, 3.0, 6.0, 10.0)]
    chances = [one.chance for one in sizes]
    assert chances == sorted(chances, reverse=True)
    assert 0.0 <= chances[-1] < 0.01
    assert 0.99 < chances[0] <= 1.0


def test_the_index_of_neural_cleanse_counts_robust_deviations() -> None:
    size = np.array([8.0, 9.0, 10.0, 11.0, 12.0])
    assert anomaly_index(size) == pytest.approx(2.0 / 1.4826)
    assert anomaly_index(np.ones(5)) == 0.0
