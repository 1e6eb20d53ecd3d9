"""One report: controls, clauses, policies, audits and open findings, all as of one day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bartizan.comply.applicability import (
    contradictions,
    described_exclusions,
    open_questions,
    without,
)
from bartizan.comply.backers import Backers
from bartizan.comply.clauses import Ties, framework_state
from bartizan.comply.crosswalk import (
    BackingRow,
    Row,
    agreed,
    agreed_backings,
)
from bartizan.comply.declared import DeclaredExclusion
from bartizan.comply.open_findings import Streak, Tracking, open_findings, passed_findings
from bartizan.comply.states import Ground, control_states
from bartizan.core.compliance import (
    AuditState,
    ComplianceReport,
    ExpiredWaiver,
    Left,
    PolicyState,
    ThreatState,
)
from bartizan.core.control import Control
from bartizan.core.evidence import Subject
from bartizan.core.report import Tool
from bartizan.core.system import System
from bartizan.frameworks.framework import Framework


@dataclass(frozen=True, kw_only=True)
class Catalogues:
    """What clauses and controls there are, and what ties them."""

    controls: Mapping[str, Control]
    chosen: Sequence[Framework]
    """To report on, in this order."""
    rows: Sequence[Row]
    backings: Sequence[BackingRow]
    out: Sequence[DeclaredExclusion] = ()
    """What the project says does not apply."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is so on the day."""

    ground: Ground
    tracking: Tracking
    streaks: Mapping[str, Streak]
    subjects: Sequence[Subject]
    system: System | None = None
    personal: Sequence[str] = ()
    """Columns that the project file calls personal."""
    policies: Sequence[PolicyState] = ()
    audits: Sequence[AuditState] = ()
    threats: Sequence[ThreatState] = ()
    questions: int = 0
    """Open ones of the threat model."""
    expired: Sequence[ExpiredWaiver] = ()
    warnings: Sequence[str] = ()


def compliance_report(
    facts: Facts, *, catalogues: Catalogues, tool: Tool, project: str
) -> ComplianceReport:
    """Everything that an auditor asks for, as of one day. Equal facts give equal bytes.

    Args:
        facts: What is so.
        catalogues: What is asked.
        tool: What makes the report.
        project: Its name.

    Raises:
        ConfigError: a link names a control, framework or clause that there is not.
    """
    known = {one.id: one for one in catalogues.chosen}
    rows = _of(catalogues.rows, known)
    backings = [row for row in catalogues.backings if row.framework in known]
    out = (
        *catalogues.out,
        *described_exclusions(facts.system, frameworks=catalogues.chosen, personal=facts.personal),
    )
    stay, left = without(catalogues.chosen, out)
    controls = control_states(catalogues.controls.values(), ground=facts.ground)
    ties = Ties(
        rows=agreed(rows, controls=catalogues.controls, frameworks=known),
        states={one.id: one for one in controls},
        backings=agreed_backings(backings, frameworks=known),
        backers=_backers(facts),
        out=out,
    )
    day = facts.tracking.day
    return ComplianceReport(
        tool=tool,
        project=project,
        day=day.isoformat(),
        evidence_age_days=facts.ground.age_days,
        subjects=tuple(facts.subjects),
        controls=controls,
        frameworks=tuple(framework_state(one, ties=ties, day=day) for one in stay),
        policies=tuple(facts.policies),
        audits=tuple(facts.audits),
        findings=open_findings(facts.streaks, tracking=facts.tracking),
        passed=passed_findings(
            facts.ground.known,
            controls=tuple(catalogues.controls.values()),
            age_days=facts.ground.age_days,
        ),
        expired=tuple(facts.expired),
        left=tuple(
            Left(framework=one.id, title=one.title, why=said.why, who=said.who)
            for one, said in left
        ),
        threats=tuple(facts.threats),
        warnings=(
            *facts.warnings,
            *contradictions(facts.system, personal=facts.personal),
            *open_questions(facts.system, frameworks=known),
        ),
    )


def _of(rows: Sequence[Row], known: Mapping[str, Framework]) -> list[Row]:
    """Rows of the frameworks that are asked for."""
    return [row for row in rows if row.framework in known]


def _backers(facts: Facts) -> Backers:
    elements = facts.system.elements if facts.system else ()
    drawn = {one.model for one in elements}
    return Backers(
        policies=facts.policies,
        audits=facts.audits,
        threats=None if facts.system is None else len(facts.threats),
        elements=len(elements),
        undrawn=[
            one.name for one in facts.subjects if one.kind == "model" and one.name not in drawn
        ],
        questions=facts.questions,
    )


def expired_waivers(
    said: Sequence[tuple[str, str, date]],
) -> tuple[ExpiredWaiver, ...]:
    """Finding, owner and last day of waivers that are over, as records."""
    return tuple(
        ExpiredWaiver(finding=finding, owner=owner, expired=last.isoformat())
        for finding, owner, last in said
    )
