"""The threat model in the Open Threat Model format, for other programs.

Source: Open Threat Model 0.2.0 (github.com/iriusrisk/OpenThreatModel, `otm_schema.json` and
README). The format leaves the words for states free; those used here are the ones of its example
and of this project. It has no place for difficulty of detection, for what a threat is after
controls, for who decided what and why, or for questions: these stand under `attributes` of the
threat, and of the component, flow, asset or project that is asked about, as text. It asks for
numbers from 0 to 100 where our scales have five steps.
"""

from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from bartizan.core.risk import STEPS
from bartizan.core.system import Asset, Classification, ControlStatus, Element, Flow, Trust, Zone
from bartizan.core.threat import Countermeasure, Standing, Threat
from bartizan.report.indented import indented
from bartizan.report.threat.sheet import Sheet
from bartizan.report.threat.summary.register import controls, numbered
from bartizan.report.threat.terms import flat, flow_name, name

_RATINGS: Final[dict[Trust, int]] = {
    "untrusted": 0,
    "partner": 40,
    "internal": 70,
    "restricted": 100,
}
"""How trustworthy a zone is, of 100: none, all, and two judgements between, as the format has no
words for them."""
_SECRECY: Final[dict[Classification | None, int]] = {
    "public": 0,
    "internal": 40,
    "confidential": 70,
    "restricted": 100,
    None: 100,
}
"""How bad it is if others see it; what nobody said counts as the worst."""
_STATES: Final[dict[Standing, str]] = {
    "open": "exposed",
    "mitigated": "mitigated",
    "accepted": "accepted",
    "transferred": "transferred",
    "dismissed": "not-applicable",
}
_DONE: Final[dict[ControlStatus, str]] = {
    "absent": "required",
    "planned": "required",
    "implemented": "implemented",
    "verified": "implemented",
}
"""The format knows no difference between what somebody says and what evidence shows, so a
verified control has `verified` among its attributes too."""
_WORST: Final = 100


def render(sheet: Sheet) -> bytes:
    """Write the model. Equal sheets give equal bytes."""
    model = sheet.model
    system = model.system
    spec = system.system
    found = {
        "otmVersion": "0.2.0",
        "project": {
            "name": flat(spec.name),
            "id": str(uuid5(NAMESPACE_URL, f"urn:bartizan:system:{spec.name}")),
            "description": flat(spec.purpose),
            "owner": flat(spec.owner),
            "attributes": _text(
                domain=spec.domain, stakes=spec.stakes, tool=model.tool.name, rules=model.rules
            )
            | _asked("system", sheet),
        },
        "assets": [_asset(one, sheet) for one in system.assets],
        "trustZones": [_zone(one) for one in system.zones],
        "components": [_component(one, sheet) for one in system.elements],
        "dataflows": [_dataflow(one, sheet) for one in system.flows],
        "threats": [_threat(one) for one in model.threats],
        "mitigations": _mitigations(sheet),
    }
    return indented(found)


def _asset(one: Asset, sheet: Sheet) -> dict[str, Any]:
    said = one.classification or "not said, so the worst is assumed"
    return {
        "name": name(one),
        "id": one.id,
        "risk": {
            "confidentiality": _SECRECY[one.classification],
            "integrity": _WORST,
            "availability": _WORST,
            "comment": f"Classification: {said}. What a change or a loss would cost is not "
            "described, so the worst is assumed.",
        },
        "attributes": _text(
            personal=one.personal, special=one.special, retentionDays=one.retention_days
        )
        | _asked(f"asset {one.id}", sheet),
    }


def _zone(one: Zone) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": name(one),
        "risk": {"trustRating": _RATINGS[one.trust]},
        "attributes": _text(trust=one.trust),
    }


