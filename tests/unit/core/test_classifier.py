import numpy as np
import pytest

from bartizan.core.classifier import decisions, margins


@pytest.mark.parametrize("k", [2, 3, 7])
def test_the_decision_is_the_largest_score_and_the_first_of_equals(k: int) -> None:
    scores = np.random.default_rng(k).integers(0, 3, (500, k)).astype(float)
    chosen = decisions(scores)
    assert np.array_equal(chosen, scores.argmax(axis=1))
    assert chosen.dtype == np.int64


def test_equal_scores_decide_for_the_first_class() -> None:
    assert decisions(np.array([[0.5, 0.5], [-0.0, 0.0]])).tolist() == [0, 0]


def test_a_margin_is_the_own_score_minus_the_best_other() -> None:
    scores = np.array([[3.0, 1.0, 2.0], [0.0, 5.0, 7.0]])
    assert margins(scores, np.array([0, 1]), kind="logit").tolist() == [1.0, -2.0]


def test_margins_leave_the_scores_alone() -> None:
    scores = np.array([[0.9, 0.1]])
    margins(scores, np.array([0]), kind="probability")
    margins(scores, np.array([0]), kind="logit")
    assert scores.tolist() == [[0.9, 0.1]]


def test_probabilities_are_compared_by_their_logarithms() -> None:
    scores = np.array([[0.8, 0.2], [1 - 1e-12, 1e-12], [1 - 1e-14, 1e-14]])
    margin = margins(scores, np.zeros(3, dtype=np.int64), kind="probability")
    assert margin[0] == pytest.approx(np.log(4))
    assert margin[2] - margin[1] == pytest.approx(np.log(100))  # sure, surer


def test_a_probability_of_zero_has_a_finite_margin() -> None:
    margin = margins(np.array([[1.0, 0.0]]), np.array([0]), kind="probability")
    assert np.isfinite(margin).all()
    assert margin[0] > 600


@pytest.mark.parametrize("k", [2, 3])
def test_a_margin_below_zero_means_another_class_is_decided(k: int) -> None:
    scores = np.random.default_rng(k).random((300, k))
    y = np.arange(300) % k
    margin = margins(scores, y, kind="probability")
    assert np.array_equal(margin < 0, decisions(scores) != y)
