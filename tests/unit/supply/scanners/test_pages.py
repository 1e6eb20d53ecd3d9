"""Pages without code are read to their last byte; what is code in them is told."""

import pytest

from bartizan.supply.scanners.pages import SCANNER
from scanned import is_clean, judged, scanned

PAGE = b"<!doctype html>\n<html><body><p>\xc3\xa9</p></body></html>\n"


@pytest.mark.parametrize("path", ["report.html", "page.HTM", "drawing.svg", "no-ending"])
def test_a_page_without_code_is_clean(path: str) -> None:
    assert is_clean(scanned(SCANNER, PAGE, path=path), PAGE)
    assert judged(PAGE, path=path).verdict == "clean"


def test_code_in_a_page_is_inconclusive_and_its_line_is_told() -> None:
    found = judged(PAGE + b"<script>alert(1)</script>", path="report.html")
    assert (found.verdict, found.rules) == ("inconclusive", {"page.active"})
    assert (found.notices[0].where, found.notices[0].what) == ("line 3", "<script")


def test_a_page_of_nothing_but_code_tells_a_few_places() -> None:
    assert len(scanned(SCANNER, PAGE + b"<script>" * 1000).notices) == 20


@pytest.mark.parametrize(
    "raw", [b"\x80\x02cos\nsystem\n(S'true'\ntR.", b"cos\nsystem\n(S'true'\ntR."]
)
def test_a_pickle_with_the_name_of_a_page_is_malicious(raw: bytes) -> None:
    assert judged(raw, path="out/report.html").verdict == "malicious"


@pytest.mark.parametrize("raw", [PAGE + b"\0", PAGE + b"\xff", PAGE.decode().encode("utf-16")])
def test_what_is_no_text_is_no_page(raw: bytes) -> None:
    assert scanned(SCANNER, raw, path="report.html").covered == 0
    assert judged(raw, path="report.html").verdict == "inconclusive"
