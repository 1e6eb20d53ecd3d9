import numpy as np
import pytest

from bartizan.core.arrays import Array, Ints
from bartizan.core.errors import ShapeError
from bartizan.core.streams import rng
from bartizan.detect import confident
from bartizan.detect.confident import (
    confident_joint,
    normalised_margin,
    self_confidence,
    thresholds,
)


def noisy(n: int = 2000, k: int = 5) -> tuple[Array, Ints]:
    draws = rng(0, "noisy")
    truth = draws.integers(k, size=n)
    logits = draws.normal(size=(n, k)) + 3 * np.eye(k)[truth]
    odds = np.exp(logits)
    y = np.where(draws.random(n) < 0.1, draws.integers(k, size=n), truth)
    return odds / odds.sum(axis=1, keepdims=True), y


def test_scores_and_counts_are_those_of_cleanlab() -> None:
    count = pytest.importorskip("cleanlab.count", reason="cleanlab is not installed")
    rank = pytest.importorskip("cleanlab.rank", reason="cleanlab is not installed")
    chances, y = noisy()
    assert thresholds(chances, y) == pytest.approx(
        count.get_confident_thresholds(y, chances), abs=1e-5
    )
    for method, ours in (
        ("self_confidence", self_confidence),
        ("normalized_margin", normalised_margin),
    ):
        theirs = rank.get_label_quality_scores(y, chances, method=method)
        assert ours(chances, y) == pytest.approx(theirs)
    counts, off = confident_joint(chances, y)
    theirs, places = count.compute_confident_joint(y, chances, return_indices_of_off_diagonals=True)
    assert np.abs(counts - theirs).max() <= 1.0  # theirs are rounded
    assert np.flatnonzero(off).tolist() == sorted(places)


def test_counts_keep_the_number_of_each_label() -> None:
    chances, y = noisy()
    counts, _ = confident_joint(chances, y)
    assert counts.sum(axis=1) == pytest.approx(np.bincount(y))


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    chances, y = noisy()
    whole = confident_joint(chances, y)
    monkeypatch.setattr(confident, "_BLOCK", 100)
    counts, off = confident_joint(chances, y)
    assert np.array_equal(counts, whole[0])
    assert np.array_equal(off, whole[1])


def test_a_perfect_model_finds_nothing() -> None:
    y = np.array([0, 1, 2, 1])
    counts, off = confident_joint(np.eye(3)[y], y)
    assert np.array_equal(counts, np.diag([1.0, 2.0, 1.0]))
    assert not off.any()


def test_a_class_without_rows_takes_none() -> None:
    chances = np.array([[0.5, 0.1, 0.4], [0.2, 0.2, 0.6], [0.9, 0.0, 0.1]])
    counts, _ = confident_joint(chances, np.array([0, 0, 0]))
    assert counts[:, 1:].sum() == 0
    assert np.isinf(thresholds(chances, np.array([0, 0, 0]))[1:]).all()


def test_labels_that_are_missing_are_refused() -> None:
    with pytest.raises(ShapeError, match="for each label"):
        thresholds(np.ones((3, 2)), np.zeros(2, dtype=np.int64))
