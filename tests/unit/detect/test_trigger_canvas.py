"""Where marks may lie."""

import numpy as np
import pytest

from bartizan.core.arrays import Array
from bartizan.core.dataset import Dataset
from bartizan.core.errors import ShapeError
from bartizan.core.schema import Feature, Image, Schema
from bartizan.detect.trigger_canvas import Canvas


def rows(schema: Schema, x: Array) -> Dataset:
    return Dataset(
        name="r", x=x, y=np.zeros(len(x), dtype=np.int64), classes=(0, 1),
        ids=np.arange(len(x)), schema=schema, digest="sha256:0",
    )  # fmt: skip


def test_the_colours_of_a_pixel_share_a_mask() -> None:
    schema = Schema(image=Image(height=2, width=1, channels=3))
    canvas = Canvas.of(rows(schema, np.zeros((1, 6))))
    assert canvas.pixels == 2
    np.testing.assert_array_equal(canvas.spread(np.array([0.0, 1.0])), [0, 0, 0, 1, 1, 1])
    np.testing.assert_array_equal(canvas.gathered(np.arange(6.0)), [3, 12])


def test_one_pixel_is_a_canvas() -> None:
    canvas = Canvas.of(rows(Schema(image=Image(height=1, width=1, channels=1)), np.zeros((1, 1))))
    assert canvas.pixels == 1
    assert canvas.free.all()


def test_of_a_table_numbers_move_within_what_was_seen_or_allowed_and_names_do_not() -> None:
    schema = Schema(
        features=(
            Feature(name="a", max=9.0),
            Feature(name="c", type="categorical", categories=("x", "y")),
            Feature(name="id", identifier=True),
        )
    )
    canvas = Canvas.of(rows(schema, np.array([[1.0, 0.0, 1.0], [np.nan, 1.0, 2.0]])))
    np.testing.assert_array_equal(canvas.low, [1, 0, 0])
    np.testing.assert_array_equal(canvas.high, [9, 0, 0])
    np.testing.assert_array_equal(canvas.free, [True, False, False])


def test_bounds_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError, match="whole pixels"):
        Canvas(low=np.zeros(4), high=np.ones(4), channels=3)
