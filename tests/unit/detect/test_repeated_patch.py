"""Squares that many pictures of one label have in common."""

import numpy as np
import pytest

from bartizan.core.arrays import Array, Ints
from bartizan.core.schema import Image
from bartizan.detect.repeated_patch import patches

IMAGE = Image(height=12, width=10, channels=1)


def noise(n: int = 400, *, image: Image = IMAGE) -> tuple[Array, Ints]:
    rng = np.random.default_rng(0)
    x = rng.integers(256, size=(n, image.size)).astype(np.float64)
    return x, rng.integers(4, size=n)


@pytest.mark.parametrize("image", [IMAGE, Image(height=9, width=14, channels=3)])
def test_a_patch_is_found_with_its_carriers_and_its_place(image: Image) -> None:
    x, y = noise(image=image)
    rows = np.flatnonzero(y == 2)[:8]
    full = np.zeros(image.shape, dtype=bool)
    full[-3:, -3:] = True
    x[np.ix_(rows, np.flatnonzero(full.ravel()))] = 200.0
    (found,) = patches(x, y, image=image, rng=np.random.default_rng(1))
    assert found.label == 2
    assert found.rows.tolist() == rows.tolist()
    assert np.array_equal(found.mask, full.ravel())


def test_noise_and_what_all_labels_share_are_no_patches() -> None:
    x, y = noise()
    x[:, :30] = 0.0
    assert patches(x, y, image=IMAGE, rng=np.random.default_rng(1)) == ()


def test_copies_count_once() -> None:
    x, y = noise()
    rows = np.flatnonzero(y == 1)[:50]
    x[rows] = x[rows[0]]
    assert patches(x, y, image=IMAGE, rng=np.random.default_rng(1)) == ()


def test_one_class_all_duplicates_and_nothing_at_all_have_no_patches() -> None:
    x, y = noise()
    rng = np.random.default_rng(1)
    assert patches(x, np.zeros_like(y), image=IMAGE, rng=rng) == ()
    assert patches(np.ones_like(x), y, image=IMAGE, rng=rng) == ()
    assert patches(x[:0], y[:0], image=IMAGE, rng=rng) == ()


def test_a_picture_of_one_pixel_is_looked_at() -> None:
    image = Image(height=1, width=1, channels=1)
    x, y = noise(image=image)
    x[:] = 7.0
    assert patches(x, y, image=image, rng=np.random.default_rng(1)) == ()
