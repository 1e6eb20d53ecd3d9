"""Our controls as an OSCAL catalog: groups are the stages of the platform."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from bartizan.core.control import Control
from bartizan.report.oscal.frame import metadata, written
from bartizan.report.oscal.sheet import OscalSheet
from bartizan.report.oscal.spelling import ATLAS, Part, filled, markup, prop, token

TITLE = "Controls for predictive machine-learning systems"


def objective_id(control: str) -> str:
    """Id of what an assessment of a control asks."""
    return f"{token(control)}_obj"


def render(sheet: OscalSheet) -> bytes:
    """Write the catalogue."""
    stages = dict.fromkeys(one.stage for one in sheet.controls)
    mitigations = _mitigations(sheet)
    body = {
        "metadata": metadata(sheet, title=TITLE, roles=[one.role for one in sheet.controls]),
        "groups": [
            {
                "id": token(f"stage-{stage}"),
                "class": "stage",
                "title": markup(stage),
                "controls": [
                    _control(one, mitigations=mitigations.get(one.id, ()))
                    for one in sheet.controls
                    if one.stage == stage
                ],
            }
            for stage in stages
        ],
    }
    return written("catalog", body, seed=())


def _mitigations(sheet: OscalSheet) -> Mapping[str, Sequence[str]]:
    """Mitigations of MITRE ATLAS by control, as the report links them; none if it leaves it out."""
    found: dict[str, list[str]] = defaultdict(list)
    for framework in sheet.report.frameworks:
        for clause in framework.clauses if framework.id == "mitre-atlas" else ():
            for link in clause.links:
                found[link.control].append(clause.id)
    return found


def _control(one: Control, *, mitigations: Sequence[str]) -> Part:
    return filled(
        {
            "id": token(one.id),
            "title": markup(one.title),
            "props": [prop("role", one.role), prop("stage", one.stage)],
            "links": [
                {"href": f"{ATLAS}/mitigations/{name}", "rel": "related", "text": markup(name)}
                for name in mitigations
            ],
            "parts": _parts(one),
        }
    )


def _parts(control: Control) -> list[Part]:
    """What must be so, what it takes, what is asked, and how it is looked at."""
    name = token(control.id)
    method = "TEST" if control.verified_by or control.facts else "EXAMINE"
    asked = control.command or "A person has to look: no program can see it."
    return [
        {"id": f"{name}_smt", "name": "statement", "prose": f"{markup(control.title)}."},
        {"id": f"{name}_gdn", "name": "guidance", "prose": markup(control.about)},
        {
            "id": objective_id(control.id),
            "name": "assessment-objective",
            "prose": f"{markup(control.title)}.",
        },
        {
            "id": f"{name}_asm",
            "name": "assessment-method",
            "props": [prop("method", method, own=False)],
            "parts": [{"name": "assessment-objects", "prose": markup(asked)}],
        },
    ]
