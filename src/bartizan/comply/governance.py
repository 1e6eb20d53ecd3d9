"""Policies and audits on one day: what somebody answers for, and what was looked at in time."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal

from bartizan.comply.declared import DeclaredAudit, DeclaredPolicy
from bartizan.core.compliance import AuditState, PolicyState, SignOff
from bartizan.core.fact import Audited, SignedOff


def policy_states(
    policies: Iterable[DeclaredPolicy],
    *,
    digests: Mapping[str, str],
    facts: Sequence[SignedOff],
    day: date,
) -> tuple[PolicyState, ...]:
    """Each policy of the project file.

    Args:
        policies: As declared.
        digests: Of the files as they are now, by id; those that cannot be read are not there.
        facts: Sign-offs, the oldest first.
        day: As of which.
    """
    return tuple(
        _policy(
            one,
            digest=digests.get(one.id, ""),
            facts=[fact for fact in facts if fact.policy == one.id],
            day=day,
        )
        for one in policies
    )


def _policy(
    one: DeclaredPolicy, *, digest: str, facts: Sequence[SignedOff], day: date
) -> PolicyState:
    signed = tuple(
        SignOff(by=fact.by, role=fact.role, when=fact.when, digest=fact.digest)
        for fact in reversed(facts)
        if digest and fact.digest == digest
    )
    review = day_of(signed[0].when) + timedelta(days=one.review_days) if signed else None
    status: Literal["in force", "changed", "not signed", "overdue", "missing"] = "in force"
    if not digest:
        status = "missing"
    elif review is None:
        status = "changed" if facts else "not signed"
    elif review < day:
        status = "overdue"
    return PolicyState(
        id=one.id,
        kind=one.kind,
        title=one.title,
        path=one.path,
        owner=one.owner,
        digest=digest,
        signed=signed,
        status=status,
        review=review.isoformat() if review else "",
    )


def audit_states(
    audits: Iterable[DeclaredAudit], *, facts: Sequence[Audited], day: date
) -> tuple[AuditState, ...]:
    """Each audit of the project file; one that was never done as it is described is due today.

    Args:
        audits: As declared.
        facts: What was done, the oldest first.
        day: As of which.
    """
    states = []
    for one in audits:
        said = (one.id, one.kind, one.what)
        done = [fact for fact in facts if (fact.audit, fact.kind, fact.what) == said]
        last = done[-1] if done else None
        due = day_of(last.when) + timedelta(days=one.every_days) if last else day
        states.append(
            AuditState(
                id=one.id,
                kind=one.kind,
                what=one.what,
                every_days=one.every_days,
                owner=one.owner,
                last=last.when if last else "",
                by=last.signature if last else "",
                due=due.isoformat(),
                overdue=last is None or due < day,
            )
        )
    return tuple(states)


def day_of(when: str) -> date:
    """The day of a time in a fact."""
    return datetime.fromisoformat(when).date()
