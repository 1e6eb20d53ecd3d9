from typing import Any

import numpy as np
import pytest

from bartizan.adapt.images.pixels import Pixels, as_rows
from bartizan.core.arrays import AnyArray
from bartizan.core.errors import InputError, NonFiniteError, SchemaError, ShapeError
from bartizan.core.schema import Feature, Image, Schema

N, H, W = 6, 5, 7


def bytes_of(*shape: int) -> AnyArray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def rows(values: Any, **settings: Any) -> Pixels:
    return as_rows(np.asarray(values), where="pictures", **settings)


def declared(**changes: Any) -> Schema:
    return Schema(image=Image(**{"height": H, "width": W, "channels": 3, **changes}))


@pytest.mark.parametrize(
    ("shape", "axes", "form"),
    [
        ((N, H, W), "nhw", (H, W, 1)),
        ((N, H, W, 1), "nhwc", (H, W, 1)),
        ((N, H, W, 3), "nhwc", (H, W, 3)),
        ((N, H, W, 4), "nhwc", (H, W, 4)),
        ((N, 1, H, W), "nchw", (H, W, 1)),
        ((N, 3, H, W), "nchw", (H, W, 3)),
    ],
)
def test_the_axis_of_channels_is_the_one_of_1_3_or_4(
    shape: tuple[int, ...], axes: str, form: tuple[int, int, int]
) -> None:
    values = bytes_of(*shape)
    made = rows(values)
    assert (made.codec.axes, made.codec.image.shape) == (axes, form)
    assert made.x.shape == (N, np.prod(form))
    assert np.array_equal(made.codec.laid_out(made.x), values)


def test_a_row_runs_from_top_to_bottom_then_left_to_right_then_by_channel() -> None:
    values = bytes_of(N, 3, H, W)
    x = rows(values).x.reshape(N, H, W, 3)
    assert x[2, 4, 1, 0] == values[2, 0, 4, 1]
    assert x[5, 0, 6, 2] == values[5, 2, 0, 6]


@pytest.mark.parametrize("shape", [(N, 3, H, 3), (N, 1, H, 4)])
def test_a_shape_that_can_be_read_in_two_ways_is_settled_by_the_schema_only(
    shape: tuple[int, ...],
) -> None:
    with pytest.raises(ShapeError, match=r"can be read as .* say which with schema="):
        rows(bytes_of(*shape))
    first = declared(height=H, width=shape[3], channels=shape[1])
    last = declared(height=shape[1], width=H, channels=shape[3])
    assert rows(bytes_of(*shape), schema=first).codec.axes == "nchw"
    assert rows(bytes_of(*shape), schema=last).codec.axes == "nhwc"


@pytest.mark.parametrize("shape", [(N, H, W, 2), (N, 2, H, W), (N, H, W, 9)])
def test_other_channels_need_a_schema(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="1, 3 or 4 channels"):
        rows(bytes_of(*shape))
    channels = next(size for size in shape[1:] if size not in (H, W))
    known = declared(channels=channels)
    assert rows(bytes_of(*shape), schema=known).codec.image.channels == channels


@pytest.mark.parametrize("shape", [(4,), (4, 9), (2, 2, 3, 3, 3)])
def test_another_number_of_axes_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="expected images of shape"):
        rows(bytes_of(*shape))


@pytest.mark.parametrize("shape", [(0, H, W), (N, 0, W)])
def test_no_pixel_is_no_image(shape: tuple[int, ...]) -> None:
    with pytest.raises(SchemaError, match="no pixel"):
        rows(bytes_of(*shape))


