from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bartizan.assess.block import BlockResult
from bartizan.assess.measure import curves, measures, seen, standing, under_attack, unseen
from bartizan.assess.outcome import Attacked
from bartizan.assess.rows import Clean
from bartizan.core.attacker import Attacker
from bartizan.core.finding import Measure
from bartizan.core.interval import share_interval

EVE = Attacker(name="eve", norm="L2", eps=1.0)
# 6 of 8 good rows and 3 of 4 bad ones are right: the confusion matrix is [[6, 2], [1, 3]].
Y = np.array([0] * 8 + [1] * 4)
DECIDED = np.array([0] * 6 + [1] * 2 + [0] + [1] * 3)
CLEAN = Clean(decided=DECIDED, y=Y, confusion=np.array([[6.0, 2.0], [1.0, 3.0]]))
BOTH, BAD = np.array([0, 1]), np.array([1])


def attacked(**more: Any) -> Attacked:
    """Four rows of class 0 and two of class 1; three are broken within the budget."""
    parts: dict[str, Any] = {
        "rows": np.array([0, 1, 2, 3, 9, 10]),
        "points": np.zeros((6, 1)),
        "price": np.array([0.5, 1.5, np.inf, np.inf, 0.2, 1.0]),
        "decided": np.array([1, 1, -1, -1, 0, 0]),
        "queries": np.full(6, 100),
        "needed": np.array([10, -1, -1, -1, 30, 50]),
        "lower": np.zeros(6),
        "vanished": np.full(6, np.nan),
        "rejected": 2,
    }
    return Attacked(**{**parts, **more})


def found(name: str, *, protected: Any = BOTH, **more: Any) -> Measure:
    return next(m for m in measures(CLEAN, attacked(**more), EVE, protected) if m.name == name)


def test_success_is_the_share_broken_within_the_budget_and_decides() -> None:
    first = measures(CLEAN, attacked(), EVE, BOTH)[0]
    low, high = share_interval(3, 6)
    assert (first.name, first.value, first.n) == ("attack-success", 0.5, 6)
    assert (first.low, first.high) == (low, high)


def test_a_price_at_the_budget_is_within_it_also_after_rounding() -> None:
    price = np.array([1.0, 1.0 + 1e-12, 1.0 + 1e-6, 2.0, np.inf, 0.0])
    assert attacked(price=price).within(1.0).tolist() == [True, True, False, False, False, True]


def test_the_shares_of_the_sample_are_applied_to_the_whole_class() -> None:
    # 1 of 4 sampled of class 0 goes over: 1.5 of its 6; 2 of 2 of class 1: all its 3.
    assert under_attack(CLEAN, attacked(), 1.0).tolist() == [[4.5, 3.5], [4.0, 0.0]]


def test_nothing_moves_without_a_budget_and_rows_are_never_lost() -> None:
    assert under_attack(CLEAN, attacked(), 0.0).tolist() == CLEAN.confusion.tolist()
    for budget in (0.3, 1.0, 5.0):
        after = under_attack(CLEAN, attacked(), budget)
        assert after.sum(axis=1).tolist() == CLEAN.confusion.sum(axis=1).tolist()
        assert (after >= 0).all()


def test_the_clean_matrix_is_left_alone() -> None:
    kept = CLEAN.confusion.copy()
    under_attack(CLEAN, attacked(), 1.0)
    assert np.array_equal(CLEAN.confusion, kept)


def test_standing_is_that_of_the_textbook() -> None:
    both = standing(CLEAN.confusion, BOTH)
    assert both.accuracy == 9 / 12
    assert both.recall == pytest.approx((6 / 8 + 3 / 4) / 2)
    assert both.precision == pytest.approx((6 / 7 + 3 / 5) / 2)
    bad = standing(CLEAN.confusion, BAD)
    assert (bad.recall, bad.precision) == (3 / 4, 3 / 5)


def test_precision_of_a_class_that_is_never_decided_has_no_value_but_a_reason() -> None:
    assert standing(np.array([[8.0, 0.0], [4.0, 0.0]]), BAD).precision is None
    all_gone = {
        "price": np.array([9.0, 9.0, 9.0, 9.0, 0.1, 0.1]), "decided": np.array([1, 1, 1, 1, 0, 0]),
    }  # fmt: skip
    confusion = np.array([[8.0, 0.0], [0.0, 4.0]])
    clean = replace(CLEAN, confusion=confusion)
    result = measures(clean, attacked(**all_gone), EVE, BAD)
    robust = next(m for m in result if m.name == "robust-precision")
    assert robust.value is None
    assert "no row" in robust.why


def test_a_class_that_does_not_occur_does_not_count() -> None:
    confusion = np.array([[6.0, 2.0, 0.0], [1.0, 3.0, 0.0], [0.0, 0.0, 0.0]])
    assert standing(confusion, np.array([1, 2])).recall == 3 / 4


def test_what_is_left_is_shown_beside_what_there_was() -> None:
    assert found("robust-recall").value == pytest.approx((4.5 / 8 + 0) / 2)
    assert found("clean-recall").value == pytest.approx(0.75)
    assert found("robust-accuracy").value == pytest.approx(4.5 / 12)
    assert found("clean-precision", protected=BAD).value == 3 / 5


def test_medians_are_over_the_broken_rows() -> None:
    price = found("median-price")
    assert (price.value, price.n, price.unit) == (0.5, 3, "L2")
    queries = found("median-queries")
    assert (queries.value, queries.n, queries.unit) == (30.0, 3, "queries")


def test_medians_of_nothing_say_why() -> None:
    for name in ("median-price", "median-queries"):
        none = found(name, price=np.full(6, np.inf))
        assert (none.value, none.why) == (None, "no row was broken within the budget")


