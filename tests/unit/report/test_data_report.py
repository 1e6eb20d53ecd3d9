"""A report on data: no model, no attacker, and places in the data instead of changed rows."""

import json
from xml.etree import ElementTree as ET

import msgspec

from bartizan.core.evidence import Place, Subject
from bartizan.core.finding import Finding, Flagged, Measure, Taxonomy, Threshold
from bartizan.core.report import Coverage, Report, Tool
from bartizan.report import render
from unit.report.samples import sample_report

DATA = Subject(kind="data", name="future", digest="sha256:" + "a7" * 32, digest_kind="sha256")
PLACES = (
    Flagged(row=41_207, column="country", value="Germny", why="not declared; 'Germany'?"),
    Flagged(row=5, column="name", why="<b>control characters</b>"),
    Flagged(column="city", why="the column is missing"),
)
FOUND = Finding(
    id="data.categories@future",
    entry="data.categories",
    title="Values outside the declared categories",
    subject="future",
    outcome="fail",
    reason="share of rows is 0.1%; at most 0.0% is accepted",
    severity="high",
    measures=(Measure(name="unknown-share", value=0.001, n=2000),),
    threshold=Threshold(measure="unknown-share", op="<=", value=0.0, source="default"),
    taxonomy=Taxonomy(owasp_ml=("ML02:2023",)),
    flagged=PLACES,
)


def report() -> Report:
    sample = sample_report()
    return msgspec.structs.replace(
        sample,
        tool=Tool(name="bartizan", version="0.1.0", catalog="sha256:" + "c3" * 32),
        subjects=(DATA,),
        attackers=(),
        findings=(FOUND,),
        evidence=(),
        coverage=Coverage(
            profile="data",
            seed=0,
            rows=0,
            rows_total=2000,
            rows_protected=0,
            planned=(FOUND.id,),
        ),
        receipts=(
            msgspec.structs.replace(
                sample.receipts[0],
                finding=FOUND.id,
                place=Place(origin="bank.example/fraud", index=1234, leaf="sha256:" + "0" * 64),
            ),
        ),
    )


def test_the_page_shows_the_places_and_speaks_of_no_attack() -> None:
    page = render(report(), fmt="html").decode()
    assert "41,207" in page
    assert "Germny" in page
    assert "&lt;b&gt;control characters" in page
    assert "data security report" in page
    assert "Attackers</h2>" not in page
    assert "no attack was planned" not in page
    assert "bank.example/fraud, entry 1,234" in page


def test_the_comment_lists_the_places() -> None:
    comment = render(report(), fmt="markdown").decode()
    assert "| 41,207 | country | Germny | not declared; 'Germany'? |" in comment
    assert "|  | city |  | the column is missing |" in comment
    assert "attack" not in comment.split("## Coverage")[1]


def test_a_test_case_names_the_places() -> None:
    suite = ET.fromstring(render(report(), fmt="junit"))  # noqa: S314 - made a line above
    failure = suite.find("testsuite/testcase/failure")
    assert failure is not None
    assert "row 41,207, country: not declared; 'Germany'? (Germny)" in (failure.text or "")
    assert "city: the column is missing" in (failure.text or "")


def test_security_dashboards_get_the_places_as_properties() -> None:
    log = json.loads(render(report(), fmt="sarif"))
    (result,) = log["runs"][0]["results"]
    assert result["properties"]["flagged"][0]["row"] == 41_207
    assert "flagged" not in json.loads(render(sample_report(), fmt="sarif"))["runs"][0]["results"][
        0
    ].get("properties", {})
