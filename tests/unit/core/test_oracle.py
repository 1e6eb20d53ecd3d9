from dataclasses import dataclass, field

import numpy as np
import pytest

from bartizan.core.arrays import Array
from bartizan.core.classifier import ScoreKind, decisions
from bartizan.core.errors import AccessError, BudgetExceededError
from bartizan.core.oracle import CHUNK_BYTES, CHUNK_ROWS, Oracle, chunk_rows


@dataclass
class Echo:
    """Its scores are the columns of the question."""

    classes: tuple[int, ...] = (0, 1, 2)
    score_kind: ScoreKind = "logit"
    sizes: list[int] = field(default_factory=list)

    def scores(self, x: Array) -> Array:
        self.sizes.append(len(x))
        return x[:, : len(self.classes)]


Y = np.array([0, 1, 2])
ROWS = np.arange(3)
X = np.array([[3.0, 1, 2], [3, 1, 2], [3, 1, 3]])


def test_every_question_is_counted_for_its_row() -> None:
    oracle = Oracle(Echo(), y=Y)
    oracle.wrong(X, ROWS)
    oracle.wrong(X[[1, 1]], np.array([1, 1]))
    assert oracle.queries.tolist() == [1, 3, 1]
    assert oracle.calls == 2
    assert oracle.model_s >= 0


def test_questions_past_the_budget_are_refused_before_anything_is_sent() -> None:
    model = Echo()
    oracle = Oracle(model, y=Y, budget=2)
    oracle.wrong(X, ROWS)
    with pytest.raises(BudgetExceededError, match="row 1 would need 3 queries, its budget is 2"):
        oracle.wrong(X[[0, 1, 1]], np.array([0, 1, 1]))
    assert model.sizes == [3]
    assert oracle.queries.tolist() == [1, 1, 1]


def test_the_budget_is_each_rows_own_and_can_be_used_up() -> None:
    oracle = Oracle(Echo(), y=Y, budget=2)
    oracle.wrong(X[[0, 0]], np.array([0, 0]))
    assert oracle.left().tolist() == [0, 2, 2]
    oracle.wrong(X[[1, 2]], np.array([1, 2]))
    assert oracle.left().tolist() == [0, 1, 1]


def test_without_a_budget_there_is_always_enough() -> None:
    oracle = Oracle(Echo(), y=Y)
    oracle.wrong(np.repeat(X, 100, axis=0), np.repeat(ROWS, 100))
    assert (oracle.left() > 10**15).all()


def test_when_it_is_late_nothing_is_left() -> None:
    clock = iter([False, True])
    oracle = Oracle(Echo(), y=Y, budget=5, late=lambda: next(clock))
    assert oracle.left().tolist() == [5, 5, 5]
    assert oracle.left().tolist() == [0, 0, 0]


def test_an_answer_is_wrong_when_the_row_left_its_class() -> None:
    oracle = Oracle(Echo(), y=Y)
    assert oracle.wrong(X, ROWS).tolist() == [False, True, True]


def test_an_aimed_answer_is_wrong_only_in_the_class_aimed_at() -> None:
    oracle = Oracle(Echo(), y=np.array([1, 1, 1]), target=2)
    x = np.array([[3.0, 1, 2], [0, 1, 2], [0, 1, 0]])
    assert oracle.wrong(x, ROWS).tolist() == [False, True, False]


def test_what_is_wanted_is_told_without_a_question() -> None:
    oracle = Oracle(Echo(), y=Y)
    assert oracle.wanted(np.array([[0, 1], [1, 0], [0, 2]]), ROWS[:, None]).tolist() == [
        [False, True], [False, True], [True, False],
    ]  # fmt: skip
    aimed = Oracle(Echo(), y=Y, target=2)
    assert aimed.wanted(np.array([2, 0, 2]), ROWS).tolist() == [True, False, True]
    assert not oracle.queries.any()


def test_somebody_who_sees_labels_gets_no_scores_and_is_not_charged() -> None:
    model = Echo()
    oracle = Oracle(model, y=Y, access="labels")
    with pytest.raises(AccessError, match="sees labels only"):
        oracle.margin(X, ROWS)
    assert (model.sizes, oracle.queries.tolist()) == ([], [0, 0, 0])


def test_access_is_ordered() -> None:
    oracle = Oracle(Echo(), y=Y, access="gradients")
    assert [oracle.sees(a) for a in ("labels", "scores", "gradients", "structure")] == [
        True, True, True, False,
    ]  # fmt: skip


def test_margins_are_below_zero_where_the_answer_is_wrong_and_only_there_but_for_ties() -> None:
    oracle = Oracle(Echo(), y=Y, access="scores")
    assert oracle.margin(X, ROWS).tolist() == [1.0, -2.0, 0.0]
    assert oracle.wrong(X, ROWS).tolist() == [False, True, True]


def test_aimed_margins_are_below_zero_where_the_target_wins() -> None:
    oracle = Oracle(Echo(), y=np.array([1, 1, 1]), target=2, access="scores")
    x = np.array([[3.0, 1, 2], [0, 1, 5], [0, 2, 2]])
    assert oracle.margin(x, ROWS).tolist() == [1.0, -4.0, 0.0]
    assert oracle.wrong(x, ROWS).tolist() == [False, True, False]


def test_many_questions_go_in_chunks_and_come_back_in_order() -> None:
    model = Echo()
    oracle = Oracle(model, y=np.zeros(1, dtype=np.int64), chunk_rows=4)
    x = np.random.default_rng(0).normal(size=(10, 3))
    wrong = oracle.wrong(x, np.zeros(10, dtype=np.int64))
    assert model.sizes == [4, 4, 2]
    assert oracle.calls == 3
    assert wrong.tolist() == (x.argmax(axis=1) != 0).tolist()


def test_wide_rows_go_in_chunks_that_weigh_no_more_than_the_limit() -> None:
    assert chunk_rows(3) == CHUNK_ROWS
    assert chunk_rows(CHUNK_BYTES) == 1
    width = CHUNK_BYTES // 8 // 3
    model = Echo()
    oracle = Oracle(model, y=np.zeros(1, dtype=np.int64))
    oracle.wrong(np.broadcast_to(np.zeros(width), (7, width)), np.zeros(7, dtype=np.int64))
    assert model.sizes == [3, 3, 1]


def test_no_question_costs_nothing() -> None:
    model = Echo()
    oracle = Oracle(model, y=Y, access="scores", budget=1)
    none = np.zeros(0, dtype=np.int64)
    assert oracle.wrong(np.zeros((0, 3)), none).shape == (0,)
    assert oracle.margin(np.zeros((0, 3)), none).shape == (0,)
    assert (model.sizes, oracle.calls) == ([], 0)


@pytest.mark.parametrize("k", [2, 3])
def test_a_verdict_is_the_one_that_decisions_gives(k: int) -> None:
    x = np.random.default_rng(k).integers(0, 3, (200, k)).astype(float)  # many ties
    y = np.zeros(200, dtype=np.int64)
    oracle = Oracle(Echo(classes=tuple(range(k))), y=y)
    assert np.array_equal(oracle.wrong(x, np.arange(200)), decisions(x) != 0)
