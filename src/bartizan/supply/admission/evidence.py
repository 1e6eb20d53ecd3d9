"""Was this very artefact assessed as declared, recently, and did it pass?

The answer comes from the ledger, not from a report that somebody hands in: what stands there was
written when the finding was made, and cannot be altered unnoticed. It holds the digest of the
evidence, and the evidence says what was asked: against whom, on which rows, with how much work.

What was asked otherwise than declared decides nothing, well or badly: it is not the question. So
an artefact of which only such answers are known is not refused as bad, it is unknown.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bartizan.core.evidence import CHOSEN, Evidence
from bartizan.core.fact import Found
from bartizan.core.finding import SEVERITIES, Outcome, Severity
from bartizan.supply.admission.declared import Declared, ability, departures, enough
from bartizan.supply.admission.gate import Gate
from bartizan.supply.admission.terms import Terms

_SKEW = timedelta(minutes=5)
"""How far clocks of one workspace may differ."""
_NAMED = 3
"""Findings told in a sentence."""


@dataclass(frozen=True)
class Known:
    """A finding of the ledger, and the evidence whose digest stands with it."""

    fact: Found
    record: Evidence | None
    """None = the workspace does not have it, or it is that of another finding."""

    @property
    def entry(self) -> str:
        """The question."""
        return self.fact.finding.partition("@")[0]

    @property
    def who(self) -> str:
        """Against whom: what they may do, whatever they are called; empty = it is no attack."""
        if self.record is None:
            return self.name
        return "" if self.record.attacker is None else ability(self.record.attacker)

    @property
    def name(self) -> str:
        """Of the attacker; empty = there is none."""
        return self.fact.finding.partition("#")[2]


def about(
    facts: Iterable[Found],
    *,
    root: str,
    entries: Iterable[str],
    recall: Callable[[str], Evidence | None],
) -> tuple[Known, ...]:
    """What is known of an artefact, in the order in which it was found out.

    Args:
        facts: In the order in which they were written.
        root: Digest of the artefact.
        entries: Ids of those whose findings matter: what is asked of models.
        recall: The evidence of a digest.

    Returns:
        Without the attackers that are merely assumed beside the declared ones.

    Raises:
        TrustError: evidence was changed since it was stored.
    """
    wanted = frozenset(entries)
    found = []
    for fact in facts:
        asked = fact.finding.partition("@")[0] in wanted and fact.weighs
        if asked and root in fact.subjects:
            record = recall(fact.evidence)
            mine = record is not None and record.finding == fact.finding
            found.append(Known(fact, record if mine else None))
    return tuple(found)


def judged(
    known: Sequence[Known],
    *,
    terms: Terms,
    declared: Declared | None,
    fail_on: Severity,
    now: datetime,
) -> Gate:
    """Judge what the ledger says of an artefact.

    Args:
        known: From `about`.
        terms: What is demanded.
        declared: What the project declares; none = nothing, which is enough only where the terms
            take evidence of any kind.
        fail_on: Least severity that keeps it out.
        now: With a time zone.

    Returns:
        Pass only where every finding that counts is there, young enough and no failure.
    """
    if terms.evidence == "any":
        declared = None
    elif declared is None:
        reason = (
            "no project file declares what the evidence must be about: name it with --project, or "
            "take evidence of any kind with --evidence any"
        )
        return _gate("inconclusive", reason, known=0)
    others = {one.fact.finding: why for one in known if (why := _apart(one, declared, terms))}
    found = _newest(one for one in known if not _apart(one, declared, terms))
    counted = [one.fact for one in found if _counts(one, declared=declared, now=now)]
    line = SEVERITIES.index(fail_on)
    failed = [
        one for one in counted if one.outcome == "fail" and SEVERITIES.index(one.severity) >= line
    ]
    if failed:
        worst = max((one.severity for one in failed), key=SEVERITIES.index)
        said = f"the assessment failed: {_named(failed)}"
        return _gate("fail", said, severity=worst, failed=len(failed), known=len(counted))
    if why := _lacking(found, counted, terms=terms, declared=declared, now=now):
        return _gate("inconclusive", why + _told(others), known=len(counted))
    age = f"none older than {terms.evidence_age_days:g} days"
    said = f"all {len(counted)} findings about this artefact hold, {age}"
    return _gate("pass", said + _told(others), known=len(counted))


def _apart(one: Known, declared: Declared | None, terms: Terms) -> str:
    """How a finding came to be otherwise than demanded; empty if it counts.

    A failure counts however little was tried: more work would not have mended it. And whoever loses
    evidence is rid of the passes that rest on it, not of the failures.
    """
    record, passed = one.record, one.fact.outcome == "pass"
    profile = terms.profile or (declared.profile if declared else None)
    if declared is None and profile is None:
        return ""
    if record is None:
        return "its evidence is not in this workspace" if passed else ""
    told = list(departures(record, declared=declared)) if declared else []
    if profile and one.fact.outcome != "fail" and not enough(record, profile=profile):
        told.append(f"profile {record.profile or 'unknown'}, and {profile} is demanded")
    return ", ".join(told)


def _newest(known: Iterable[Known]) -> tuple[Known, ...]:
    """The last word on each question; earlier ones were overtaken by it."""
    last: dict[tuple[str, str], Known] = {}
    for one in known:
        last.pop((one.entry, one.name), None)  # one of that name whose evidence was lost
        last[one.entry, one.who] = one
    return tuple(last.values())


def _counts(one: Known, *, declared: Declared | None, now: datetime) -> bool:
    """Whether nobody accepts a finding: neither when it was made, nor today."""
    until = one.fact.waived_until
    if not until or until < now.date().isoformat():
        return True
    return declared is not None and not declared.waived(one.fact.finding)


def _lacking(
    found: Sequence[Known],
    counted: Sequence[Found],
    *,
    terms: Terms,
    declared: Declared | None,
    now: datetime,
) -> str:
    """What keeps findings that did not fail from being a pass; empty if nothing does."""
    oldest = now - timedelta(days=terms.evidence_age_days)
    expired = [one.fact for one in found if not _within(one.fact, oldest, now + _SKEW)]
    opened = [one for one in counted if one.outcome in ("inconclusive", "not-run")]
    if missing := _missing(found, terms=terms, declared=declared):
        return f"the ledger holds no finding about this artefact of {', '.join(missing)}"
    if expired:
        return f"older than {terms.evidence_age_days:g} days, or of the future: {_named(expired)}"
    if not any(one.outcome == "pass" for one in counted):
        return "nobody stands for it: every finding about this artefact was waived"
    return f"without a verdict: {_named(opened)}" if opened else ""


def _missing(found: Sequence[Known], *, terms: Terms, declared: Declared | None) -> list[str]:
    """What was not asked at all, and what not of everybody."""
    missing = []
    for name in terms.require:
        whom = {one.who for one in found if _answers(one, name, declared=declared)}
        if not whom:
            missing.append(name)
        elif declared is not None and "" not in whom:
            missing += [
                f"{name} against {one.name!r}"
                for one in declared.attackers
                if ability(one) not in whom
            ]
    return missing


def _answers(one: Known, name: str, *, declared: Declared | None) -> bool:
    """Whether a finding is what is required.

    A family is answered by a run of the whole catalogue alone, where something is declared: a run
    of the one attack that finds nothing is no answer for all of them.
    """
    whole = declared is None or one.record is None or one.record.basis.get(CHOSEN) == ""
    return name == one.entry or (whole and name == one.entry.partition(".")[0])


def _within(one: Found, oldest: datetime, newest: datetime) -> bool:
    """Whether a finding is of a time between two; one without a time is of none."""
    try:
        return oldest <= datetime.fromisoformat(one.when) <= newest
    except (ValueError, TypeError):  # no time, or one without a zone
        return False


def _named(found: Sequence[Found]) -> str:
    first = ", ".join(one.finding for one in found[:_NAMED])
    return first if len(found) <= _NAMED else f"{first} and {len(found) - _NAMED} more"


def _told(others: dict[str, str]) -> str:
    """Findings that decide nothing, and why."""
    if not others:
        return ""
    first = "; ".join(f"{name}: {why}" for name, why in list(others.items())[:_NAMED])
    more = f"; and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
    return f". Of no account, being made otherwise than declared: {first}{more}"


def _gate(
    outcome: Outcome, reason: str, *, severity: Severity = "none", failed: int = 0, known: int
) -> Gate:
    return Gate(
        outcome=outcome,
        reason=reason,
        severity=severity,
        counts={"failed-findings": failed, "known-findings": known},
    )
