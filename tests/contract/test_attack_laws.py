"""Laws that every attack of the catalogue keeps in every world, against every attacker."""

import inspect
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from bartizan.assess.plan import missing_need
from bartizan.attack import ENTRIES
from bartizan.attack.control import planted
from bartizan.attack.transplant import transplanted
from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.attacker import Access
from bartizan.core.classifier import Loss, decisions
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult, Entry
from bartizan.core.oracle import Oracle
from bartizan.core.streams import rng
from bartizan.core.trees import Trees
from forests import forest
from models import Counting, counting
from worlds import KINDS, WORLDS, World

ROWS = 8
"""Rows attacked in each world: among them rows outside their bounds and with missing values."""
QUERIES = 250
"""Questions a row: not enough for any attack to finish of its own accord."""


KNOWING = ("L2", "Linf")
"""Attackers who know the classes of their own rows."""


@dataclass(frozen=True)
class Case:
    """One attack in one world by one attacker."""

    entry: Entry
    world: str
    kind: str
    access: Access
    goal: str = "any"
    queries: int = QUERIES
    budget: float = 0.4

    def __str__(self) -> str:
        name = self.entry.id.split(".")[1]
        return f"{name}-{self.world}-{self.kind}-{self.access}"


@dataclass(frozen=True)
class Run:
    """What came of a case."""

    world: World
    constraint: Constraint
    model: Counting
    x: Array
    y: Ints
    result: AttackResult

    @property
    def fixed(self) -> Mask:
        """Columns that the attacker cannot move."""
        fixed = np.ones(self.x.shape[1], dtype=bool)
        fixed[self.constraint.numeric] = False
        for switch in self.constraint.switches:
            fixed[switch.columns] = False
        return fixed


def constraint_of(case: Case) -> Constraint:
    world = WORLDS[case.world]
    attacker = world.attacker(case.kind, access=case.access, goal=case.goal, budget=case.budget)
    return world.constraint(attacker)


def attack(case: Case, *, rows: slice = slice(ROWS), sample: Array | None = None) -> Run:
    world, constraint = WORLDS[case.world], constraint_of(case)
    model = counting(world.shown(case.access, 2 if case.goal == "any" else 3), case.access)
    if sample is not None:
        constraint = replace(constraint, sample=sample)
    if case.kind in KNOWING:
        classes = decisions(model.model.scores(constraint.sample))
        constraint = replace(constraint, sample_y=classes)
    x, y = world.x[rows].copy(), decisions(model.model.scores(world.x[rows]))
    target = None if case.goal == "any" else int(case.goal)
    oracle = Oracle(model, y=y, access=case.access, budget=case.queries, target=target)
    params, stream = case.entry.params, rng(5, case.entry.id)
    result = case.entry.run(oracle, constraint, x, y, params=params, rng=stream)
    return Run(world, constraint, model, x, y, result)


@cache
def done(case: Case) -> Run:
    """The run of a case; laws only look at it."""
    return attack(case)


LOOKS: tuple[tuple[str, Access], ...] = (
    *((kind, "labels") for kind in KINDS),
    ("L1", "scores"),
    ("L2", "scores"),
    *((kind, "gradients") for kind in KINDS),
    *((kind, "structure") for kind in KINDS),
    ("Linf", "scores"),
)
ALL = [
    Case(entry, world, kind, access)
    for entry in ENTRIES
    for world in WORLDS
    for kind, access in LOOKS
]
WHITE = ("gradients", "structure")


def runs(case: Case) -> bool:
    """Whether the planner would run it; black boxes are not tried again on open models."""
    if case.access in WHITE and case.access not in case.entry.needs:
        return False
    return missing_need(case.entry, constraint_of(case), offered=case.access) is None


