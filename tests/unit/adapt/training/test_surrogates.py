import numpy as np
import pytest

from bartizan.adapt.training.surrogates import Boosting, Logistic, Network, learners, weighted
from bartizan.attack.surrogate import Learner
from bartizan.core.arrays import Array
from bartizan.core.classifier import decisions
from bartizan.core.streams import rng

X = rng(0, "x").normal(size=(400, 3)) * [1, 1000, 0.01] + [0, 5000, 0]
EVERY: tuple[Learner, ...] = (Boosting(), Network(), Logistic())


def shares(k: int) -> Array:
    scores = (X - X.mean(axis=0)) / X.std(axis=0) @ rng(1, "w").normal(size=(3, k)) * 3
    odds = np.exp(scores)
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("hard", [False, True], ids=["shares", "labels"])
@pytest.mark.parametrize("learner", EVERY, ids=lambda learner: learner.name)
def test_every_learner_learns(learner: Learner, k: int, *, hard: bool) -> None:
    told = np.eye(k)[decisions(shares(k))] if hard else shares(k)
    copy = learner.fit(X[:300], told[:300], rng=rng(0))
    found = copy(X[300:])
    assert found.shape == (100, k)
    assert (decisions(found) == decisions(told[300:])).mean() > 0.85


@pytest.mark.parametrize("learner", EVERY, ids=lambda learner: learner.name)
def test_a_class_that_was_never_answered_keeps_its_column(learner: Learner) -> None:
    told = np.zeros((400, 4))
    told[:, [1, 3]] = np.eye(2)[decisions(shares(2))]
    found = learner.fit(X, told, rng=rng(0))(X)
    assert found.shape == (400, 4)
    assert (decisions(found) == decisions(told)).mean() > 0.9


@pytest.mark.parametrize("learner", EVERY, ids=lambda learner: learner.name)
def test_the_same_stream_gives_the_same_copy(learner: Learner) -> None:
    one, two = (learner.fit(X, shares(2), rng=rng(3))(X) for _ in range(2))
    assert np.array_equal(one, two)


@pytest.mark.parametrize("learner", EVERY, ids=lambda learner: learner.name)
def test_three_answers_and_a_constant_column_are_no_error(learner: Learner) -> None:
    x = np.array([[0.0, 1.0], [1.0, 1.0], [2.0, 1.0]])
    assert np.isfinite(learner.fit(x, np.eye(2)[[0, 1, 1]], rng=rng(0))(x)).all()


def test_soft_answers_become_rows_that_weigh_the_same() -> None:
    rows, y, weights = weighted(np.array([[0.7, 0.3], [1.0, 0.0], [0.996, 0.004]]))
    assert list(zip(rows, y, weights, strict=True)) == [
        (0, 0, 0.7),
        (0, 1, 0.3),
        (1, 0, 1.0),
        (2, 0, 0.996),
    ]


def test_no_answer_is_left_out_however_many_classes_share_it() -> None:
    rows, _, _ = weighted(np.full((2, 300), 1 / 300))
    assert set(rows) == {0, 1}


def test_wide_rows_and_many_classes_are_not_boosted() -> None:
    assert "boosted trees" in {one.name for one in learners(30, 2)}
    for wide in (learners(784, 10), learners(30, 100)):
        assert "boosted trees" not in {one.name for one in wide}
        assert wide
