from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest

from bartizan.adapt import bind, load_model
from bartizan.adapt.images.layout import Form, Layout, layouts
from bartizan.core.arrays import AnyArray
from bartizan.core.errors import ModelError, ShapeError
from bartizan.core.schema import Image
from unit.adapt import pictures

COLOUR = Image(height=2, width=3, channels=4)
GREY = Image(height=2, width=3, channels=1, min=-10.0, max=30.0)


def test_each_layout_puts_every_value_where_its_axes_say() -> None:
    x = np.arange(48.0).reshape(2, 24)
    grid = x.reshape(2, 2, 3, 4)
    made = {way.form: way(x) for way in layouts(COLOUR, forms=get_args(Form)) if not way.scaled}
    assert set(made) == {"nchw", "nhwc", "rows"}
    assert made["nchw"][1, 3, 0, 2] == grid[1, 0, 2, 3]
    np.testing.assert_array_equal(made["nhwc"], grid)
    np.testing.assert_array_equal(made["rows"], x)
    assert all(values.dtype == np.float32 for values in made.values())


def test_scaling_brings_the_range_of_the_data_to_one() -> None:
    x = np.array([[-10.0, 30.0, 10.0, -10.0, 30.0, 10.0]])
    made = Layout(image=GREY, form="nhw", scaled=True)(x)
    np.testing.assert_allclose(made, [[[0.0, 1.0, 0.5], [0.0, 1.0, 0.5]]])
    assert str(Layout(image=GREY, form="nchw", scaled=False)) == "(n, 1, 2, 3) from -10 to 30"


def test_data_from_0_to_1_is_not_scaled_twice() -> None:
    unit = replace_max(GREY)
    assert [way.scaled for way in layouts(unit, forms=("rows",))] == [False]


def replace_max(image: Image) -> Image:
    return Image(height=image.height, width=image.width, channels=1, max=1.0, whole=False)


@pytest.mark.parametrize("form", get_args(Form))
@pytest.mark.parametrize("scaled", [True, False])
@pytest.mark.parametrize("image", [COLOUR, GREY])
def test_the_way_back_is_the_transpose_of_the_way_there(
    form: Form, image: Image, *, scaled: bool
) -> None:
    if form == "nhw" and image.channels > 1:
        return
    way = Layout(image=image, form=form, scaled=scaled, dtype="float64")
    rng = np.random.default_rng(0)
    x, move = rng.normal(size=(2, 3, image.size))
    weights = rng.normal(size=(3, *way.shape))
    gained = ((way(x + move) - way(x)) * weights).sum()
    assert gained == pytest.approx((way.back(weights) * move).sum())


def test_what_a_model_does_to_its_images_does_not_reach_the_data() -> None:
    x = np.ones((1, 6))
    way = Layout(image=GREY, form="rows", scaled=False, dtype="float64")
    way(x)[:] = 7.0
    assert (x == 1.0).all()


def planted(form: Form, *, middle: float) -> Any:
    """A function that reads the bright pixel where its own layout has it."""

    def ask(images: AnyArray) -> AnyArray:
        if form == "rows":
            return images[:, (2 * 5 + 2) * 3 + 1] - middle
        return (images[:, 1, 2, 2] if form == "nchw" else images[:, 2, 2, 1]) - middle

    return ask


@pytest.mark.parametrize("form", ["nchw", "nhwc", "rows"])
@pytest.mark.parametrize("middle", [0.5, 127.5])
def test_of_layouts_that_run_the_one_that_is_right_is_taken(form: Form, middle: float) -> None:
    table = pictures.table()
    bound = bind(load_model(planted(form, middle=middle)), table)
    feed = bound.scorer.feed
    assert isinstance(feed, Layout)
    assert (feed.form, feed.scaled) == (form, middle < 1)
    decided = bound.scores(table.dataset.x).argmax(axis=1)
    np.testing.assert_array_equal(decided, table.dataset.y)
    assert bound.notes[-1].startswith(f"images reach the model as {feed}: 100% of 120 rows")


def test_classes_named_by_the_user_count_when_layouts_are_compared() -> None:
    table = pictures.table()
    turned = load_model(planted("nchw", middle=127.5), classes=("bright", "dark"))
    assert "100%" not in bind(turned, table).notes[-1].partition(";")[0]
    straight = replace(turned, classes=("dark", "bright"))
    assert "100%" in bind(straight, table).notes[-1].partition(";")[0]


def test_a_model_that_takes_no_layout_is_told_all_that_were_tried() -> None:
    def picky(images: AnyArray) -> AnyArray:
        message = f"I want 9 x 9, not {images.shape[1:]}"
        raise ValueError(message)

    with pytest.raises(ModelError, match="none of the layouts tried") as caught:
        bind(load_model(picky), pictures.table(channels=1))
    for shape in ("(n, 20)", "(n, 4, 5, 1)", "(n, 1, 4, 5)", "(n, 4, 5)"):
        assert f"{shape}: the model raised ValueError: I want 9 x 9" in str(caught.value)


def test_an_estimator_of_another_width_names_both_sizes() -> None:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 (this test alone)

    made = LogisticRegression().fit(np.eye(4), [0, 1, 0, 1])
    with pytest.raises(ShapeError, match=r"takes 4 values, .* has 60 \(4 x 5 x 3\)"):
        bind(load_model(made), pictures.table())
