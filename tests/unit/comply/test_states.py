"""A control is verified by findings about each model, and by nothing that anybody says."""

from collections.abc import Sequence
from typing import Any

import pytest

from bartizan.comply.states import Ground, control_states
from bartizan.core.compliance import ControlState
from bartizan.core.fact import Found
from bartizan.core.known import Item, Known
from bartizan.core.system import ControlClaim
from unit.comply.worlds import LOOKED, TESTED, found


def state(
    models: dict[str, Sequence[Found]], *, data: Sequence[Found] = (), status: Any = None
) -> ControlState:
    """The state of `TESTED`, with findings about models and about the rows they were made with."""
    claims = [ControlClaim(id="tested", status=status)] if status else []
    both = (*data, *(one for facts in models.values() for one in facts))
    facts = {Item("model", name): tuple(facts) for name, facts in models.items()}
    facts[Item("data", "rows")] = both
    ground = Ground(known=Known(found=facts), items=tuple(facts), claims=claims, age_days=90)
    return control_states([TESTED, LOOKED], ground=ground)[0]


def of(name: str, outcome: Any = "pass", *, day: int = 1) -> Found:
    return found(outcome, day=day, name=f"evasion.x@{name}")


def test_a_control_is_verified_until_the_first_of_its_findings_is_too_old() -> None:
    later = found("pass", day=9, name="evasion.y@a")
    one = state({"a": [of("a"), later]})
    assert (one.status, one.expires) == ("verified", "2026-07-30")
    assert [proof.when[:10] for proof in one.proofs] == ["2026-05-01", "2026-05-09"]


def test_what_is_shown_of_one_model_says_nothing_of_another() -> None:
    assert state({"a": [of("a")], "b": [of("b")]}).status == "verified"
    assert state({"a": [of("a")], "b": []}).status == "absent"
    assert state({"a": [of("a")], "b": [of("b", "fail")]}).failing


def test_the_rows_that_a_model_was_tested_on_do_not_stand_for_another_model() -> None:
    one = state({"a": [of("a")], "b": []}, data=[found("pass", day=1, name="data.types@rows")])
    assert one.status == "absent"


@pytest.mark.parametrize("said", ["absent", "planned", "implemented"])
def test_what_somebody_says_is_shown_as_what_they_say(said: str) -> None:
    assert state({"a": []}, status=said).status == said
    assert state({"a": [of("a")]}, status=said).status == "verified"


def test_what_findings_contradict_is_planned_at_most() -> None:
    assert state({"a": [of("a", "fail")]}, status="implemented").status == "planned"


def test_a_control_that_no_command_can_show_is_for_a_person() -> None:
    ground = Ground(known=Known(), items=(), claims=(), age_days=90)
    tested, looked = control_states([TESTED, LOOKED], ground=ground)
    assert (tested.by_evidence, looked.by_evidence) == (True, False)
