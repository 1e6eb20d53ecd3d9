import re
from collections.abc import Callable

import pytest

from bartizan.report.threat import Sheet, render_threats
from unit.report.threat.described import MODEL, SHEET, SYSTEM, card_fraud, drawn_system, sheet_of

TEXT = render_threats(SHEET, fmt="markdown").decode()


@pytest.mark.parametrize("which", [lambda: SHEET, card_fraud], ids=["small", "example"])
def test_every_table_has_as_many_cells_in_each_line(which: Callable[[], Sheet]) -> None:
    text = render_threats(which(), fmt="markdown").decode()
    for block in text.split("\n\n"):
        lines = [line for line in block.split("\n") if line.startswith("|")]
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) <= 1


def test_parts_stand_in_the_agreed_order() -> None:
    assert re.findall(r"^## (.*)$", TEXT, re.MULTILINE) == [
        "Landscape",
        "Risk matrix",
        "Threats",
        "Open questions",
        "Controls",
        "Requirements",
        "Decisions",
        "Attackers to test against",
        "Incident plan",
        "Notes",
    ]


@pytest.mark.parametrize("one", MODEL.threats, ids=lambda one: one.id)
def test_every_threat_is_in_the_table_and_at_length(one: object) -> None:
    title = str(getattr(one, "title", ""))
    assert TEXT.count(title) >= 2


def test_what_to_do_first_has_its_command() -> None:
    assert "1. Control limits stands (against 3 open threats; Web team): `bartizan assess`" in TEXT


def test_names_of_catalogues_stand_beside_their_ids() -> None:
    assert "AML.T0015 Evade ML Model" in TEXT


def test_a_threat_has_its_own_findings() -> None:
    first = TEXT.split("### 1. ")[1].split("### 2. ")[0]
    (found,) = MODEL.threats[0].proofs
    assert f"- Findings: `{found.finding}`: {found.outcome}" in first
    assert "- Findings: none about the model and data of today" in TEXT


def test_a_planned_control_has_its_day_in_the_list() -> None:
    listed = TEXT.split("## Controls")[1].split("## Requirements")[0]
    assert "Shop API (planned, due 2026-12-01)" in listed


def test_commands_in_texts_are_code() -> None:
    assert "- `bartizan assess` fails" in TEXT


def test_an_empty_model_says_so() -> None:
    text = render_threats(sheet_of(drawn_system(SYSTEM)), fmt="markdown").decode()
    assert "No rule found a threat in this description." in text
    assert "No threat asks for a control." in text
