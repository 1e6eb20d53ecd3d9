"""The status of a clause: evidence goes before words, and one of five shows nothing of four."""

from datetime import date

import pytest
from msgspec.structs import replace

from bartizan.comply.backers import Backers
from bartizan.comply.clauses import Ties, framework_state
from bartizan.comply.crosswalk import crosswalk
from bartizan.comply.declared import DeclaredExclusion
from bartizan.core.compliance import ClauseState, ControlState, FrameworkState
from bartizan.frameworks.framework import Clause, Framework
from unit.comply.worlds import DAY, audit, backed, clause, control, framework, policy, row

OUT = DeclaredExclusion(framework="law", clause="1", why="we do not", who="Ada")


def state(of: Framework, ties: Ties) -> FrameworkState:
    return framework_state(of, ties=ties, day=DAY)


def judged(*states: ControlState, backers: Backers | None = None, kinds: str = "") -> ClauseState:
    """Clause 1, to which all of these are tied."""
    said = [word.partition(":") for word in kinds.split()]
    backings = [backed(by, "1", kind=kind) for by, _, kind in said]
    ties = Ties(
        rows=[row(one.id, "1") for one in states],
        states={one.id: one for one in states},
        backings=backings,
        backers=backers or Backers(),
    )
    return state(framework(clause("1")), ties).clauses[0]


def test_a_clause_whose_controls_are_all_shown_has_evidence_until_the_first_expires() -> None:
    one = judged(control("a", expires="2026-09-01"), control("b", expires="2026-08-01"))
    assert (one.status, one.expires) == ("evidence present", "2026-08-01")
    assert one.reason == "shown: a, b; this answers a part of the clause"


def test_a_clause_that_something_answers_as_a_whole_is_not_said_to_be_answered_in_part() -> None:
    ties = Ties(rows=[replace(row("a", "1"), relationship="equal")], states={"a": control("a")})
    assert state(framework(clause("1")), ties).clauses[0].reason == "shown: a"


def test_one_control_that_is_not_shown_is_enough_to_have_no_evidence() -> None:
    one = judged(control("a"), control("b", status="implemented", outcome=None, expires=""))
    assert one.status == "no evidence"
    assert one.reason == "shown: a; not shown: b"


def test_one_finding_that_speaks_against_it_is_enough_to_fail() -> None:
    one = judged(control("a"), control("b", status="planned", outcome="fail"))
    assert one.status == "evidence failing"
    assert "b" in one.reason


def test_what_a_person_has_to_look_at_is_said_and_is_never_evidence() -> None:
    person = control("b", status="implemented", outcome=None, by_evidence=False, expires="")
    assert judged(person).status == "no evidence"
    assert judged(person).reason == "for a person to look at: b"
    assert judged(control("a"), person).status == "evidence present"


def test_a_clause_that_nothing_answers_has_no_evidence_and_says_so() -> None:
    one = judged()
    assert one.status == "no evidence"
    assert "a person has to" in one.reason


@pytest.mark.parametrize("status", ["changed", "not signed", "overdue", "missing"])
def test_a_policy_that_is_not_in_force_is_no_evidence(status: str) -> None:
    good = judged(backers=Backers(policies=(policy(),)), kinds="policy:retirement")
    assert (good.status, good.expires) == ("evidence present", "2027-01-01")
    bad = judged(backers=Backers(policies=(policy(), policy(status))), kinds="policy:retirement")
    assert bad.status == "no evidence"
    assert status in bad.reason


def test_an_audit_that_was_done_in_time_is_evidence_and_a_late_one_is_none() -> None:
    good = judged(backers=Backers(audits=(audit(),)), kinds="audit:log-review")
    assert (good.status, good.expires) == ("evidence present", "2026-07-30")
    late = judged(backers=Backers(audits=(audit(overdue=True),)), kinds="audit:log-review")
    assert late.status == "no evidence"
    assert judged(kinds="audit:log-review").reason == "not shown: no audit of kind log-review"


def test_a_threat_model_with_open_questions_is_no_evidence() -> None:
    assert judged(kinds="threat-model").status == "no evidence"
    model = Backers(threats=12, elements=3, questions=1)
    assert judged(backers=model, kinds="threat-model").status == "no evidence"
    whole = judged(backers=Backers(threats=12, elements=3), kinds="threat-model")
    assert whole.status == "evidence present"


