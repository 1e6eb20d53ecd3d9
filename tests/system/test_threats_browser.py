"""The page and the drawing of a threat model in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bartizan.report.threat import save_threats
from system.test_report_browser import ARGUMENTS, CHROMIUM, CONTRAST
from unit.report.threat.described import SHEET, card_fraud
from unit.report.threat.test_hostile import PAYLOADS, hostile

SHEETS = ("example", "small", *PAYLOADS)
OPEN = "document.querySelectorAll('details').forEach(d => d.open = true)"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not Path(CHROMIUM).exists(),
        reason=f"no browser at {CHROMIUM}; install chromium or set BARTIZAN_CHROMIUM",
    ),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed; pip install 'bartizan[e2e]'"
    )
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module", params=SHEETS)
def addresses(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> list[str]:
    """Of the page and of the drawing."""
    out = tmp_path_factory.mktemp("threats")
    known = {"example": card_fraud(), "small": SHEET}
    sheet = known.get(request.param) or hostile(request.param)
    return [one.as_uri() for one in save_threats(sheet, out, formats=["html", "svg"])]


@pytest.fixture(scope="module")
def page_of_example(tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("example")
    return save_threats(card_fraud(), out, formats=["html"])[0].as_uri()


@pytest.mark.parametrize("which", [0, 1], ids=["page", "drawing"])
def test_page_and_drawing_are_quiet_and_ask_for_nothing(
    browser: Any, addresses: list[str], which: int
) -> None:
    page = browser.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda one: asked.append(one.url))
    page.goto(addresses[which])
    page.wait_for_load_state("networkidle")
    page.close()
    assert said == []
    assert asked == [addresses[which]]


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_never_scrolls_sideways(browser: Any, addresses: list[str], width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(addresses[0])
    page.evaluate(OPEN)
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert wide <= width


def test_letters_never_leave_their_element(browser: Any, addresses: list[str]) -> None:
    """Measured with the fonts of this machine."""
    page = browser.new_page(viewport={"width": 1600, "height": 1000})
    page.goto(addresses[1])
    out = page.evaluate(
        """() => [...document.querySelectorAll('.element')].flatMap(element => {
          const box = element.querySelector('.body').getBBox();
          return [...element.querySelectorAll('text.label')].filter(text => {
            const at = text.getBBox();
            return at.x < box.x || at.x + at.width > box.x + box.width
              || at.y < box.y || at.y + at.height > box.y + box.height;
          }).map(text => text.textContent);
        })"""
    )
    page.close()
    assert out == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_in_both_schemes(
    browser: Any, page_of_example: str, scheme: str
) -> None:
    page = browser.new_page(color_scheme=scheme)
    page.goto(page_of_example)
    page.evaluate(OPEN)
    found = page.evaluate(CONTRAST)
    page.close()
    assert len(found) > 100
    assert found[0][0] >= 4.5, found[:5]


def test_on_paper_everything_is_unfolded(browser: Any, page_of_example: str) -> None:
    page = browser.new_page()
    page.goto(page_of_example)
    hidden = "[...document.querySelectorAll('.inside')].filter(e => !e.checkVisibility("
    hidden += "{contentVisibilityAuto: true})).length"
    on_screen = page.evaluate(hidden)
    page.emulate_media(media="print")
    page.wait_for_function(f"{hidden} === 0")
    page.close()
    assert on_screen > 0


def test_a_number_of_the_matrix_opens_its_threat(browser: Any, page_of_example: str) -> None:
    page = browser.new_page()
    page.goto(page_of_example)
    page.click(".matrix a.chip >> nth=0")
    page.wait_for_function("document.querySelector(location.hash).checkVisibility()")
    page.close()
