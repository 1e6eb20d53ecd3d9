"""OSCAL, asked of models that others generated from the official schemas.

Needs an environment of its own, for the oracle pins what we do not: ``pip install
compliance-trestle==5.2.0`` there, and BARTIZAN_TRESTLE names its Python.
"""

import os
import subprocess
from pathlib import Path

import pytest

from bartizan.report.oscal import OscalSheet, render_oscal
from unit.report.oscal.oscal_samples import opened, sheet

ORACLE = os.environ.get("BARTIZAN_TRESTLE", "")
pytestmark = pytest.mark.skipif(
    not ORACLE, reason="the oracle is not here: set BARTIZAN_TRESTLE to its Python"
)
ASK = """
import pathlib, sys
from trestle.oscal import assessment_results, catalog, component, mapping, poam
MODELS = {
    "catalog": catalog, "component-definition": component, "poam": poam,
    "assessment-results": assessment_results, "mapping-collection": mapping,
}
for name in sys.argv[1:]:
    place = pathlib.Path(name)
    MODELS[place.stem].Model.model_validate_json(place.read_bytes())
    print(place.name)
"""


def asked(files: list[Path]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ORACLE, "-c", ASK, *map(str, files)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def saved(sheet: OscalSheet, folder: Path) -> list[Path]:
    """The documents as files."""
    files = {folder / name: raw for name, raw in render_oscal(sheet).items()}
    for path, raw in files.items():
        path.write_bytes(raw)
    return list(files)


@pytest.mark.parametrize("described", [True, False])
def test_every_document_is_valid(tmp_path: Path, *, described: bool) -> None:
    used = sheet(findings=(opened(), opened("a@b", waived=True)), described_too=described)
    written = saved(used, tmp_path)
    done = asked(written)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [one.name for one in written]


def test_the_oracle_refuses_a_key_that_oscal_does_not_know(tmp_path: Path) -> None:
    written = saved(sheet(), tmp_path)[0]
    raw = written.read_text(encoding="utf-8")
    written.write_text(raw.replace('"groups"', '"grouped"'), encoding="utf-8")
    assert asked([written]).returncode != 0
