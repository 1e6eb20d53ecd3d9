import csv
import io

import msgspec
import pytest

from bartizan.report.threat import render_threats
from unit.report.threat.described import MODEL, SHEET, sheet_of


def register() -> list[dict[str, str]]:
    raw = render_threats(SHEET, fmt="csv").decode()
    return list(csv.DictReader(io.StringIO(raw, newline="")))


def test_one_line_a_threat_in_the_order_of_the_ranking() -> None:
    assert [one["id"] for one in register()] == [one.id for one in MODEL.threats]
    assert [one["rank"] for one in register()] == ["1", "2", "3", "4", "5"]


def test_a_line_says_what_the_threat_is_before_and_after() -> None:
    line = register()[4]
    assert (line["inherent_likelihood"], line["inherent_product"]) == ("4", "64")
    assert (line["residual_likelihood"], line["residual_product"]) == ("1", "2")
    assert (line["inherent_priority"], line["residual_priority"]) == ("high", "low")
    assert line["standing"] == "mitigated"
    assert line["controls_verified"] == "log"
    assert line["controls_absent"] == ""
    assert (line["element_title"], line["zone"]) == ("Orders", "inside")


def test_a_decision_is_told_with_whether_it_holds() -> None:
    lines = register()
    assert [one["decision_holds"] for one in lines] == ["", "no", "", "yes", ""]
    assert lines[3]["decided_by"] == "Bob"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r@", " =", "\uff1d", "\n+"])
def test_no_cell_is_a_formula(start: str) -> None:
    worse = msgspec.structs.replace(MODEL.threats[0], title=f"{start}HYPERLINK(1)")
    raw = render_threats(sheet_of(msgspec.structs.replace(MODEL, threats=(worse,))), fmt="csv")
    (line,) = csv.DictReader(io.StringIO(raw.decode(), newline=""))
    assert line["title"].startswith("'")
    for cell in line.values():
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", " "))


def test_a_reason_that_begins_like_a_formula_is_text() -> None:
    assert register()[1]["decided_because"] == "'=cheap"
