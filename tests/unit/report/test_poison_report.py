"""What detectors of poison point at, in every format: pictures, marks, and what nobody sees."""

import json
import re
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest

from bartizan.core.errors import Error
from bartizan.core.finding import Flagged, Suspect, Views
from bartizan.core.report import Report, Sight
from bartizan.report import render
from unit.report.test_data_report import report as data_report

PNG = "data:image/png;base64,iVBORw0KGgo="
VIEWS = Views(original=PNG, altered=PNG, difference=PNG, amplified=2.0)


def report() -> Report:
    plain = data_report()
    (found,) = plain.findings
    found = msgspec.structs.replace(
        found,
        flagged=(
            Flagged(row=12, why="looks like class 3", picture=PNG),
            Flagged(row=13, why="and so does this"),
        ),
        suspects=(
            Suspect(mark="amount = 4057 and <b>", target="legit", carriers=2481),
            Suspect(mark="a mark on the picture", target="0", carriers=1, views=VIEWS),
        ),
    )
    sight = Sight(entry="poison.labels", sees="changed labels", misses="a trigger | a mark")
    coverage = msgspec.structs.replace(plain.coverage, sights=(sight,))
    return msgspec.structs.replace(plain, findings=(found,), coverage=coverage)


def test_the_page_shows_pictures_and_marks_and_fetches_nothing() -> None:
    page = render(report(), fmt="html").decode()
    assert page.count(f'<img src="{PNG}"') == 4
    assert "amount = 4057 and &lt;b&gt;" in page
    assert "2,481 rows carry" in page
    assert "1 row carries" in page
    assert not re.search(r"(src|href)=\"(?!data:image/png|#)", page)


def test_the_page_says_what_each_detector_cannot_see() -> None:
    page = render(report(), fmt="html").decode()
    table = page.split("What each detector can and cannot see, whatever", 1)[1]
    assert "poison.labels" in table
    assert "a trigger | a mark" in table
    assert "What each detector" not in render(data_report(), fmt="html").decode()


def test_a_page_without_pictures_has_no_column_for_them() -> None:
    assert ">Picture<" in render(report(), fmt="html").decode()
    assert ">Picture<" not in render(data_report(), fmt="html").decode()


def test_the_comment_names_marks_and_limits() -> None:
    comment = render(report(), fmt="markdown").decode()
    assert "**Suspected mark:** amount = 4057 and &lt;b&gt;" in comment
    assert "| `poison.labels` | changed labels | a trigger \\| a mark |" in comment
    assert PNG not in comment


def test_a_test_case_names_the_marks() -> None:
    suite = ET.fromstring(render(report(), fmt="junit"))  # noqa: S314 - made a line above
    failure = suite.find("testsuite/testcase/failure")
    assert failure is not None
    told = failure.text or ""
    assert "Suspected mark: a mark on the picture -> 0, in 1 rows" in told
    assert PNG not in told


def test_dashboards_get_marks_without_pictures() -> None:
    log: Any = json.loads(render(report(), fmt="sarif"))
    (result,) = log["runs"][0]["results"]
    assert [one["mark"] for one in result["properties"]["suspects"]] == [
        "amount = 4057 and <b>",
        "a mark on the picture",
    ]
    assert PNG not in render(report(), fmt="sarif").decode()


@pytest.mark.parametrize("picture", ["https://evil.example/a.png", "data:text/html;base64,AAAA"])
def test_a_picture_that_is_not_embedded_is_refused(picture: str) -> None:
    with pytest.raises(Error, match="no PNG as data URI"):
        Flagged(row=1, why="odd", picture=picture)
