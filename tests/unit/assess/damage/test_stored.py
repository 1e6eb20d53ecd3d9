import numpy as np

from bartizan.assess.damage.stored import stored
from bartizan.core.schema import Feature, Image, Schema

TABLE = Schema(
    features=(
        Feature(name="a", max=1.0),
        Feature(name="b", type="integer", max=9),
        Feature(name="c", type="categorical", categories=("x", "y")),
        Feature(name="d", type="ordered", categories=("low", "high")),
    )
)


def test_whole_columns_are_whole_and_codes_are_codes() -> None:
    x = np.array([[0.5, 2.4, 1.6, -0.7], [np.nan, np.nan, np.nan, np.nan]])
    assert np.array_equal(stored(x, TABLE), [[0.5, 2.0, 1.0, 0.0], [np.nan] * 4], equal_nan=True)


def test_numbers_may_leave_their_range_as_a_mark_out_of_range_does() -> None:
    assert stored(np.array([[7.5, 12.0, 0.0, 0.0]]), TABLE)[0].tolist() == [7.5, 12.0, 0.0, 0.0]


def test_pixels_are_whole_and_between_dark_and_bright() -> None:
    schema = Schema(features=(), image=Image(height=1, width=3, channels=1))
    assert stored(np.array([[-3.0, 99.6, 300.0]]), schema).tolist() == [[0.0, 100.0, 255.0]]


def test_the_rows_given_stay_as_they_are() -> None:
    x = np.full((1, 4), 1.4)
    stored(x, TABLE)
    assert (x == 1.4).all()