@pytest.mark.parametrize(
    "empty",
    [
        Backers(threats=0),
        Backers(threats=0, elements=3),
        Backers(threats=3, elements=0),
        Backers(threats=12, elements=3, undrawn=["fraud"]),
    ],
)
def test_a_threat_model_of_nothing_or_without_a_model_of_the_project_is_no_evidence(
    empty: Backers,
) -> None:
    one = judged(backers=empty, kinds="threat-model")
    assert one.status == "no evidence"
    assert f"elements: {empty.elements}, threats: {empty.threats}" in one.reason
    assert ("no element is the model fraud" in one.reason) == bool(empty.undrawn)


def test_a_clause_above_others_is_what_they_are_together() -> None:
    good, bad = control("a"), control("b", status="planned", outcome="fail")
    idle = control("c", status="absent", outcome=None, expires="")
    of = framework(clause("1"), clause("1.1", parent="1"), clause("1.2", parent="1"))
    states = {one.id: one for one in (good, bad, idle)}

    def above(first: str, second: str) -> ClauseState:
        rows = [row(first, "1.1"), row(second, "1.2")]
        return state(of, Ties(rows=rows, states=states)).clauses[0]

    assert above("a", "a").status == "evidence present"
    assert above("a", "c").status == "no evidence"
    assert above("a", "c").reason == "under it: evidence for 1 of 2 clauses that apply"
    assert above("c", "b").status == "evidence failing"
    assert above("a", "b").reason == (
        "under it: evidence for 1 of 2 clauses that apply, failing for 1.2"
    )


GOOD, IDLE = control("good"), control("idle", status="absent", outcome=None, expires="")
BAD = control("bad", status="planned", outcome="fail", expires="2026-07-01")


@pytest.mark.parametrize(
    ("own", "below", "status"),
    [
        (GOOD, BAD, "evidence failing"),
        (BAD, GOOD, "evidence failing"),
        (GOOD, IDLE, "no evidence"),
        (IDLE, GOOD, "no evidence"),
        (IDLE, BAD, "evidence failing"),
        (GOOD, GOOD, "evidence present"),
    ],
)
def test_a_clause_with_ties_of_its_own_is_no_better_than_what_stands_under_it(
    own: ControlState, below: ControlState, status: str
) -> None:
    of = framework(clause("1"), clause("1.1", parent="1"))
    rows = [row(own.id, "1"), row(below.id, "1.1")]
    found = state(of, Ties(rows=rows, states={one.id: one for one in (own, below)}))
    assert found.clauses[0].status == status
    assert own.id in found.clauses[0].reason
    assert "under it: evidence for" in found.clauses[0].reason
    assert found.counted(found.clauses[0].status) >= 1
    assert len(found.counted_clauses) == 2


def test_counted_are_clauses_under_which_none_stand_and_those_with_ties_of_their_own() -> None:
    of = framework(clause("1"), clause("1.1", parent="1"), clause("2"), clause("2.1", parent="2"))
    found = state(of, Ties(rows=[row("good", "1"), row("good", "1.1")], states={"good": GOOD}))
    assert [one.id for one in found.counted_clauses] == ["1", "1.1", "2.1"]
    assert (found.counted("evidence present"), found.counted("no evidence")) == (2, 1)


def test_what_does_not_apply_takes_no_notice_of_what_stands_under_it() -> None:
    of = framework(replace(clause("1"), informs=True), clause("1.1", parent="1"))
    ties = Ties(rows=[row("bad", "1"), row("bad", "1.1")], states={"bad": BAD})
    first, below = state(of, ties).clauses
    assert (first.status, below.status) == ("not applicable", "evidence failing")


