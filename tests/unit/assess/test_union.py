from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bartizan.assess.bracket import brackets
from bartizan.assess.findings import Done
from bartizan.assess.outcome import Attacked
from bartizan.assess.plan import Planned
from bartizan.assess.union import ENTRY, run, united
from bartizan.core.attacker import Attacker
from bartizan.core.entry import ControlResult
from unit.assess.asked import attacked

EVE = Attacker(name="eve", norm="Linf", eps=1.0)
INF = np.inf


def done(part: Attacked | None, *, passed: bool = True, **more: Any) -> Done:
    item = Planned(entry=ENTRY, constraint=None, rows=np.arange(3), queries=0)
    control = ControlResult(passed=passed, detail="")
    return Done(item=item, control=control, attacked=part, **more)


def test_a_row_is_lost_if_any_attack_breaks_it_and_the_cheapest_change_counts() -> None:
    both = run([attacked([0, 1, 2], [0.5, INF, 2.0]), attacked([0, 1, 2], [0.7, 0.9, 1.5])])
    assert both.price.tolist() == [0.5, 0.9, 1.5]
    assert both.points[:, 0].tolist() == [0.5, 0.9, 1.5]
    assert both.decided.tolist() == [1, 1, 1]


def test_questions_and_refused_claims_add_up_and_the_quickest_is_told() -> None:
    quick = replace(attacked([0, 1], [0.5, INF]), needed=np.array([3, -1]))
    slow = replace(attacked([0, 1], [0.4, INF]), needed=np.array([9, -1]))
    both = run([quick, slow])
    assert both.queries.tolist() == [20, 20]
    assert both.needed.tolist() == [3, -1]
    assert both.rejected == 2


def test_rows_that_one_attack_did_not_get_to_are_held_there() -> None:
    both = run([attacked([0, 2], [0.5, INF]), attacked([1, 2], [0.7, 0.9])])
    assert both.rows.tolist() == [0, 1, 2]
    assert both.price.tolist() == [0.5, 0.7, 0.9]


def test_the_best_proof_counts() -> None:
    one = replace(attacked([0, 1], [INF, 0.9]), lower=np.array([0.4, 0.1]))
    other = replace(attacked([0, 1], [0.8, INF]), lower=np.array([0.2, 0.9]))
    assert run([one, other]).lower.tolist() == [0.4, 0.9]


def test_what_an_unsound_attack_confirmed_counts_and_its_silence_does_not() -> None:
    sound = done(attacked([0, 1], [INF, INF]))
    unsound = done(attacked([0, 1], [0.5, INF]), passed=False)
    both = united(done(None), [sound, unsound])
    assert both.attacked is not None
    assert both.attacked.price.tolist() == [0.5, INF]
    assert both.errors  # so a pass would be taken back


def test_an_attack_that_never_ran_makes_the_union_late() -> None:
    assert united(done(None), [done(attacked([0], [INF])), done(None)]).late


def test_without_any_result_there_is_no_union() -> None:
    assert united(done(None), [done(None)]).attacked is None


NOTHING = attacked([], [])
"""What is left of an attack that crashed in every block."""


def test_a_crash_beside_a_sound_attack_is_told_and_draws_no_curve() -> None:
    sound = done(attacked([0, 1, 2], [INF, 0.5, INF]))
    both = united(done(None), [sound, done(NOTHING, errors=("ModelError: no",))])
    assert both.attacked is not None
    assert both.attacked.rows.tolist() == [0, 1, 2]
    assert both.errors == ("evasion.union: ModelError: no",)
    (said,) = both.remarks
    assert (
        said
        == "This covers evasion.union on 3 of 3 rows, evasion.union on 0 of 3 rows (it crashed)."
    )
    assert len(brackets(both.attacked, EVE, parts=both.parts)) == 1


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (done(attacked([0, 2], [INF, INF])), "on 2 of 3 rows."),
        (done(attacked([0, 1, 2], [INF] * 3), late=True), "(the time limit cut it short)"),
        (done(attacked([0, 1, 2], [INF] * 3), passed=False), "(it missed the case planted for it)"),
        (done(None), "on 0 of 3 rows (it was not begun)"),
    ],
)
def test_a_union_says_what_it_covers_where_that_is_not_all(part: Done, said: str) -> None:
    whole = done(attacked([0, 1, 2], [0.5, INF, INF]))
    assert united(done(None), [whole, whole]).remarks == ()
    assert said in united(done(None), [whole, part]).remarks[0]


def test_a_union_of_nothing_covers_nothing_to_speak_of() -> None:
    crashed = done(NOTHING, errors=("ModelError: no",))
    both = united(done(None), [crashed, done(None)])
    assert (both.attacked, both.parts, both.remarks) == (None, (), ())


def test_a_union_knows_the_rows_whose_proof_a_limit_ended() -> None:
    search = attacked([0, 1, 2], [0.5, INF, INF])
    exact = replace(attacked([1, 2], [INF, INF]), unfinished=np.array([True, False]))
    assert run([search, exact]).unfinished is not None
    np.testing.assert_array_equal(run([search, exact]).unfinished, [False, True, False])
    assert run([search, search]).unfinished is None
