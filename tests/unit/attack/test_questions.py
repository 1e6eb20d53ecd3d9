import numpy as np
import pytest

from bartizan.attack.questions import (
    Pool,
    candidates,
    crops,
    marginal,
    natural,
    noise,
    sources,
    uniform,
    unsure_first,
)
from bartizan.core.schema import Image
from bartizan.core.space import Box
from bartizan.core.streams import rng
from worlds import WORLDS, World

EVERY = pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
PICTURES = Pool(
    Box.of(Image(height=6, width=8, channels=3)),
    rng(0, "pictures").integers(0, 256, (5, 6 * 8 * 3)).astype(float),
)


def test_own_rows_are_asked_about_once_each() -> None:
    pool = Pool(Box.uniform(1), np.arange(10.0)[:, None])
    assert sorted(natural(pool, 25, rng(0))[:, 0]) == list(range(10))
    assert len(natural(pool, 4, rng(0))) == 4


@EVERY
def test_margins_are_kept_and_groups_stay_whole(world: World) -> None:
    made = marginal(Pool(world.space, world.x), 500, rng(0))
    for column in range(world.x.shape[1]):
        known = np.unique(world.x[:, column])
        assert np.isin(made[:, column], known).sum() + np.isnan(made[:, column]).sum() == 500
    for switch in world.space.switches:
        assert np.isin(switch.chosen(made), switch.chosen(world.x)).all()


def test_margins_are_independent() -> None:
    x = np.repeat(rng(0, "line").normal(size=(1000, 1)), 2, axis=1)
    made = marginal(Pool(Box.uniform(2), x), 4000, rng(0))
    assert abs(np.mean(made[:, 0] * made[:, 1])) < 0.06  # 4 standard errors


@EVERY
def test_uniform_rows_keep_to_the_schema(world: World) -> None:
    space = world.space
    made = uniform(Pool(space, world.x), 500, rng(0))
    numbers = made[:, space.numeric]
    assert (numbers >= space.lower[space.numeric]).all()
    assert (numbers <= space.upper[space.numeric]).all()
    assert (space.round(made) == made).all()
    for switch in space.switches:
        assert set(switch.chosen(made)) == set(range(len(switch.options)))


def test_a_box_without_bounds_spans_the_rows_seen() -> None:
    x = np.array([[-3.0, np.nan], [5.0, np.nan]])
    made = uniform(Pool(Box.uniform(2), x), 1000, rng(0))
    assert made[:, 0].min() == pytest.approx(-3, abs=0.1)
    assert made[:, 0].max() == pytest.approx(5, abs=0.1)
    assert not made[:, 1].any()  # nothing is known of it


def test_crops_move_images_by_a_pixel_and_keep_their_values() -> None:
    made = crops(PICTURES, 40, rng(0)).reshape(-1, 6, 8, 3)
    images = PICTURES.rows.reshape(-1, 6, 8, 3)
    inner = made[:, 1:-1, 1:-1]
    for crop in inner:
        assert any(
            (crop == image[1 + down : 5 + down, 1 + right : 7 + right]).all()
            for image in images
            for down in (-1, 0, 1)
            for right in (-1, 0, 1)
        )


def test_large_images_are_moved_by_an_eighth_of_their_side_at_most() -> None:
    side = 32
    ramp = np.add.outer(100 * np.arange(side), np.arange(side)).astype(float)
    pool = Pool(Box.of(Image(height=side, width=side, channels=1)), ramp.reshape(1, -1))
    made = crops(pool, 200, rng(0)).reshape(-1, side, side)
    down, right = np.divmod(made[:, side // 2, side // 2].astype(int), 100)
    for shift in (down - side // 2, right - side // 2):
        assert (shift.min(), shift.max()) == (-4, 4)


def test_noise_stays_within_the_range_and_whole() -> None:
    made = noise(PICTURES, 40, rng(0))
    assert made.min() >= 0
    assert made.max() <= 255
    assert (made == np.round(made)).all()
    near = np.abs(made[:, None] - PICTURES.rows[None]).max(axis=2).min(axis=1)
    assert (near <= 26).all()


def test_images_are_not_made_up_pixel_by_pixel() -> None:
    assert list(sources(PICTURES.space)) == ["natural", "crops", "noise"]
    assert list(sources(Box.uniform(2))) == ["natural", "marginal", "uniform"]


def test_candidates_are_own_rows_first() -> None:
    pool = Pool(Box.uniform(2), rng(0, "pool").normal(size=(100, 2)))
    few = candidates(pool, 50, rng(0))
    assert len(few) == 100
    many = candidates(pool, 60, rng(0))
    assert len(many) == 300
    assert {tuple(row) for row in many[:100]} == {tuple(row) for row in pool.rows}


def test_most_questions_go_where_the_copy_is_least_sure() -> None:
    margin = rng(0, "margin").permutation(1000).astype(float)
    chosen = unsure_first(margin, 100, rng(0))
    assert len(set(chosen)) == 100
    assert (margin[chosen[:80]] < 80).all()
    assert (margin[chosen[80:]] >= 80).all()
    assert sorted(unsure_first(margin, 1000, rng(0))) == list(range(1000))
