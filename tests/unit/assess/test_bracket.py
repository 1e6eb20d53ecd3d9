"""What is proven, what is broken, and what stays open between them."""

from dataclasses import replace

import numpy as np
import pytest

from bartizan.assess.bracket import brackets, limited, proofs, unproven
from bartizan.assess.outcome import Attacked
from bartizan.core.attacker import Attacker
from bartizan.core.finding import Measure
from bartizan.core.interval import share_interval
from unit.assess.asked import attacked

EVE = Attacker(name="eve", norm="Linf", eps=1.0)
INF = np.inf


def test_proof_and_attack_bracket_the_truth() -> None:
    part = replace(attacked([0, 1, 2, 3], [0.5, 1.5, INF, 0.8]), lower=np.array([0.5, 1.2, 3, 0]))
    shown = {series.name: series for series in brackets(part, EVE, parts=())}
    assert all(low <= high for low, high in zip(shown["proven"].y, shown["holds"].y, strict=True))
    middle = shown["proven"].x.index(1.0)
    assert (shown["proven"].y[middle], shown["holds"].y[middle]) == (0.5, 0.5)
    told = {measure.name: measure for measure in proofs(part, EVE)}
    assert told["certified-robust"].value == 0.5
    assert told["solved-exactly"].value == 0.25
    assert told["median-gap"].value == np.median([0.3, 0.8])


def test_an_attack_that_proves_nothing_has_no_bracket() -> None:
    part = attacked([0, 1], [0.5, INF])
    assert not proofs(part, EVE)
    assert not brackets(part, EVE, parts=())
    assert [s.name for s in brackets(part, EVE, parts=(("evasion.x", part),))] == [
        "holds evasion.x"
    ]


def test_a_row_that_nothing_can_break_is_settled_too() -> None:
    part = replace(attacked([0, 1, 2], [0.5, INF, INF]), lower=np.array([0.5, INF, 2.0]))
    told = {measure.name: measure for measure in proofs(part, EVE)}
    assert told["solved-exactly"].value == pytest.approx(2 / 3)


def test_a_change_is_the_cheapest_to_a_millionth_of_the_budget() -> None:
    tiny = 0.006 * EVE.budget
    part = replace(attacked([0, 1], [tiny, tiny]), lower=np.array([tiny - 1e-8, tiny - 1e-4]))
    told = {measure.name: measure for measure in proofs(part, EVE)}
    assert told["solved-exactly"].value == 0.5


def share_proven(part: Attacked) -> Measure:
    return next(measure for measure in proofs(part, EVE) if measure.name == "certified-robust")


def test_what_is_proven_exactly_at_the_budget_is_within_reach() -> None:
    part = attacked([0, 1], [INF, INF], lower=np.array([1.0, 1.001]))
    assert share_proven(part).value == 0.5


def test_a_bound_without_a_change_is_no_row_that_is_settled() -> None:
    part = attacked([0], [INF], lower=np.array([0.3]))
    told = {measure.name: measure for measure in proofs(part, EVE)}
    assert told["solved-exactly"].value == 0.0
    assert (told["median-gap"].value, told["median-gap"].n) == (None, 0)


def test_the_share_proven_has_the_interval_of_a_share() -> None:
    low, high = share_interval(3, 4)
    told = share_proven(attacked(range(4), [INF] * 4, lower=np.array([2.0, 2.0, 2.0, 0.5])))
    assert (told.low, told.high, told.n) == (low, high, 4)


@pytest.mark.parametrize("n", [40, 200])
def test_rows_whose_proof_is_open_are_never_called_robust(n: int) -> None:
    held = attacked(range(n), [INF] * n, lower=np.full(n, 0.99))
    assert f"{n} of {n} rows are neither broken nor proven" in unproven(held, EVE, line=0.2)
    assert unproven(replace(held, lower=np.full(n, 1.01)), EVE, line=0.2) == ""


def test_open_rows_that_could_not_carry_success_over_the_line_do_not_matter() -> None:
    lower = np.where(np.arange(100) < 5, 0.5, 2.0)
    few = attacked(range(100), [INF] * 100, lower=lower)
    assert unproven(few, EVE, line=0.2) == ""
    assert "5 of 100 rows" in unproven(few, EVE, line=0.05)


def test_broken_rows_are_not_open_and_count_towards_the_line() -> None:
    price = np.where(np.arange(100) < 10, 0.5, INF).tolist()
    all_settled = attacked(range(100), price, lower=np.where(np.arange(100) < 10, 0.5, 2.0))
    assert unproven(all_settled, EVE, line=0.2) == ""
    some_open = replace(all_settled, lower=np.where(np.arange(100) < 17, 0.5, 2.0))
    assert "7 of 100 rows" in unproven(some_open, EVE, line=0.2)


def test_rows_whose_proof_a_limit_ended_are_told_and_never_count_as_proven() -> None:
    cut = np.array([True, True, False, True])
    price, lower = [0.5, INF, INF, INF], np.array([0.2, 0.4, 3.0, 2.0])
    part = replace(attacked([0, 1, 2, 3], price), lower=lower, unfinished=cut)
    told = {measure.name: measure for measure in proofs(part, EVE)}
    assert (told["unfinished-proofs"].value, told["unfinished-proofs"].n) == (3.0, 4)
    assert told["certified-robust"].value == 0.5  # rows 2 and 3, whose bounds lie above the budget
    (said,) = limited(part, EVE)
    assert "ended the proofs of 3 of 4 rows. 1 of them are neither broken nor proven" in said
    assert limited(replace(part, unfinished=cut & False), EVE) == ()
    assert limited(replace(part, unfinished=None), EVE) == ()
