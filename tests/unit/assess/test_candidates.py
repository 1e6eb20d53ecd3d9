import numpy as np
import pytest

from bartizan.assess.candidates import Candidates, candidates
from bartizan.core.arrays import Array, Ints
from bartizan.core.dataset import Dataset
from bartizan.core.schema import Feature, Label, Schema
from bartizan.core.streams import rng


def rows(x: Array, *, y: Ints | None = None, classes: tuple[Label, ...] = (0, 1)) -> Dataset:
    n, d = x.shape
    return Dataset(
        name="rows", x=x, y=np.zeros(n, dtype=np.int64) if y is None else y, classes=classes,
        ids=np.arange(n), schema=Schema(features=tuple(Feature(name=f"x{j}") for j in range(d))),
        digest="",
    )  # fmt: skip


def numbers(*values: float) -> Dataset:
    return rows(np.array(values, dtype=float)[:, None])


def drawn(train: Dataset, data: Dataset, *, limit: int = 1000) -> Candidates:
    return candidates(train, data, limit=limit, rng=rng(0))


def test_both_sides_are_equally_large_and_come_from_their_side() -> None:
    found = drawn(numbers(*range(50)), numbers(*range(100, 120)))
    assert found.each == 20
    assert found.member.sum() == 20
    assert (found.rows.x[found.member] < 50).all()
    assert (found.rows.x[~found.member] >= 100).all()
    assert len(np.unique(found.rows.x)) == 40


def test_a_limit_is_kept() -> None:
    assert drawn(numbers(*range(50)), numbers(*range(100, 120)), limit=7).each == 7


def test_rows_on_both_sides_count_for_neither() -> None:
    found = drawn(numbers(1, 2, 3, 4, 5, -0.0), numbers(4, 5, 6, 7, 8, 0.0))
    assert sorted(found.rows.x[found.member].ravel()) == [1, 2, 3]
    assert sorted(found.rows.x[~found.member].ravel()) == [6, 7, 8]
    assert found.doubles == 6


def test_missing_values_are_alike() -> None:
    gap = rows(np.array([[np.nan, 1.0], [2.0, 2.0]]))
    assert drawn(gap, rows(np.array([[np.nan, 1.0], [3.0, 3.0]]))).doubles == 2


def test_of_equal_rows_one_is_in_question_and_none_trains_beside_it() -> None:
    found = drawn(numbers(1, 1, 1, 2, 3), numbers(8, 8, 9))
    assert found.each == 2
    for value in found.rows.x.ravel():
        assert (found.rows.x == value).sum() == 1
        assert value not in found.spare.x


def test_every_shadow_model_gets_as_many_rows_as_the_model() -> None:
    found = drawn(numbers(*range(100)), numbers(*range(200, 230)), limit=20)
    inside = np.arange(40) % 2 == 0
    training = found.training(inside, rng=rng(1))
    assert found.trained == len(training.y) == 100
    assert set(found.rows.x[inside].ravel()) <= set(training.x.ravel())
    assert not set(found.rows.x[~inside].ravel()) & set(training.x.ravel())


def test_where_rows_are_short_shadow_models_get_fewer() -> None:
    found = drawn(numbers(*range(5), 5, 5, 5, 5), numbers(*range(200, 206)))
    assert found.size == 9
    assert found.trained == found.each == 6
    assert len(found.training(np.arange(12) < 6, rng=rng(1)).y) == 6


def test_nothing_in_common_with_nothing() -> None:
    found = drawn(numbers(), numbers(1, 2))
    assert (found.each, found.doubles) == (0, 0)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_stream_draws_the_same_rows(seed: int) -> None:
    train, data = numbers(*range(60)), numbers(*range(100, 160))
    first, second = (candidates(train, data, limit=20, rng=rng(seed)) for _ in range(2))
    np.testing.assert_array_equal(first.rows.x, second.rows.x)
    assert not np.array_equal(first.rows.x, candidates(train, data, limit=20, rng=rng(9)).rows.x)
