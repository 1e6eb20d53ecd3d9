"""What is open: findings that failed and did not pass since, or that have no verdict."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from shlex import quote

from bartizan.comply.declared import DueDays
from bartizan.comply.governance import day_of
from bartizan.core.compliance import OpenFinding, PassedFinding
from bartizan.core.control import Control
from bartizan.core.fact import Found
from bartizan.core.finding import SEVERITIES, Outcome, Severity, Waived
from bartizan.core.known import Known, counts, tests


@dataclass(kw_only=True)
class Streak:
    """A finding since it last passed."""

    last: Found
    """The last word on it that was no pass."""
    since: str
    outcome: Outcome
    severity: Severity


@dataclass(frozen=True, kw_only=True)
class Tracking:
    """What open findings are judged by."""

    controls: Sequence[Control]
    days: DueDays
    day: date
    waiver_for: Callable[[str], Waived | None]
    threats: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By finding, the threats that it makes likelier."""


def streaks(facts: Iterable[Found], *, today: Collection[str], whole: bool) -> dict[str, Streak]:
    """Each finding that is open, since when, and how bad.

    Only a pass closes a finding, and only one that says as much: about the same bytes if they still
    lie there, on rows that the project names or on those that it failed on, against somebody who
    sees no less. An inconclusive run after a failure leaves it failed, as bad as it was last
    measured: otherwise a broken run would be a way to grow younger.

    Args:
        facts: Of the ledger, the oldest first. Findings of attackers that were merely assumed
            beside the declared ones decide nothing, and are left out.
        today: Digests of the models and data of today.
        whole: Whether all data of today can be told by its digest.
    """
    opened: dict[str, dict[tuple[str, ...], Streak]] = defaultdict(dict)
    for fact in facts:
        if not fact.weighs:
            continue
        alike = opened[fact.question]
        if fact.outcome == "pass":
            closed = [
                about
                for about, one in alike.items()
                if _closes(fact, one.last, today=today, whole=whole)
            ]
            for about in closed:
                del alike[about]
            continue
        one = alike.setdefault(
            fact.about,
            Streak(last=fact, since=fact.when, outcome=fact.outcome, severity=fact.severity),
        )
        one.last = fact
        if fact.outcome == "fail" or one.outcome != "fail":
            one.outcome, one.severity = fact.outcome, fact.severity
    return _by_finding(one for alike in opened.values() for one in alike.values())


def _closes(passed: Found, open_: Found, *, today: Collection[str], whole: bool) -> bool:
    """Whether a pass says as much as what is open."""
    named = passed.finding == open_.finding or passed.about == open_.about
    there = {one for one in open_.about if one in today}
    rows = set(passed.subjects[1:]) <= {*today, *open_.subjects}
    easier = not counts("pass", seen=passed.access, access=open_.access)
    return (
        named
        and there <= set(passed.about)
        and (rows or passed.of_files or not whole)
        and not easier
    )


def _by_finding(found: Iterable[Streak]) -> dict[str, Streak]:
    """Each finding once: of several models that had its name, the worst, since the first day."""
    states: dict[str, Streak] = {}
    for one in found:
        other = states.setdefault(one.last.finding, one)
        if other is not one:
            worse = max(one, other, key=_weight)
            since = min(one.since, other.since)
            states[one.last.finding] = replace(worse, since=since)
    return states


def _weight(one: Streak) -> tuple[bool, int]:
    return one.outcome == "fail", SEVERITIES.index(one.severity)


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
    return tuple(one.id for one in controls if tests(entry, one.verified_by))


def subject_of(finding: str) -> str:
    """What a finding is about: `entry@subject#attacker`."""
    return finding.partition("@")[2].partition("#")[0]


_COMMANDS = {
    "data": "bartizan data check --name {about}",
    "poison": "bartizan data check --name {about} --deep",
    "artifact": "bartizan supply scan {about} --workspace .bartizan",
    "artifact.dependencies": (
        "bartizan supply scan {about} --advisories FOLDER --workspace .bartizan"
    ),
    "admission": "bartizan supply admit {about}",
    "evasion.union": "bartizan assess --entry 'evasion.*'",
}
"""By entry, or by family; all others are questions to a model. A union is of all attacks."""


def command_for(finding: str) -> str:
    """What asks the question of a finding again, as one would type it beside the project file."""
    entry = finding.partition("@")[0]
    form = _COMMANDS.get(entry) or _COMMANDS.get(entry.partition(".")[0])
    if form is None:
        return f"bartizan assess --entry {entry}"
    return form.format(about=quote(subject_of(finding)))
