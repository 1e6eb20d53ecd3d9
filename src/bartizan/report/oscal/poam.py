"""What is open and by when, as an OSCAL plan of action and milestones."""

from bartizan.core.compliance import OpenFinding
from bartizan.report.oscal.frame import assets, metadata, origin, subjects, written
from bartizan.report.oscal.observations import open_id, open_observation
from bartizan.report.oscal.sheet import OscalSheet
from bartizan.report.oscal.spelling import (
    NAMESPACE,
    Part,
    day_end,
    filled,
    identity,
    markup,
    prop,
)


def render(sheet: OscalSheet) -> bytes:
    """Write the plan; empty bytes where nothing is open, for OSCAL knows no empty plan."""
    report = sheet.report
    if not report.findings:
        return b""
    body = filled(
        {
            "metadata": metadata(sheet, title=f"What is open in {report.project} on {report.day}"),
            "system-id": {
                "identifier-type": "http://ietf.org/rfc/rfc4122",
                "id": identity("system", report.project),
            },
            "local-definitions": filled(
                {"components": subjects(sheet), "assessment-assets": assets(sheet)}
            ),
            "observations": [open_observation(one, sheet=sheet) for one in report.findings],
            "risks": [_risk(one, sheet=sheet) for one in report.findings],
            "poam-items": [_item(one, sheet=sheet) for one in report.findings],
        }
    )
    return written("plan-of-action-and-milestones", body, seed=(report.project,))


def _risk_id(finding: OpenFinding, *, sheet: OscalSheet) -> str:
    return identity("open-risk", sheet.report.project, finding.id)


def _risk(finding: OpenFinding, *, sheet: OscalSheet) -> Part:
    return filled(
        {
            "uuid": _risk_id(finding, sheet=sheet),
            "title": markup(finding.id),
            "description": markup(_said(finding)),
            "statement": markup(_speaks(finding)),
            "props": [prop("threat", one) for one in finding.threats],
            "status": "deviation-approved" if finding.waived else "open",
            "origins": [origin(sheet)],
            "characterizations": [
                {
                    "origin": origin(sheet),
                    "facets": [
                        {"name": "severity", "system": NAMESPACE, "value": finding.severity}
                    ],
                }
            ],
            "deadline": day_end(finding.due) if finding.due else "",
            "related-observations": [{"observation-uuid": open_id(finding, sheet=sheet)}],
        }
    )


def _item(finding: OpenFinding, *, sheet: OscalSheet) -> Part:
    waived = finding.waived
    props = [
        prop("severity", finding.severity),
        prop("open-days", str(finding.age_days)),
        prop("overdue", "yes" if finding.overdue else "no"),
        *([prop("due", finding.due)] if finding.due else []),
        *([prop("accepted-by", waived.owner)] if waived else []),
        *([prop("accepted-until", waived.expires)] if waived else []),
        *(prop("control", one) for one in finding.controls),
    ]
    return {
        "uuid": identity("item", sheet.report.project, finding.id),
        "title": markup(finding.id),
        "description": markup(_said(finding)),
        "props": props,
        "origins": [origin(sheet)],
        "related-observations": [{"observation-uuid": open_id(finding, sheet=sheet)}],
        "related-risks": [{"risk-uuid": _risk_id(finding, sheet=sheet)}],
    }


def _said(finding: OpenFinding) -> str:
    again = f" Asked again by: {finding.command}." if finding.command else ""
    accepted = ""
    if (waived := finding.waived) is not None:
        accepted = f" Accepted until {waived.expires} by {waived.owner}: {waived.reason}."
    return f"{finding.outcome} since {finding.since[:10]}.{again}{accepted}"


def _speaks(finding: OpenFinding) -> str:
    if not finding.controls:
        return "No control of the catalogue names it."
    said = "It speaks against" if finding.outcome == "fail" else "It would answer"
    return f"{said}: {', '.join(finding.controls)}."
