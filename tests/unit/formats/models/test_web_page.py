"""Whatever a browser would run in a page is told; a page without any of it is not."""

import pytest

from bartizan.formats.models.web_page import active_parts, is_page
from timing import least

INERT = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>On and off = 1</title>
<style>a > b { color: red } @media print { p { on: 1 } }</style></head>
<body><!-- a remark --><h1 id=x>Data: 3 &lt; 4, option=2</h1>
<a href="https://example.org/?on=1">there</a> <a href="#x">here</a>
<img alt="" src="data:image/png;base64,iVBORw0KGgo=">
<svg viewBox="0 0 1 1"><path d="M0 0h1"/><text>&lt;script&gt; is spelled out</text></svg>
</body></html>
"""


def told(text: str) -> list[str]:
    return [part.what.lower() for part in active_parts(text)]


def test_marks_on_text_are_no_code() -> None:
    assert told(INERT) == []
    assert told("no mark at all: onclick=1 javascript:x") == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("<p><script>alert(1)</script>", "<script"),
        ("<SCRIPT/x>alert(1)</SCRIPT>", "<script"),
        ("<svg:script>alert(1)</svg:script>", "<svg:script"),
        ("<!-- --!><script>1</script> -->", "<script"),
        ("<style><!--</style><script>1</script>", "<script"),
        ('<p title="<script>">', "<script"),
        ("<iframe src=x>", "<iframe"),
        ("<object data=x>", "<object"),
        ("<embed src=x>", "<embed"),
        ("<img src=x onerror=alert(1)>", "onerror="),
        ("<img src=x\nONERROR\n=\nalert(1)>", "onerror\n="),
        ("<svg/onload=alert(1)>", "onload="),
        ('<a href="javascript:alert(1)">', "javascript:"),
        ('<a href="jav&#x61;script&colon;alert(1)">', "javascript:"),
        ('<a href="java&Tab;script:alert(1)">', "javascript:"),
        ('<a href=" java\nscript:alert(1)">', "javascript:"),
        ('<svg><animate values=";javascript:alert(1)"/></svg>', "javascript:"),
        ('<meta http-equiv=refresh content="0;url=data:text/html,x">', "=data:"),
        ('<a href="data:text/html,<b>x</b>">', '="data:'),
        ('<image href="data:image/svg+xml,x">', '="data:'),
        ("<style>a{background:url(data:text/html,x)}</style>", "url(data:"),
        ('<meta charset="utf-7"><p>+ADw-script+AD4-', 'charset="utf-7'),
        ('<!DOCTYPE svg [<!ENTITY x "y">]><svg/>', "<!doctype"),
        ('<?xml-stylesheet href="x.xsl"?><svg/>', "<?xml-stylesheet"),
    ],
)
def test_whatever_is_code_is_told(text: str, what: str) -> None:
    assert what in told(text)


def test_the_line_is_told() -> None:
    assert [part.line for part in active_parts("<p>\n\n<script>")] == [3]


@pytest.mark.parametrize(
    ("path", "head", "is_one"),
    [
        ("report.html", b"", True),
        ("a/LOGO.SVG", b"", True),
        ("page", b"\xef\xbb\xbf<!doctype html>", True),
        ("page", b"<!-- saved --> <html>", True),
        ("drawing", b"<svg xmlns=", True),
        ("README.md", b"<div align='center'>", False),
        ("model.pmml", b"<?xml version='1.0'?><PMML>", False),
        ("model.html.pkl", b"\x80\x04", False),
    ],
)
def test_pages_are_known_by_name_and_by_their_beginning(
    path: str, head: bytes, *, is_one: bool
) -> None:
    assert is_page(path, head) == is_one


@pytest.mark.parametrize("piece", ["<", "<!--", "<a ", "<!doctype ", "on", "= data:", "&#", "url("])
def test_the_time_is_linear_in_the_page(piece: str) -> None:
    def seconds(count: int) -> float:
        text = "<" + piece * count
        return least(lambda: list(active_parts(text)))[0]

    # Eight times the signs; the square of that would be 64 times.
    assert seconds(40_000) < 24 * seconds(5_000) + 0.1
