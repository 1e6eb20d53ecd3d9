"""Spectral signatures."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from bartizan.core.arrays import Array, Ints
from bartizan.detect.spectral import spectral_scores


def layer(seed: int, *, bad: int = 50) -> tuple[Array, Ints]:
    """What a layer of rectified units holds of 1,000 rows, the first ones shifted."""
    rng = np.random.default_rng(seed)
    x = np.maximum(rng.normal(1.0, 1.0, size=(1000, 64)), 0)
    x[:bad] += 6 * np.eye(64)[0]
    return x, np.zeros(1000, dtype=np.int64)


def test_adding_the_same_vector_to_all_rows_changes_nothing() -> None:
    x, y = layer(0)
    far = np.random.default_rng(1).normal(size=64) * 100
    assert np.allclose(spectral_scores(x, y), spectral_scores(x + far, y), rtol=1e-6, atol=1e-9)


def test_the_same_vector_changes_the_scores_of_the_peer() -> None:
    poison = pytest.importorskip("art.defences.detector.poison", reason="extra `oracle`")
    score = poison.SpectralSignatureDefense.spectral_signature_scores
    x, _ = layer(0)
    far = np.full(64, 100.0)
    assert not np.allclose(np.ravel(score(x)), np.ravel(score(x + far)), rtol=0.1)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_shifted_rows_have_the_largest_scores(seed: int) -> None:
    x, y = layer(seed)
    assert roc_auc_score(np.arange(1000) < 50, spectral_scores(x, y)) > 0.99


def test_order_does_not_matter() -> None:
    x, y = layer(0)
    order = np.random.default_rng(3).permutation(len(x))
    assert np.allclose(spectral_scores(x, y)[order], spectral_scores(x[order], y))


def test_two_rows_and_equal_rows_have_finite_scores() -> None:
    x = np.concatenate([np.ones((5, 3)), np.arange(6.0).reshape(2, 3)])
    y = np.array([0, 0, 0, 0, 0, 1, 1])
    found = spectral_scores(x, y)
    assert (found[:5] == 0).all()
    assert np.allclose(found[5:], 1.0)  # both are as far from their mean
