"""Statistics of weights: closed forms."""

import numpy as np
import pytest

from bartizan.detect.weight_statistics import weight_statistics


def test_norm_and_gap_are_those_of_the_singular_values() -> None:
    first = np.diag([4.0, 2.0, 1.0])
    found = weight_statistics([first, np.ones((2, 3))])
    assert found.layers[0].gap == pytest.approx(2.0)
    assert found.layers[0].norm == pytest.approx(np.sqrt(21 / 9))


def test_the_class_whose_weights_are_larger_stands_out() -> None:
    last = np.random.default_rng(0).normal(size=(10, 50))
    last[7] += 2.0
    found = weight_statistics([last])
    assert found.place == 7
    assert found.outlier > 5.0


def test_one_output_stands_out_of_nothing() -> None:
    found = weight_statistics([np.ones((1, 5))])
    assert found.outlier == 0.0
    assert found.layers[0].gap == 1.0
