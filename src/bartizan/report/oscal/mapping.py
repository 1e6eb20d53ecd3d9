"""Which control answers which clause, as an OSCAL mapping collection.

Source: OSCAL 1.2.1, control mapping model; its words of relationship are those of NIST IR 8477,
section 4.3: the source is ours, so `subset-of` says that our control asks for less than the clause.
"""

from collections.abc import Iterable

from bartizan.core.compliance import FrameworkState, Relationship
from bartizan.report.oscal.component_definition import CATALOG
from bartizan.report.oscal.frame import metadata, written
from bartizan.report.oscal.sheet import OscalSheet
from bartizan.report.oscal.spelling import Part, filled, identity, is_token, markup, plain, token

WORDS: dict[Relationship, str] = {
    "equal": "equal-to",
    "subset": "subset-of",
    "superset": "superset-of",
    "intersects": "intersects-with",
}


def render(sheet: OscalSheet) -> bytes:
    """Write the collection; empty bytes where no control answers any clause of the report."""
    linked = [one for one in sheet.report.frameworks if any(two.links for two in one.clauses)]
    if not linked:
        return b""
    body = {
        "metadata": metadata(sheet, title="Which control answers which clause"),
        "provenance": {
            "method": "human",
            "matching-rationale": "functional",
            "status": "not-complete",
            "mapping-description": "A reading of the authors; an auditor may read it otherwise. "
            "Clauses that no control answers are named as gaps.",
        },
        "mappings": [_mapping(one, sheet=sheet) for one in linked],
    }
    return written("mapping-collection", body, seed=(sheet.report.project,))


def _mapping(framework: FrameworkState, *, sheet: OscalSheet) -> Part:
    used = {link.control for clause in framework.clauses for link in clause.links}
    unused = [one.id for one in sheet.controls if one.id not in used]
    open_ = [one.id for one in framework.clauses if not one.links]
    name, project = framework.id, sheet.report.project
    return filled(
        {
            "uuid": identity("mapping", project, name, framework.version),
            "source-resource": {"type": "catalog", "href": CATALOG},
            "target-resource": {
                "type": "catalog",
                "href": plain(framework.source),
                "remarks": markup(f"{framework.title} {framework.version}, {framework.as_of}"),
            },
            "maps": list(_maps(framework, project=project)),
            "source-gap-summary": _gap(unused, of=f"{project} source {name}"),
            "target-gap-summary": _gap(open_, of=f"{project} target {name}"),
        }
    )


def _maps(framework: FrameworkState, *, project: str) -> Iterable[Part]:
    for clause in framework.clauses:
        for link in clause.links:
            yield {
                "uuid": identity("map", project, framework.id, clause.id, link.control),
                "relationship": WORDS[link.relationship],
                "sources": [{"type": "control", "id-ref": token(link.control)}],
                "targets": [{"type": "control", "id-ref": plain(clause.id)}],
                "remarks": markup(link.why),
            }


def _gap(names: list[str], *, of: str) -> Part:
    """What was not mapped: by id where it is one, else by a pattern that matches nothing else."""
    if not names:
        return {}
    ids = [one for one in names if is_token(one)]
    others = [{"pattern": plain(one)} for one in names if not is_token(one)]
    return {
        "uuid": identity("gap", of),
        "unmapped-controls": [filled({"with-ids": ids, "matching": others})],
    }