def test_claims_that_were_not_confirmed_are_told() -> None:
    assert found("unconfirmed-claims").value == 2


def test_curves_run_from_nothing_to_twice_the_budget() -> None:
    made = {series.name: series for series in curves(CLEAN, attacked(), EVE, BOTH)}
    recall = made["robust-recall"]
    assert (recall.x[0], recall.x[10], recall.x[-1]) == (0.0, 1.0, 2.0)
    assert recall.y[0] == pytest.approx(0.75)
    assert recall.y[10] == pytest.approx((4.5 / 8 + 0) / 2)
    assert list(recall.y) == sorted(recall.y, reverse=True)
    assert recall.x_unit == "L2"


def test_a_curve_leaves_out_what_is_undefined_there() -> None:
    lost = attacked(price=np.array([0.5, 0.5, np.inf, np.inf, 0.2, 0.2]))
    none_left = Clean(decided=Y, y=Y, confusion=np.array([[8.0, 0.0], [0.0, 4.0]]))
    made = {series.name: series for series in curves(none_left, lost, EVE, BAD)}
    held = attacked(price=np.array([np.inf] * 4 + [0.2, 0.2]))
    empty = {series.name: series for series in curves(none_left, held, EVE, BAD)}
    assert made["robust-precision"].y[-1] == 0.0  # half of class 0 is decided as class 1 now
    assert empty["robust-precision"].x == (0.0, 0.1)
    assert len(empty["robust-recall"].x) == len(made["robust-recall"].x) == 21


def test_the_curve_of_questions_ends_at_the_success() -> None:
    made = {series.name: series for series in curves(CLEAN, attacked(), EVE, BOTH)}
    asked = made["success-by-queries"]
    assert asked.x == (10.0, 30.0, 50.0)
    assert asked.y == pytest.approx((1 / 6, 2 / 6, 3 / 6))


def test_there_is_no_curve_of_questions_where_nothing_was_broken() -> None:
    held = attacked(price=np.full(6, np.inf))
    assert "success-by-queries" not in {series.name for series in curves(CLEAN, held, EVE, BOTH)}


def test_there_is_no_curve_of_questions_where_all_rows_took_as_many() -> None:
    told = replace(attacked(), needed=np.ones(6, dtype=np.int64))
    assert "success-by-queries" not in {series.name for series in curves(CLEAN, told, EVE, BOTH)}


def block(n: int, *, error: str = "", confirmed: int = 1) -> BlockResult:
    count = np.zeros(n, dtype=np.int64)
    return BlockResult(
        points=np.full((n, 2), float(n)), success=np.arange(n) < confirmed, price=np.ones(n),
        decided=count, claimed=np.ones(n, dtype=bool), queries=count, needed=count, error=error,
    )  # fmt: skip


def test_blocks_are_put_together_in_order_and_crashed_ones_left_out() -> None:
    rows = [np.array([4, 5]), np.array([6]), np.array([7, 8, 9])]
    joined = Attacked.joined(rows, [block(2), block(0, error="boom"), block(3)])
    assert joined.rows.tolist() == [4, 5, 7, 8, 9]
    assert joined.points[:, 0].tolist() == [2, 2, 3, 3, 3]
    assert joined.rejected == 1 + 2


def test_where_every_block_crashed_there_are_no_rows() -> None:
    joined = Attacked.joined([np.array([4])], [block(0, error="boom")])
    assert joined.rows.shape == (0,)
    assert joined.points.shape == (0, 2)
    assert Attacked.joined([], []).price.shape == (0,)


MANY = np.array([[6.0, 2.0, 0.0], [1.0, 3.0, 0.0], [0.0, 2.0, 6.0]])
THREE = np.arange(3)


def three(confusion: Any = MANY) -> Clean:
    """Rows 0..7 are of class 0, 8..11 of class 1, and no attacked row is of class 2."""
    y = np.concatenate([Y, np.full(8, 2)])
    return Clean(decided=np.concatenate([DECIDED, [1, 1], [2] * 6]), y=y, confusion=confusion)


def test_a_class_without_an_attacked_row_is_left_out_with_and_without_attack() -> None:
    # Counted as robust, the eight rows of class 2 would lift accuracy from 4.5 to 10.5 of 20.
    assert unseen(three(), attacked(), THREE).tolist() == [2]
    made = {m.name: m.value for m in measures(three(), attacked(), EVE, THREE)}
    two = {m.name: m.value for m in measures(CLEAN, attacked(), EVE, BOTH)}
    assert made == two
    assert made["robust-accuracy"] == 4.5 / 12
    assert made["clean-recall"] == pytest.approx((6 / 8 + 3 / 4) / 2)
    for ours, theirs in zip(
        curves(three(), attacked(), EVE, THREE), curves(CLEAN, attacked(), EVE, BOTH), strict=True
    ):
        assert ours == theirs


def test_a_class_that_nobody_attacks_by_intent_stays() -> None:
    assert unseen(three(), attacked(), BOTH).size == 0
    assert seen(three(), attacked(), BOTH).confusion.tolist() == MANY.tolist()


def test_a_class_that_the_model_never_gets_right_is_lost_and_not_left_out() -> None:
    lost = MANY.copy()
    lost[2] = [0.0, 8.0, 0.0]
    assert unseen(three(lost), attacked(), THREE).size == 0
    made = {m.name: m.value for m in measures(three(lost), attacked(), EVE, THREE)}
    assert made["robust-accuracy"] == 4.5 / 20
    assert made["robust-recall"] == pytest.approx((4.5 / 8) / 3)
