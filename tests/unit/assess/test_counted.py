"""A model that is counted answers as before, and knows what it was asked."""

from typing import Any

import numpy as np
import pytest

from bartizan.assess.counted import counted
from bartizan.core.arrays import Array
from bartizan.core.classifier import Differentiable, TreeEnsemble, Weighted
from bartizan.core.errors import ModelError
from forests import Forest, forest
from models import linear

MODEL = linear(np.array([1.0, 2.0]))


def test_a_model_that_is_counted_answers_and_shows_what_it_did_before() -> None:
    x = np.array([[1.0, -1.0], [0.5, 2.0]])
    seen = counted(MODEL)
    np.testing.assert_array_equal(seen.scores(x), MODEL.scores(x))
    assert (seen.classes, seen.score_kind) == (MODEL.classes, MODEL.score_kind)
    assert not isinstance(seen, TreeEnsemble)
    assert seen.model_s > 0
    trees = forest(x, np.random.default_rng(0), trees=1, depth=1)
    open_ = counted(Forest(trees))
    assert isinstance(open_, TreeEnsemble)
    assert open_.structure() is trees
    assert open_.queries == 0


def test_questions_that_a_model_breaks_down_at_are_counted() -> None:
    class Broken:
        classes, score_kind = MODEL.classes, MODEL.score_kind

        def scores(self, x: Any) -> Any:
            raise ModelError(str(len(x)))

    seen = counted(Broken())
    with pytest.raises(ModelError):
        seen.scores(np.zeros((4, 2)))
    assert (seen.queries, seen.calls) == (4, 1)


def test_a_gradient_is_shown_through_the_count_and_is_a_question() -> None:
    x = np.array([[1.0, -1.0], [0.5, 2.0]])
    seen = counted(MODEL)
    assert isinstance(seen, Differentiable)
    assert not isinstance(seen, Weighted)

    def loss(scores: Array) -> tuple[Array, Array]:
        return scores[:, 1], np.eye(2)[[1] * len(scores)]

    value, grad = seen.value_and_grad(x, loss)
    np.testing.assert_array_equal(value, MODEL.scores(x)[:, 1])
    np.testing.assert_array_equal(grad, [[1.0, 2.0]] * 2)
    assert (seen.queries, seen.calls) == (2, 1)


def test_weights_are_shown_where_the_model_shows_them_and_cost_nothing() -> None:
    class Open:
        classes, score_kind = MODEL.classes, MODEL.score_kind
        scores, value_and_grad = MODEL.scores, MODEL.value_and_grad

        def layers(self) -> tuple[Array, ...]:
            return (np.ones((2, 3)),)

    seen = counted(Open())
    assert isinstance(seen, Weighted)
    np.testing.assert_array_equal(seen.layers()[0], np.ones((2, 3)))
    assert seen.queries == 0
