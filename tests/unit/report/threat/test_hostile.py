"""What people or files may write never breaks out of any format."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET

import pytest

from bartizan.core.errors import OutputError
from bartizan.report.threat import Sheet, render_threats
from unit.report.test_html import LOADS, Page
from unit.report.threat.described import MODEL, SHEET, poisoned

MARKUP = (
    "</title></style></svg></text><script>alert(1)</script><img src=//h/x onerror=a()>\"'{{7*7}}"
)
PAYLOADS = {
    "markup": MARKUP,
    "direction": "\u202egnp.exe\u2066\u200b\u200f",
    "lines": "\n\n```\n# Title\n| a | b |\r\nend\n  subgraph x\u2028%%{init: {}}%%",
    "markdown": "`code` [a](javascript:b) ![c](//d) <!-- --> **e** | f @team ``` ~~~",
    "control": "\x00\x1b[31m\x07\x7f\x85\ufffe\uffff",
    "long": "W" * 10_000,
    "formula": "",
}
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def hostile(name: str) -> Sheet:
    """The small model, with a payload after each free text, and in the names beside it."""
    return Sheet(
        model=poisoned(MODEL, PAYLOADS[name]),
        lines=SHEET.lines,
        file=f"bartizan.toml{PAYLOADS[name]}",
        names={"AML.T0015": f"Evade{PAYLOADS[name]}"},
    )


def test_the_payload_is_everywhere() -> None:
    model = hostile("markup").model
    for text in (
        model.system.system.name,
        model.system.elements[0].title,
        model.threats[0].title,
        model.threats[0].countermeasures[0].owner,
        model.questions[0].text,
        model.plan.playbooks[0].steps[0].command,
        model.plan.roles[0][1],
    ):
        assert text.endswith(MARKUP)


@pytest.mark.parametrize("name", PAYLOADS)
def test_the_page_runs_and_loads_nothing(name: str) -> None:
    page = Page(render_threats(hostile(name), fmt="html").decode())
    assert not list(page.all("script"))
    assert not list(page.all("img"))
    for tag, attributes, _ in page.elements:
        assert not any(key.startswith("on") for key in attributes), tag
        for key in LOADS & set(attributes):
            assert attributes[key].startswith("#"), (tag, attributes)
    assert not UNSEEN.search(page.text())


@pytest.mark.parametrize("name", PAYLOADS)
def test_the_drawing_is_xml_without_anything_active(name: str) -> None:
    raw = render_threats(hostile(name), fmt="svg")
    root = ET.fromstring(raw)  # noqa: S314 (made here)
    for one in root.iter():
        assert one.tag.rpartition("}")[2] in {
            *("svg", "title", "desc", "style", "defs", "marker", "path", "g", "rect", "text"),
            *("tspan", "polygon"),
        }
        assert not any(key.startswith("on") or "href" in key for key in one.attrib)
    assert not UNSEEN.search(raw.decode())


@pytest.mark.parametrize("name", PAYLOADS)
def test_the_chart_keeps_its_lines_and_its_quotes(name: str) -> None:
    text = render_threats(hostile(name), fmt="mermaid").decode()
    lines = text.splitlines()
    assert len(lines) == len(render_threats(SHEET, fmt="mermaid").decode().splitlines())
    for line in lines[1:]:
        assert re.fullmatch(
            r"  subgraph \w+\[\"[^\"<>`{}%\[\]|\\&]*\"\]|  end|  linkStyle [\d,]+ stroke-width:3px"
            r"|    \w+[\[({>/]+\"[^\"`{}%\[\]|\\&<>]*<br/>[^\"`{}%\[\]|\\&<>]*\"[\])}/]+"
            r"|  \w+ -\.?->(\|\"[^\"`{}%\[\]|\\&<>]*\"\|)? \w+",
            line,
        ), line
    assert max(map(len, lines)) < 1_500


@pytest.mark.parametrize("name", PAYLOADS)
def test_markdown_keeps_its_headings_and_tables(name: str) -> None:
    text = render_threats(hostile(name), fmt="markdown").decode()
    plain = render_threats(SHEET, fmt="markdown").decode()

    def form(raw: str) -> list[str]:
        lines = [line for line in raw.split("\n") if line.startswith(("#", "|", "```"))]
        cells = [
            len(re.findall(r"(?<!\\)\|", line)) if line[0] == "|" else line[:4] for line in lines
        ]
        return [str(one) for one in cells]

    assert form(text) == form(plain)
    outside = re.sub(r"`[^`\n]*`", "", text)
    assert "<script" not in outside
    assert "<img" not in outside
    assert not re.search(r"(?<!\\)\]\(", outside)
    assert not UNSEEN.search(text.replace("\n", ""))


@pytest.mark.parametrize("name", PAYLOADS)
def test_the_register_has_one_line_a_threat(name: str) -> None:
    raw = render_threats(hostile(name), fmt="csv").decode()
    assert raw.count("\r\n") == len(MODEL.threats) + 1
    rows = list(csv.reader(io.StringIO(raw, newline="")))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert not UNSEEN.search(raw.replace("\r\n", ""))


@pytest.mark.parametrize("fmt", ["sarif", "otm", "json"])
@pytest.mark.parametrize("name", PAYLOADS)
def test_json_stays_json(fmt: str, name: str) -> None:
    assert json.loads(render_threats(hostile(name), fmt=fmt))


@pytest.mark.parametrize("fmt", ["html", "markdown", "json", "csv", "sarif", "otm", "svg"])
def test_text_that_is_no_unicode_is_refused_in_words(fmt: str) -> None:
    sheet = Sheet(model=poisoned(MODEL, "\ud800"), lines={}, file="bartizan.toml")
    with pytest.raises(OutputError, match="not valid Unicode"):
        render_threats(sheet, fmt=fmt)