@pytest.mark.parametrize(
    ("values", "bounds", "whole"),
    [
        (np.array([0, 7, 200], dtype=np.uint8), (0, 255), True),
        (np.array([0, 7, 200], dtype=np.int64), (0, 255), True),
        (np.array([False, True, True]), (0, 1), True),
        (np.array([0.0, 0.25, 0.5]), (0, 1), False),
        (np.array([0.0, 0.25, 1.0], dtype=np.float32), (0, 1), False),
        (np.array([-0.5, 0.25, 0.5], dtype=np.float32), (-1, 1), False),
        (np.array([0.0, 16.0, 128.0]), (0, 255), False),
        (np.array([3.0, 16.0, 254.0], dtype=np.float32), (0, 255), False),
    ],
)
def test_the_usual_ranges_are_known(
    values: AnyArray, bounds: tuple[float, float], *, whole: bool
) -> None:
    made = rows(values.reshape(1, 1, 3))
    image = made.codec.image
    assert ((image.min, image.max), image.whole) == (bounds, whole)
    assert made.notes == ()


@pytest.mark.parametrize(
    ("values", "whole"),
    [
        (np.array([-0.4, 0.0, 2.8]), False),
        (np.array([0.0, 3.0, 16.0]), False),
        (np.array([0.0, 16.5, 254.0]), False),
        (np.array([0.0, 3.0, 256.0]), False),
        (np.array([-3, 0, 5], dtype=np.int16), True),
        (np.array([0, 3, 4095], dtype=np.uint16), True),
    ],
)
def test_any_other_range_is_that_of_the_data_with_a_note(values: AnyArray, *, whole: bool) -> None:
    made = rows(values.reshape(1, 1, 3))
    image = made.codec.image
    assert (image.min, image.max, image.whole) == (values.min(), values.max(), whole)
    assert "was taken for dark and bright" in made.notes[0]


def test_bytes_that_are_all_0_or_1_are_noted() -> None:
    made = rows(np.ones((2, 2, 2), dtype=np.uint8))
    assert "bright was taken to be 255" in made.notes[0]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_told_with_its_image(bad: float) -> None:
    values = np.zeros((4, 2, 2))
    values[2, 1, 1] = bad
    values[3, 0] = [np.inf, -np.inf]
    with pytest.raises(NonFiniteError, match=r"pictures: image 2 .*2 such images"):
        rows(values)


def test_values_without_contrast_or_precision_are_refused() -> None:
    with pytest.raises(SchemaError, match="contrast"):
        rows(np.full((2, 2, 2), 7.0))
    with pytest.raises(SchemaError, match="contrast"):
        rows(np.array([[[0, 2**60]]]))


@pytest.mark.parametrize("values", [np.array([[["a"]]]), np.zeros((1, 1, 1), dtype=complex)])
def test_what_is_no_number_is_refused(values: AnyArray) -> None:
    with pytest.raises(SchemaError, match="expected numbers"):
        rows(values)


def test_rows_that_would_not_fit_are_refused_before_they_are_made() -> None:
    huge = np.broadcast_to(np.uint8(3), (10**6, 224, 224, 3))
    with pytest.raises(InputError, match=r"1000000 images need 1.12e\+03 GiB .* more than 8 GiB"):
        rows(huge)
    assert rows(bytes_of(2, 2, 2), limit_bytes=64).x.size == 8
    with pytest.raises(InputError, match="GiB"):
        rows(bytes_of(2, 2, 2), limit_bytes=63)


def test_what_is_declared_wins_and_departures_are_noted() -> None:
    schema = declared(channels=1, max=1.0, whole=True)
    made = rows(np.full((N, H, W), 1.5), schema=schema)
    assert made.codec.image == schema.image
    assert made.notes == (
        "values run from 1.5 to 1.5, 0 to 1 are declared",
        "there are fractions among values that are declared as whole numbers",
    )


def test_images_of_another_size_than_declared_are_refused() -> None:
    with pytest.raises(ShapeError, match="images of 5 x 7 x 3 as the schema declares"):
        rows(bytes_of(N, H, W + 1, 3), schema=declared())


def test_a_schema_of_columns_does_not_fit_images() -> None:
    with pytest.raises(SchemaError, match="describes columns"):
        rows(bytes_of(N, H, W), schema=Schema(features=(Feature(name="a"),)))
