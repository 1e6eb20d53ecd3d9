"""Findings as OSCAL observations: what was seen, when, and until when it counts."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bartizan.core.compliance import OpenFinding
from bartizan.core.known import Proof
from bartizan.report.oscal.frame import origin
from bartizan.report.oscal.sheet import OscalSheet
from bartizan.report.oscal.spelling import Part, identity, markup, prop


def observation_id(proof: Proof, *, sheet: OscalSheet) -> str:
    """Identity of what was seen."""
    return identity("observation", sheet.report.project, proof.finding, proof.evidence, proof.when)


def open_id(finding: OpenFinding, *, sheet: OscalSheet) -> str:
    """Identity of a finding that is open since some day: of an earlier time it is another."""
    return identity("open", sheet.report.project, finding.id, finding.since)


def proofs_of(sheet: OscalSheet) -> list[Proof]:
    """Every finding that a control or a threat rests on, once, by id and time."""
    found = [proof for one in sheet.report.controls for proof in one.proofs]
    for threat in sheet.model.threats if sheet.model else ():
        found += threat.rests_on
    return sorted(set(found), key=lambda one: (one.finding, one.when, one.evidence))


def observations(sheet: OscalSheet) -> list[Part]:
    """All of them."""
    return [_observation(proof, sheet=sheet) for proof in proofs_of(sheet)]


def _observation(proof: Proof, *, sheet: OscalSheet) -> Part:
    seen = datetime.fromisoformat(proof.when)
    ends = seen + timedelta(days=sheet.report.evidence_age_days)
    return {
        "uuid": observation_id(proof, sheet=sheet),
        "title": markup(proof.finding),
        "description": f"{markup(proof.finding)}: {proof.outcome}",
        "props": [prop("outcome", proof.outcome), prop("finding", proof.finding)],
        "methods": ["TEST"],
        "types": ["control-objective"],
        "origins": [origin(sheet)],
        "relevant-evidence": [
            {
                "description": "The evidence record: everything that is needed to repeat it.",
                "props": [prop("digest", proof.evidence)],
            }
        ],
        "collected": moment(seen),
        "expires": moment(ends),
    }


def open_observation(finding: OpenFinding, *, sheet: OscalSheet) -> Part:
    """A finding that is open."""
    return {
        "uuid": open_id(finding, sheet=sheet),
        "title": markup(finding.id),
        "description": f"{markup(finding.id)}: {finding.outcome}, open since {finding.since[:10]}",
        "props": [
            prop("outcome", finding.outcome),
            prop("severity", finding.severity),
            prop("finding", finding.id),
        ],
        "methods": ["TEST"],
        "types": ["finding"],
        "origins": [origin(sheet)],
        "collected": moment(datetime.fromisoformat(finding.since)),
    }


def related(proofs: Iterable[Proof], *, sheet: OscalSheet) -> list[Part]:
    """References to what was seen."""
    ids = dict.fromkeys(observation_id(one, sheet=sheet) for one in proofs)
    return [{"observation-uuid": one} for one in ids]


def moment(when: datetime) -> str:
    """To the second, with its zone."""
    return when.isoformat(timespec="seconds").replace("+00:00", "Z")
