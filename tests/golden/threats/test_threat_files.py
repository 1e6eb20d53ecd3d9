from pathlib import Path

import pytest

from bartizan.report.threat import THREAT_FORMATS, render_threats
from unit.report.threat.described import SHEET

GOLDEN = Path(__file__).parent


@pytest.mark.parametrize("fmt", ["markdown", "csv", "mermaid", "sarif", "otm", "svg"])
def test_the_small_model_is_written_as_agreed(fmt: str, *, update_golden: bool) -> None:
    path = GOLDEN / THREAT_FORMATS[fmt]
    now = render_threats(SHEET, fmt=fmt)
    if update_golden:
        path.write_bytes(now)
    assert now == path.read_bytes(), f"look at the difference, then --update-golden: {path}"
