"""Open threats and questions as SARIF 2.1.0, at the line of the element in the project file.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0. Numbers such as
3.27.9 below are its sections. `security-severity` is GitHub's, from 0.1 to 10.
"""

import hashlib
from typing import Any, Final

from bartizan.core.risk import PRIORITIES, Priority
from bartizan.core.threat import Question, Threat
from bartizan.report.indented import indented
from bartizan.report.sarif import SCHEMA, relative_uri
from bartizan.report.taxa import Taxa, tags
from bartizan.report.threat.sheet import Sheet

_LEVELS: Final[dict[Priority, str]] = {"high": "error", "medium": "warning", "low": "note"}
"""3.27.10."""
_SEVERITIES: Final[dict[Priority, str]] = {"high": "8.0", "medium": "5.5", "low": "2.0"}
"""In the middle of what GitHub calls high (7.0 to 8.9), medium (4.0 to 6.9) and low."""
_QUESTION: Final = "threat.open-question"
"""The rule of all questions."""


def render(sheet: Sheet) -> bytes:
    """Write one run. Equal sheets give equal bytes.

    A threat that is mitigated, accepted, transferred or dismissed gives no result: what is open
    is what somebody has to look at.
    """
    taxa = Taxa.named([one.taxonomy for one in sheet.model.threats])
    rules = _rules(sheet)
    at = {rule["id"]: index for index, rule in enumerate(rules)}
    opened = [one for one in sheet.model.threats if one.standing == "open"]
    results = [_threat(one, sheet=sheet, taxa=taxa) for one in opened]
    results += [_question(one, sheet) for one in sheet.model.questions]
    run = {
        "tool": {"driver": _driver(sheet, rules=rules, taxa=taxa)},
        "artifacts": [{"location": {"uri": relative_uri(sheet.file)}}],
        "taxonomies": _taxonomies(sheet, taxa),
        "results": [{**one, "ruleIndex": at[one["ruleId"]]} for one in results],
        "properties": {"system": sheet.model.system.system.name, "rules": sheet.model.rules},
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return indented(log)


def _driver(sheet: Sheet, *, rules: list[dict[str, Any]], taxa: Taxa) -> dict[str, Any]:
    return {
        "name": sheet.model.tool.name,
        "version": sheet.model.tool.version,
        "rules": rules,
        "supportedTaxonomies": taxa.supported(),
    }


def _taxonomies(sheet: Sheet, taxa: Taxa) -> list[dict[str, Any]]:
    """The catalogues, with their versions and the names of their ids where they are known."""
    versions = dict(sheet.model.catalogues)
    return [
        {
            **one,
            **({"version": versions[one["name"]]} if one["name"] in versions else {}),
            "taxa": [_taxon(two["id"], sheet) for two in one["taxa"]],
        }
        for one in taxa.components()
    ]


def _taxon(identity: str, sheet: Sheet) -> dict[str, str]:
    known = sheet.names.get(identity, identity)
    return {"id": identity, **({"name": known} if known != identity else {})}


def _rules(sheet: Sheet) -> list[dict[str, Any]]:
    """One rule for each that the system has threats of, in order of id.

    All threats count, in whatever state, and of each its inherent priority: so that a rule reads
    the same before and after a control is verified or a decision made.
    """
    first: dict[str, Threat] = {}
    worst: dict[str, Priority] = {}
    for one in sorted(sheet.model.threats, key=lambda one: one.id):
        first.setdefault(one.rule, one)
        known = worst.get(one.rule, "low")
        worst[one.rule] = max(known, one.inherent.priority, key=PRIORITIES.index)
    found = [_rule(one, worst[name]) for name, one in sorted(first.items())]
    return [*found, *([_rule_of_questions()] if sheet.model.questions else [])]


def _rule(one: Threat, worst: Priority) -> dict[str, Any]:
    sources = "".join(f"\n* {source}" for source in one.references)
    return {
        "id": one.rule,
        "name": one.title,
        "shortDescription": {"text": one.title},
        "fullDescription": {"text": f"{one.about} {one.consequence}"},
        "help": {"text": f"How it is noticed: {one.detect}\n\nSources:{sources}"},
        "defaultConfiguration": {"level": _LEVELS[worst]},
        "properties": {
            "tags": ["security", one.family, *one.stride, *tags(one.taxonomy)],
            "security-severity": _SEVERITIES[worst],
        },
    }


def _rule_of_questions() -> dict[str, Any]:
    about = "The description leaves something out, and threats hang on the answer."
    return {
        "id": _QUESTION,
        "name": "Open question",
        "shortDescription": {"text": "Open question about the system"},
        "fullDescription": {"text": about},
        "help": {"text": "Write the attribute into the project file."},
        "defaultConfiguration": {"level": "note"},
        "properties": {"tags": ["security"]},
    }


def _threat(one: Threat, *, sheet: Sheet, taxa: Taxa) -> dict[str, Any]:
    """An open threat."""
    factors = one.residual
    missing = [two.control for two in one.countermeasures if two.status != "verified"]
    text = f"{one.title}. {one.consequence} Priority {factors.priority}"
    text += f"; not verified: {', '.join(missing)}." if missing else "."
    return {
        "ruleId": one.rule,
        "kind": "fail",
        "level": _LEVELS[factors.priority],
        "message": {"text": text},
        "locations": [_location(sheet, one.element)],
        "partialFingerprints": {"bartizanThreat/v1": _fingerprint(one.id)},
        "taxa": taxa.references(one.taxonomy),
        "properties": {
            "id": one.id,
            "security-severity": _SEVERITIES[factors.priority],
            "likelihood": factors.likelihood,
            "impact": factors.impact,
            "detection": factors.detection,
            "inherentPriority": one.inherent.priority,
            "findings": [two.finding for two in one.rests_on],
        },
    }


def _question(one: Question, sheet: Sheet) -> dict[str, Any]:
    """Something that is not known: for a person to answer.

    3.27.9 and 3.27.10: a result of the kind `review` has the level `none`.
    """
    hanging = ", ".join(one.threats)
    return {
        "ruleId": _QUESTION,
        "kind": "review",
        "level": "none",
        "message": {"text": f"{one.text} Threats hang on it: {hanging}."},
        "locations": [_location(sheet, _element_of(one.owner))],
        "partialFingerprints": {
            "bartizanThreat/v1": _fingerprint(f"question {one.owner} {one.attribute}")
        },
        "properties": {"owner": one.owner, "attribute": one.attribute},
    }


def _element_of(owner: str) -> str:
    """Whose line a question points at: the element, or the one that a flow starts from."""
    kind, _, name = owner.partition(" ")
    return name.partition("->")[0] if kind in ("element", "flow") else ""


def _location(sheet: Sheet, element: str) -> dict[str, Any]:
    """The line of an element in the project file; the file where there is none."""
    place = {"uri": relative_uri(sheet.file), "index": 0}
    line = sheet.lines.get(element)
    region = {"region": {"startLine": line}} if line else {}
    logical = {"logicalLocations": [{"name": element}]} if element else {}
    return {"physicalLocation": {"artifactLocation": place, **region}, **logical}


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
