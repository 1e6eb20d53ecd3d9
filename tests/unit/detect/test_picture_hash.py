import numpy as np
import pytest

from bartizan.core.streams import rng
from bartizan.detect.clusters import candidates
from bartizan.detect.picture_hash import (
    NEAR_BITS,
    SPARE,
    band_keys,
    bits_apart,
    difference_hash,
    small,
)


def test_means_are_taken_over_areas() -> None:
    image = np.arange(16.0).reshape(1, 4, 4, 1)
    assert small(image, height=2, width=2)[0].tolist() == [[2.5, 4.5], [10.5, 12.5]]
    assert small(image, height=8, width=4).shape == (1, 8, 4)


@pytest.mark.parametrize("shape", [(1, 1, 1), (5, 3, 3), (28, 28, 1), (97, 33, 4)])
def test_every_size_has_a_hash(shape: tuple[int, int, int]) -> None:
    assert difference_hash(np.zeros((3, *shape), dtype=np.uint8)).tolist() == [0, 0, 0]


def test_brightness_and_contrast_change_nothing_and_mirroring_does() -> None:
    images = rng(0, "images").integers(0, 100, (20, 32, 32, 3))
    assert np.array_equal(difference_hash(images), difference_hash(images * 2 + 20))
    apart = bits_apart(difference_hash(images), difference_hash(images[:, :, ::-1]))
    assert (apart > 10).all()


def test_bits_apart_is_the_hamming_distance() -> None:
    left, right = (rng(k, "bits").integers(0, 2**63, 50).astype(np.uint64) for k in (0, 1))
    brute = [(int(a) ^ int(b)).bit_count() for a, b in zip(left, right, strict=True)]
    assert bits_apart(left, right).tolist() == brute


@pytest.mark.parametrize("flips", range(NEAR_BITS + 1))
def test_hashes_a_few_bits_apart_always_meet(flips: int) -> None:
    draw = rng(flips, "flips")
    hashes = draw.integers(0, 2**63, 200).astype(np.uint64)
    changed = hashes.copy()
    for k in range(200):
        for bit in draw.choice(64, flips, replace=False):
            changed[k] ^= np.uint64(1) << np.uint64(bit)
    for one, other in zip(hashes, changed, strict=True):
        left, _ = candidates(band_keys(np.array([one, other])), spare=SPARE)
        assert len(left) == 1
