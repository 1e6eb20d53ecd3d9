"""What is open: findings that failed and did not pass since, or that have no verdict."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fnmatch import fnmatchcase

from bartizan.comply.declared import DueDays
from bartizan.comply.governance import day_of
from bartizan.core.compliance import OpenFinding, PassedFinding
from bartizan.core.control import Control
from bartizan.core.fact import Found
from bartizan.core.finding import Outcome, Severity, Waived
from bartizan.core.known import Known


@dataclass(kw_only=True)
class Streak:
    """A finding since it last passed."""

    since: str
    outcome: Outcome
    severity: Severity
    subjects: tuple[str, ...] = ()
    """Digests of what it was about when it was last seen."""


@dataclass(frozen=True, kw_only=True)
class Tracking:
    """What open findings are judged by."""

    controls: Sequence[Control]
    days: DueDays
    day: date
    waiver_for: Callable[[str], Waived | None]
    threats: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By finding, the threats that it makes likelier."""


def streaks(facts: Iterable[Found]) -> dict[str, Streak]:
    """Each finding that is open, since when, and how bad.

    Only a pass closes a finding. An inconclusive run after a failure leaves it failed, as bad as it
    was last measured: otherwise a broken run would be a way to grow younger.

    Args:
        facts: Of the ledger, the oldest first. Findings of attackers that were merely assumed
            beside the declared ones decide nothing, and are left out.
    """
    found: dict[str, Streak] = {}
    for fact in facts:
        if not fact.weighs:
            continue
        if fact.outcome == "pass":
            found.pop(fact.finding, None)
            continue
        one = found.setdefault(
            fact.finding, Streak(since=fact.when, outcome=fact.outcome, severity=fact.severity)
        )
        one.subjects = fact.subjects
        if fact.outcome == "fail" or one.outcome != "fail":
            one.outcome, one.severity = fact.outcome, fact.severity
    return found


def still_open(known: Known, *, than: Mapping[str, Streak]) -> dict[str, Streak]:
    """What is open of the models and data as they are now, though others of their names passed.

    Args:
        known: What the ledger says of those of today.
        than: What is open beside.
    """
    return {
        one.finding: Streak(
            since=one.when, outcome=one.outcome, severity=one.severity, subjects=one.subjects
        )
        for facts in known.found.values()
        for one in facts
        if one.outcome != "pass" and one.weighs
        if one.finding not in than
    }


def open_findings(found: Mapping[str, Streak], *, tracking: Tracking) -> tuple[OpenFinding, ...]:
    """Open findings with age and due date: the overdue first, then those that are due first.

    Args:
        found: From `streaks`.
        tracking: What they are judged by.
    """
    states = [_open(name, one, tracking=tracking) for name, one in found.items()]
    return tuple(sorted(states, key=lambda one: (one.due or "9", one.id)))


def _open(name: str, one: Streak, *, tracking: Tracking) -> OpenFinding:
    since, days = day_of(one.since), tracking.days.of(one.severity)
    due = None if days is None else since + timedelta(days=days)
    waived = tracking.waiver_for(name)
    return OpenFinding(
        id=name,
        outcome=one.outcome,
        severity=one.severity,
        since=one.since,
        age_days=max(0, (tracking.day - since).days),
        due="" if due is None else due.isoformat(),
        overdue=due is not None and due < tracking.day and waived is None,
        command=command_for(name),
        waived=waived,
        controls=touched(name, tracking.controls),
        threats=tuple(tracking.threats.get(name, ())),
    )


def passed_findings(
    known: Known, *, controls: Sequence[Control], age_days: float
) -> tuple[PassedFinding, ...]:
    """Findings about today's models and data that passed, in the order of their ids."""
    passed = {
        one.finding: PassedFinding(
            id=one.finding,
            when=one.when,
            expires=(day_of(one.when) + timedelta(days=age_days)).isoformat(),
            controls=touched(one.finding, controls),
        )
        for facts in known.found.values()
        for one in facts
        if one.outcome == "pass" and one.decides
    }
    return tuple(passed[name] for name in sorted(passed))


def touched(finding: str, controls: Iterable[Control]) -> tuple[str, ...]:
    """Controls that a finding says something of."""
    entry = finding.partition("@")[0]
    return tuple(
        one.id
        for one in controls
        if any(fnmatchcase(entry, pattern) for pattern in one.verified_by)
    )


def subject_of(finding: str) -> str:
    """What a finding is about: `entry@subject#attacker`."""
    return finding.partition("@")[2].partition("#")[0]


_COMMANDS = {
    "data": "bartizan data check",
    "poison": "bartizan data check --deep",
    "artifact": "bartizan supply scan",
    "admission": "bartizan supply admit",
}
"""By family of entries; all others are questions to a model."""


def command_for(finding: str) -> str:
    """What asks the question of a finding again, as one would type it."""
    entry = finding.partition("@")[0]
    family = entry.partition(".")[0]
    return _COMMANDS.get(family, f"bartizan assess --entry {entry}")
