from typing import Any

import pytest

from bartizan.core.attacker import ACCESS_ORDER, Attacker, Reach, Standing
from bartizan.core.errors import ConfigError


def test_an_attacker_needs_a_budget() -> None:
    with pytest.raises(ConfigError, match="'a' needs a budget: either `eps`"):
        Attacker(name="a")


def test_a_budget_is_a_distance_or_money_not_both() -> None:
    with pytest.raises(ConfigError, match="not both"):
        Attacker(name="a", norm="L2", eps=0.1, money=1)


@pytest.mark.parametrize("budget", [{"eps": 0.1}, {"norm": "L2", "money": 1}])
def test_norm_and_eps_go_together(budget: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="`eps` and `norm` go together"):
        Attacker(name="a", **budget)


@pytest.mark.parametrize(
    ("budget", "key"),
    [
        ({"norm": "L2", "eps": 0.0}, "eps"),
        ({"norm": "L2", "eps": -1.0}, "eps"),
        ({"norm": "L2", "eps": float("nan")}, "eps"),
        ({"norm": "L2", "eps": float("inf")}, "eps"),
        ({"money": 0}, "money"),
        ({"money": float("inf")}, "money"),
        ({"money": 1, "queries": 0}, "queries"),
    ],
)
def test_a_budget_is_finite_and_above_zero(budget: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigError, match=f"a budget of {key} = .* finite value above zero"):
        Attacker(name="a", **budget)


def test_no_category_may_change_but_not_fewer() -> None:
    assert Attacker(name="a", money=1, categories=0).categories == 0
    with pytest.raises(ConfigError, match="`categories` must be 0 or more, got -1"):
        Attacker(name="a", money=1, categories=-1)


def test_the_budget_has_a_unit() -> None:
    rich, near = Attacker(name="a", money=5), Attacker(name="a", norm="L1", eps=0.2)
    assert (rich.budget, rich.budget_unit) == (5, "money")
    assert (near.budget, near.budget_unit) == (0.2, "L1")


@pytest.mark.parametrize(
    ("standing", "decides"),
    [("declared", True), ("assumed", True), ("weaker", False), ("stronger", False)],
)
def test_only_who_was_declared_or_had_to_be_assumed_decides(
    standing: Standing, *, decides: bool
) -> None:
    assert Attacker(name="a", money=1, standing=standing).decides is decides


def test_who_sees_more_sees_all_that_is_less() -> None:
    for position, access in enumerate(ACCESS_ORDER):
        attacker = Attacker(name="a", money=1, access=access)
        seen = [attacker.sees(other) for other in ACCESS_ORDER]
        assert seen == [other <= position for other in range(len(ACCESS_ORDER))]


def test_a_feature_that_is_not_listed_can_be_changed_freely() -> None:
    attacker = Attacker(name="a", money=1, features={"b": Reach(mutable=False)})
    assert attacker.reach("b") == Reach(mutable=False)
    assert attacker.reach("c") == Reach(mutable=True, direction="any", cost=None)


@pytest.mark.parametrize("cost", [-1.0, float("nan"), float("inf")])
def test_a_cost_is_finite_and_not_negative(cost: float) -> None:
    with pytest.raises(ConfigError, match="finite number >= 0"):
        Reach(cost=cost)


@pytest.mark.parametrize("more", [{"cost": 0.0}, {"direction": "up"}])
def test_what_cannot_change_has_no_price_and_no_direction(more: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="neither a direction nor a cost"):
        Reach(mutable=False, **more)
