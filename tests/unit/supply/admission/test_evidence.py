"""An artefact is admitted on what the ledger says of it, and on nothing else."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from bartizan.core.attacker import Access, Attacker, Reach
from bartizan.core.evidence import Evidence
from bartizan.core.fact import Found
from bartizan.core.finding import Outcome, Severity
from bartizan.supply.admission import evidence, evidence_control
from bartizan.supply.admission.declared import Declared
from bartizan.supply.admission.gate import Gate
from bartizan.supply.admission.terms import Terms

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ROOT = "sha256:" + "0" * 64
TERMS = Terms()
UTILITY, EVASION = "utility.balanced-accuracy@fraud", "evasion.union@fraud#thief"
KNOWN = ("utility.balanced-accuracy", "evasion.union", "evasion.square")
THIEF = Attacker(name="thief", norm="Linf", eps=0.1)
BASIS = {"data_set": "sha256:data", "schema": "sha256:schema"}
TOLD = {**BASIS, "chosen": ""}
DECLARED = Declared(attackers=(THIEF,), basis=BASIS, profile="standard")
LATER = (NOW + timedelta(days=1)).date().isoformat()


def fact(
    finding: str,
    outcome: Outcome = "pass",
    *,
    severity: Severity = "none",
    age_days: float = 1.0,
    root: str = ROOT,
    decides: bool = True,
    waived_until: str = "",
    attacker: Attacker = THIEF,
    basis: Mapping[str, str] = TOLD,
    profile: str = "standard",
    access: Access | None = None,
    lost: bool = False,
) -> tuple[Found, Evidence | None]:
    """A finding of the ledger, and the evidence in the store."""
    when = (NOW - timedelta(days=age_days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    found = Found(
        finding=finding,
        outcome=outcome,
        severity=severity,
        evidence="",
        subjects=(root, "sha256:data"),
        decides=decides,
        waived_until=waived_until,
        when=when,
    )
    record = Evidence(
        finding=finding,
        subjects=(),
        attacker=attacker if "#" in finding else None,
        access=access,
        basis=dict(basis),
        profile=profile,
        seed=0,
        block_rows=0,
        rows=0,
        versions={},
        catalog="",
        control="",
    )
    return found, None if lost else record


def judged(
    *facts: tuple[Found, Evidence | None],
    terms: Terms = TERMS,
    declared: Declared | None = DECLARED,
    fail_on: Severity = "high",
) -> Gate:
    records = dict(enumerate(record for _, record in facts))
    named = [
        Found(**{name: getattr(one, name) for name in one.__struct_fields__} | {"evidence": str(n)})
        for n, (one, _) in enumerate(facts)
    ]
    about = evidence.about(named, root=ROOT, entries=KNOWN, recall=lambda name: records[int(name)])
    return evidence.judged(about, terms=terms, declared=declared, fail_on=fail_on, now=NOW)


def test_fresh_passes_of_all_that_is_required_admit() -> None:
    assert judged(fact(UTILITY), fact(EVASION)).outcome == "pass"


def test_what_is_required_and_missing_is_named() -> None:
    found = judged(fact(UTILITY))
    assert found.outcome == "inconclusive"
    assert found.reason.endswith("of evasion")


def test_a_check_for_somebody_who_sees_less_than_is_declared_is_told() -> None:
    assert judged(fact(UTILITY, access="labels"), fact(EVASION)).outcome == "pass"
    scores = replace(DECLARED, attackers=(msgspec.structs.replace(THIEF, access="scores"),))
    found = judged(fact(UTILITY, access="labels"), fact(EVASION), declared=scores)
    assert found.outcome == "inconclusive"
    assert "access 'labels', and 'scores' is declared" in found.reason


def test_findings_about_another_artefact_count_for_nothing() -> None:
    assert judged(fact(UTILITY), fact(EVASION, root="sha256:other")).outcome == "inconclusive"


@pytest.mark.parametrize(("age", "outcome"), [(89.9, "pass"), (90.1, "inconclusive")])
def test_evidence_expires(age: float, outcome: Outcome) -> None:
    assert judged(fact(UTILITY, age_days=age), fact(EVASION)).outcome == outcome


@pytest.mark.parametrize(("ahead_s", "outcome"), [(299, "pass"), (301, "inconclusive")])
def test_evidence_of_the_future_is_none_but_clocks_may_differ(
    ahead_s: float, outcome: Outcome
) -> None:
    ahead = fact(EVASION, age_days=-ahead_s / 86_400)
    assert judged(fact(UTILITY), ahead).outcome == outcome


def test_a_finding_of_the_future_is_overtaken_by_the_next_one() -> None:
    ahead = fact(EVASION, age_days=-400)
    assert judged(fact(UTILITY), ahead, fact(EVASION)).outcome == "pass"
    assert judged(fact(UTILITY), fact(EVASION), ahead).outcome == "inconclusive"


@pytest.mark.parametrize("when", ["", "yesterday", "2026-05-31T00:00:00"])
def test_a_finding_without_a_time_is_of_no_time(when: str) -> None:
    found, record = fact(EVASION)
    undated = Found(
        **{name: getattr(found, name) for name in found.__struct_fields__} | {"when": when}
    )
    assert judged(fact(UTILITY), (undated, record)).outcome == "inconclusive"


def test_the_last_word_on_a_finding_counts() -> None:
    failed = fact(EVASION, "fail", severity="critical", age_days=10)
    assert judged(fact(UTILITY), failed, fact(EVASION)).outcome == "pass"
    assert judged(fact(UTILITY), fact(EVASION), failed).outcome == "fail"


@pytest.mark.parametrize(("fail_on", "outcome"), [("medium", "fail"), ("high", "pass")])
def test_a_failure_below_the_line_keeps_nothing_out(fail_on: Severity, outcome: Outcome) -> None:
    failed = fact(EVASION, "fail", severity="medium")
    assert judged(fact(UTILITY), failed, fail_on=fail_on).outcome == outcome


def test_a_failure_is_told_before_what_is_missing() -> None:
    found = judged(fact(EVASION, "fail", severity="critical"))
    assert found.outcome == "fail"
    assert found.severity == "critical"


@pytest.mark.parametrize("outcome", ["inconclusive", "not-run"])
def test_an_open_finding_admits_nothing(outcome: Outcome) -> None:
    assert judged(fact(UTILITY), fact(EVASION, outcome)).outcome == "inconclusive"


def test_scans_are_no_assessment() -> None:
    scan = fact("artifact.scan@fraud.skops")
    assert judged(scan).counts["known-findings"] == 0


# What was asked must be what is declared.


def test_an_attacker_who_may_do_next_to_nothing_proves_nothing() -> None:
    toothless = Attacker(name="thief", norm="Linf", eps=1e-9, queries=1)
    found = judged(fact(UTILITY), fact(EVASION, attacker=toothless))
    assert found.outcome == "inconclusive"
    assert "evasion against 'thief'" not in found.reason  # nobody was asked at all
    assert "eps 1e-09, and 0.1 is declared" in found.reason
    assert "queries 1, and None is declared" in found.reason


@pytest.mark.parametrize(
    ("attacker", "told"),
    [
        (Attacker(name="thief", norm="Linf", eps=0.1, access="scores"), "access 'scores'"),
        (Attacker(name="thief", norm="L2", eps=0.1), "norm 'L2'"),
        (Attacker(name="thief", money=5.0), "money 5.0"),
        (Attacker(name="thief", norm="Linf", eps=0.1, protected=("1",)), "protected"),
        (Attacker(name="thief", norm="Linf", eps=0.1, goal="0"), "goal '0'"),
        (Attacker(name="thief", norm="Linf", eps=0.1, categories=0), "categories 0"),
        (
            Attacker(name="thief", norm="Linf", eps=0.1, features={"a": Reach(mutable=False)}),
            "may change other features",
        ),
        (Attacker(name="somebody", norm="Linf", eps=1.0), "'somebody' whom nobody declared"),
    ],
)
def test_what_an_attacker_may_do_is_compared_in_everything(attacker: Attacker, told: str) -> None:
    found = judged(fact(UTILITY), fact(EVASION, attacker=attacker))
    assert found.outcome == "inconclusive"
    assert told in found.reason


def test_the_name_of_an_attacker_is_no_ability() -> None:
    renamed = Attacker(name="robber", norm="Linf", eps=0.1)
    assert judged(fact(UTILITY), fact("evasion.union@fraud#robber", attacker=renamed)).outcome == (
        "pass"
    )


def test_the_assumed_attacker_counts_where_nobody_is_declared() -> None:
    assumed = Attacker(name="thief", norm="Linf", eps=0.1, standing="assumed")
    declared = replace(DECLARED, attackers=(assumed,))
    assert judged(fact(UTILITY), fact(EVASION, attacker=assumed), declared=declared).outcome == (
        "pass"
    )


def test_every_declared_attacker_is_asked_for() -> None:
    insider = Attacker(name="insider", norm="Linf", eps=0.3, access="gradients")
    declared = replace(DECLARED, attackers=(THIEF, insider))
    found = judged(fact(UTILITY), fact(EVASION), declared=declared)
    assert found.outcome == "inconclusive"
    assert "of evasion against 'insider'" in found.reason
    both = fact("evasion.union@fraud#insider", attacker=insider)
    assert judged(fact(UTILITY), fact(EVASION), both, declared=declared).outcome == "pass"


def test_merely_assumed_neighbours_are_nobody() -> None:
    weaker = Attacker(name="thief", norm="Linf", eps=0.1, standing="weaker")
    beside = fact(EVASION, attacker=weaker, decides=False)
    assert judged(fact(UTILITY), beside).outcome == "inconclusive"


@pytest.mark.parametrize("name", list(BASIS))
def test_evidence_on_other_rows_proves_nothing(name: str) -> None:
    found = judged(fact(UTILITY, basis=TOLD | {name: "sha256:other"}), fact(EVASION))
    assert found.outcome == "inconclusive"
    assert f"{UTILITY}: another {name.replace('_', ' ')}" in found.reason


def test_evidence_that_does_not_say_what_it_rests_on_proves_nothing() -> None:
    """As an older Bartizan wrote it."""
    assert judged(fact(UTILITY), fact(EVASION, basis={})).outcome == "inconclusive"


@pytest.mark.parametrize(
    ("profile", "outcome"),
    [
        ("", "inconclusive"),
        ("quick", "inconclusive"),
        ("standard", "pass"),
        ("thorough", "pass"),
        ("endless", "inconclusive"),
    ],
)
def test_at_least_so_much_must_have_been_tried(profile: str, outcome: Outcome) -> None:
    assert judged(fact(UTILITY), fact(EVASION, profile=profile)).outcome == outcome


def test_the_terms_name_a_profile_above_that_of_the_project() -> None:
    known = (fact(UTILITY), fact(EVASION))
    assert judged(*known, terms=Terms(profile="thorough")).outcome == "inconclusive"
    assert judged(*known, terms=Terms(profile="quick")).outcome == "pass"


@pytest.mark.parametrize(
    ("said", "outcome"), [("0.9", "pass"), ("0.1", "inconclusive"), ("", "inconclusive")]
)
def test_the_line_between_pass_and_fail_is_the_declared_one(said: str, outcome: Outcome) -> None:
    declared = replace(DECLARED, lines={"utility.balanced-accuracy": 0.9})
    found = judged(fact(UTILITY, basis=TOLD | {"line": said}), fact(EVASION), declared=declared)
    assert found.outcome == outcome


def test_a_line_that_nobody_declares_proves_nothing() -> None:
    assert judged(fact(UTILITY, basis=TOLD | {"line": "0.01"}), fact(EVASION)).outcome == (
        "inconclusive"
    )


def test_a_family_is_answered_by_a_run_of_all_and_an_entry_by_itself() -> None:
    chosen = fact("evasion.square@fraud#thief", basis=TOLD | {"chosen": "evasion.square"})
    family, entry = Terms(require=("evasion",)), Terms(require=("evasion.square",))
    assert judged(chosen, terms=family).outcome == "inconclusive"
    assert judged(chosen, terms=entry).outcome == "pass"
    assert judged(chosen, fact(EVASION), terms=family).outcome == "pass"
    assert judged(chosen, terms=Terms(evidence="any", require=("evasion",))).outcome == "pass"


def test_what_was_asked_otherwise_overtakes_nothing() -> None:
    failed = fact(EVASION, "fail", severity="critical")
    toothless = fact(EVASION, attacker=Attacker(name="thief", norm="Linf", eps=1e-9))
    quick = fact(EVASION, profile="quick")
    elsewhere = fact(EVASION, basis={})
    assert judged(fact(UTILITY), failed, toothless, quick, elsewhere).outcome == "fail"


def test_a_failure_counts_however_little_was_tried() -> None:
    quick = fact(EVASION, "fail", severity="critical", profile="quick")
    assert judged(fact(UTILITY), fact(EVASION), quick).outcome == "fail"
    assert judged(fact(UTILITY), quick, fact(EVASION)).outcome == "pass"


def test_a_failure_of_another_question_is_told_and_decides_nothing() -> None:
    strong = Attacker(name="thief", norm="Linf", eps=0.9)
    failed = fact(EVASION, "fail", severity="critical", attacker=strong)
    found = judged(fact(UTILITY), fact(EVASION), failed)
    assert found.outcome == "pass"
    assert "Of no account, being made otherwise than declared: evasion.union@fraud#thief" in (
        found.reason
    )


def test_lost_evidence_takes_passes_away_and_no_failures() -> None:
    lost = fact(EVASION, lost=True)
    assert "not in this workspace" in judged(fact(UTILITY), lost).reason
    assert judged(fact(UTILITY), lost).outcome == "inconclusive"
    failed = fact(EVASION, "fail", severity="critical", lost=True)
    assert judged(fact(UTILITY), fact(EVASION), failed).outcome == "fail"
    opened = fact(EVASION, "inconclusive", lost=True)
    assert judged(fact(UTILITY), fact(EVASION), opened).outcome == "inconclusive"
    assert judged(fact(UTILITY), failed, opened, fact(EVASION)).outcome == "pass"


def test_evidence_of_another_finding_is_as_good_as_lost() -> None:
    found, _ = fact(EVASION)
    _, other = fact("evasion.square@fraud#thief")
    assert judged(fact(UTILITY), (found, other)).outcome == "inconclusive"


def test_without_a_project_nothing_says_what_evidence_is_about() -> None:
    found = judged(fact(UTILITY), fact(EVASION), declared=None)
    assert found.outcome == "inconclusive"
    assert "--evidence any" in found.reason


def test_evidence_of_any_kind_is_taken_where_the_terms_say_so() -> None:
    weak = fact(EVASION, attacker=Attacker(name="x", norm="Linf", eps=1e-9), basis={}, profile="")
    terms = Terms(evidence="any")
    for declared in (None, DECLARED):
        assert judged(fact(UTILITY), weak, terms=terms, declared=declared).outcome == "pass"
    named = Terms(evidence="any", profile="quick")
    assert judged(fact(UTILITY), weak, terms=named, declared=None).outcome == "inconclusive"


# Waivers: somebody accepts a failure, in the project as in the ledger, and not for ever.


def waived(until: str = LATER, **more: object) -> tuple[Found, Evidence | None]:
    return fact(EVASION, "fail", severity="critical", decides=False, waived_until=until, **more)  # type: ignore[arg-type] # as of `fact`


ACCEPTED = replace(DECLARED, waived=lambda name: name == EVASION)


def test_a_failure_that_somebody_accepts_keeps_nothing_out() -> None:
    assert judged(fact(UTILITY), waived(), declared=ACCEPTED).outcome == "pass"


def test_a_waiver_that_the_project_does_not_know_counts_for_nothing() -> None:
    assert judged(fact(UTILITY), waived()).outcome == "fail"


def test_a_failure_is_not_accepted_after_the_fact() -> None:
    failed = fact(EVASION, "fail", severity="critical")
    assert judged(fact(UTILITY), failed, declared=ACCEPTED).outcome == "fail"


@pytest.mark.parametrize(("days", "outcome"), [(-1, "fail"), (0, "pass")])
def test_a_waiver_holds_to_the_end_of_its_last_day(days: int, outcome: Outcome) -> None:
    until = (NOW + timedelta(days=days)).date().isoformat()
    assert judged(fact(UTILITY), waived(until), declared=ACCEPTED).outcome == outcome


def test_what_was_waived_expires_like_everything_else() -> None:
    old = waived(age_days=91)
    assert judged(fact(UTILITY), old, declared=ACCEPTED).outcome == "inconclusive"


def test_somebody_must_stand_for_it() -> None:
    terms = Terms(require=("evasion",))
    assert judged(waived(), terms=terms, declared=ACCEPTED).outcome == "inconclusive"


def test_a_waiver_of_an_open_question_answers_it_for_its_owner() -> None:
    opened = fact(EVASION, "inconclusive", decides=False, waived_until=LATER)
    assert judged(fact(UTILITY), opened, declared=ACCEPTED).outcome == "pass"
    assert judged(fact(UTILITY), opened).outcome == "inconclusive"


def test_the_control_tells_all_cases_apart() -> None:
    assert evidence_control.control().passed


@pytest.mark.parametrize("outcome", ["pass", "fail", "inconclusive"])
def test_the_control_can_fail(monkeypatch: pytest.MonkeyPatch, outcome: Outcome) -> None:
    honest = evidence.judged

    def blind(*args: object, **kwargs: object) -> Gate:
        return replace(honest(*args, **kwargs), outcome=outcome)  # type: ignore[arg-type] # any call

    monkeypatch.setattr(evidence, "judged", blind)
    assert not evidence_control.control().passed
