"""What every document has: its identity, its metadata, who made it, and its one encoding."""

import json
from collections.abc import Iterable

from bartizan.report.indented import indented
from bartizan.report.oscal.sheet import OscalSheet
from bartizan.report.oscal.spelling import (
    NAMESPACE,
    Part,
    filled,
    identity,
    markup,
    midnight,
    plain,
    token,
)

OSCAL_VERSION = "1.2.1"


def metadata(sheet: OscalSheet, *, title: str, roles: Iterable[str] = ()) -> Part:
    """Title, day, versions and roles. The day is that of the report, never that of the clock."""
    return filled(
        {
            "title": markup(title),
            "last-modified": midnight(sheet.report.day),
            "version": plain(f"{sheet.report.day}+{sheet.report.tool.version}"),
            "oscal-version": OSCAL_VERSION,
            "roles": [{"id": token(one), "title": markup(one)} for one in sorted(set(roles))],
        }
    )


def platform(sheet: OscalSheet) -> Part:
    """What made the findings, as a component."""
    return {
        "uuid": platform_id(sheet),
        "type": "software",
        "title": markup(f"{sheet.report.tool.name} {sheet.report.tool.version}"),
        "description": "Attacks and inspects models, data and artefacts, and keeps the evidence.",
        "status": {"state": "operational"},
    }


def platform_id(sheet: OscalSheet) -> str:
    """Identity of this version of the tool."""
    return identity("tool", sheet.report.tool.name, sheet.report.tool.version)


def origin(sheet: OscalSheet) -> Part:
    """The tool as the source of an observation."""
    return {"actors": [{"type": "tool", "actor-uuid": platform_id(sheet)}]}


def assets(sheet: OscalSheet) -> Part:
    """What the assessment was made with."""
    return {
        "components": [platform(sheet)],
        "assessment-platforms": [
            {
                "uuid": identity("platform", sheet.report.tool.name, sheet.report.tool.version),
                "title": markup(sheet.report.tool.name),
                "uses-components": [{"component-uuid": platform_id(sheet)}],
            }
        ],
    }


def subjects(sheet: OscalSheet) -> list[Part]:
    """Models and data of the day, as components; their digests are properties."""
    return [
        {
            "uuid": identity("subject", sheet.report.project, one.kind, one.name, one.digest),
            "type": one.kind,
            "title": markup(one.name),
            "description": markup(one.detail or f"the {one.kind} {one.name}"),
            "props": [
                {
                    "name": "digest",
                    "value": plain(one.digest),
                    "ns": NAMESPACE,
                    "class": one.digest_kind,
                }
            ],
            "status": {"state": "operational"},
        }
        for one in sheet.report.subjects
    ]


def written(root: str, body: Part, *, seed: Iterable[str]) -> bytes:
    """A document as bytes; its own identity hangs on all that stands in it.

    Args:
        root: Name of the one key of the document.
        body: All but the identity.
        seed: What tells it from other documents.
    """
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, allow_nan=False)
    whole = {root: {"uuid": identity("document", root, *seed, text), **body}}
    return indented(whole)
