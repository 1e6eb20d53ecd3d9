from pathlib import Path

import msgspec
import pytest

from bartizan.core.threat import ThreatModel
from bartizan.report.threat import Sheet, render_threats
from unit.report.test_html import Page
from unit.report.threat.described import (
    EXAMPLES,
    MODEL,
    SHEET,
    SYSTEM,
    drawn_system,
    sheet_of,
    worked,
)


def page(sheet: Sheet) -> Page:
    return Page(render_threats(sheet, fmt="html").decode())


def words_of(model: ThreatModel) -> str:
    return page(sheet_of(model)).text("main")


@pytest.fixture(scope="module")
def small() -> Page:
    return page(SHEET)


@pytest.mark.parametrize("place", [None, *EXAMPLES], ids=["small", *(one.stem for one in EXAMPLES)])
def test_every_link_leads_to_something_and_ids_are_unique(place: Path | None) -> None:
    found = page(worked(place) if place else SHEET)
    ids = [attributes["id"] for _, attributes, _ in found.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {attributes["href"][1:] for attributes in found.all("a")}
    assert links <= set(ids)
    named = [
        one["aria-labelledby"].split() for _, one, _ in found.elements if "aria-labelledby" in one
    ]
    assert {name for some in named for name in some} <= set(ids)


def test_the_page_asks_for_nothing(small: Page) -> None:
    (policy,) = (one["content"] for one in small.all("meta") if "http-equiv" in one)
    assert policy.startswith("default-src 'none'")
    assert not list(small.all("script"))
    assert not list(small.all("link"))


def test_the_headline_counts_what_is_open(small: Page) -> None:
    text = small.text("main")
    assert "2 threats of high priority are open" in text
    assert "3 of 5 threats are open." in text
    assert (
        "3 questions about the system are not answered; up to 3 threats may stand behind." in text
    )
    assert "1 decision no longer holds: the time is over." in text


def test_what_would_help_most_stands_first(small: Page) -> None:
    text = small.text("main")
    first = text.index("What to do first")
    assert text.index("Control limits stands", first) < text.index("Control watching stands", first)


@pytest.mark.parametrize(
    "said",
    [
        "Threat evasion.decision",
        "AML.T0015 Evade ML Model",
        "a finding failed",
        "evasion.pgd@order/buyer",
        "1 failed",
        "1 passed",
        "done in the wild, or cheap with public programs",
        "Somebody looks.",
        "A book, page 1",
        "due 2026-12-01",
        "somebody has to look",
        "What limits how often Shop API can be asked?",
        "Element api",
        "It is safe",
        "Its last day is over, so the threat counts again.",
        "decision expired",
        "Decision on x.y@gone",
        "asks freely",
        "Somebody gets past",
        "stop now",
        "the inputs",
        "GDPR 33(1)",
        "72 hours",
        "at a table",
        "A law says something.",
        "sha256:0123456789abcdef",
        "MITRE ATLAS 2026.06",
    ],
)
def test_everything_of_the_model_is_on_the_page(small: Page, said: str) -> None:
    assert said in small.text("main")


def test_each_threat_stands_in_both_matrices(small: Page) -> None:
    chips = [one for one in small.all("a") if "chip" in one.get("class", "")]
    for number in range(1, len(MODEL.threats) + 1):
        assert [one["href"] for one in chips].count(f"#threat-{number}") == 2


def test_a_threat_stands_in_the_cell_of_its_likelihood_and_impact() -> None:
    low = msgspec.structs.replace(MODEL, threats=MODEL.threats[4:])
    raw = render_threats(sheet_of(low), fmt="html").decode()
    residual = raw.split("Residual: with what evidence shows")[1].split("</table>")[0]
    rows = residual.split("<tbody>")[1].split("<tr>")[1:]
    found = [
        (5 - row, column)
        for row, line in enumerate(rows)
        for column, cell in enumerate(line.split("<td ")[1:], start=1)
        if "chip" in cell
    ]
    assert found == [(1, 2)]


def test_a_threat_that_evidence_brought_down_shows_both_numbers(small: Page) -> None:
    assert "4 → 1 4 → 2 4 → 1 64 → 2" in small.text("main", "table")


def test_commands_of_the_plan_are_code(small: Page) -> None:
    assert "bartizan assess" in small.text("li", "code")


def test_nothing_found_is_never_called_safe() -> None:
    text = words_of(drawn_system(SYSTEM))
    assert "No threat is open" in text
    assert "which says nothing of those without a rule" in text
    nothing = msgspec.structs.replace(drawn_system(SYSTEM), questions=())
    raw = render_threats(sheet_of(nothing), fmt="html").decode()
    assert 'class="verdict inconclusive"' in raw
    assert "No rule asks for anything that the description leaves out." in words_of(nothing)


def test_empty_parts_say_that_they_are_empty() -> None:
    bare = msgspec.structs.replace(
        drawn_system(SYSTEM), questions=(), needs=(), attackers=(), orphans=(), notes=()
    )
    text = words_of(bare)
    for said in (
        "The description names no security requirement.",
        "Nothing was decided about a single threat.",
        "No threat asks for a control.",
        "No threat proposes one",
    ):
        assert said in text


def test_only_decided_and_mitigated_threats_make_it_calm() -> None:
    calm = msgspec.structs.replace(MODEL, threats=MODEL.threats[3:], questions=())
    assert 'class="verdict pass"' in render_threats(sheet_of(calm), fmt="html").decode()
