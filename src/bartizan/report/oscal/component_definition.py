"""What the platform does for each control, as an OSCAL component definition."""

from bartizan.core.control import Control
from bartizan.report.oscal.frame import metadata, platform, written
from bartizan.report.oscal.sheet import OscalSheet
from bartizan.report.oscal.spelling import Part, identity, markup, prop, token

CATALOG = "catalog.json"
"""Beside this document."""


def render(sheet: OscalSheet) -> bytes:
    """Write the definition: only controls that a command of the platform carries out or shows."""
    done = [one for one in sheet.controls if one.command]
    component = {name: value for name, value in platform(sheet).items() if name != "status"}
    component["control-implementations"] = [
        {
            "uuid": identity("implementation", sheet.report.tool.version),
            "source": CATALOG,
            "description": "Controls that a command of the platform carries out or shows.",
            "implemented-requirements": [_requirement(one) for one in done],
        }
    ]
    body = {
        "metadata": metadata(
            sheet, title="What the platform does", roles=[one.role for one in done]
        ),
        "components": [component],
    }
    return written("component-definition", body, seed=())


def _requirement(control: Control) -> Part:
    shown = ", ".join((*control.verified_by, *control.facts))
    told = f"Shown by: {shown}." if shown else "It shows nothing of it by itself: a person looks."
    return {
        "uuid": identity("requirement", control.id),
        "control-id": token(control.id),
        "description": f"Command: {markup(control.command)}. {markup(told)}",
        "props": [prop("command", control.command)],
        "responsible-roles": [{"role-id": token(control.role)}],
    }
