"""Documents of OSCAL as files."""

from importlib import import_module

from bartizan.report.oscal.sheet import OscalSheet

OSCAL_FILES: dict[str, str] = {
    "catalog": "catalog.json",
    "component_definition": "component-definition.json",
    "assessment_results": "assessment-results.json",
    "poam": "poam.json",
    "mapping": "mapping-collection.json",
}
"""Module of this room -> file name. They refer to each other by these names."""


def render_oscal(sheet: OscalSheet) -> dict[str, bytes]:
    """All documents by file name. Equal sheets give equal bytes.

    A plan of action without anything open, and a mapping without any link, are left out: OSCAL
    knows no empty ones.

    Source:
        OSCAL 1.2.1 (NIST), JSON.
    """
    found = {
        file: bytes(import_module(f"bartizan.report.oscal.{name}").render(sheet))
        for name, file in OSCAL_FILES.items()
    }
    return {file: raw for file, raw in found.items() if raw}
