"""Laws of constraints: what an attacker can make, and what it costs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.attack.transplant import transplanted
from bartizan.core.arrays import Array
from bartizan.core.attacker import Attacker, Reach
from bartizan.core.constraint import Constraint
from bartizan.core.schema import Feature, Schema
from bartizan.core.space import Mixed
from property.tables import CASES, ROWS, Case, case

SHARES = st.lists(st.floats(0, 1), min_size=ROWS, max_size=ROWS).map(np.array)


def same(left: Array, right: Array) -> bool:
    return np.array_equal(left, right, equal_nan=True)


@given(it=CASES)
def test_what_is_repaired_is_valid(it: Case) -> None:
    assert it.constraint.valid(it.x0, it.repaired).all()


@given(it=CASES)
def test_repairing_twice_changes_nothing_more(it: Case) -> None:
    once = it.repaired
    assert same(it.constraint.repair(it.x0, once.copy()), once)


@given(it=CASES)
def test_a_row_left_alone_is_valid_and_costs_nothing_and_needs_no_repair(it: Case) -> None:
    assert it.constraint.valid(it.x0, it.x0).all()
    assert not it.constraint.price(it.x0, it.x0).any()
    assert same(it.constraint.repair(it.x0, it.x0.copy()), it.x0)


@given(it=CASES)
def test_repair_changes_neither_the_original_rows_nor_what_cannot_move(it: Case) -> None:
    kept = it.x0.copy()
    it.x0.flags.writeable = False
    made = it.repaired
    assert same(it.x0, kept)
    fixed = np.ones(kept.shape[1], dtype=bool)
    fixed[it.constraint.numeric] = False
    for switch in it.constraint.switches:
        fixed[switch.columns] = False
    assert same(made[:, fixed], kept[:, fixed])


@given(it=CASES)
def test_missing_values_stay_missing_whatever_is_wanted(it: Case) -> None:
    filled = np.where(np.isnan(it.wanted), 1.0, it.wanted)
    made = it.constraint.repair(it.x0, filled)[:, it.constraint.numeric]
    assert np.array_equal(np.isnan(made), np.isnan(it.x0[:, it.constraint.numeric]))


@given(it=CASES)
def test_directions_hold_and_no_row_leaves_its_bounds(it: Case) -> None:
    made, space = it.repaired, it.constraint.space
    for j in it.constraint.numeric:
        change = made[:, j] - it.x0[:, j]
        way = it.constraint.attacker.reach(space.names[j]).direction
        assert not (change < 0).any() or way != "up"
        assert not (change > 0).any() or way != "down"
        out = (made[:, j] < space.lower[j]) | (made[:, j] > space.upper[j])
        further = np.abs(made[:, j] - np.clip(made[:, j], space.lower[j], space.upper[j]))
        before = np.abs(it.x0[:, j] - np.clip(it.x0[:, j], space.lower[j], space.upper[j]))
        assert (further[out] <= before[out]).all()


@given(it=CASES, share=SHARES)
def test_every_offset_within_the_bounds_is_valid_and_told_back_where_nothing_is_rounded(
    it: Case, share: Array
) -> None:
    low, high = it.constraint.bounds(it.x0)
    assert (low <= 0).all()
    assert (high >= 0).all()
    span = np.clip(np.stack([low, high]), -10, 10)
    offset = span[0] + (span[1] - span[0]) * share[:, None]
    made = it.constraint.moved(it.x0, offset.copy())
    assert it.constraint.valid(it.x0, made).all()
    if it.constraint.exact:
        size = np.abs(it.x0[:, it.constraint.numeric] / it.constraint.unit)
        gap = np.abs(it.constraint.offsets(it.x0, made) - offset)
        assert (gap <= 1e-12 * (1 + np.nan_to_num(size) + np.abs(offset))).all()


@given(it=CASES, share=SHARES)
def test_candidates_around_rows_are_the_rows_moved_one_by_one(it: Case, share: Array) -> None:
    low, high = (np.clip(part, -10, 10) for part in it.constraint.bounds(it.x0))
    offset = np.stack([low * share[:, None], high * share[:, None]], axis=1)
    around = it.constraint.around(it.x0, offset.copy())
    for j in range(2):
        assert same(around[:, j], it.constraint.moved(it.x0, offset[:, j]))


@given(it=CASES)
def test_price_fits_the_budget_exactly_when_every_limit_is_kept(it: Case) -> None:
    constraint, attacker, made = it.constraint, it.constraint.attacker, it.repaired
    price = constraint.price(it.x0, made)
    assert (price >= 0).all()
    if attacker.money is not None:
        return
    length = constraint.norm.length(constraint.offsets(it.x0, made))
    changed = constraint.switched(it.x0, made).sum(axis=1)
    fits = (length <= 1) & (changed <= attacker.categories)
    assert np.array_equal(price <= attacker.budget, fits)


@given(it=CASES, pick=st.integers(0, 2**16))
def test_money_adds_up(it: Case, pick: int) -> None:
    constraint, made = it.constraint, it.repaired
    if constraint.attacker.money is None:
        return
    groups = [np.array([j]) for j in constraint.numeric]
    groups += [switch.columns for switch in constraint.switches]
    some, rest = it.x0.copy(), it.x0.copy()
    for place, columns in enumerate(groups):
        (some if pick >> place & 1 else rest)[:, columns] = made[:, columns]
    parts = constraint.price(it.x0, some) + constraint.price(it.x0, rest)
    assert constraint.price(it.x0, made) == pytest.approx(parts)


@given(it=CASES)
def test_a_choice_is_one_of_its_options_or_untouched(it: Case) -> None:
    for switch in it.constraint.switches:
        broken = it.x0.copy()
        broken[:, switch.columns] = 0.5
        assert not it.constraint.valid(it.x0, broken).any()


@given(it=CASES, turn=st.integers(0, ROWS - 1))
def test_donors_are_followed_only_as_far_as_the_attacker_can(it: Case, turn: int) -> None:
    constraint, donors = it.constraint, np.roll(it.x0, turn, axis=0)
    made = transplanted(constraint, it.x0, donors=donors, choices=True)
    assert constraint.valid(it.x0, made).all()
    if constraint.attacker.money is None:
        changed = constraint.switched(it.x0, made).sum(axis=1)
        assert (changed <= constraint.attacker.categories).all()
    numbers = transplanted(constraint, it.x0, donors=donors, choices=False)
    assert not constraint.switched(it.x0, numbers).any()


@given(seed=st.integers(0, 10**6), rule=st.sampled_from(["n0 = n1 + n2", "n0 <= n1", "n2 >= n0"]))
def test_a_relation_that_one_free_column_can_mend_is_kept(seed: int, rule: str) -> None:
    it = case(seed, relations=(rule,))
    free = {f"n{j}": Reach(cost=1.0) for j in range(3)}
    attacker = Attacker(name="a", money=1.0, features=_priced(it, free))
    constraint = Constraint(it.constraint.space, attacker, it.x0)
    relation = constraint.space.relations[0]
    x0 = it.x0[relation.holds(it.x0)]
    wanted = np.roll(it.x0, 1, axis=0)[: len(x0)]
    wanted[:, 3:] = x0[:, 3:]
    made = constraint.repair(x0, wanted)
    assert constraint.valid(x0, made).all()
    assert relation.holds(made).all()


def _priced(it: Case, free: dict[str, Reach]) -> dict[str, Reach]:
    names = {feature.group or feature.name for feature in it.schema.features}
    return {name: free.get(name, Reach(mutable=False)) for name in names}


@settings(max_examples=30)
@given(seed=st.integers(0, 10**6))
def test_a_relation_broken_from_the_start_need_not_be_mended(seed: int) -> None:
    it = case(seed, relations=("n0 = n1 + n2",))
    assert it.constraint.valid(it.x0, it.x0).all()
    assert same(it.constraint.repair(it.x0, it.x0.copy()), it.x0)


@pytest.mark.parametrize("allowed", [1, 2, 3, 9, 11, 20, 49])
def test_all_allowed_categories_fit_the_budget_and_one_more_does_not(allowed: int) -> None:
    names = [f"c{j}" for j in range(allowed + 1)]
    schema = Schema(
        features=tuple(Feature(name=n, type="categorical", categories=("a", "b")) for n in names)
    )
    x0 = np.zeros((1, allowed + 1))
    attacker = Attacker(name="a", norm="L2", eps=0.3, categories=allowed)
    constraint = Constraint(Mixed.of(schema, x0), attacker, x0)
    changed = np.ones_like(x0)
    assert constraint.price(x0, changed)[0] > attacker.budget
    changed[0, -1] = 0
    assert constraint.price(x0, changed)[0] == attacker.budget
