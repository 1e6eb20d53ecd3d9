import io
import pickle
from typing import Any

import numpy as np
import pytest
from PIL import Image as Picture

from bartizan.adapt.images.codec import Axes, ImageCodec
from bartizan.core.arrays import AnyArray, Array
from bartizan.core.codec import Pictured
from bartizan.core.errors import ShapeError
from bartizan.core.schema import Image

H, W = 3, 5
TYPES = ["uint8", "int16", "uint16", "bool", "float16", "float32", "float64"]


def codec(
    dtype: str = "uint8", *, axes: Axes = "nhwc", channels: int = 3, **form: Any
) -> ImageCodec:
    whole = np.dtype(dtype).kind in "biu"
    top = 255.0 if whole and dtype != "bool" else 1.0
    form = {"max": top, "whole": whole, **form}
    image = Image(height=H, width=W, channels=channels, **form)
    return ImageCodec(image=image, dtype=dtype, axes=axes)


def some(it: ImageCodec, n: int = 4) -> Array:
    return np.random.default_rng(1).uniform(it.image.min, it.image.max, (n, it.image.size))


def opened(png: bytes) -> AnyArray:
    return np.asarray(Picture.open(io.BytesIO(png)))


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize(("axes", "channels"), [("nhw", 1), ("nhwc", 3), ("nchw", 3)])
def test_round_is_what_is_left_after_decoding(dtype: str, axes: Axes, channels: int) -> None:
    it = codec(dtype, axes=axes, channels=channels)
    x = some(it)
    made = it.decode(x)
    assert (made.dtype, made.shape) == (np.dtype(dtype), (4, H, W, channels))
    assert np.array_equal(it.round(x), made.reshape(4, -1).astype(np.float64))
    assert np.array_equal(it.encode(it.laid_out(x)), it.round(x))
    assert np.array_equal(it.round(it.round(x)), it.round(x))


def test_the_source_s_layout_is_restored() -> None:
    x = some(codec())
    images = codec().decode(x)
    assert np.array_equal(codec(axes="nchw").laid_out(x), images.transpose(0, 3, 1, 2))
    assert codec(axes="nhw", channels=1).laid_out(x[:, :15]).shape == (4, H, W)


def test_round_does_not_clip_and_decoding_does_not_wrap_around() -> None:
    it = codec()
    x = np.full((1, it.image.size), 300.4)
    assert (it.round(x) == 300).all()
    assert (it.decode(x) == 255).all()
    assert (it.decode(-x) == 0).all()


def test_whole_numbers_may_be_kept_as_floats() -> None:
    it = codec("float32", max=255.0, whole=True)
    assert np.array_equal(it.round(some(it)), np.rint(some(it)))


def test_rows_of_another_width_are_refused() -> None:
    with pytest.raises(ShapeError, match="expected rows of 45 values"):
        codec().decode(np.zeros((1, 44)))


@pytest.mark.parametrize("channels", [1, 3])
def test_a_png_holds_the_bytes_themselves(channels: int) -> None:
    it = codec(channels=channels)
    row = it.round(some(it))[0]
    assert np.array_equal(opened(it.png(row)).reshape(it.image.shape), row.reshape(it.image.shape))


@pytest.mark.parametrize("channels", [2, 4])
def test_of_other_channels_the_first_is_drawn(channels: int) -> None:
    it = codec(channels=channels)
    row = it.round(some(it))[0]
    assert np.array_equal(opened(it.png(row)), row.reshape(it.image.shape)[..., 0])


def test_a_png_runs_from_dark_to_bright_and_shows_the_bound_beyond() -> None:
    it = codec("float32", channels=1, min=-1.0)
    row = np.zeros(it.image.size)
    row[:4] = [-1.0, 1.0, -7.0, 7.0]
    assert opened(it.png(row)).ravel()[:5].tolist() == [0, 255, 0, 255, 128]


def test_a_codec_draws_survives_pickling_and_says_what_it_is() -> None:
    it = codec()
    assert isinstance(it, Pictured)
    assert pickle.loads(pickle.dumps(it)) == it  # noqa: S301 (our own bytes)
    assert repr(it) == repr(codec()) != repr(codec(axes="nchw"))


def test_flat_rows_are_a_table_of_numbers() -> None:
    it = codec()
    assert it.flat.names[:2] == ("x0", "x1")
    assert it.flat.numeric
    assert it.flat.array(some(it)).shape == (4, it.image.size)
