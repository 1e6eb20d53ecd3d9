from dataclasses import dataclass

import numpy as np
import pytest

from bartizan.attack import square
from bartizan.attack.dither import Dither
from bartizan.attack.patches import DRAWS, Bumps, Squares, patches_of
from bartizan.core.arrays import Array, Ints
from bartizan.core.attacker import Attacker, NormName
from bartizan.core.classifier import Classifier, decisions
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult
from bartizan.core.errors import SchemaError
from bartizan.core.oracle import Oracle
from bartizan.core.schema import Image
from bartizan.core.space import Box
from bartizan.core.streams import rng
from models import Additive, Counting, linear

IMAGE = Image(height=8, width=6, channels=2)
NORMS: list[NormName] = ["L1", "L2", "Linf"]
EPS = {"L1": 4.0, "L2": 0.6, "Linf": 12 / 255}


def constraint_of(norm: NormName, *, eps: float | None = None, whole: bool = True) -> Constraint:
    image = Image(height=8, width=6, channels=2, whole=whole)
    attacker = Attacker(name="a", access="scores", norm=norm, eps=eps or EPS[norm])
    return Constraint(Box.of(image), attacker, np.zeros((0, IMAGE.size)))


def images(n: int) -> Array:
    return rng(2, "images").integers(64, 192, (n, IMAGE.size)).astype(float)


def plane(x: Array, *, share: float) -> tuple[Additive, Ints]:
    """A smooth linear model, and rows by how far that share of the budget is from turning them."""
    row, column = np.arange(8)[:, None, None], np.arange(6)[None, :, None]
    weights = (np.sin(row) + np.cos(column) + 0.3 * np.arange(2)).ravel()
    score = x @ weights
    reach = np.abs(weights).sum() * 255 * EPS["Linf"]
    chosen = np.argsort(np.abs(score - np.median(score) - share * reach))
    return linear(-weights, offset=float(np.median(score))), chosen


def attack(
    model: Classifier, constraint: Constraint, x: Array, *, queries: int | None, seed: int = 1
) -> AttackResult:
    y = decisions(model.scores(x))
    oracle = Oracle(model, y=y, access="scores", budget=queries)
    return square.run(oracle, constraint, x, y, params=square.Params(), rng=rng(seed))


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "real"])
def test_in_linf_the_corner_that_turns_a_plane_is_found_to_a_step(*, whole: bool) -> None:
    x = images(40)
    model, chosen = plane(x, share=0.6)
    x = x[chosen[:10]]
    constraint = constraint_of("Linf", whole=whole)
    result = attack(model, constraint, x, queries=3000)
    weights, score = model.weights[:, 1], model.scores(x)[:, 1]
    best = np.abs(score) / np.abs(weights).sum() / 255
    assert (result.price >= best * (1 - 1e-9)).all()
    step = 1 / 255 if whole else 0.0
    assert (result.price <= 1.1 * best + step).mean() >= 0.9


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("factor", [0.97, 1.0, 1.03])
def test_what_is_asked_at_the_budget_never_leaves_it(norm: NormName, factor: float) -> None:
    """Also where the budget is no whole number of steps."""
    x = images(6)
    constraint = constraint_of(norm, eps=factor * EPS[norm])
    model = Counting(linear(np.zeros(IMAGE.size), offset=1.0))
    attack(model, constraint, x, queries=50)
    first = model.seen[1:40]  # the rows of one turn are one call; the first call made y
    for points in first:
        assert constraint.within(constraint.price(x, points)).all()
        assert np.array_equal(points, np.round(points))
        assert (points != x).any(axis=1).all()


def test_a_budget_within_reach_is_met_with_few_questions_and_the_count_of_them_is_right() -> None:
    x = images(40)
    model, chosen = plane(x, share=0.4)
    x = x[chosen[:10]]
    counting = Counting(model)
    constraint = constraint_of("Linf")
    y = decisions(model.scores(x))
    oracle = Oracle(counting, y=y, access="scores", budget=400)
    result = square.run(oracle, constraint, x, y, params=square.Params(), rng=rng(1))
    assert constraint.within(result.price).mean() >= 0.9
    met = np.full(10, -1)
    for turn, points in enumerate(counting.seen, start=1):
        rows = np.array([np.abs(x - point).sum(axis=1).argmin() for point in points])
        won = decisions(model.scores(points)) != y[rows]
        won &= constraint.within(constraint.price(x[rows], points))
        met[rows[won & (met[rows] < 0)]] = turn
    assert np.array_equal(result.needed, met)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("factor", [0.1, 3.0])
def test_prices_are_looked_for_below_and_above_the_budget(norm: NormName, factor: float) -> None:
    """The same rows cost about the same, whatever budget was declared."""
    x = images(12)
    model, _ = plane(x, share=0.0)
    usual = attack(model, constraint_of(norm), x, queries=800)
    other = attack(model, constraint_of(norm, eps=factor * EPS[norm]), x, queries=800)
    assert usual.success.all()
    assert other.success.all()
    assert np.median(other.price / usual.price) == pytest.approx(1.0, rel=0.35)


