from typing import Any

import numpy as np
import pytest

from bartizan.core.attacker import Attacker, Reach
from bartizan.core.constraint import Constraint
from bartizan.core.errors import ConfigError
from bartizan.core.space import Box, Mixed
from worlds import SHOP, SHOP_ROWS

MONEY = {"amount": 2.0, "count": 0.0, "shop": 3.0, "colour": 1.0}


def constraint(rows: Any = SHOP_ROWS, **settings: Any) -> Constraint:
    settings = {"norm": "Linf", "eps": 0.1, **settings}
    return Constraint(Mixed.of(SHOP, rows), Attacker(name="eve", **settings), rows)


def paid(**changes: Reach) -> Constraint:
    reach = {name: Reach(cost=cost) for name, cost in MONEY.items()} | changes
    return constraint(norm=None, eps=None, money=10.0, features=reach)


def test_a_misspelt_feature_is_told_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"'eve', feature 'amuont': no such .*'amount'"):
        constraint(features={"amuont": Reach()})


def test_a_group_is_named_as_a_group() -> None:
    assert len(constraint(features={"colour": Reach(mutable=False)}).switches) == 1
    with pytest.raises(
        ConfigError, match=r"'red': a column of one-hot group 'colour'; name the group"
    ):
        constraint(features={"red": Reach(mutable=False)})


@pytest.mark.parametrize("name", ["shop", "colour"])
def test_a_category_has_no_direction(name: str) -> None:
    with pytest.raises(ConfigError, match="a direction needs a number"):
        constraint(features={name: Reach(direction="up")})


@pytest.mark.parametrize("name", ["amount", "shop", "colour"])
def test_somebody_who_pays_needs_a_price_for_everything_that_moves(name: str) -> None:
    with pytest.raises(ConfigError, match=f"mutable feature '{name}' has no cost"):
        paid(**{name: Reach()})
    paid(**{name: Reach(mutable=False)})


def test_a_norm_of_money_is_the_sum() -> None:
    assert paid().norm.name == "L1"
    assert constraint().norm.name == "Linf"


def test_one_unit_of_offset_uses_up_the_budget() -> None:
    scale = Mixed.of(SHOP, SHOP_ROWS).scale[:2]
    assert constraint().unit == pytest.approx(scale * 0.1)
    assert paid().unit[0] == pytest.approx(5.0)  # ten in money buys five at two each
    assert paid().unit[1] == pytest.approx(1000 * scale[1])  # free


def test_what_is_free_costs_nothing_however_far_it_goes() -> None:
    moved = SHOP_ROWS.copy()
    moved[:, 1] += 1e6
    assert not paid().price(SHOP_ROWS, moved).any()
    moved[:, 0] += 1
    assert paid().price(SHOP_ROWS, moved) == pytest.approx(2.0)


def test_categories_have_their_price_in_money_or_their_share_of_the_allowance() -> None:
    moved = SHOP_ROWS.copy()
    moved[:, 2] = [1, 2, 0]
    moved[0, 3:] = [0, 1]
    assert paid().price(SHOP_ROWS, moved) == pytest.approx([4, 3, 3])
    assert constraint(categories=4).price(SHOP_ROWS, moved) == pytest.approx([0.05, 0.025, 0.025])


def test_the_dearer_of_distance_and_categories_is_the_price() -> None:
    moved = SHOP_ROWS.copy()
    moved[:, 2] = [1, 2, 0]
    moved[:, 0] += [1.0, 50.0, 0.0]
    scale = Mixed.of(SHOP, SHOP_ROWS).scale[0]
    assert constraint().price(SHOP_ROWS, moved) == pytest.approx([0.1, 50 / scale, 0.1])


def test_with_no_category_allowed_there_is_no_choice() -> None:
    assert not constraint(categories=0).switches
    moved = SHOP_ROWS.copy()
    moved[:, 2] = [1, 2, 0]
    assert not constraint(categories=0).valid(SHOP_ROWS, moved).any()


def test_columns_that_never_vary_or_have_one_value_do_not_move() -> None:
    same = np.array([[5.0, 3, 0, 1, 0], [5, 7, 0, 0, 1]])
    assert constraint(same).numeric.tolist() == [1]
    assert constraint(features={"count": Reach(mutable=False)}).numeric.tolist() == [0]
    box = Box(lower=np.array([0.0, 1.0]), upper=np.ones(2), scale=np.ones(2))
    attacker = Attacker(name="eve", norm="L2", eps=1.0)
    assert Constraint(box, attacker, np.ones((1, 2))).numeric.tolist() == [0]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (0, 101.0), (0, -0.5), (1, 2.5), (1, -1.0), (2, 3.0), (2, 0.5), (3, 0.0), (3, 0.5),
        (0, np.nan), (2, np.nan),
    ],
)  # fmt: skip
def test_a_value_that_no_honest_row_has_makes_a_row_invalid(column: int, value: float) -> None:
    moved = SHOP_ROWS[2:].copy()
    moved[0, column] = value
    assert not constraint().valid(SHOP_ROWS[2:], moved).any()


def test_nobody_fills_in_what_is_missing() -> None:
    rows = SHOP_ROWS.copy()
    rows[0, 0] = np.nan
    moved = rows.copy()
    moved[0, 0] = 1.0
    assert constraint(rows).valid(rows, moved).tolist() == [False, True, True]


def test_a_column_of_tiny_numbers_has_bounds_too() -> None:
    box = Box(lower=np.zeros(1), upper=np.full(1, 1e-10), scale=np.full(1, 1e-10))
    x0 = np.full((1, 1), 5e-11)
    tiny = Constraint(box, Attacker(name="eve", norm="L2", eps=1.0), x0)
    assert tiny.valid(x0, np.full((1, 1), 1e-10)).all()
    assert not tiny.valid(x0, np.full((1, 1), 2e-10)).any()