CASES = [case for case in ALL if runs(case)]
SHORT = [
    case
    for case in CASES
    if (case.kind, case.access) in {("L2", "scores"), ("money", "labels")}
    or (case.access in WHITE and case.kind == "Linf")
]
"""Where the law does not depend on the norm."""
# The scope puts all laws of a case one after the other: else each of several test processes would
# be given some laws of every case, and run all attacks.
each = pytest.mark.parametrize("case", CASES, ids=str, scope="module")
some = pytest.mark.parametrize("case", SHORT, ids=str, scope="module")


def test_every_entry_is_tried_in_at_least_three_worlds_or_in_the_world_of_images() -> None:
    for entry in ENTRIES:
        worlds = {case.world for case in CASES if case.entry is entry}
        assert len(worlds) >= (1 if "image" in entry.needs else 3), entry.id


@each
def test_it_finds_something(case: Case) -> None:
    assert done(case).result.success.any()


@each
def test_it_stays_inside_the_bounds(case: Case) -> None:
    run = done(case)
    low, high = run.world.space.lower, run.world.space.upper
    points = run.result.points
    inside = (points >= np.minimum(low, run.x)) & (points <= np.maximum(high, run.x))
    assert (inside | np.isnan(points)).all()


@each
def test_what_it_returns_is_valid(case: Case) -> None:
    run = done(case)
    assert run.constraint.valid(run.x, run.result.points).all()


@each
def test_what_cannot_move_is_kept_to_the_bit(case: Case) -> None:
    run = done(case)
    assert run.fixed[0]
    assert run.result.points[:, run.fixed].tobytes() == run.x[:, run.fixed].tobytes()


@each
def test_directions_are_kept(case: Case) -> None:
    run = done(case)
    for name, reach in run.constraint.attacker.features.items():
        if reach.direction == "any":
            continue
        column = run.world.space.names.index(name)
        change = run.result.points[:, column] - run.x[:, column]
        assert (change >= 0 if reach.direction == "up" else change <= 0).all()


@each
def test_missing_values_stay_missing_and_no_others_appear(case: Case) -> None:
    run = done(case)
    assert np.array_equal(np.isnan(run.x), np.isnan(run.result.points))


@each
def test_success_is_what_the_model_says_about_the_returned_point(case: Case) -> None:
    run = done(case)
    decided = decisions(run.model.model.scores(run.result.points))
    assert np.array_equal(run.result.success, decided != run.y)


@each
def test_the_price_is_that_of_the_returned_point(case: Case) -> None:
    run = done(case)
    price = run.constraint.price(run.x, run.result.points)
    success = run.result.success
    assert run.result.price[success] == pytest.approx(price[success], rel=1e-12)
    assert np.isinf(run.result.price[~success]).all()
    same = run.result.points[~success] == run.x[~success]
    assert (same | np.isnan(run.x[~success])).all()


@each
def test_no_row_gets_more_questions_than_the_budget(case: Case) -> None:
    run = done(case)
    counted = [run.model.asked.get(int(name), 0) for name in run.x[:, 0]]
    assert max(counted) <= QUERIES
    assert run.result.queries.tolist() == counted


@each
def test_the_questions_it_needed_are_told_for_rows_within_the_budget(case: Case) -> None:
    run = done(case)
    within = run.constraint.within(run.result.price)
    assert (run.result.needed[within] >= 1).all()
    assert (run.result.needed <= run.result.queries).all()
    assert (run.result.needed[~np.isfinite(run.result.price)] == -1).all()


@each
def test_every_question_leaves_alone_what_the_attacker_cannot_move(case: Case) -> None:
    run = done(case)
    asked = np.concatenate(run.model.seen)
    own = run.x[asked[:, 0].astype(int)]
    assert np.array_equal(asked[:, run.fixed], own[:, run.fixed], equal_nan=True)


@some
def test_it_leaves_its_input_alone(case: Case) -> None:
    run = done(case)
    assert run.x.tobytes() == run.world.x[:ROWS].tobytes()
    assert np.array_equal(run.y, decisions(run.model.model.scores(run.world.x[:ROWS])))


