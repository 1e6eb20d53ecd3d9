from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bartizan.assess.validate import Confirmed, Validator
from bartizan.core.arrays import Array
from bartizan.core.attacker import Attacker, Reach
from bartizan.core.schema import Feature, Schema
from models import Yes
from plain import Plain

SCHEMA = Schema(
    features=(
        Feature(name="id", identifier=True),
        Feature(name="fixed"),
        Feature(name="grows", min=0, max=100),
        Feature(name="shrinks", min=0, max=100),
        Feature(name="count", type="integer", min=0, max=10),
        Feature(name="grade", type="ordered", categories=("low", "mid", "high")),
        Feature(name="shop", type="categorical", categories=("a", "b", "c")),
        Feature(name="red", group="colour"),
        Feature(name="green", group="colour"),
        Feature(name="blue", group="colour"),
        Feature(name="part"),
        Feature(name="whole"),
        Feature(name="gap", missing=True),
        Feature(name="tiny", min=0, max=1e-7),
        Feature(name="flat"),
        Feature(name="many", type="integer"),
        Feature(name="lost", type="categorical", categories=("a", "b"), missing=True),
    ),
    relations=("part <= whole",),
)
NAMES = SCHEMA.names
BEFORE = np.array([7, 1.5, 50, 50, 5, 1, 0, 1, 0, 0, 2.0, 3.0, np.nan, 5e-8, 4.0, 5e6, np.nan])
SCALE = np.where(np.isin(NAMES, ["flat"]), 0.0, np.where(np.isin(NAMES, ["tiny"]), 1e-7, 10.0))
EVE = Attacker(
    name="eve",
    norm="L2",
    eps=100.0,
    categories=2,
    features={
        "fixed": Reach(mutable=False),
        "grows": Reach(direction="up"),
        "shrinks": Reach(direction="down"),
        "many": Reach(direction="up"),
    },
)


def validator(**changes: Any) -> Validator:
    parts: dict[str, Any] = {
        "model": Yes(), "codec": Plain(), "schema": SCHEMA, "attacker": EVE, "scale": SCALE,
    }  # fmt: skip
    return Validator(**{**parts, **changes})


def moved(**values: float) -> Array:
    after = BEFORE.copy()
    for name, value in values.items():
        after[NAMES.index(name)] = value
    return after


def judged(after: Array, *, before: Array = BEFORE, y: int = 0, **changes: Any) -> Confirmed:
    return validator(**changes).confirm(
        before[None], after[None], y=np.array([y]), claimed=np.array([True])
    )


HONEST: dict[str, dict[str, float]] = {
    "nothing": {},
    "up": {"grows": 60},
    "down": {"shrinks": 40},
    "to the bounds": {"grows": 100, "shrinks": 0, "count": 10},
    "a digit past a bound": {"grows": 100 * (1 + 1e-12)},
    "whole": {"count": 6},
    "a grade": {"grade": 2},
    "a category": {"shop": 2},
    "a group": {"red": 0, "blue": 1},
    "both sides of a relation": {"part": 9, "whole": 9},
    "a small column": {"tiny": 1e-7},
}
LIES: dict[str, dict[str, float]] = {
    "above its bounds": {"grows": 100.5},
    "below its bounds": {"shrinks": -0.5},
    "a hundredth of the range past the bounds": {"tiny": 1.01e-7},
    "far past the bounds of a small column": {"tiny": 9e-7},
    "down where only up": {"grows": 49},
    "up where only down": {"shrinks": 51},
    "an immutable column": {"fixed": 1.6},
    "a hair of an immutable column": {"fixed": np.nextafter(1.5, 2)},
    "a column that never varies": {"flat": 4.5},
    "an identifier": {"id": 8},
    "one down in millions": {"many": 4_999_999},
    "half a count": {"count": 5.5},
    "half a grade": {"grade": 0.5},
    "a grade that is none": {"grade": 3},
    "a category that is none": {"shop": 3},
    "a category below none": {"shop": -1},
    "half a category": {"shop": 0.5},
    "two of a group": {"blue": 1},
    "none of a group": {"red": 0},
    "half of a group": {"red": 0.5, "blue": 0.5},
    "a broken relation": {"part": 3.5},
    "a value made missing": {"grows": np.nan},
    "a category made missing": {"shop": np.nan},
    "a group made missing": {"red": np.nan, "green": np.nan, "blue": np.nan},
    "a missing value filled in": {"gap": 1.0},
    "a missing category filled in": {"lost": 1},
    "an infinite value": {"whole": np.inf},
}


@pytest.mark.parametrize("values", HONEST.values(), ids=HONEST)
def test_an_honest_claim_is_confirmed(values: dict[str, float]) -> None:
    sure = judged(moved(**values))
    assert sure.success.tolist() == [True]
    assert sure.decided.tolist() == [1]
    assert np.isfinite(sure.price).all()


@pytest.mark.parametrize("values", LIES.values(), ids=LIES)
def test_a_lie_is_rejected_without_asking_the_model(values: dict[str, float]) -> None:
    model = Yes()
    sure = judged(moved(**values), model=model)
    assert sure.success.tolist() == [False]
    assert np.isinf(sure.price).all()
    assert sure.decided.tolist() == [-1]
    assert not [len(x) for x in model.asked]


