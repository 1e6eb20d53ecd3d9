import numpy as np
import pytest

from bartizan.attack.tree_scene import Scene, scene_of
from bartizan.core.attacker import Attacker
from bartizan.core.classifier import decisions
from bartizan.core.constraint import Constraint
from bartizan.core.oracle import Oracle
from bartizan.core.space import Box
from bartizan.core.streams import rng
from forests import Forest, forest
from worlds import KINDS, WORLDS


def scene(world: str, kind: str, *, k: int = 2) -> Scene:
    home = WORLDS[world]
    model, x = home.forest(k), home.x[:12].copy()
    y = decisions(model.scores(x))
    constraint = home.constraint(home.attacker(kind, access="structure"))
    return scene_of(Oracle(model, y=y, access="structure"), constraint, x)


def states(made: Scene, draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Some random states that rows can be in."""
    n = len(made.x0)
    slots = made.cells.home.copy()
    for row in range(n):
        for axis in np.flatnonzero(~made.cells.frozen[row]):
            part = np.arange(made.axes.first[axis], made.axes.first[axis + 1])
            slots[row, axis] = draw.choice(part[np.isfinite(made.cells.term[row, part])])
    return np.arange(n), slots


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("world", WORLDS)
def test_sums_after_any_single_move_are_those_of_the_trees_at_its_point(world: str, k: int) -> None:
    made, draw = scene(world, "L2", k=k), rng(1, world)
    rows, slots = states(made, draw)
    sums = made.moves.sums(slots, rest=made.rest[rows], frozen=made.cells.frozen[rows])
    checked = 0
    for row in rows:
        for slot in np.flatnonzero(np.isfinite(made.cells.term[row])):
            axis = made.axes.owner[slot]
            if made.cells.frozen[row, axis]:
                continue
            moved = slots[[row]].copy()
            moved[0, axis] = slot
            scores = made.trees.scores(made.cells.points(np.array([row]), moved))[0]
            wanted = scores[1:] - scores[:1] if k == 2 else scores
            assert sums[row, slot] == pytest.approx(wanted, abs=1e-9)
            checked += 1
    assert checked > 100


def test_trees_of_more_leaves_than_a_word_has_bits_are_summed_as_well() -> None:
    draw = rng(2, "deep")
    x = draw.normal(size=(300, 3))
    trees = forest(x, draw, trees=3, depth=8)
    constraint = Constraint(Box.uniform(3), Attacker(name="a", norm="L2", eps=1.0), x)
    model = Forest(trees)
    y = decisions(model.scores(x))
    made = scene_of(Oracle(model, y=y, access="structure"), constraint, x[:5])
    assert made.leaves.words == 4
    rows = np.arange(5)
    sums = made.moves.sums(made.cells.home, rest=made.rest, frozen=made.cells.frozen)
    for slot in range(0, made.axes.slots, 7):
        moved = made.cells.home.copy()
        moved[:, made.axes.owner[slot]] = slot
        scores = trees.scores(made.cells.points(rows, moved))
        assert sums[:, slot, 0] == pytest.approx(scores[:, 1] - scores[:, 0], abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("world", ["bounded", "mixed", "choices"])
def test_costs_of_states_are_prices_of_their_points(world: str, kind: str) -> None:
    made, draw = scene(world, kind), rng(3, world, kind)
    rows, slots = states(made, draw)
    price = made.constraint.price(made.x0, made.cells.points(rows, slots))
    cost = made.cells.price(made.cells.cost(rows, slots))
    assert cost == pytest.approx(price, rel=1e-5, abs=1e-6)
    moved = made.cells.moved(rows, slots)
    for axis in range(made.axes.count):
        own = moved[rows, slots[:, axis]]
        free = ~made.cells.frozen[:, axis]
        assert made.cells.price(own[free]) == pytest.approx(cost[free], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("deeper", [False, True])
@pytest.mark.parametrize("world", ["line", "bounded", "mixed"])
def test_points_lie_in_their_cells_and_are_valid_and_survive_single_precision(
    world: str, *, deeper: bool
) -> None:
    home = WORLDS[world]
    model = home.forest()
    constraint = home.constraint(home.attacker("L2", access="structure"))
    x = home.x[10:30]
    oracle = Oracle(model, y=decisions(model.scores(x)), access="structure")
    made = scene_of(oracle, constraint, x)
    rows, slots = states(made, rng(4, world))
    points = made.cells.points(rows, slots, deeper=deeper)
    numbers = [axis for axis in range(made.axes.count) if made.axes.choice[axis] < 0]
    for axis in numbers:
        column = constraint.numeric[made.axes.number[axis]]
        value, slot = points[:, column], slots[:, axis]
        known = ~np.isnan(value)
        low, high = made.axes.low[slot][known], made.axes.high[slot][known]
        assert ((value[known] > low) & (value[known] <= high)).all()
        changed = (value != x[:, column])[known]
        single = value[known].astype(np.float32).astype(float)
        assert ((single > low) & (single <= high))[changed].mean() > 0.9
    low, high = constraint.limits(x)
    value = points[:, constraint.numeric]
    assert (((value >= low) & (value <= high)) | np.isnan(value)).all()
    assert np.array_equal(constraint.space.round(points), points, equal_nan=True)
