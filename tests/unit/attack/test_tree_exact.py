from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from bartizan.attack import tree_exact, tree_greedy
from bartizan.attack.tree_bound import threshold
from bartizan.attack.twins import Split, grown
from bartizan.core.arrays import Array
from bartizan.core.attacker import Attacker
from bartizan.core.classifier import decisions
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult, Entry
from bartizan.core.errors import AccessError
from bartizan.core.oracle import Oracle
from bartizan.core.space import Box
from bartizan.core.streams import rng
from bartizan.core.trees import Trees
from forests import Forest, forest
from models import CountingTrees, linear
from worlds import WORLDS

BOTH = pytest.mark.parametrize("entry", [tree_exact.ENTRY, tree_greedy.ENTRY], ids=lambda e: e.id)


def stump(cut: float, *, left: float = -1.0, right: float = 1.0) -> Trees:
    """Class 1 above a cut of the first column."""
    made = grown([[Split(0, cut)]], rng=rng(0))
    value = np.array([[0, 0], [0, left], [0, right]], dtype=float)
    return replace(made, value=value)


def run(
    entry: Entry, model: Any, x: Array, *, params: Any = None, late: Any = lambda: False
) -> AttackResult:
    attacker = Attacker(name="a", access="structure", norm="L2", eps=0.5)
    constraint = Constraint(Box.uniform(x.shape[1]), attacker, x)
    oracle = Oracle(model, y=decisions(model.scores(x)), access="structure", late=late)
    used = entry.params if params is None else params
    result: AttackResult = entry.run(oracle, constraint, x, oracle.y, params=used, rng=rng(0))
    return result


@BOTH
def test_a_cut_is_reached_and_crossed_by_a_hair(entry: Entry) -> None:
    result = run(entry, Forest(stump(2.0)), np.array([[1.5, 7.0], [2.5, 7.0]]))
    assert result.price == pytest.approx([0.5, 0.5], rel=1e-6)
    assert result.lower == pytest.approx([0.5, 0.5], rel=1e-6)
    assert result.points[:, 1].tolist() == [7.0, 7.0]
    assert result.queries.tolist() == [1, 1]


@BOTH
def test_a_row_that_is_misjudged_already_costs_nothing(entry: Entry) -> None:
    model = Forest(stump(2.0))
    attacker = Attacker(name="a", access="structure", norm="L2", eps=0.5)
    x = np.array([[1.5]])
    oracle = Oracle(model, y=np.array([1]), access="structure")
    constraint = Constraint(Box.uniform(1), attacker, x)
    result = entry.run(oracle, constraint, x, oracle.y, params=entry.params, rng=rng(0))
    assert result.price.tolist() == [0.0]
    assert result.lower.tolist() == [0.0]


@BOTH
def test_where_no_cell_gets_the_wanted_answer_that_is_proven(entry: Entry) -> None:
    result = run(entry, Forest(stump(2.0, left=1.0, right=2.0)), np.array([[1.5]]))
    assert not result.success.any()
    assert result.lower is not None
    assert np.isinf(result.lower).all()


@BOTH
def test_a_model_without_trees_is_refused(entry: Entry) -> None:
    with pytest.raises(AccessError, match="asked for trees"):
        run(entry, linear(np.array([1.0])), np.array([[1.5]]))


@dataclass(frozen=True)
class Coarse(Forest):
    """Rounds rows to single precision first, which its trees do not say."""

    def scores(self, x: Array) -> Array:
        return self.trees.scores(x.astype(np.float32).astype(float))


@BOTH
def test_a_model_that_rounds_on_its_own_is_followed_deeper_into_the_cell(entry: Entry) -> None:
    cuts = [0.1, 1 / 3, 0.7, 1.1]
    for cut in cuts:
        result = run(entry, Coarse(stump(cut)), np.array([[0.0], [2.0]]))
        assert result.success.all()
        assert result.price == pytest.approx([cut, 2 - cut], rel=1e-5)


@dataclass(frozen=True)
class Stubborn(Forest):
    """Answers the same as for the original rows until far past the cut."""

    def scores(self, x: Array) -> Array:
        return self.trees.scores(np.where(np.abs(x - 2.0) < 0.25, 1.5, x))