@pytest.mark.parametrize("norm", NORMS)
def test_the_patches_of_a_row_do_not_depend_on_what_the_others_met(norm: NormName) -> None:
    x = images(8)
    model, _ = plane(x, share=0.0)
    constraint = constraint_of(norm)
    far = x.copy()
    far[0] = 255.0 - far[0]
    one, two = (attack(model, constraint, block, queries=200) for block in (x, far))
    assert np.array_equal(one.points[1:], two.points[1:])
    assert np.array_equal(one.queries[1:], two.queries[1:])


@pytest.mark.parametrize("queries", [0, 1, 2, 33])
def test_no_row_asks_more_than_its_budget(queries: int) -> None:
    x = images(5)
    model, _ = plane(x, share=0.0)
    assert attack(model, constraint_of("L2"), x, queries=queries).queries.max() <= queries


def test_without_a_limit_the_attack_sets_one() -> None:
    x = images(3)
    y = np.ones(3, dtype=np.int64)
    oracle = Oracle(linear(np.zeros(IMAGE.size), offset=1.0), y=y, access="scores")
    params = square.Params(queries=70)
    result = square.run(oracle, constraint_of("Linf"), x, y, params=params, rng=rng(1))
    assert result.queries.tolist() == [70, 70, 70]
    assert not result.success.any()


def test_a_table_is_refused_with_the_attack_to_use_instead() -> None:
    attacker = Attacker(name="a", access="scores", norm="Linf", eps=0.1)
    constraint = Constraint(Box.uniform(4), attacker, np.zeros((0, 4)))
    with pytest.raises(SchemaError, match=r"evasion\.coordinate"):
        attack(linear(np.ones(4)), constraint, np.zeros((1, 4)), queries=5)


@dataclass(frozen=True)
class Drawn:
    """One proposal of a norm for each of some rows."""

    before: Array
    after: Array


def drawn(norm: NormName, *, n: int = 200, share: float = 0.1) -> Drawn:
    constraint = constraint_of(norm, eps=EPS[norm] / 4, whole=False)
    x = images(n)
    patches = patches_of(constraint, image=IMAGE, x0=x)
    draw, ones = rng(5), np.ones(n)
    before = patches.first(ones, draw)
    after = patches.next(
        before.copy(),
        np.arange(n),
        radius=ones,
        share=np.full(n, share),
        draw=draw.random((n, DRAWS + 2)),
    )
    return Drawn(before, after)


def test_squares_are_square_of_the_size_asked_for_and_always_change_something() -> None:
    made = drawn("Linf")
    side = round(np.sqrt(0.1 * 48))
    assert np.array_equal(np.abs(made.after), np.ones_like(made.after))
    assert (made.before == made.before[:, :1]).all()  # vertical stripes
    changed = (made.before != made.after).any(axis=3)
    for one in changed:
        rows, columns = np.nonzero(one)
        assert rows.size
        assert np.ptp(rows) == side - 1
        assert np.ptp(columns) <= side - 1


@pytest.mark.parametrize("norm", ["L1", "L2"])
def test_bumps_keep_the_length_of_the_change_and_touch_two_patches(norm: NormName) -> None:
    made = drawn(norm)
    order = {"L1": 1, "L2": 2}[norm]
    for change in (made.before, made.after):
        length = np.linalg.norm(change.reshape(len(change), -1), ord=order, axis=1)
        assert length == pytest.approx(np.ones(len(change)))
    assert not np.array_equal(made.before, made.after)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 7, 3), (2, 2, 1), (4, 9, 1)])
def test_images_of_any_shape_have_patches(norm: NormName, shape: tuple[int, int, int]) -> None:
    image = Image(height=shape[0], width=shape[1], channels=shape[2], whole=False)
    attacker = Attacker(name="a", access="scores", norm=norm, eps=0.1)
    constraint = Constraint(Box.of(image), attacker, np.zeros((0, image.size)))
    x = np.full((4, image.size), 100.0)
    model = linear(np.ones(image.size), offset=-100.0 * image.size + 1.0)
    assert attack(model, constraint, x, queries=200).success.all()


def test_the_norm_chooses_its_patches() -> None:
    x = images(2)
    kinds = [type(patches_of(constraint_of(norm), image=IMAGE, x0=x)) for norm in NORMS]
    assert kinds == [Bumps, Bumps, Squares]


def test_dither_moves_a_share_of_the_columns_that_grows_with_the_change() -> None:
    constraint = constraint_of("Linf")
    dither, x = Dither(constraint), images(1)
    counts = []
    for steps in (0.0, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0):
        offset = np.full((1, IMAGE.size), steps) / constraint.unit
        moved = constraint.moved(x, dither.spread(offset.copy(), change=offset))
        counts.append(int((moved - x).sum()))
    assert counts[:2] == [0, 0]  # a whole step would be longer than the change
    assert counts[2::4] == [IMAGE.size, 2 * IMAGE.size]
    assert counts[3:6] == pytest.approx([IMAGE.size + more for more in (24, 48, 72)], abs=2)


def test_dither_leaves_real_numbers_alone() -> None:
    dither = Dither(constraint_of("Linf", whole=False))
    offset = rng(1).normal(size=(2, IMAGE.size))
    assert np.array_equal(dither.spread(offset.copy(), change=offset), offset)
