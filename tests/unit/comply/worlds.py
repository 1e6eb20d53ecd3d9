"""Small frameworks, controls and facts that tests of the stage are about."""

from datetime import date

from bartizan.comply.crosswalk import BackingRow, Row
from bartizan.core.compliance import (
    AuditState,
    ControlState,
    OpenFinding,
    PolicyState,
    SignOff,
)
from bartizan.core.control import Control
from bartizan.core.fact import Found
from bartizan.core.finding import Outcome, Severity, Waived
from bartizan.core.known import Proof
from bartizan.core.system import ControlStatus
from bartizan.frameworks.framework import Clause, Framework

DAY = date(2026, 6, 1)
WAIVED = Waived(owner="Ada", reason="rebuilt in spring", expires="2027-01-01")
TESTED = Control(
    id="tested",
    title="It is tested",
    about="With attacks.",
    stage="assess",
    role="data scientist",
    verified_by=("evasion.*",),
    command="bartizan assess",
)
LOOKED = Control(
    id="looked", title="Somebody looks", about="Often.", stage="comply", role="compliance"
)


def clause(identity: str, *, parent: str = "", generative: bool = False) -> Clause:
    return Clause(
        id=identity, title="T", kind="article", parent=parent, generative=generative, about="A."
    )


def framework(*clauses: Clause, identity: str = "law") -> Framework:
    return Framework(
        schema="framework/1",
        id=identity,
        title="Law",
        version="1",
        as_of=date(2026, 1, 1),
        source="https://law.example",
        licence="free",
        note="One.",
        clauses=clauses,
    )


def row(control: str, identity: str) -> Row:
    return Row(control=control, framework="law", clause=identity, relationship="subset", why="So.")


def backed(by: str, identity: str, *, kind: str = "") -> BackingRow:
    return BackingRow(
        by=by,  # type: ignore[arg-type]  # one of three words
        kind=kind,
        framework="law",
        clause=identity,
        relationship="subset",
        why="So.",
    )


def control(
    name: str = "tested",
    *,
    status: ControlStatus = "verified",
    outcome: Outcome | None = "pass",
    by_evidence: bool = True,
    expires: str = "2026-08-01",
) -> ControlState:
    proof = [
        Proof(finding="evasion.x@shop", outcome=outcome, evidence="", when="2026-05-03T00:00:00Z")
        for outcome in ((outcome,) if outcome else ())
    ]
    return ControlState(
        id=name,
        title="It is so",
        about="So.",
        stage="assess",
        owner="Ada",
        status=status,
        by_evidence=by_evidence,
        proofs=tuple(proof),
        expires=expires,
    )


def policy(status: str = "in force", *, review: str = "2027-01-01") -> PolicyState:
    signed = SignOff(by="Ada", role="CISO", when="2026-01-01T00:00:00Z", digest="sha256:1")
    return PolicyState(
        id="rules",
        kind="retirement",
        title="Rules",
        path="rules.md",
        owner="Ada",
        digest="sha256:1",
        signed=(signed,),
        status=status,  # type: ignore[arg-type]  # one of five words
        review=review,
    )


def audit(*, overdue: bool = False, last: str = "2026-05-01T00:00:00Z") -> AuditState:
    return AuditState(
        id="look",
        kind="log-review",
        what="Logs",
        every_days=90,
        owner="Ada",
        last=last,
        due="2026-07-30",
        overdue=overdue,
    )


def found(
    outcome: Outcome,
    *,
    day: int,
    severity: Severity | None = None,
    name: str = "evasion.x@shop",
    decides: bool = True,
    waived_until: str = "",
) -> Found:
    worst: Severity = "high" if outcome == "fail" else "none"
    return Found(
        finding=name,
        outcome=outcome,
        severity=severity or worst,
        evidence="",
        subjects=("sha256:1",),
        decides=decides,
        waived_until=waived_until,
        when=f"2026-05-{day:02}T10:00:00Z",
    )


def opened(
    outcome: Outcome = "fail",
    *,
    name: str = "evasion.x@shop#thief",
    severity: Severity = "high",
    due: str = "2026-07-01",
    overdue: bool = False,
    waived: Waived | None = None,
) -> OpenFinding:
    return OpenFinding(
        id=name,
        outcome=outcome,
        severity=severity if outcome == "fail" else "none",
        since="2026-05-01T10:00:00Z",
        age_days=31,
        due=due if outcome == "fail" else "",
        overdue=overdue,
        command="bartizan assess --entry evasion.x",
        waived=waived,
        controls=("tested",),
    )
