"""What a report shows of images, of checks of the whole model, and of curves of many scales."""

import re

import msgspec
import pytest

from bartizan.core.errors import Error
from bartizan.core.finding import Change, Example, Importance, Views
from bartizan.core.record import decode, encode
from bartizan.core.report import Report
from bartizan.report import render
from unit.report.samples import GREY, deep_report
from unit.report.test_html import Page


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(render(deep_report(), fmt="html").decode())


def test_an_image_is_shown_before_and_after_with_its_difference(page: Page) -> None:
    shown = list(page.all("img"))
    assert [image["src"] for image in shown] == [GREY] * 3
    assert all(image["alt"] for image in shown)
    assert "Difference \N{MULTIPLICATION SIGN} 32" in page.text("figcaption")


@pytest.mark.parametrize(
    "address",
    [
        "http://host/x.png",
        "data:image/svg+xml;base64,AAAA",
        'data:image/png;base64,AAAA" onerror=alert(1)',
        "",
    ],
)
def test_a_view_that_is_no_embedded_png_is_refused(address: str) -> None:
    with pytest.raises(Error, match="no PNG"):
        Views(original=GREY, altered=address, difference=GREY, amplified=1.0)


def test_curves_of_one_chart_are_drawn_together_under_its_title(page: Page) -> None:
    heads = page.text("h4")
    assert "Members told from others against false positive rate" in heads
    titles = [text for around, text in page.words if "title" in around and "svg" in around]
    assert sum("Members told" in text for text in titles) == 1


def test_a_logarithmic_chart_has_powers_of_ten_on_its_axes() -> None:
    raw = render(deep_report(), fmt="html").decode()
    drawing = raw[raw.index("Members told from others") :]
    ticks = re.findall(r">(\d[\d.]* %)<", drawing[: drawing.index("</svg>")])
    assert {"0.01 %", "0.1 %", "1 %", "10 %"} <= set(ticks)


def test_importances_stand_beside_their_part_in_the_attacks(page: Page) -> None:
    rows = page.text("tbody")
    assert "amount 0.210 0.180 to 0.240" in rows
    assert "Part of attacks" in page.text("thead")
    assert "64 shadow models" in page.text("li")


def wide(count: int) -> Report:
    """A report whose findings are about many features."""
    report = deep_report()
    many = []
    for one in report.findings:
        importances = tuple(
            Importance(feature=f"wide-{n}", value=0.1, low=0.1, high=0.1) for n in range(count)
        )
        changes = tuple(Change(feature=f"wide-{n}", before="0", after="1") for n in range(count))
        shown = Example(row=1, price=0.1, queries=1, label="a", decision="b", changes=changes)
        examples = (shown,) if one.attacker else ()
        many.append(msgspec.structs.replace(one, importances=importances, examples=examples))
    return msgspec.structs.replace(report, findings=tuple(many))


@pytest.mark.parametrize("fmt", ["html", "markdown"])
def test_a_table_of_many_columns_is_shown_in_part_and_says_so(fmt: str) -> None:
    whole, part = (render(wide(n), fmt=fmt).decode() for n in (15, 5_000))
    assert "wide-14" in whole
    assert "and 4,985 more" in part
    assert "and 0 more" not in whole
    assert "wide-4999" not in part
    if fmt == "html":
        assert "and 4,960 that matter less" in part


def test_a_comment_has_importances_and_remarks() -> None:
    text = render(deep_report(), fmt="markdown").decode()
    assert "| amount | 0.210 | 0.180 to 0.240 |" in text
    assert "64 shadow models" in text


def test_every_format_can_be_written_and_the_json_read_again() -> None:
    for fmt in ("html", "sarif", "junit", "markdown"):
        assert render(deep_report(), fmt=fmt)
    raw = render(deep_report(), fmt="json")
    assert decode(raw, kind=Report) == decode(encode(deep_report()), kind=Report)
