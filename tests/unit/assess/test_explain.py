from typing import Any

import numpy as np
import pytest

from bartizan.assess.explain import changes, examples, text, weaknesses
from bartizan.assess.outcome import Attacked
from bartizan.core.attacker import Attacker, Reach
from bartizan.core.constraint import Constraint
from bartizan.core.dataset import Dataset
from bartizan.core.schema import Feature, Schema
from bartizan.core.space import Mixed

SCHEMA = Schema(
    features=(
        Feature(name="amount"),
        Feature(name="age", type="integer", personal=True),
        Feature(name="shop", type="categorical", categories=("a", "b", "c"), missing=True),
        Feature(name="free"),
    )
)
X = np.array([[10.0, 30, 0, 0], [20, 40, 1, 0], [30, 50, np.nan, 0], [40, 60, 2, 10]])
DATA = Dataset(
    name="d", x=X, y=np.array([0, 1, 0, 1]), classes=("good", "bad"),
    ids=np.arange(100, 104),
    schema=SCHEMA, digest="",
)  # fmt: skip


def attacked(points: Any, price: Any) -> Attacked:
    n = len(X)
    return Attacked(
        rows=np.arange(n), points=np.array(points, dtype=float), price=np.array(price),
        decided=1 - DATA.y, queries=np.full(n, 50), needed=np.arange(n) + 5,
        lower=np.zeros(n), vanished=np.full(n, np.nan), rejected=0,
    )  # fmt: skip


def test_a_value_is_written_as_a_person_would() -> None:
    amount, age, shop, _ = SCHEMA.features
    assert text(amount, 1234.5) == "1234.5"
    assert text(amount, 1 / 3) == "0.333333"
    assert text(age, 41.0) == "41"
    assert text(shop, 2.0) == "c"
    assert text(shop, np.nan) == "(missing)"


def test_only_what_differs_is_a_change_and_personal_values_are_hidden() -> None:
    after = X[0] + [0.5, 1, 1, 0]
    found = changes(DATA, X[0], after)
    assert [(c.feature, c.before, c.after) for c in found] == [
        ("amount", "10", "10.5"),
        ("age", "(personal)", "(personal)"),
        ("shop", "a", "b"),
    ]


def test_what_is_missing_before_and_after_did_not_change() -> None:
    assert changes(DATA, X[2], X[2].copy()) == ()


def test_the_three_cheapest_within_the_budget_are_shown() -> None:
    points = X + np.eye(4)[0]
    shown = examples(
        attacked(points, [0.9, 0.2, 5.0, 0.4]), DATA, classes=("good", "bad"), budget=1.0
    )
    assert [(e.row, e.price, e.queries) for e in shown] == [
        (101, 0.2, 6),
        (103, 0.4, 8),
        (100, 0.9, 5),
    ]
    assert (shown[0].label, shown[0].decision) == ("bad", "good")
    every = attacked(points, [0.1] * 4)
    assert len(examples(every, DATA, classes=("good", "bad"), budget=1.0)) == 3


def test_where_nothing_was_broken_there_is_nothing_to_show() -> None:
    held = attacked(X, [np.inf] * 4)
    assert examples(held, DATA, classes=("good", "bad"), budget=1.0) == ()
    assert weaknesses(held, DATA, constraint()) == ()


def constraint(**settings: Any) -> Constraint:
    settings = {"norm": "L1", "eps": 1.0, **settings}
    return Constraint(Mixed.of(SCHEMA, X), Attacker(name="eve", **settings), X)


def test_features_are_weak_by_how_often_and_how_much_they_carry_the_change() -> None:
    made = constraint()
    unit = made.space.scale
    points = X.copy()
    points[:, 0] += 0.3 * unit[0]  # in all rows
    points[:2, 1] += 0.1 * unit[1]  # in half of them
    found = weaknesses(attacked(points, [0.5] * 4), DATA, made)
    assert [w.feature for w in found] == ["amount", "age"]
    assert [w.share for w in found] == [1.0, 0.5]
    assert [w.spent for w in found] == pytest.approx([(0.75 + 0.75 + 1 + 1) / 4, (0.25 + 0.25) / 4])


def test_rows_that_held_do_not_count() -> None:
    made = constraint()
    points = X.copy()
    points[0, 0] += 1
    points[1:, 1] += 1
    found = weaknesses(attacked(points, [0.5, 9.0, np.inf, 9.0]), DATA, made)
    assert [(w.feature, w.share) for w in found] == [("amount", 1.0)]


def test_what_costs_nothing_is_a_weakness_too() -> None:
    reach = {name: Reach(cost=0.0) for name in ("amount", "age", "free", "shop")}
    made = constraint(norm=None, eps=None, money=10.0, features=reach)
    points = X.copy()
    points[0, 2] = 1
    found = weaknesses(attacked(points, [0.0, np.inf, np.inf, np.inf]), DATA, made)
    assert [(w.feature, w.share, w.spent) for w in found] == [("shop", 1.0, 1.0)]
