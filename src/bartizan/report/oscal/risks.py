"""Threats as OSCAL risks: how likely, how bad, how hidden, before and after what is shown."""

from collections.abc import Iterable

from bartizan.core.risk import Factors
from bartizan.core.threat import Countermeasure, Standing, Threat
from bartizan.report.oscal.frame import origin
from bartizan.report.oscal.observations import related
from bartizan.report.oscal.sheet import OscalSheet
from bartizan.report.oscal.spelling import (
    ATLAS,
    NAMESPACE,
    Part,
    filled,
    identity,
    markup,
    midnight,
    prop,
)

STATUS: dict[Standing, str] = {
    "open": "open",
    "mitigated": "closed",
    "accepted": "deviation-approved",
    "transferred": "deviation-approved",
    "dismissed": "closed",
}
"""By what became of a threat; the property `standing` says it in our own words."""


def risk_id(threat: str, *, sheet: OscalSheet) -> str:
    """Identity of the risk of a threat."""
    return identity("risk", sheet.report.project, threat)


def risks(sheet: OscalSheet) -> list[Part]:
    """One for each threat, in the order of the model."""
    found = sheet.model.threats if sheet.model else ()
    return [_risk(one, sheet=sheet) for one in found]


def _risk(threat: Threat, *, sheet: OscalSheet) -> Part:
    proofs = threat.rests_on
    return filled(
        {
            "uuid": risk_id(threat.id, sheet=sheet),
            "title": markup(threat.title),
            "description": markup(threat.about),
            "statement": markup(threat.consequence),
            "props": [
                prop("threat", threat.id),
                prop("standing", threat.standing),
                prop("priority", threat.residual.priority),
            ],
            "status": STATUS[threat.standing],
            "origins": [origin(sheet)],
            "threat-ids": [
                {"system": ATLAS, "id": f"{ATLAS}/techniques/{name}"}
                for name in threat.taxonomy.atlas
            ],
            "characterizations": [
                _characterised(threat.inherent, state="initial", sheet=sheet),
                _characterised(threat.residual, state="adjusted", sheet=sheet),
            ],
            "mitigating-factors": list(_factors(threat, sheet=sheet)),
            "remediations": list(_remediations(threat, sheet=sheet)),
            "related-observations": related(proofs, sheet=sheet),
        }
    )


def _factors(threat: Threat, *, sheet: OscalSheet) -> Iterable[Part]:
    """Controls that evidence shows."""
    for one in threat.countermeasures:
        if one.status == "verified":
            yield {
                "uuid": identity("factor", sheet.report.project, threat.id, one.control),
                "description": markup(f"{one.title} (shown by evidence)"),
                "props": [prop("control", one.control)],
            }


def _characterised(factors: Factors, *, state: str, sheet: OscalSheet) -> Part:
    scales = (
        ("likelihood", factors.likelihood),
        ("impact", factors.impact),
        ("detection", factors.detection),
    )
    return {
        "origin": origin(sheet),
        "facets": [
            {
                "name": name,
                "system": NAMESPACE,
                "value": str(step),
                "props": [prop("state", state, own=False)],
            }
            for name, step in scales
        ],
    }


def _remediations(threat: Threat, *, sheet: OscalSheet) -> Iterable[Part]:
    """Controls that nothing shows yet."""
    for one in threat.countermeasures:
        if one.status == "verified":
            continue
        done = "planned" if one.status in ("planned", "implemented") else "recommendation"
        yield filled(
            {
                "uuid": identity("remediation", sheet.report.project, threat.id, one.control),
                "lifecycle": done,
                "title": markup(one.title),
                "description": markup(one.command or "A person has to see to it."),
                "props": [
                    prop("control", one.control),
                    prop("status", one.status),
                    prop("owner", one.owner or "nobody"),
                ],
                "tasks": _tasks(threat, one, sheet=sheet),
            }
        )


def _tasks(threat: Threat, measure: Countermeasure, *, sheet: OscalSheet) -> list[Part]:
    """The day by which it is planned, if there is one."""
    if not measure.due:
        return []
    return [
        {
            "uuid": identity("task", sheet.report.project, threat.id, measure.control),
            "type": "milestone",
            "title": markup(measure.title),
            "timing": {"on-date": {"date": midnight(measure.due)}},
        }
    ]