@pytest.mark.parametrize("values", LIES.values(), ids=LIES)
def test_a_lie_is_rejected_however_an_attacker_pays(values: dict[str, float]) -> None:
    costs = {
        name: replace_cost(EVE.reach(name))
        for name in {feature.group or feature.name for feature in SCHEMA.features}
    }
    attacker = Attacker(name="eve", money=1e9, features=costs)
    assert judged(moved(**values), attacker=attacker).success.tolist() == [False]
    assert judged(moved(), attacker=attacker).success.tolist() == [True]


def replace_cost(reach: Reach) -> Reach:
    return Reach(direction=reach.direction, cost=1.0) if reach.mutable else reach


def test_a_label_that_did_not_flip_is_rejected() -> None:
    sure = judged(moved(), y=1)
    assert (sure.success.tolist(), sure.decided.tolist()) == ([False], [1])
    assert np.isinf(sure.price).all()


def test_another_class_than_the_one_aimed_at_is_rejected() -> None:
    aimed = Attacker(name="eve", norm="L2", eps=1.0, goal="odd")
    assert judged(moved(), attacker=aimed).success.tolist() == [False]
    assert judged(moved(), attacker=aimed, model=Yes(answer=2)).success.tolist() == [True]


def test_what_nobody_claimed_is_not_asked_about() -> None:
    model = Yes()
    rows = np.tile(BEFORE, (3, 1))
    claimed = np.array([True, False, True])
    sure = validator(model=model).confirm(
        rows, rows, y=np.zeros(3, dtype=np.int64), claimed=claimed
    )
    assert sure.success.tolist() == [True, False, True]
    assert sure.decided.tolist() == [1, -1, 1]
    assert [len(x) for x in model.asked] == [1, 1]  # each one alone
    assert claimed.tolist() == [True, False, True]


def test_a_claim_is_judged_after_decoding() -> None:
    sure = judged(moved(grows=60.4), codec=Plain(step=1.0), before=np.round(BEFORE))
    assert sure.points[0, 2] == 60
    assert sure.price[0] == pytest.approx(1.0)


def test_a_row_that_starts_outside_its_bounds_may_come_back_but_not_go_further() -> None:
    before = moved(grows=-20.0, shrinks=120.0)
    back = before.copy()
    back[2:4] = [-10.0, 110.0]
    assert judged(back, before=before).success.tolist() == [True]
    for column, value in ((2, 101.0), (3, -1.0)):
        beyond = before.copy()
        beyond[column] = value
        assert judged(beyond, before=before).success.tolist() == [False]


def test_a_relation_that_never_held_need_not_be_mended() -> None:
    before = moved(part=9.0)
    after = before.copy()
    after[2] = 60.0
    assert judged(after, before=before).success.tolist() == [True]


def test_a_group_that_was_missing_or_broken_from_the_start_may_stay_so() -> None:
    for start in ({"red": np.nan, "green": np.nan, "blue": np.nan}, {"blue": 1.0}):
        before = moved(**start)
        after = before.copy()
        after[2] = 60.0
        assert judged(after, before=before).success.tolist() == [True]


def test_a_category_that_may_not_change_is_rejected_and_breaks_nothing() -> None:
    nobody = Attacker(name="eve", norm="L2", eps=1.0, categories=0)
    assert judged(moved(shop=1), attacker=nobody).success.tolist() == [False]
    assert judged(moved(red=0, blue=1), attacker=nobody).success.tolist() == [False]
    assert judged(moved(grows=51), attacker=nobody).success.tolist() == [True]


@pytest.mark.parametrize("eps", [1.0, 50.0])
@pytest.mark.parametrize(("norm", "length"), [("L1", 3.0), ("L2", np.sqrt(5)), ("Linf", 2.0)])
def test_the_price_is_the_length_or_the_share_of_the_categories(
    norm: Any, length: float, eps: float
) -> None:
    attacker = Attacker(name="eve", norm=norm, eps=eps, categories=2)
    numbers = moved(grows=60, shrinks=30)
    assert judged(numbers, attacker=attacker).price[0] == pytest.approx(length)
    both = moved(grows=60, shrinks=30, shop=1)
    assert judged(both, attacker=attacker).price[0] == pytest.approx(max(length, eps / 2))


def test_money_adds_up_and_a_group_is_paid_once() -> None:
    costs = {"grows": 2.0, "shop": 7.0, "colour": 5.0}
    names = {feature.group or feature.name for feature in SCHEMA.features}
    reach = {name: Reach(cost=costs.get(name, 0.0)) for name in names}
    attacker = Attacker(name="eve", money=1.0, features=reach)
    after = moved(grows=60, shop=1, red=0, blue=1, count=9)
    assert judged(after, attacker=attacker).price[0] == pytest.approx(20 + 7 + 5)


def test_no_value_makes_the_validator_stumble_and_none_that_is_not_finite_passes() -> None:
    for j in range(len(BEFORE)):
        for value in (np.nan, np.inf, -np.inf, 1e300):
            after = BEFORE.copy()
            after[j] = value
            changed = not np.array_equal(after, BEFORE, equal_nan=True)
            assert not (judged(after).success[0] and changed and not np.isfinite(value))


def test_the_confirmed_rows_are_those_that_were_claimed() -> None:
    points = np.stack([moved(grows=60), moved(fixed=2), moved(count=6)])
    sure = replace(validator(), model=Yes()).confirm(
        np.tile(BEFORE, (3, 1)), points, y=np.zeros(3, dtype=np.int64), claimed=np.ones(3, bool)
    )
    assert sure.success.tolist() == [True, False, True]
    assert sure.price == pytest.approx([1.0, np.inf, 0.1])
    assert np.array_equal(sure.points, points, equal_nan=True)
