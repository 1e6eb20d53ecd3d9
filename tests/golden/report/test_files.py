import json
from pathlib import Path

import jsonschema
import pytest

from bartizan.report import FORMATS, render
from unit.report.samples import sample_report

GOLDEN = Path(__file__).parent
ROOT = GOLDEN.parents[2]


@pytest.mark.parametrize("fmt", ["json", "sarif", "junit", "markdown"])
def test_the_sample_report_is_written_as_agreed(fmt: str, *, update_golden: bool) -> None:
    path = GOLDEN / FORMATS[fmt]
    now = render(sample_report(), fmt=fmt)
    if update_golden:
        path.write_bytes(now)
    assert now == path.read_bytes(), f"look at the difference, then --update-golden: {path}"


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("report.json", "docs/schema/report-1.json"),
        ("report.sarif", "tests/vectors/sarif/sarif-2.1.0.json"),
    ],
)
def test_golden_files_keep_to_their_schemas(name: str, schema: str) -> None:
    jsonschema.validate(
        json.loads((GOLDEN / name).read_bytes()), json.loads((ROOT / schema).read_bytes())
    )
