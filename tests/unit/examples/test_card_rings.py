import numpy as np
import pytest

from bartizan.core.streams import rng
from bartizan.examples import card_honest, card_rings
from bartizan.examples.card_purchases import LENGTH_MIN, Purchases
from bartizan.examples.card_world import World, build


@pytest.fixture(scope="module")
def world() -> World:
    return build(20_000, rng=rng(1, "world"))


@pytest.fixture(scope="module")
def fraud(world: World) -> Purchases:
    return card_rings.purchases(2000, world=world, rng=rng(1, "rings"))


@pytest.mark.parametrize("n", [1, 7, 500])
def test_exactly_that_many_purchases_are_made(world: World, n: int) -> None:
    made = card_rings.purchases(n, world=world, rng=rng(2, "rings"))
    assert len(made.card) == n
    assert made.fraud.all()


def test_everything_happens_within_the_month(fraud: Purchases) -> None:
    assert fraud.time_min.min() >= 0
    assert fraud.time_min.max() < LENGTH_MIN


def test_stolen_cards_are_used_more_than_once(fraud: Purchases) -> None:
    assert 2 < len(fraud.card) / len(np.unique(fraud.card)) < 8


def test_rings_prefer_goods_that_turn_into_cash(fraud: Purchases, world: World) -> None:
    honest = card_honest.purchases(2000, world=world, rng=rng(1, "honest"))
    resold = (4, 6, 7)  # electronics, gaming, gift cards
    assert (
        np.isin(fraud.merchant_category, resold).mean()
        > 2 * np.isin(honest.merchant_category, resold).mean()
    )


def test_most_fraud_is_online_and_most_honest_purchases_are_not(
    fraud: Purchases, world: World
) -> None:
    honest = card_honest.purchases(2000, world=world, rng=rng(1, "honest"))
    assert fraud.online.mean() > 0.8
    assert honest.online.mean() < 0.5
    assert not honest.fraud.any()
