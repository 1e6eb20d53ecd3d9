"""The report as SARIF 2.1.0, for code scanning and security dashboards.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0. Numbers such
as 3.27.9 below are its sections.
"""

import hashlib
from typing import Any, Final
from urllib.parse import quote

import msgspec

from bartizan.core.evidence import Subject
from bartizan.core.finding import Finding, Outcome, Severity
from bartizan.core.report import Report
from bartizan.report import words
from bartizan.report.indented import indented
from bartizan.report.taxa import Taxa, tags

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_KINDS: Final[dict[Outcome, str]] = {
    "fail": "fail",
    "pass": "pass",
    "inconclusive": "review",
    "not-run": "notApplicable",
}
"""3.27.9."""
_LEVELS: Final[dict[Severity, str]] = {
    "critical": "error",
    "high": "error",
    "medium": "warning",
    "low": "note",
    "none": "none",
}
"""3.27.10: anything but a failure has the level `none`."""


def render(report: Report) -> bytes:
    """Write one run. Equal reports give equal bytes.

    An assumed weaker or stronger attacker decides nothing, so its findings are `informational`
    whatever they say.
    """
    taxa = Taxa.of(report.findings)
    rules = _rules(report.findings)
    run = {
        "tool": {"driver": _driver(report, rules, taxa)},
        "invocations": [_invocation(report)],
        "artifacts": [_artifact(subject) for subject in report.subjects],
        "taxonomies": taxa.components(),
        "results": _results(report, rules, taxa),
        "properties": {"outcome": report.outcome, "headline": report.headline},
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return indented(log)


def _driver(report: Report, rules: list[dict[str, Any]], taxa: Taxa) -> dict[str, Any]:
    """Who made the report, and with which rules."""
    return {
        "name": report.tool.name,
        "version": report.tool.version,
        "rules": rules,
        "supportedTaxonomies": taxa.supported(),
        "properties": {"catalog": report.tool.catalog},
    }


def _results(report: Report, rules: list[dict[str, Any]], taxa: Taxa) -> list[dict[str, Any]]:
    """One result a finding, passes included."""
    places = {subject.name: index for index, subject in enumerate(report.subjects)}
    positions = {rule["id"]: index for index, rule in enumerate(rules)}
    return [
        {
            "ruleId": finding.entry,
            "ruleIndex": positions[finding.entry],
            **_verdict(finding),
            "locations": _locations(finding, places),
            **_facts(finding),
            "taxa": taxa.references(finding.taxonomy),
        }
        for finding in report.findings
    ]


def _rules(findings: tuple[Finding, ...]) -> list[dict[str, Any]]:
    """One rule for each entry that was used, in order of id."""
    first: dict[str, Finding] = {}
    for finding in findings:
        known = first.setdefault(finding.entry, finding)
        if finding.fix and not known.fix:
            first[finding.entry] = finding
    return [
        {
            "id": entry,
            "name": first[entry].title or entry,
            "shortDescription": {"text": first[entry].title or entry},
            **({"help": {"text": first[entry].fix}} if first[entry].fix else {}),
            "properties": {"tags": tags(first[entry].taxonomy)},
        }
        for entry in sorted(first)
    ]


def _verdict(finding: Finding) -> dict[str, Any]:
    """Kind, level and message."""
    decides = finding.standing in ("declared", "assumed")
    return {
        "kind": _KINDS[finding.outcome] if decides else "informational",
        "level": _LEVELS[finding.severity] if decides else "none",
        "message": {"text": finding.reason or words.state(finding)},
    }


def _facts(finding: Finding) -> dict[str, Any]:
    """Fingerprint, suppression and the facts SARIF has no words for."""
    result: dict[str, Any] = {
        "partialFingerprints": {
            "bartizanFinding/v1": hashlib.sha256(finding.id.encode()).hexdigest()
        }
    }
    if finding.waived is not None:
        # 3.35: accepted outside the tool, in the project file.
        justification = words.waiver(finding)
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": justification}
        ]
    facts = {
        "id": finding.id,
        "outcome": finding.outcome,
        "severity": finding.severity,
        "attacker": finding.attacker,
        "standing": finding.standing,
        "measures": {one.name: one.value for one in finding.measures},
        "groups": [
            {
                "column": one.column,
                "group": one.group,
                "asked": one.asked,
                "rows": one.n,
                "rates": {rate.name: rate.value for rate in one.rates},
            }
            for one in finding.groups
        ],
        "evidence": finding.evidence,
        "reproduce": finding.reproduce,
        "flagged": [
            msgspec.to_builtins(msgspec.structs.replace(one, picture="")) for one in finding.flagged
        ],
        "suspects": [
            msgspec.to_builtins(msgspec.structs.replace(one, views=None))
            for one in finding.suspects
        ],
    }
    result["properties"] = {key: value for key, value in facts.items() if value}
    return result


def _invocation(report: Report) -> dict[str, Any]:
    """How the run went: an interrupted one has no exit code of its own and says why."""
    notes = [
        {"level": "warning", "message": {"text": warning}} for warning in report.warnings if warning
    ]
    interrupted = report.coverage.interrupted
    if interrupted:
        text = f"The run ended early: {interrupted}"
        notes.insert(0, {"level": "error", "message": {"text": text}})
    return {"executionSuccessful": not interrupted, "toolExecutionNotifications": notes}


_HASHES = {"sha256": "sha-256", "oms-root": "oms-root"}
"""SARIF 2.1.0, 3.24.11: IANA's name of a hash function where there is one."""


def _artifact(subject: Subject) -> dict[str, Any]:
    """What was assessed, with its digest where that is of files."""
    artifact: dict[str, Any] = {
        "location": {"uri": relative_uri(subject.name)},
        "roles": ["analysisTarget"],
        "description": {"text": f"{subject.kind}: {subject.detail or subject.name}"},
    }
    if subject.digest_kind in _HASHES:
        name = _HASHES[subject.digest_kind]
        artifact["hashes"] = {name: subject.digest.removeprefix("sha256:")}
    return artifact


def _locations(finding: Finding, places: dict[str, int]) -> list[dict[str, Any]]:
    """The lines that have to change, all of them for the result to go (3.27.12); else the file."""
    lines = sorted({one.line for one in finding.flagged if one.line is not None})
    if not lines:
        return [_location(finding.subject, places)]
    return [_location(finding.subject, places, line=line) for line in lines]


def _location(name: str, places: dict[str, int], *, line: int = 0) -> dict[str, Any]:
    """Where a result points to: the artefact that was assessed, or a line of it."""
    place: dict[str, Any] = {"uri": relative_uri(name)}
    if name in places:
        place["index"] = places[name]
    region = {"region": {"startLine": line}} if line else {}
    return {"physicalLocation": {"artifactLocation": place, **region}}


def relative_uri(name: str) -> str:
    """A subject's name as a relative URI: no scheme, no root, no way up.

    Example:
        >>> relative_uri("C:/models/fraud v2.onnx"), relative_uri("../../etc/passwd")
        ('C%3A/models/fraud%20v2.onnx', 'etc/passwd')
    """
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "/".join(quote(part, safe="") for part in parts) or "unnamed"
