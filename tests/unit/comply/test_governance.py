"""A policy is in force when somebody answers for exactly this text, and its review is not due."""

from datetime import date

import pytest

from bartizan.comply.declared import DeclaredAudit, DeclaredPolicy
from bartizan.comply.governance import audit_states, policy_states
from bartizan.core.compliance import AuditState, PolicyState
from bartizan.core.fact import Audited, SignedOff

NOW, BEFORE = "sha256:2", "sha256:1"


def policy(day: date, *facts: SignedOff, digest: str = NOW) -> PolicyState:
    declared = DeclaredPolicy(
        id="rules", kind="retirement", title="Rules", path="r.md", owner="Ada", review_days=30
    )
    digests = {"rules": digest} if digest else {}
    return policy_states([declared], digests=digests, facts=facts, day=day)[0]


def signed(day: int, *, digest: str = NOW, policy: str = "rules") -> SignedOff:
    when = f"2026-05-{day:02}T10:00:00Z"
    return SignedOff(policy=policy, digest=digest, role="CISO", by="Ada", when=when)


@pytest.mark.parametrize(
    ("facts", "day", "status"),
    [
        ((), date(2026, 5, 2), "not signed"),
        ((signed(1, policy="other"),), date(2026, 5, 2), "not signed"),
        ((signed(1, digest=BEFORE),), date(2026, 5, 2), "changed"),
        ((signed(1),), date(2026, 5, 2), "in force"),
        ((signed(1),), date(2026, 5, 31), "in force"),
        ((signed(1),), date(2026, 6, 1), "overdue"),
        ((signed(1), signed(9)), date(2026, 6, 1), "in force"),
        ((signed(1), signed(2, digest=BEFORE)), date(2026, 5, 2), "in force"),
    ],
)
def test_the_status_of_a_policy(facts: tuple[SignedOff, ...], day: date, status: str) -> None:
    assert policy(day, *facts).status == status


def test_a_policy_that_cannot_be_read_is_missing_whoever_signed_it() -> None:
    gone = policy(date(2026, 5, 2), signed(1), digest="")
    assert (gone.status, gone.signed) == ("missing", ())


def test_the_newest_signature_stands_first_and_sets_the_review() -> None:
    one = policy(date(2026, 5, 20), signed(1), signed(9))
    assert [said.when[:10] for said in one.signed] == ["2026-05-09", "2026-05-01"]
    assert one.review == "2026-06-08"


def audit(day: date, *days: int) -> AuditState:
    declared = DeclaredAudit(id="look", what="Logs", every_days=30, owner="Ada")
    facts = [
        Audited(audit="look", what="Logs", role="auditor", by="G", when=f"2026-05-{n:02}T10:00:00Z")
        for n in days
    ]
    return audit_states([declared], facts=facts, day=day)[0]


def test_an_audit_that_was_never_done_is_due_today() -> None:
    one = audit(date(2026, 5, 2))
    assert (one.overdue, one.due, one.last) == (True, "2026-05-02", "")


def test_an_audit_is_overdue_the_day_after_it_was_due() -> None:
    assert not audit(date(2026, 5, 31), 1).overdue
    assert audit(date(2026, 6, 1), 1).overdue
    again = audit(date(2026, 6, 1), 1, 20)
    assert (again.overdue, again.due, again.by) == (False, "2026-06-19", "G, auditor")
