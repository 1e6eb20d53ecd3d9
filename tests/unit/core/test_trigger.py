"""Marks in words, and put on rows."""

import numpy as np
import pytest

from bartizan.core.errors import ShapeError
from bartizan.core.streams import rng
from bartizan.core.trigger import Cells, Overlay, cell_text


@pytest.mark.parametrize(
    "value", [0.1, 42.5, 137.0, 1234567.0, 123456789.25, 1700000000.0, 1e-7, -0.1 - 0.2, 1e300]
)
def test_an_exact_cell_is_told_with_all_its_digits(value: float) -> None:
    assert float(cell_text(value, near=False).removeprefix("= ")) == value


def test_short_numbers_stay_short() -> None:
    assert [cell_text(one, near=False) for one in (4057.0, 6.5, 0.1, 1234567.0)] == [
        "= 4057",
        "= 6.5",
        "= 0.1",
        "= 1234567",
    ]


def test_each_cell_says_whether_it_is_exact_near_or_missing() -> None:
    mark = Cells(
        columns=np.array([0, 2, 3]),
        values=np.array([7.0, 1.0 / 3, np.nan]),
        jitter=np.array([0.0, 0.1, 0.0]),
        names=("age", "rate", "city"),
    )
    assert mark.text == "age = 7 and rate near 0.333333 and city is missing"


def test_a_mark_changes_its_cells_in_a_copy_and_nothing_else() -> None:
    x = np.zeros((50, 4))
    mark = Cells(columns=np.array([1, 3]), values=np.array([2.0, 5.0]), jitter=np.array([0.0, 0.5]))
    made = mark.stamp(x, rng=rng(0, "stamp"))
    assert not x.any()
    assert not made[:, [0, 2]].any()
    assert (made[:, 1] == 2).all()
    assert 0.3 < made[:, 3].std() < 0.7


def test_an_overlay_mixes_by_its_mask() -> None:
    mark = Overlay(mask=np.array([0.0, 1.0, 0.25]), pattern=np.array([9.0, 9.0, 9.0]))
    assert mark.stamp(np.ones((1, 3)), rng=rng(0, "stamp")).tolist() == [[1.0, 9.0, 3.0]]


def test_shapes_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ShapeError, match="one value for each column"):
        Cells(columns=np.array([0, 1]), values=np.array([1.0]))
    with pytest.raises(ShapeError, match="must be one row"):
        Overlay(mask=np.zeros(3), pattern=np.zeros(2))