@some
def test_the_same_seed_gives_the_same_bytes_whatever_ran_before(case: Case) -> None:
    first = done(case).result
    attack(case, rows=slice(ROWS, 2 * ROWS))  # another block
    again = attack(case).result
    for name in ("points", "success", "price", "queries", "needed"):
        assert getattr(first, name).tobytes() == getattr(again, name).tobytes()


@some
@pytest.mark.parametrize("queries", [1, 5, 30])
def test_a_handful_of_questions_is_enough_to_end_in_order(case: Case, queries: int) -> None:
    run = attack(replace(case, queries=queries))
    assert max(run.model.asked.values(), default=0) <= queries
    assert run.result.points.shape == run.x.shape


@some
@pytest.mark.parametrize("budget", [1e-9, 1e9])
def test_next_to_no_budget_and_far_too_much_are_budgets(case: Case, budget: float) -> None:
    run = attack(replace(case, budget=budget))
    assert run.constraint.valid(run.x, run.result.points).all()
    assert np.array_equal(run.result.success, _wrong(run))


@some
def test_a_single_row_and_no_row_at_all_are_blocks_too(case: Case) -> None:
    assert attack(case, rows=slice(1)).result.price.shape == (1,)
    assert attack(case, rows=slice(0)).result.price.shape == (0,)


def _wrong(run: Run) -> Mask:
    return np.asarray(decisions(run.model.model.scores(run.result.points)) != run.y)


@some
def test_without_rows_of_their_own_an_attacker_fails_in_order_or_succeeds_honestly(
    case: Case,
) -> None:
    run = attack(case, sample=np.zeros((0, WORLDS[case.world].x.shape[1])))
    assert np.array_equal(run.result.success, _wrong(run))
    assert np.isinf(run.result.price[~run.result.success]).all()


@dataclass(frozen=True)
class Firm:
    """A model that nothing moves."""

    classes: tuple[int, ...] = (0, 1)
    score_kind: str = "label"

    def scores(self, x: Array) -> Array:
        return np.tile([1.0, 0.0], (len(x), 1))


class FirmSlope(Firm):
    """The same, with a gradient that leads nowhere."""

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        return loss(self.scores(x))[0], np.zeros_like(x)


class FirmTrees(Firm):
    """The same, as a single leaf."""

    def structure(self) -> Trees:
        one = forest(np.zeros((1, 1)), rng(0), trees=1, depth=0)
        return replace(one, value=np.zeros((1, 2)), base=np.array([1.0, 0.0]))


FIRM: dict[Access, type[Firm]] = {"gradients": FirmSlope, "structure": FirmTrees}


@some
def test_against_a_model_that_never_changes_its_mind_nothing_is_claimed(case: Case) -> None:
    constraint, x = constraint_of(case), WORLDS[case.world].x[:ROWS].copy()
    y = np.zeros(ROWS, dtype=np.int64)
    model: Any = FIRM.get(case.access, Firm)()
    oracle = Oracle(model, y=y, access=case.access, budget=QUERIES)
    result = case.entry.run(oracle, constraint, x, y, params=case.entry.params, rng=rng(5))
    assert not result.success.any()
    assert np.isinf(result.price).all()
    assert (result.needed == -1).all()
    assert np.array_equal(result.points, x, equal_nan=True)


@some
@pytest.mark.parametrize("goal", [pytest.param("0", marks=pytest.mark.slow), "2"])
def test_a_targeted_attack_reaches_the_class_it_aims_at(case: Case, goal: str) -> None:
    run = attack(replace(case, goal=goal), rows=slice(2 * ROWS))
    decided = decisions(run.model.model.scores(run.result.points))
    assert np.array_equal(decided[run.result.success], np.full(run.result.success.sum(), int(goal)))
    assert (run.result.success & (run.y != int(goal))).any()


