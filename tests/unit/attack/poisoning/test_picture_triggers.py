import numpy as np
import pytest

from bartizan.attack.poisoning.picture_triggers import Corner, Sinusoid, blend, patch
from bartizan.core.errors import UsageError
from bartizan.core.schema import Image
from bartizan.core.streams import rng

COLOUR = Image(height=6, width=9, channels=3)
DIGIT = Image(height=8, width=8, channels=1, max=16.0)
UNIT = Image(height=5, width=7, channels=2, min=-1.0, max=1.0, whole=False)
FORMS = pytest.mark.parametrize("image", [COLOUR, DIGIT, UNIT], ids=["colour", "digit", "unit"])


def pictures(image: Image) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    made = np.random.default_rng(0).uniform(image.min, image.max, size=(20, image.size))
    return np.rint(made) if image.whole else made


@FORMS
@pytest.mark.parametrize("corner", ["top-left", "top-right", "bottom-left", "bottom-right"])
def test_a_patch_covers_its_corner_and_nothing_else(image: Image, corner: Corner) -> None:
    x = pictures(image)
    mark = patch(image, size=2, corner=corner, rng=rng(0))
    made = mark.stamp(x, rng=rng(0)).reshape(-1, *image.shape)
    rows = [0, 1] if corner.startswith("top") else [image.height - 2, image.height - 1]
    columns = [0, 1] if corner.endswith("left") else [image.width - 2, image.width - 1]
    expected = x.reshape(-1, *image.shape).copy()
    expected[np.ix_(range(20), rows, columns)] = image.max
    assert np.allclose(made, expected, atol=1e-12)
    assert mark.text == f"a bright patch of 2 x 2 pixels, {corner.replace('-', ' ')}"


def test_a_patch_is_a_tenth_of_the_side_and_three_pixels_at_least() -> None:
    sides = []
    for side in (2, 8, 28, 32, 60):
        image = Image(height=side, width=side + 9, channels=1)
        sides.append(int(np.sqrt(patch(image, rng=rng(0)).mask.sum())))
    assert sides == [2, 3, 3, 3, 6]


@pytest.mark.parametrize("size", [0, 7])
def test_a_patch_lies_inside_the_picture(size: int) -> None:
    with pytest.raises(UsageError, match="a side of 1 to 6 pixels"):
        patch(COLOUR, size=size, rng=rng(0))


@FORMS
def test_a_blended_picture_is_the_weighted_mean(image: Image) -> None:
    x = pictures(image)
    mark = blend(image, alpha=0.3, rng=rng(0))
    exact = 0.7 * x + 0.3 * mark.pattern
    step = 0.5 + 1e-9 if image.whole else 1e-12
    assert np.abs(mark.stamp(x, rng=rng(0)) - exact).max() <= step


@pytest.mark.parametrize("alpha", [0.0, 1.01, -0.2])
def test_a_blended_picture_has_a_weight(alpha: float) -> None:
    with pytest.raises(UsageError, match="more than 0"):
        blend(COLOUR, alpha=alpha, rng=rng(0))


@FORMS
def test_waves_are_those_of_the_formula_cut_off_at_the_bounds(image: Image) -> None:
    x = pictures(image)
    delta = (image.max - image.min) / 5
    made = Sinusoid(image=image, delta=delta).stamp(x, rng=rng(0)).reshape(-1, *image.shape)
    for row, picture in enumerate(x.reshape(-1, *image.shape)):
        for j in range(image.width):
            wave = delta * np.sin(2 * np.pi * j * 6 / image.width)
            expected = np.clip(picture[:, j] + wave, image.min, image.max)
            expected = np.rint(expected) if image.whole else expected
            assert np.allclose(made[row, :, j], expected, atol=1e-12)


def test_waves_are_as_high_as_published_on_pixels_of_8_bits() -> None:
    assert Sinusoid(image=COLOUR).height == pytest.approx(40.0)
    assert Sinusoid(image=UNIT).height == pytest.approx(40 / 255 * 2)


def test_a_patch_is_that_of_another_library() -> None:
    perturbations = pytest.importorskip("art.attacks.poisoning.perturbations")
    image = Image(height=8, width=8, channels=1, max=1.0, whole=False)
    x = np.zeros((2, 64))
    theirs = perturbations.add_single_bd(x.reshape(2, 8, 8), distance=1, pixel_value=1)
    ours = patch(image, size=1, corner="bottom-right", rng=rng(0)).stamp(x, rng=rng(0))
    assert np.array_equal(ours.reshape(2, 8, 8), theirs)
