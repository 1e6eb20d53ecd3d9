import json
from pathlib import Path
from random import Random

import pytest

from bartizan.config import read_config
from bartizan.core.errors import ConfigError
from bartizan.core.record import decode
from bartizan.core.threat import ThreatModel
from bartizan.report.threat import THREAT_FORMATS, render_threats, save_threats
from bartizan.workspace import Workspace
from timing import within
from unit.report.threat.described import EXAMPLE, SHEET, card_fraud

MOST_S = 2.0
"""Of processor time, for all formats of the worked example."""


def test_each_format_is_a_file_of_its_own(tmp_path: Path) -> None:
    written = save_threats(SHEET, tmp_path, formats=THREAT_FORMATS)
    assert [one.name for one in written] == list(THREAT_FORMATS.values())
    assert all(one.stat().st_size for one in written)


def test_a_format_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ConfigError, match="no format 'pdf'"):
        render_threats(SHEET, fmt="pdf")


@pytest.mark.parametrize("fmt", THREAT_FORMATS)
def test_the_same_model_gives_the_same_bytes(fmt: str) -> None:
    assert render_threats(card_fraud(), fmt=fmt) == render_threats(card_fraud(), fmt=fmt)


def reordered(text: str, *, seed: int) -> str:
    """The project file with its tables in another order."""
    head, *tables = text.split("\n[[")
    Random(seed).shuffle(tables)  # noqa: S311 (an order, no secret)
    return "\n[[".join([head, *tables])


def test_the_order_of_tables_changes_no_byte_of_any_format(tmp_path: Path) -> None:
    place = tmp_path / "bartizan.toml"
    text = EXAMPLE.read_text("utf-8")
    found = []
    for written in (text, reordered(text, seed=3)):
        place.write_text(written, "utf-8")
        with Workspace(None) as ws:
            model = ws.threat.model(read_config(place), folder=tmp_path)
        found.append({fmt: model.rendered(fmt) for fmt in THREAT_FORMATS})
    assert place.read_text("utf-8") != text
    assert found[0] == found[1]


def test_all_formats_of_the_example_take_less_than_two_seconds() -> None:
    sheet = card_fraud()
    within(MOST_S, lambda: [render_threats(sheet, fmt=fmt) for fmt in THREAT_FORMATS])


@pytest.mark.parametrize("fmt", THREAT_FORMATS)
def test_nothing_is_ever_called_compliant(fmt: str) -> None:
    assert b"compliant" not in render_threats(card_fraud(), fmt=fmt).lower()


def test_the_record_says_the_priority_and_is_read_back_without_it() -> None:
    raw = render_threats(SHEET, fmt="json")
    assert decode(raw, kind=ThreatModel) == SHEET.model
    for written, threat in zip(json.loads(raw)["threats"], SHEET.model.threats, strict=True):
        for name, factors in (("inherent", threat.inherent), ("residual", threat.residual)):
            assert written[name]["priority"] == factors.priority
            assert written[name]["product"] == factors.product
