from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from bartizan.attack.surrogate import Purse, Thief, best_learner, learned, told
from bartizan.attack.terms import Terms
from bartizan.core.arrays import Array
from bartizan.core.classifier import decisions
from bartizan.core.errors import BudgetExceededError
from bartizan.core.space import Box
from bartizan.core.streams import rng
from models import Counting, linear

X = rng(0, "x").normal(size=(300, 2))


@dataclass(frozen=True)
class Nearest:
    """Answers as the nearest lesson."""

    name: str = "nearest"

    def fit(
        self, x: Array, targets: Array, *, rng: np.random.Generator
    ) -> Callable[[Array], Array]:
        del rng

        def copy(asked: Array) -> Array:
            return targets[((asked[:, None] - x[None]) ** 2).sum(axis=2).argmin(axis=1)]

        return copy


@dataclass(frozen=True)
class Contrary:
    """Always says the opposite of the nearest lesson."""

    name: str = "contrary"

    def fit(
        self, x: Array, targets: Array, *, rng: np.random.Generator
    ) -> Callable[[Array], Array]:
        return Nearest().fit(x, 1 - targets, rng=rng)


def thief(*, active: bool, budget: int = 100) -> tuple[Thief, Counting]:
    seen = Counting(linear(np.array([1.0, 0.5])))
    made = Thief(
        purse=Purse(seen, budget),
        terms=Terms.of(Box.uniform(2), X),
        learner=Nearest(),
        answer="labels",
        rows=X,
        active=active,
        seed=7,
    )
    return made, seen


def go_on(one: Thief, total: int) -> None:
    chosen = one.choose(total)
    one.take(chosen, one.purse.scores(one.rows[chosen]))


def test_a_purse_counts_every_row_and_sends_none_too_many() -> None:
    seen = Counting(linear(np.ones(2)))
    purse = Purse(seen, 20)
    assert purse.scores(X[:12]).shape == (12, 2)
    with pytest.raises(BudgetExceededError, match="12 of 20"):
        purse.scores(X[:9])
    assert purse.scores(X[:8]).shape == (8, 2)
    assert purse.scores(X[:0]).shape == (0, 2)
    assert purse.asked == sum(len(part) for part in seen.seen) == 20


def test_what_is_told() -> None:
    logits = np.array([[0.0, 2.0], [1.0, 1.0]])
    sure = 1 / (1 + np.exp(-2.0))
    assert told(logits, kind="logit", answer="scores")[0] == pytest.approx([1 - sure, sure])
    assert told(logits, kind="logit", answer="rounded")[0] == pytest.approx([0.1, 0.9])
    assert told(logits, kind="logit", answer="labels").tolist() == [[0, 1], [1, 0]]
    assert told(logits[:1], kind="label", answer="scores").tolist() == [[0, 1]]


def test_where_rounding_leaves_nothing_all_classes_are_alike() -> None:
    flat = np.full((1, 30), 1 / 30)
    assert told(flat, kind="probability", answer="rounded") == pytest.approx(flat)


def test_a_lesson_with_one_class_gives_a_constant_copy() -> None:
    copy = learned(Nearest(), X[:3], np.tile([0.2, 0.8], (3, 1)), rng=rng(0))
    assert decisions(copy(X)).tolist() == [1] * 300


def test_the_learner_that_predicts_own_answers_is_chosen() -> None:
    targets = np.eye(2)[decisions(linear(np.ones(2)).scores(X))]
    assert best_learner((Contrary(), Nearest()), X, targets, rng=rng(0)).name == "nearest"


@pytest.mark.parametrize("active", [False, True])
def test_nothing_is_asked_twice_and_the_purse_ends_exactly(*, active: bool) -> None:
    one, seen = thief(active=active)
    for total in (10, 40, 100):
        go_on(one, total)
    assert len(set(one.taken.tolist())) == len(one.taken) == one.purse.asked == 100
    assert np.array_equal(np.concatenate(seen.seen), X[one.taken])


def test_passive_thieves_ask_in_order() -> None:
    one, _ = thief(active=False)
    go_on(one, 10)
    go_on(one, 30)
    assert one.taken.tolist() == list(range(30))


def test_active_thieves_ask_near_the_boundary() -> None:
    one, _ = thief(active=True)
    for total in (20, 40, 60):
        go_on(one, total)
    away = np.abs(X @ [1.0, 0.5])
    soft = Thief(
        purse=Purse(linear(np.array([1.0, 0.5])), 60), terms=one.terms, learner=Linear(),
        answer="scores", rows=X, active=True, seed=7,
    )  # fmt: skip
    for total in (20, 40, 60):
        go_on(soft, total)
    assert away[soft.taken[20:]].mean() < 0.5 * away.mean()


@dataclass(frozen=True)
class Linear:
    """Least squares."""

    name: str = "linear"

    def fit(
        self, x: Array, targets: Array, *, rng: np.random.Generator
    ) -> Callable[[Array], Array]:
        del rng
        weights = np.linalg.lstsq(x, targets - 0.5)[0]
        return lambda asked: asked @ weights


def test_a_thief_set_up_again_goes_on_as_if_nothing_had_happened() -> None:
    whole, _ = thief(active=True)
    for total in (20, 40, 60):
        go_on(whole, total)
    first, _ = thief(active=True)
    for total in (20, 40):
        go_on(first, total)
    again, _ = thief(active=True)
    assert first.scores is not None
    again.take(first.taken[:20], first.scores[:20])
    again.take(first.taken[20:], first.scores[20:])
    assert np.array_equal(again.choose(60), whole.taken[40:])


def test_a_copy_of_fewer_answers_does_not_choose_the_next_questions() -> None:
    plain, looked = (replace(thief(active=True)[0], learner=Linear()) for _ in range(2))
    for one in (plain, looked):
        go_on(one, 20)
        go_on(one, 40)
    looked.learn(5)  # as a curve of fidelity does
    assert np.array_equal(looked.choose(60), plain.choose(60))


def test_rows_that_run_out_end_the_questions() -> None:
    one, _ = thief(active=True, budget=1000)
    go_on(one, 250)
    go_on(one, 1000)
    assert one.purse.asked == 300
    assert not one.choose(1000).size
