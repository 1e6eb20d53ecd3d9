"""Reports on clauses to render: one with everything in it, one with text that means harm."""

from msgspec.structs import replace

from bartizan.core.compliance import (
    Backing,
    ClauseState,
    ComplianceReport,
    ExpiredWaiver,
    FrameworkState,
    Left,
    Link,
    PassedFinding,
    ThreatState,
)
from bartizan.core.evidence import Subject
from bartizan.core.report import Tool
from unit.comply.worlds import WAIVED, audit, control, opened, policy

STATUSES = ("evidence present", "evidence failing", "no evidence", "not applicable")


def clauses(title: str) -> tuple[ClauseState, ...]:
    link = Link(control="tested", relationship="subset", why=title, by="the project")
    backing = Backing(
        by="policy", kind="retirement", relationship="subset", why=title, holds=True, said=title
    )
    return tuple(
        ClauseState(
            id=f"{place}",
            title=title,
            about=title,
            status=status,  # type: ignore[arg-type]  # one of four words
            reason=title,
            links=(link,),
            backed=(backing,),
            expires="2026-08-01",
            applies_from="2027-12-02",
            applies_note=title,
        )
        for place, status in enumerate(STATUSES)
    )


def full(word: str = "So it is.") -> ComplianceReport:
    """One of everything, with a word wherever a person may have written one."""
    state = FrameworkState(
        id="law",
        title=word,
        version="1",
        as_of="2026-01-01",
        source="https://law.example",
        note=word,
        clauses=clauses(word),
    )
    return ComplianceReport(
        tool=Tool(name="bartizan", version="0", catalog="sha256:0"),
        project=word,
        day="2026-06-01",
        evidence_age_days=90.0,
        subjects=(Subject(kind="model", name=word, digest="sha256:1", digest_kind="oms-root"),),
        controls=(
            replace(control(), note=word, owner=word),
            replace(control("b", status="planned", outcome="fail")),
            replace(control("c", status="implemented", outcome=None, expires="")),
        ),
        frameworks=(state,),
        policies=tuple(
            replace(policy(one), title=word, owner=word, path=word)
            for one in ("in force", "changed", "not signed", "overdue", "missing")
        ),
        audits=(replace(audit(), what=word, by=word), replace(audit(overdue=True, last=""))),
        findings=(
            replace(opened(overdue=True), threats=(word,)),
            replace(opened("inconclusive", name="x.y@z"), controls=(), command=word),
            opened(waived=replace(WAIVED, owner=word, reason=word)),
        ),
        passed=(
            PassedFinding(id=word, when="2026-05-01T00:00:00Z", expires="2026-08-01", controls=()),
        ),
        expired=(ExpiredWaiver(finding=word, owner=word, expired="2026-01-01"),),
        left=(Left(framework="hipaa", title=word, why=word, who=word),),
        threats=(ThreatState(id=word, title=word, priority="high", standing="open"),),
        warnings=(word,),
    )