def test_that_a_part_is_answered_is_said_of_the_whole_too() -> None:
    of = framework(clause("1"), clause("1.1", parent="1"))
    part = state(of, Ties(rows=[row("good", "1.1")], states={"good": GOOD})).clauses[0]
    assert part.partial
    assert part.reason == (
        "under it: evidence for 1 of 1 clauses that apply; this answers a part of the clause"
    )
    both = [row("good", "1"), row("good", "1.1")]
    above = state(of, Ties(rows=both, states={"good": GOOD})).clauses[0]
    assert above.reason.count("a part of the clause") == 1
    whole = [replace(row("good", "1.1"), relationship="equal")]
    said = state(of, Ties(rows=whole, states={"good": GOOD})).clauses[0]
    assert not said.partial
    assert "part" not in said.reason


def test_what_nobody_looked_at_does_not_make_an_answer_whole() -> None:
    person = control("person", status="implemented", outcome=None, by_evidence=False, expires="")
    rows = [row("good", "1"), replace(row("person", "1"), relationship="equal")]
    ties = Ties(rows=rows, states={"good": GOOD, "person": person})
    one = state(framework(clause("1")), ties).clauses[0]
    assert one.status == "evidence present"
    assert one.partial
    assert one.reason.endswith("; this answers a part of the clause")
    looked = {"good": GOOD, "person": replace(person, status="verified")}
    assert not state(framework(clause("1")), Ties(rows=rows, states=looked)).clauses[0].partial


def test_a_day_of_expiry_stands_only_where_there_is_evidence() -> None:
    assert judged(GOOD, IDLE).expires == ""
    assert judged(GOOD, BAD).expires == "2026-07-01"
    ties = Ties(rows=[row("good", "1")], states={"good": GOOD}, out=[OUT])
    assert state(framework(clause("1")), ties).clauses[0].expires == ""


def test_a_link_that_does_not_ship_with_bartizan_is_the_reading_of_the_project() -> None:
    assert judged(GOOD).links[0].by == "the project"
    first = crosswalk()[0]
    of = replace(framework(clause(first.clause)), id=first.framework)
    ties = Ties(rows=[first], states={first.control: control(first.control)})
    assert state(of, ties).clauses[0].links[0].by == "Bartizan"


def test_a_clause_of_which_no_listed_part_applies_may_apply_itself() -> None:
    of = framework(clause("1"), clause("1.1", parent="1"))
    ties = Ties(rows=[], states={}, out=[replace(OUT, clause="1.1")])
    assert [one.status for one in state(of, ties).clauses] == ["no evidence", "not applicable"]


def test_a_clause_above_others_that_stands_after_them_or_deeper_is_judged_the_same() -> None:
    of = framework(clause("1.1.1", parent="1.1"), clause("1.1", parent="1"), clause("1"))
    ties = Ties(rows=[row("a", "1.1.1")], states={"a": control("a")})
    assert {one.status for one in state(of, ties).clauses} == {"evidence present"}


def test_what_does_not_apply_takes_what_stands_under_it_along_and_names_who_says_so() -> None:
    of = framework(clause("1"), clause("1.1", parent="1"), clause("2"))
    ties = Ties(rows=[row("a", "1.1")], states={"a": control("a")}, out=[OUT])
    first, below, other = state(of, ties).clauses
    assert first.status == below.status == "not applicable"
    assert below.reason == "we do not (Ada)"
    assert other.status == "no evidence"
    elsewhere = replace(OUT, framework="other")
    ties = Ties(rows=[row("a", "1.1")], states={"a": control("a")}, out=[elsewhere])
    assert state(of, ties).clauses[1].status == "evidence present"


def test_what_concerns_generative_systems_alone_does_not_apply() -> None:
    of = framework(clause("1", generative=True))
    one = state(of, Ties(rows=[row("a", "1")], states={"a": control("a")})).clauses[0]
    assert one.status == "not applicable"


def test_a_law_that_is_not_in_force_yet_says_from_when() -> None:
    def told(since: date) -> str:
        one = Clause(id="1", title="T", kind="article", applies_from=since)
        return state(framework(one), Ties(rows=[], states={})).clauses[0].reason

    assert "it applies from 2026-06-02" in told(date(2026, 6, 2))
    assert "applies" not in told(date(2026, 6, 1))


def test_a_clause_that_only_informs_is_not_asked_for() -> None:
    told = state(framework(replace(clause("1"), informs=True)), Ties(rows=[], states={}))
    assert told.clauses[0].status == "not applicable"
    assert "informs" in told.clauses[0].reason
