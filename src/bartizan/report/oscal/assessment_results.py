"""What was looked at and what came out, as OSCAL assessment results.

OSCAL knows two states of an objective. Ours is `satisfied` only where evidence shows the control;
where evidence is missing it is `not-satisfied` with the reason `other`, which says that nobody
knows. Controls that only a person can look at are not among those reviewed.
"""

from bartizan.core.compliance import ControlState
from bartizan.report.oscal.catalog import objective_id
from bartizan.report.oscal.component_definition import CATALOG
from bartizan.report.oscal.frame import assets, metadata, origin, subjects, written
from bartizan.report.oscal.observations import observations, related
from bartizan.report.oscal.risks import risk_id, risks
from bartizan.report.oscal.sheet import OscalSheet
from bartizan.report.oscal.spelling import Part, filled, identity, markup, midnight, prop, token


def render(sheet: OscalSheet) -> bytes:
    """Write the results of one day."""
    report = sheet.report
    plan = identity("plan", report.project)
    body = {
        "metadata": metadata(sheet, title=f"Assessment of {report.project} on {report.day}"),
        "import-ap": {"href": f"#{plan}"},
        "results": [_result(sheet)],
        "back-matter": {
            "resources": [
                {
                    "uuid": plan,
                    "title": "Plan of the assessment",
                    "description": "The project file bartizan.toml says what is looked at, and "
                    "the catalogue of checks how. There is no plan in OSCAL.",
                },
                {
                    "uuid": identity("catalog"),
                    "title": "Catalogue of controls",
                    "rlinks": [{"href": CATALOG, "media-type": "application/oscal+json"}],
                },
            ]
        },
    }
    return written("assessment-results", body, seed=(report.project,))


def _result(sheet: OscalSheet) -> Part:
    report = sheet.report
    looked = [one for one in report.controls if one.by_evidence or one.looked]
    return filled(
        {
            "uuid": identity("result", report.project, report.day),
            "title": markup(f"{report.project} on {report.day}"),
            "description": "What findings in the ledger say of the models and data of this day.",
            "start": midnight(report.day),
            "end": midnight(report.day),
            "local-definitions": filled(
                {"components": subjects(sheet), "assessment-assets": assets(sheet)}
            ),
            "reviewed-controls": {
                "control-selections": [_selection(looked)],
                "remarks": "Only controls that programs can see, or that somebody signed for.",
            },
            "observations": observations(sheet),
            "risks": risks(sheet),
            "findings": [_finding(one, sheet=sheet) for one in looked],
            "remarks": " ".join(markup(one) for one in report.warnings),
        }
    )


def _selection(looked: list[ControlState]) -> Part:
    if not looked:
        return {"include-all": {}}
    return {"include-controls": [{"control-id": token(one.id)} for one in looked]}


def _finding(state: ControlState, *, sheet: OscalSheet) -> Part:
    met, reason, said = _judged(state)
    threats = [
        one.id
        for one in (sheet.model.threats if sheet.model else ())
        if any(measure.control == state.id for measure in one.countermeasures)
    ]
    return filled(
        {
            "uuid": identity("finding", sheet.report.project, state.id),
            "title": markup(state.title),
            "description": markup(said),
            "props": [prop("status", state.status)],
            "origins": [origin(sheet)],
            "target": {
                "type": "objective-id",
                "target-id": objective_id(state.id),
                "status": {"state": met, "reason": reason},
            },
            "related-observations": related(state.proofs, sheet=sheet),
            "related-risks": [{"risk-uuid": risk_id(one, sheet=sheet)} for one in threats],
        }
    )


def _judged(state: ControlState) -> tuple[str, str, str]:
    """State, reason, and one sentence."""
    if state.failing:
        failed = ", ".join(one.finding for one in state.proofs if one.outcome == "fail")
        return "not-satisfied", "fail", f"Findings speak against it: {failed}."
    if state.status == "verified":
        looked = state.looked
        said = f"{looked.by} looked on {looked.when[:10]} (audit {looked.audit})." if looked else ""
        return "satisfied", "pass", said or "Evidence shows it."
    if state.proofs:
        return "not-satisfied", "other", "Evidence shows a part of it; the rest nobody tested."
    return "not-satisfied", "other", "There is no evidence: nobody knows."
