import numpy as np
import pytest

from bartizan.attack.window import MOST, windowed
from bartizan.core.arrays import Array
from bartizan.core.attacker import Attacker, Reach
from bartizan.core.constraint import Constraint
from bartizan.core.schema import Image
from bartizan.core.space import Box
from worlds import WORLDS


def constraint(image: Image, **features: Reach) -> Constraint:
    who = Attacker(name="eve", norm="Linf", eps=8 / 255, features=features)
    return Constraint(Box.of(image), who, np.zeros((3, image.size)))


def places(image: Image) -> Array:
    """Two images whose values are their own positions; the second is all of that plus a million."""
    x = np.arange(image.size, dtype=np.float64)
    return np.stack([x, x + 1e6])


ROWS = np.array([1, 0])
FIXED, DOWN = Reach(mutable=False), Reach(direction="down")


def test_small_images_and_tables_stay_whole() -> None:
    small = constraint(Image(height=32, width=32, channels=1))
    same, rows = windowed(small, places(Image(height=32, width=32, channels=1)), rows=ROWS)
    assert same is small
    assert rows.shape == (2, 1024)
    world = WORLDS["mixed"]
    table = world.constraint(world.attacker("L2"))
    x = np.zeros((4, len(table.space.lower)))
    assert windowed(table, x, rows=ROWS, most=1)[0] is table


@pytest.mark.parametrize(
    ("height", "width", "channels"), [(224, 224, 3), (33, 32, 1), (2000, 3, 3), (1, 5000, 1)]
)
def test_a_window_is_a_piece_of_the_middle_with_all_channels(
    height: int, width: int, channels: int
) -> None:
    image = Image(height=height, width=width, channels=channels)
    inside, rows = windowed(constraint(image), places(image), rows=ROWS)
    part = inside.space.image
    assert part is not None
    assert MOST / 2 < part.size <= MOST
    assert rows.shape == (2, part.size)
    assert inside.sample.shape == (3, part.size)
    assert np.array_equal(rows[0], rows[1] + 1e6)
    found = np.stack(np.unravel_index(rows[1].astype(int), image.shape), axis=1)
    top, left, first = found.min(axis=0)
    assert (found.max(axis=0) - found.min(axis=0) + 1).tolist() == list(part.shape)
    assert first == 0
    assert abs(2 * top + part.height - height) <= 1
    assert abs(2 * left + part.width - width) <= 1


def test_the_attacker_s_rules_move_along_with_the_pixels() -> None:
    image = Image(height=4, width=4, channels=1)
    told = {f"x{place}": FIXED for place in range(16) if place not in (10, 11, 14, 15)}
    inside, rows = windowed(constraint(image, **told, x11=DOWN), places(image), rows=ROWS, most=4)
    assert rows[1].tolist() == [10, 11, 14, 15]  # where most can be moved, not the middle
    assert inside.attacker.features == {"x1": DOWN}
    assert inside.numeric.tolist() == [0, 1, 2, 3]
    low, high = inside.bounds(np.full((1, 4), 100.0))
    assert (low < 0).all()
    assert (high > 0).tolist() == [[True, False, True, True]]


def test_a_pixel_is_the_smallest_window() -> None:
    image = Image(height=3, width=3, channels=4)
    inside, rows = windowed(constraint(image), places(image), rows=ROWS, most=1)
    assert inside.space.image == Image(height=1, width=1, channels=4)
    assert rows[1].tolist() == [16, 17, 18, 19]
