"""A report on clauses as Markdown."""

from collections.abc import Iterator

from bartizan.core.compliance import ComplianceReport, FrameworkState, OpenFinding
from bartizan.report.comply import view
from bartizan.report.markdown import text


def render(report: ComplianceReport) -> bytes:
    """Write headline, frameworks, clauses, open findings, controls, policies and audits."""
    parts = [
        f"# Evidence for {text(report.project)} on {report.day}",
        text(view.headline(report)),
        *_notes(report),
        _frameworks(report),
        *(_clauses(one) for one in report.frameworks),
        *_findings(report),
        _controls(report),
        *_passed(report),
        *_governance(report),
        *_threats(report),
        f"{text(report.tool.name)} {text(report.tool.version)}",
    ]
    return ("\n\n".join(parts) + "\n").encode()


def row(*cells: str) -> str:
    """One row of a table; the cells are inert already."""
    return "| " + " | ".join(cells) + " |"


def table(head: tuple[str, ...], rows: list[str]) -> str:
    """A table with a head."""
    return "\n".join([row(*head), "|" + " --- |" * len(head), *rows])


def _notes(report: ComplianceReport) -> Iterator[str]:
    said = [*report.warnings]
    said += [
        f"the waiver of {one.finding} by {one.owner} expired on {one.expired} and is ignored"
        for one in report.expired
    ]
    if said:
        yield "\n".join(f"> **Note:** {text(one)}" for one in said)


def _frameworks(report: ComplianceReport) -> str:
    rows = []
    for one in report.frameworks:
        found = view.counts(one)
        numbers = (str(found[word]) for word in view.STATUSES)
        rows.append(row(f"{text(one.title)} {text(one.version)}", one.as_of, *numbers))
    head = ("Framework", "As of", *(word.capitalize() for word in view.STATUSES))
    left = [
        f"- {text(one.title)}: not applicable. {text(one.why)} ({text(one.who)})"
        for one in report.left
    ]
    return "\n\n".join([table(head, rows), *(["\n".join(left)] if left else [])])


def _clauses(one: FrameworkState) -> str:
    rows = [
        row(
            f"{text(clause.id)} {text(clause.title)}",
            clause.status,
            "<br>".join(text(said) for said in (clause.reason, *view.answers(clause))),
            clause.expires or "-",
        )
        for clause in one.clauses
    ]
    return f"## {text(one.title)}\n\n" + table(
        ("Clause", "Status", "Why, and what answers it", "Expires"), rows
    )


def _findings(report: ComplianceReport) -> Iterator[str]:
    yield "## Open findings"
    if not report.findings:
        yield "None is open. What was never tested is not among them."
    for cause in view.causes(report):
        title = cause.control.title if cause.control else "Named by no control"
        rows = [_finding(one) for one in cause.findings]
        head = ("Finding", "State", "Since", "Due", "Threats", "Repeat it")
        yield f"### {text(title)}\n\n" + table(head, rows)


def _finding(one: OpenFinding) -> str:
    state = f"{one.outcome} ({one.severity})" if one.outcome == "fail" else one.outcome
    if one.waived is not None:
        state += f"; waived by {text(one.waived.owner)} until {one.waived.expires}"
    due = f"{one.due}{' **overdue**' if one.overdue else ''}" if one.due else "-"
    return row(
        text(one.id),
        state,
        f"{one.since[:10]} ({one.age_days} days)",
        due,
        text(", ".join(one.threats)) or "-",
        text(one.command),
    )


def _controls(report: ComplianceReport) -> str:
    rows = [
        row(text(one.title), view.control_word(one), text(one.owner), one.expires or "-")
        for one in report.controls
    ]
    return "## Controls\n\n" + table(("Control", "Status", "Owner", "Expires"), rows)


def _passed(report: ComplianceReport) -> Iterator[str]:
    rows = [row(text(one.id), one.when[:10], one.expires) for one in report.passed]
    if rows:
        yield "## Checked and passed\n\n" + table(("Finding", "When", "Expires"), rows)


def _threats(report: ComplianceReport) -> Iterator[str]:
    rows = [
        row(f"{text(one.title)} ({text(one.id)})", one.priority, one.standing)
        for one in report.threats
    ]
    if rows:
        yield "## Threats\n\n" + table(("Threat", "Priority left", "Standing"), rows)


def _governance(report: ComplianceReport) -> Iterator[str]:
    policies = [
        row(
            text(one.title),
            one.status,
            text(f"{one.signed[0].by}, {one.signed[0].role}") if one.signed else "-",
            one.review or "-",
        )
        for one in report.policies
    ]
    if policies:
        head = ("Policy", "Status", "Signed off by", "Review")
        yield "## Policies\n\n" + table(head, policies)
    audits = [
        row(
            text(one.what),
            view.audit_word(one),
            text(one.by) or "-",
            one.last[:10] or "-",
            one.due,
        )
        for one in report.audits
    ]
    if audits:
        yield "## Audits\n\n" + table(("What", "State", "Done by", "Last", "Due"), audits)