@some
def test_past_its_deadline_it_asks_no_more(case: Case) -> None:
    constraint, world = constraint_of(case), WORLDS[case.world]
    model = counting(world.shown(case.access), case.access)
    x, y = world.rows(model.model, ROWS)
    calls = 0 if case.access == "structure" else 3  # whoever sees the trees hardly asks at all
    oracle = Oracle(
        model, y=y, access=case.access, budget=QUERIES, late=lambda: len(model.seen) >= calls
    )
    case.entry.run(oracle, constraint, x, y, params=case.entry.params, rng=rng(5))
    full = sum(done(case).model.asked.values())
    assert sum(model.asked.values()) < full / 2


@pytest.mark.parametrize(
    "case",
    [case if case in SHORT else pytest.param(case, marks=pytest.mark.slow) for case in CASES],
    ids=str,
)
def test_the_control_passes(case: Case) -> None:
    world = WORLDS[case.world]
    data = world.data(world.shown(case.access))
    shown = case.entry.control(
        constraint=constraint_of(case), data=data, recipe=None, rng=rng(5, "control")
    )
    assert shown.passed, shown.detail


def idle(oracle: Oracle, constraint: Constraint, x: Array, y: Ints, **_: Any) -> AttackResult:
    """Returns its input, and says so."""
    none = np.zeros(len(x), dtype=bool)
    return AttackResult(x.copy(), none, np.full(len(x), np.inf), oracle.queries, y - y - 1)


def liar(oracle: Oracle, constraint: Constraint, x: Array, y: Ints, **_: Any) -> AttackResult:
    """Returns its input, and claims a success that cost nothing."""
    return AttackResult(x.copy(), np.ones(len(x), dtype=bool), np.zeros(len(x)), y, y)


def stranger(oracle: Oracle, constraint: Constraint, x: Array, y: Ints, **_: Any) -> AttackResult:
    """Returns other people's rows that get the wanted answer."""
    points = constraint.sample[::-1][: len(x)]
    return AttackResult(points, np.ones(len(x), dtype=bool), np.full(len(x), 1e-9), y, y)


def spender(oracle: Oracle, constraint: Constraint, x: Array, y: Ints, **_: Any) -> AttackResult:
    """Pays several budgets, and claims a small price."""
    points = transplanted(constraint, x, donors=constraint.sample[-len(x) :], choices=True)
    return AttackResult(points, np.ones(len(x), dtype=bool), np.full(len(x), 1e-9), y, y)


def feeble(
    oracle: Oracle, constraint: Constraint, x: Array, y: Ints, *, rng: Any, **_: Any
) -> AttackResult:
    """Tries noise of a millionth of the budget."""
    offset = 1e-6 * rng.normal(size=(len(x), len(constraint.numeric)))
    points = constraint.moved(x, offset)
    success = oracle.wrong(points, np.arange(len(x)))
    price = np.where(success, constraint.price(x, points), np.inf)
    return AttackResult(points, success, price, oracle.queries, oracle.queries)


@pytest.mark.parametrize(
    ("world", "crippled"),
    [
        (world, crippled)
        for world in WORLDS
        for crippled in (idle, liar, stranger, feeble, spender)
        if (world, crippled) != ("choices", spender)  # one change of category is half a budget
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_the_control_fails_on_an_attack_that_does_not_work(
    world: str, kind: str, crippled: Any
) -> None:
    home = WORLDS[world]
    shown = planted(crippled, None)(
        constraint=home.constraint(home.attacker(kind)),
        data=home.data(home.model()),
        recipe=None,
        rng=rng(5, "control"),
    )
    assert not shown.passed, shown.detail
    assert "found" in shown.detail


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_the_control_runs_the_entry_it_belongs_to(entry: Entry) -> None:
    assert inspect.getclosurevars(entry.control).nonlocals["run"] is entry.run
    assert inspect.getclosurevars(entry.control).nonlocals["params"] == entry.params
