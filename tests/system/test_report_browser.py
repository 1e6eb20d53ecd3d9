"""The page in a real browser: what only a browser can say about it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bartizan.report import save
from unit.report.hostile import hostile_report
from unit.report.samples import sample_report

CHROMIUM = os.environ.get("BARTIZAN_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",  # containers have no user namespaces
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CONTRAST = """() => {
  const channel = c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) =>
    0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const colour = numbers(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] > 0.99) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const e of document.querySelectorAll("body *:not(svg, svg *)")) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const [low, high] = [numbers(getComputedStyle(e).color), ground(e)]
      .map(luminance).sort((a, b) => a - b);
    found.push([(high + 0.05) / (low + 0.05), e.tagName + "." + e.className]);
  }
  return found.sort((a, b) => a[0] - b[0]);
}"""

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


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("report")
    return save(sample_report(), out, formats=["html"])[0].as_uri()


@pytest.fixture(scope="module")
def hostile_address(tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("hostile")
    return save(hostile_report(), out, formats=["html"])[0].as_uri()


@pytest.mark.parametrize("which", ["address", "hostile_address"])
def test_the_page_is_quiet_and_asks_for_nothing(
    browser: Any, which: str, request: pytest.FixtureRequest
) -> None:
    at: str = request.getfixturevalue(which)
    page = browser.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda one: asked.append(one.url))
    page.goto(at)
    page.wait_for_load_state("networkidle")
    page.close()
    assert said == []
    assert asked == [at]


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("which", ["address", "hostile_address"])
def test_the_page_never_scrolls_sideways(
    browser: Any, which: str, width: int, request: pytest.FixtureRequest
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(request.getfixturevalue(which))
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert wide <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_in_both_schemes(browser: Any, address: str, scheme: str) -> None:
    page = browser.new_page(color_scheme=scheme)
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = page.evaluate(CONTRAST)
    page.close()
    assert len(found) > 100
    assert found[0][0] >= 4.5, found[:5]


def test_the_two_schemes_differ(browser: Any, address: str) -> None:
    grounds = set()
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme)
        page.goto(address)
        grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        page.close()
    assert len(grounds) == 2


def test_on_paper_everything_is_unfolded(browser: Any, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    hidden = "[...document.querySelectorAll('.inside')].filter(e => !e.checkVisibility("
    hidden += "{contentVisibilityAuto: true})).length"
    on_screen = page.evaluate(hidden)
    page.emulate_media(media="print")
    page.wait_for_function(f"{hidden} === 0")  # visibility is settled with the next frame drawn
    on_paper = page.evaluate(hidden)
    page.close()
    assert on_screen > 0
    assert on_paper == 0


def test_the_skip_link_is_the_first_stop_of_the_keyboard(browser: Any, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.textContent")
    page.close()
    assert focused == "Skip to the findings"
