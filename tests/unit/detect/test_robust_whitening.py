"""Whitening over all classes, and quantum-entropy scores of one."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from bartizan.core.errors import ShapeError
from bartizan.detect.robust_whitening import entropy_scores, odd_side, outlying, whitened


def test_whitened_rows_have_spread_one_within_classes() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(4, size=4000)
    x = rng.normal(size=(4000, 6)) @ rng.normal(size=(6, 6)) + 50 * rng.normal(size=(4, 6))[y]
    white = whitened(x, y)
    z = white.rows
    raw = np.stack([x[y == k].mean(axis=0) for k in range(4)])
    apart = np.linalg.lstsq(x - raw[y], z, rcond=None)[0]  # the linear map of the rows
    assert np.allclose(white.middles, raw @ apart)
    assert np.allclose([z[y == k].mean(axis=0) for k in range(4)], 0, atol=1e-9)
    spread = np.linalg.eigvalsh(z.T @ z / len(z))
    assert spread.max() <= 1.0 + 1e-9
    assert spread.max() > 0.95


def test_whitening_without_variance_is_zero() -> None:
    assert not whitened(np.ones((6, 3)), np.array([0, 0, 0, 1, 1, 1])).rows.any()


def test_rows_without_a_class_are_refused() -> None:
    with pytest.raises(ShapeError, match="one class for each"):
        whitened(np.ones((3, 2)), np.zeros(2, dtype=np.int64))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_the_odd_side_is_that_which_other_classes_are_not(share: float) -> None:
    rng = np.random.default_rng(0)
    y = np.arange(600) % 6
    x = rng.normal(size=(600, 12)) + rng.normal(size=(6, 12))[y]
    rows = np.flatnonzero(y == 2)
    bad = np.arange(100) < 100 * share
    x[rows[bad], 5] += 12
    white = whitened(x, y)
    for upper in (bad, ~bad):
        side, far = odd_side(white, rows, upper, place=2)
        assert np.array_equal(side, bad)
        assert far > 3


def test_an_odd_side_needs_no_other_class() -> None:
    x = np.random.default_rng(0).normal(size=(20, 3))
    white = whitened(x, np.zeros(20, dtype=np.int64))
    assert odd_side(white, np.arange(20), np.arange(20) < 7, place=0)[1] == 0.0


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_a_hidden_shift_is_found_at_any_rate_without_being_told_it(share: float) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1000, 40)) * np.geomspace(10, 0.5, 40)
    bad = np.arange(1000) < 1000 * share
    x[bad] += 8 * np.eye(40)[12] * 10 ** (1 - 1.3 * 12 / 39)
    assert roc_auc_score(bad, outlying(x).score) > 0.95


def test_scores_do_not_depend_on_what_is_added_or_on_the_order() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(200, 12))
    order = rng.permutation(200)
    score = outlying(x).score
    assert np.allclose(outlying(x + 1000.0).score, score, rtol=1e-4)
    assert np.allclose(outlying(x[order]).score, score[order], rtol=1e-4)


def test_the_entropy_score_of_a_spike_weighs_its_direction_most() -> None:
    rng = np.random.default_rng(2)
    z = rng.normal(size=(5000, 3))
    z[:, 0] *= 10
    score = entropy_scores(z)
    weight = np.exp(-4.0)  # (1 - 100) / (100 - 1) is -1, times alpha 4
    expected = (z[:, 0] ** 2 + weight * (z[:, 1] ** 2 + z[:, 2] ** 2)) / (1 + 2 * weight)
    assert np.allclose(score, expected, rtol=0.1, atol=1.0)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_rows_are_not_odd(n: int) -> None:
    assert not outlying(np.arange(n * 2.0).reshape(n, 2)).score.any()
