"""Only a pass closes a finding, and its age counts from when it was first seen."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bartizan.comply.declared import DueDays
from bartizan.comply.open_findings import (
    Tracking,
    command_for,
    open_findings,
    passed_findings,
    streaks,
    subject_of,
)
from bartizan.core.attacker import Access
from bartizan.core.compliance import OpenFinding
from bartizan.core.fact import Found
from bartizan.core.finding import Outcome, Waived
from bartizan.core.known import Item, Known
from unit.comply.worlds import DAY, LOOKED, TESTED, WAIVED, found

TODAY = frozenset({"sha256:1", "sha256:rows"})
"""Digests of the model and the rows as they lie there."""


def tracked(*facts: Found, day: date = DAY, waived: Waived | None = None) -> list[OpenFinding]:
    tracking = Tracking(
        controls=(TESTED, LOOKED),
        days=DueDays(),
        day=day,
        waiver_for=lambda _: waived,
        threats={"evasion.x@shop": ("evasion@api",)},
    )
    opened = streaks(facts, today=TODAY, whole=True)
    return list(open_findings(opened, tracking=tracking))


def test_a_finding_is_as_old_as_its_first_failure_since_it_passed() -> None:
    facts = [found("fail", day=1), found("pass", day=2), found("fail", day=3), found("fail", day=9)]
    (one,) = tracked(*facts)
    assert (one.since[:10], one.age_days, one.due) == ("2026-05-03", 29, "2026-06-02")
    assert one.controls == ("tested",)
    assert one.threats == ("evasion@api",)


def test_a_pass_closes_a_finding() -> None:
    assert tracked(found("fail", day=1), found("pass", day=2)) == []


def about(outcome: Outcome, *subjects: str, day: int, access: Access | None = None) -> Found:
    """A run on a model and rows."""
    return replace(found(outcome, day=day), subjects=subjects, access=access)


def test_a_pass_on_rows_that_the_project_does_not_name_closes_nothing() -> None:
    failed = about("fail", "sha256:1", "sha256:rows", day=1)
    (one,) = tracked(failed, about("pass", "sha256:1", "sha256:easy", day=2))
    assert one.since[:10] == "2026-05-01"
    (one,) = tracked(failed, about("pass", "sha256:1", "sha256:easy", day=2), failed)
    assert one.since[:10] == "2026-05-01"
    assert tracked(failed, about("pass", "sha256:1", "sha256:rows", day=2)) == []
    foreign = about("fail", "sha256:1", "sha256:hard", day=1)
    assert tracked(foreign, about("pass", "sha256:1", "sha256:hard", day=2)) == []


def test_a_pass_of_another_model_closes_what_is_open_only_if_that_one_is_gone() -> None:
    other = about("pass", "sha256:2", "sha256:rows", day=2)
    assert len(tracked(about("fail", "sha256:1", "sha256:rows", day=1), other)) == 1
    assert tracked(about("fail", "sha256:old", "sha256:rows", day=1), other) == []
    named = replace(about("fail", "sha256:1", "sha256:rows", day=1), finding="evasion.x@before")
    assert tracked(named, about("pass", "sha256:1", "sha256:rows", day=2)) == []


def test_a_run_without_a_verdict_on_another_model_does_not_hide_a_failure() -> None:
    (one,) = tracked(
        about("fail", "sha256:old", "sha256:rows", day=1),
        about("inconclusive", "sha256:1", "sha256:rows", day=2),
    )
    assert (one.outcome, one.since[:10]) == ("fail", "2026-05-01")


def test_a_pass_against_somebody_who_sees_less_closes_nothing() -> None:
    failed = about("fail", "sha256:1", day=1, access="scores")
    assert len(tracked(failed, about("pass", "sha256:1", day=2, access="labels"))) == 1
    assert tracked(failed, about("pass", "sha256:1", day=2, access="gradients")) == []


def test_a_scan_closes_what_it_read() -> None:
    bad = replace(about("fail", "sha256:9", "sha256:1", day=1), finding="artifact.scan@a.pkl")
    good = replace(bad, outcome="pass", severity="none")
    assert tracked(bad, replace(good, subjects=("sha256:1", "sha256:7"))) == []
    assert len(tracked(bad, replace(good, subjects=("sha256:7",)))) == 1


def test_a_run_without_a_verdict_neither_closes_a_failure_nor_makes_it_younger() -> None:
    (one,) = tracked(found("fail", day=1), found("inconclusive", day=2))
    assert (one.outcome, one.severity, one.since[:10]) == ("fail", "high", "2026-05-01")


def test_a_failure_after_a_run_without_a_verdict_is_as_old_as_that_run() -> None:
    (one,) = tracked(found("inconclusive", day=1), found("fail", day=2, severity="critical"))
    assert (one.outcome, one.severity, one.since[:10]) == ("fail", "critical", "2026-05-01")


def test_the_day_after_its_due_day_a_finding_is_overdue_unless_it_is_waived() -> None:
    fact = found("fail", day=1)  # high: 30 days
    assert not tracked(fact, day=date(2026, 5, 31))[0].overdue
    assert tracked(fact, day=date(2026, 6, 1))[0].overdue
    assert not tracked(fact, day=date(2026, 6, 1), waived=WAIVED)[0].overdue


def test_what_has_no_verdict_has_no_due_day() -> None:
    (one,) = tracked(found("inconclusive", day=1), day=date(2030, 1, 1))
    assert (one.due, one.overdue) == ("", False)


def test_an_attacker_that_was_merely_assumed_opens_nothing_and_a_waived_finding_stays_open() -> (
    None
):
    assert tracked(found("fail", day=1, decides=False)) == []
    fact = found("fail", day=1, decides=False, waived_until="2026-05-09")
    assert len(tracked(fact)) == 1


def test_the_order_is_that_of_the_due_days() -> None:
    facts = [
        found("inconclusive", day=1, name="a.a@shop"),
        found("fail", day=1, name="b.b@shop", severity="low"),
        found("fail", day=1, name="c.c@shop", severity="critical"),
    ]
    assert [one.id for one in tracked(*facts)] == ["c.c@shop", "b.b@shop", "a.a@shop"]


@given(st.lists(st.sampled_from(["pass", "fail", "inconclusive", "not-run"]), max_size=9))
def test_a_finding_is_open_exactly_if_its_last_run_did_not_pass(outcomes: list[Outcome]) -> None:
    facts = [found(outcome, day=place + 1) for place, outcome in enumerate(outcomes)]
    found_open = streaks(facts, today=TODAY, whole=True)
    assert bool(found_open) == bool(outcomes and outcomes[-1] != "pass")
    for one in found_open.values():
        rest = outcomes[int(one.since[8:10]) - 1 :]
        assert "pass" not in rest
        assert (one.outcome == "fail") == ("fail" in rest)


def test_what_passed_expires_when_it_is_too_old_and_says_which_controls_it_shows() -> None:
    known = Known(
        found={Item("model", "shop"): (found("pass", day=1), found("fail", day=1, name="e.y@shop"))}
    )
    (one,) = passed_findings(known, controls=(TESTED,), age_days=90)
    assert (one.id, one.expires, one.controls) == ("evasion.x@shop", "2026-07-30", ("tested",))


def test_each_finding_has_a_command_that_asks_again() -> None:
    assert command_for("evasion.x@shop#a") == "bartizan assess --entry evasion.x"
    assert command_for("data.types@train") == "bartizan data check --name train"
    assert command_for("poison.labels@train").endswith("--deep")
    scan = "bartizan supply scan 'a b.pkl' --workspace .bartizan"
    assert command_for("artifact.scan@a b.pkl") == scan
    union = "bartizan assess --entry 'evasion.*'"  # it joins the attacks of one run
    assert command_for("evasion.union@shop#a") == union
    assert subject_of("evasion.x@shop#a") == "shop"
