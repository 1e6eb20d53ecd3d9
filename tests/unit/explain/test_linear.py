import numpy as np
import pytest

from bartizan.core.streams import rng
from bartizan.explain.linear import decided, linear_contributions

DRAW = rng(0, "linear")
TERMS, BACKGROUND = DRAW.normal(size=(6, 4)), DRAW.normal(size=(9, 4))
WEIGHTS = DRAW.normal(size=(4, 3))
OWNERS = ("a", "colour", "colour", "b")


def test_contributions_sum_to_the_difference_of_scores() -> None:
    found = linear_contributions(
        TERMS, BACKGROUND, weights=WEIGHTS, owners=OWNERS, names=("a", "b", "colour")
    )
    wanted = TERMS @ WEIGHTS - (BACKGROUND @ WEIGHTS).mean(axis=0)
    assert found.sum(axis=1) == pytest.approx(wanted)


def test_terms_of_one_feature_are_added_up() -> None:
    found = linear_contributions(
        TERMS, BACKGROUND, weights=WEIGHTS, owners=OWNERS, names=("a", "unused", "colour", "b")
    )
    above = TERMS - BACKGROUND.mean(axis=0)
    assert found[:, 2] == pytest.approx(above[:, 1:3] @ WEIGHTS[1:3])
    assert not found[:, 1].any()


def test_two_classes_give_the_difference_of_their_scores() -> None:
    parts = DRAW.normal(size=(5, 2, 2))
    scores = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 2.0], [3.0, 0.0], [0.0, 1.0]])
    sign = np.where(scores[:, 1] > scores[:, 0], 1.0, -1.0)
    wanted = (parts[:, :, 1] - parts[:, :, 0]) * sign[:, None]
    assert decided(parts, scores) == pytest.approx(wanted)


def test_three_classes_are_compared_with_the_mean_of_the_others() -> None:
    parts = np.arange(3.0).reshape(1, 1, 3)
    assert decided(parts, np.array([[0.0, 0.0, 1.0]]))[0, 0] == pytest.approx(2 - 0.5)
