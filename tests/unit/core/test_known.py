"""What shows a control, and what somebody accepted or found of something else does not."""

from typing import Any

import pytest
from msgspec.structs import replace

from bartizan.core.attacker import Access
from bartizan.core.control import Control
from bartizan.core.fact import Found
from bartizan.core.finding import Outcome
from bartizan.core.known import Item, Known, Looked, counts
from bartizan.core.system import ControlClaim

_FRAUD = Item("model", "fraud")
_CONTROL = Control(
    id="c", title="t", about="a", stage="assess", role="owner", verified_by=("backdoor.*",)
)


def _found(name: str, outcome: Any = "pass", *, waived_until: str = "") -> Found:
    return Found(
        finding=name,
        outcome=outcome,
        severity="high",
        evidence="",
        subjects=(),
        decides=not waived_until,
        waived_until=waived_until,
        when="2026-06-01T00:00:00Z",
    )


def test_a_failure_that_somebody_accepted_speaks_against_a_control_all_the_same() -> None:
    others = (_found("backdoor.b@fraud"),)
    assert Known(found={_FRAUD: others}).shown(_CONTROL, [_FRAUD])[0]
    waived = _found("backdoor.a@fraud", "fail", waived_until="2030-01-01")
    shown, proofs = Known(found={_FRAUD: (*others, waived)}).shown(_CONTROL, [_FRAUD])
    assert not shown
    assert [one.outcome for one in proofs] == ["fail", "pass"]


def test_what_an_attacker_found_that_was_merely_assumed_shows_nothing() -> None:
    assumed = Found(
        finding="backdoor.a@fraud",
        outcome="pass",
        severity="none",
        evidence="",
        subjects=(),
        decides=False,
        when="2026-06-01T00:00:00Z",
    )
    assert Known(found={_FRAUD: (assumed,)}).shown(_CONTROL, [_FRAUD]) == (False, ())


def test_each_model_is_shown_alone_and_so_is_each_data_set_where_there_is_no_model() -> None:
    models = [_FRAUD, Item("model", "other")]
    rows = [Item("data", "fraud"), Item("data", "other")]
    one = Known(found={_FRAUD: (_found("backdoor.a@fraud"),)})
    assert one.shown_of_each(_CONTROL, [_FRAUD])[0]
    assert one.shown_of_each(_CONTROL, [_FRAUD, rows[1]])[0]
    for both in (models, rows):
        single = Known(found={both[0]: (_found("backdoor.a@fraud"),)})
        assert not single.shown_of_each(_CONTROL, both)[0]
        each = Known(found={item: (_found(f"backdoor.a@{item.name}"),) for item in both})
        assert each.shown_of_each(_CONTROL, both)[0]


def test_a_model_and_a_data_set_of_one_name_are_two_things() -> None:
    signed = Control(id="s", title="t", about="a", stage="supply", role="owner", facts=("signed",))
    rows = Item("data", "fraud")
    assert Known(facts=frozenset({("signed", _FRAUD)})).shown(signed, [_FRAUD, rows])[0]
    assert not Known(facts=frozenset({("signed", rows)})).shown(signed, [_FRAUD, rows])[0]


@pytest.mark.parametrize(
    ("outcome", "seen", "access", "does"),
    [
        ("pass", "labels", "scores", False),
        ("inconclusive", "labels", "scores", True),
        ("fail", "labels", "scores", True),
        ("pass", "scores", "scores", True),
        ("pass", "structure", "gradients", True),
        ("pass", None, "structure", True),
        ("pass", "labels", None, True),
    ],
)
def test_a_test_that_was_easier_than_the_attack_shows_nothing(
    outcome: Outcome, seen: Access | None, access: Access | None, *, does: bool
) -> None:
    assert counts(outcome, seen=seen, access=access) == does
    fact = replace(_found("backdoor.a@fraud", outcome), access=seen)
    other = replace(_found("utility.a@fraud"), access="labels")
    known = Known(found={_FRAUD: (fact, other)}).facing(access, patterns=["backdoor.*"])
    assert known.found[_FRAUD] == ((fact, other) if does else (other,))


def test_what_no_program_sees_is_shown_by_an_audit_in_time_and_nothing_else_is() -> None:
    seen = Looked(audit="review", by="Ada, CISO", when="2026-05-01T00:00:00Z", due="2026-08-01")
    sooner = replace(seen, audit="other", due="2026-07-01")
    known = Known(audits={"review": seen, "other": sooner})
    human = replace(_CONTROL, verified_by=())
    there = ControlClaim(id="c", status="implemented", audit="review")
    assert known.looked(human, [there]) == seen
    assert known.looked(human, [there, replace(there, audit="other")]) == sooner
    assert known.looked(human, [there, replace(there, audit="")]) is None  # nobody looked there
    assert known.looked(human, [replace(there, status="planned")]) is None
    assert known.looked(human, []) is None
    assert known.looked(_CONTROL, [there]) is None
    assert Known().looked(human, [there]) is None
