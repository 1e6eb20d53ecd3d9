import warnings
from typing import Any

import numpy as np
import pytest

from bartizan.adapt.scoring.rows import quietly, require_scores
from bartizan.core.arrays import Array
from bartizan.core.errors import ModelError, ShapeError


@pytest.mark.parametrize("bad", [0, 17, 99])
def test_the_first_row_that_makes_the_model_raise_is_named(bad: int) -> None:
    def run(x: Array) -> Any:
        if (x == bad).any() or (x == 99).any():
            message = "odd\n row"
            raise ValueError(message)
        return x

    with pytest.raises(ModelError, match=f"the model raised ValueError: odd row on row {bad}$"):
        quietly(run, np.arange(100.0)[:, None])


def test_a_failure_of_the_batch_alone_is_said_to_be_one() -> None:
    def run(x: Array) -> Any:
        if len(x) > 3:
            raise MemoryError
        return x

    with pytest.raises(ModelError, match="MemoryError on 6 rows together"):
        quietly(run, np.zeros((6, 1)))


def test_own_errors_pass_through() -> None:
    def run(x: Array) -> Any:
        message = "ours"
        raise ShapeError(message)

    with pytest.raises(ShapeError, match="ours"):
        quietly(run, np.zeros((2, 1)))


def test_warnings_of_the_model_stay_inside() -> None:
    def run(x: Array) -> Any:
        warnings.warn("noise", UserWarning, stacklevel=1)
        return x

    assert quietly(run, np.ones(1)).tolist() == [1.0]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_scores_that_are_not_finite_name_the_first_row(value: float) -> None:
    scores = np.zeros((5, 2))
    scores[3:, 1] = value
    with pytest.raises(ModelError, match="on row 3; scores must be finite"):
        require_scores(scores, n=5, k=2)


@pytest.mark.parametrize("shape", [(4, 2), (5, 3), (5,)])
def test_scores_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match=r"expected scores of shape \(5, 2\)"):
        require_scores(np.zeros(shape), n=5, k=2)