@BOTH
def test_what_the_model_denies_is_not_claimed(entry: Entry) -> None:
    result = run(entry, Stubborn(stump(2.0)), np.array([[1.5, 0.0]]))
    assert not result.success.any() or result.price[0] >= 0.75
    assert result.lower == pytest.approx([0.5])


def test_a_tie_that_the_trees_decide_against_is_not_claimed_as_the_least_price() -> None:
    model = Forest(stump(2.0, right=0.0))  # a tie beyond the cut goes to the first class
    result = run(tree_exact.ENTRY, model, np.array([[1.5]]))
    assert not result.success.any()
    assert result.lower == pytest.approx([0.5])  # rounding might have decided otherwise


def hard() -> tuple[Forest, Array]:
    draw = rng(1, "hard")
    x = draw.normal(size=(200, 12))
    return Forest(forest(x, draw, trees=60, depth=5)), x[:3]


def test_a_limit_that_fires_leaves_a_gap_and_no_claim() -> None:
    model, x = hard()
    result = run(tree_exact.ENTRY, model, x, params=tree_exact.Params(limit_s=0.02, steps=10))
    assert result.lower is not None
    assert (result.lower <= result.price).all()
    gap = result.lower < result.price * 0.999
    assert gap.any()
    assert result.unfinished is not None
    assert (result.unfinished | ~gap).all()  # a gap is never left without a word


def test_a_block_ends_in_time_however_hard_its_rows_are() -> None:
    model, x = hard()
    many = np.repeat(x, 10, axis=0)
    whole = run(tree_exact.ENTRY, model, many, params=tree_exact.Params(steps=10, mean_s=0.0))
    greedy = run(tree_greedy.ENTRY, model, many, params=tree_greedy.Params(steps=10))
    assert whole.lower == pytest.approx(greedy.lower)  # no program was begun: the bound is told
    assert (whole.lower <= whole.price).all()
    assert whole.unfinished is not None
    assert whole.unfinished.all()
    assert greedy.unfinished is None


def test_rows_are_told_the_same_in_whatever_order_they_are_solved() -> None:
    model, x = hard()
    params = tree_exact.Params(mean_s=60.0, limit_s=60.0)
    here = run(tree_exact.ENTRY, model, x, params=params)
    np.testing.assert_array_equal(here.lower, here.price)
    assert here.unfinished is not None
    assert not here.unfinished.any()
    back = run(tree_exact.ENTRY, model, x[::-1].copy(), params=params)
    assert back.price[::-1] == pytest.approx(here.price, rel=1e-6)


@BOTH
def test_once_it_is_late_nothing_is_asked(entry: Entry) -> None:
    model, x = hard()
    counting = CountingTrees(model)
    attacker = Attacker(name="a", access="structure", norm="L2", eps=0.5)
    oracle = Oracle(counting, y=decisions(model.scores(x)), access="structure", late=lambda: True)
    constraint = Constraint(Box.uniform(12), attacker, x)
    result = entry.run(oracle, constraint, x, oracle.y, params=entry.params, rng=rng(0))
    assert not counting.seen
    assert not result.success.any()
    assert np.isfinite(result.lower).all()


def test_relations_only_make_changes_dearer_than_the_bound() -> None:
    world = WORLDS["mixed"]
    model, x = world.forest(), world.x[:12].copy()
    constraint = world.constraint(world.attacker("L2", access="structure"))
    oracle = Oracle(model, y=decisions(model.scores(x)), access="structure", budget=500)
    result = tree_exact.run(oracle, constraint, x, oracle.y, params=tree_exact.Params(), rng=rng(0))
    assert result.success.any()
    assert result.lower is not None
    assert (result.lower <= result.price).all()
    assert constraint.valid(x, result.points).all()


def test_a_bound_is_where_the_best_leaves_of_all_trees_add_up() -> None:
    cost = np.array([0.0, 1.0, 2.0, 0.0, 1.5])
    gain = np.array([-1.0, 0.5, 0.2, -1.0, 3.0])
    group = np.array([0, 0, 0, 1, 1])
    for need, wanted in ((-2.0, 0.0), (-0.6, 1.0), (-0.4, 1.5), (3.5, 1.5), (3.6, np.inf)):
        assert threshold(cost, gain, group=group, need=need) == wanted
