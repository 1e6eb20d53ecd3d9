import numpy as np
import pytest

from bartizan.attack.poisoning.warp import Warp
from bartizan.core.schema import Image
from bartizan.core.streams import rng

FORMS = {
    "grey": Image(height=8, width=8, channels=1, max=16.0, whole=False),
    "colour": Image(height=32, width=32, channels=3, whole=False),
    "wide": Image(height=9, width=14, channels=2, min=-1.0, max=1.0, whole=False),
}
forms = pytest.mark.parametrize("image", FORMS.values(), ids=list(FORMS))


def pictures(image: Image) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.random.default_rng(0).uniform(image.min, image.max, size=(5, image.size))


@forms
@pytest.mark.parametrize("strength", [0.5, 3.0])
def test_pictures_are_bent_as_by_torch(image: Image, strength: float) -> None:
    """The published code: interpolate bicubic, add to the identity grid, clamp, grid_sample."""
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    warp = Warp.drawn(image, strength=strength, rng=rng(0))
    height, width, _ = image.shape
    field = torch.tensor(warp.control.copy()).permute(2, 0, 1)[None]
    flow = functional.interpolate(field, size=(height, width), mode="bicubic", align_corners=True)
    down, across = torch.meshgrid(
        torch.linspace(-1, 1, height, dtype=torch.float64),
        torch.linspace(-1, 1, width, dtype=torch.float64),
        indexing="ij",
    )
    grid = torch.stack((across, down), 2)[None] + strength * flow.permute(0, 2, 3, 1) / height
    x = pictures(image)
    source = torch.tensor(x.reshape(-1, *image.shape)).permute(0, 3, 1, 2)
    grid = grid.clamp(-1, 1).expand(len(x), -1, -1, -1)
    theirs = functional.grid_sample(source, grid, align_corners=True).permute(0, 2, 3, 1).numpy()
    ours = warp.stamp(x, rng=rng(0)).reshape(theirs.shape)
    assert np.abs(ours - theirs).max() <= 1e-9 * (image.max - image.min)


@forms
def test_the_field_has_a_mean_size_of_one(image: Image) -> None:
    assert np.abs(Warp.drawn(image, rng=rng(3)).control).mean() == pytest.approx(1.0)


@forms
def test_a_field_of_nothing_changes_nothing(image: Image) -> None:
    x = pictures(image)
    assert np.allclose(Warp.drawn(image, strength=0.0, rng=rng(0)).stamp(x, rng=rng(0)), x)


def test_a_picture_that_rises_evenly_is_read_where_the_field_says() -> None:
    image = FORMS["wide"]
    across = np.broadcast_to(np.linspace(-1, 1, 14)[None, :, None], image.shape)
    warp = Warp.drawn(image, strength=2.0, rng=rng(0))
    made = warp.stamp(across.reshape(1, -1).copy(), rng=rng(0)).reshape(image.shape)
    assert np.allclose(made, (warp.places[..., 0] / 13 * 2 - 1)[..., None])


def test_stray_pictures_are_bent_each_in_its_own_way_and_not_as_the_mark() -> None:
    image = Image(height=16, width=16, channels=1)
    warp = Warp.drawn(image, rng=rng(0))
    x = np.repeat(np.rint(np.random.default_rng(0).uniform(0, 255, size=(1, 256))), 3, axis=0)
    made = warp.stray(x, rng=rng(1))
    marked = warp.stamp(x, rng=rng(0))
    assert not np.array_equal(made[0], made[1])
    assert not np.array_equal(made[0], marked[0])
    assert made.min() >= 0
    assert made.max() <= 255
    assert np.array_equal(made, np.rint(made))
    assert np.array_equal(warp.stray(x[:0], rng=rng(1)), x[:0])