def _component(one: Element, sheet: Sheet) -> dict[str, Any]:
    system = sheet.model.system
    touched = {
        asset
        for flow in system.flows
        if one.id in (flow.source, flow.target)
        for asset in flow.carries
    }
    threats = [two for two in sheet.model.threats if two.element == one.id]
    return {
        "id": one.id,
        "name": name(one),
        "type": one.kind,
        "parent": {"trustZone": one.zone},
        "assets": {"processed": sorted(touched), "stored": sorted(one.holds)},
        "threats": [_instance(two) for two in threats],
        "tags": [flat(two) for two in one.technology],
        "attributes": _text(owner=one.owner, file=sheet.file, line=sheet.lines.get(one.id))
        | _asked(f"element {one.id}", sheet),
    }


def _instance(one: Threat) -> dict[str, Any]:
    """A threat at a component, and how far its controls are."""
    return {
        "threat": one.id,
        "state": _STATES[one.standing],
        "mitigations": [
            {"mitigation": two.control, "state": _DONE[two.status]} for two in one.countermeasures
        ],
    }


def _dataflow(one: Flow, sheet: Sheet) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": flat(one.title) or flow_name(one, sheet.model.system),
        "bidirectional": False,
        "source": one.source,
        "destination": one.target,
        "assets": sorted(one.carries),
        "attributes": _text(encrypted=one.encrypted, auth=one.auth, protocol=one.protocol)
        | _asked(f"flow {one.id}", sheet),
    }


def _threat(one: Threat) -> dict[str, Any]:
    """What could go wrong; the risk is the one without controls, as the format has it."""
    return {
        "id": one.id,
        "name": flat(one.title),
        "description": flat(f"{one.about} {one.consequence}"),
        "categories": list(one.stride),
        "risk": {
            "likelihood": _percent(one.inherent.likelihood),
            "impact": _percent(one.inherent.impact),
            "likelihoodComment": flat("; ".join(one.because)),
        },
        "tags": [*one.taxonomy.atlas, *one.taxonomy.nist_ai_100_2, *one.taxonomy.owasp_ml],
        "attributes": _beyond(one),
    }


def _beyond(one: Threat) -> dict[str, str]:
    """What the format has no place for."""
    ruling, after = one.ruling, one.residual
    return _text(
        inherentPriority=one.inherent.priority,
        inherentDetection=one.inherent.detection,
        residualPriority=after.priority,
        residualLikelihood=after.likelihood,
        residualImpact=after.impact,
        residualDetection=after.detection,
        standing=one.standing,
        decision=ruling and ruling.choice,
        decidedBy=ruling and ruling.who,
        decidedBecause=ruling and ruling.why,
        decisionExpires=ruling and ruling.expires,
        noticedBy=one.detect,
    )


def _mitigations(sheet: Sheet) -> list[dict[str, Any]]:
    """Each control once; of what it takes off a risk, the most that it does against any threat."""
    by: dict[str, Countermeasure] = {}
    for one in sheet.model.threats:
        for two in one.countermeasures:
            by[two.control] = max(by.get(two.control, two), two, key=lambda each: each.by)
    return [
        {
            "id": one.control,
            "name": flat(one.title),
            "riskReduction": _percent(by[one.control].by),
            "attributes": _text(
                stage=one.stage,
                owner=", ".join(one.owners),
                command=one.command,
                verified=one.status == "verified",
            ),
        }
        for one in sorted(controls(numbered(sheet.model)), key=lambda one: one.control)
    ]


def _asked(owner: str, sheet: Sheet) -> dict[str, str]:
    """What the description leaves out of something, as questions."""
    return _text(
        **{f"ask-{one.attribute}": one.text for one in sheet.model.questions if one.owner == owner}
    )


def _percent(steps: int) -> int:
    return 100 * steps // STEPS


def _text(**values: object) -> dict[str, str]:
    """Attributes: text by text. What nobody said is left out."""
    return {
        key: ("true" if value else "false") if isinstance(value, bool) else flat(str(value))
        for key, value in values.items()
        if value is not None and value != ""
    }
