import json
from pathlib import Path

import jsonschema
import pytest

from bartizan.core.record import decode
from bartizan.core.report import Report
from bartizan.report import json_schema, render
from unit.report.samples import sample_report

PUBLISHED = Path(__file__).parents[3] / "docs" / "schema" / "report-1.json"


def test_the_file_is_the_record() -> None:
    assert decode(render(sample_report(), fmt="json"), kind=Report) == sample_report()


def test_it_is_indented_by_two_and_says_its_schema_first() -> None:
    raw = render(sample_report(), fmt="json").decode()
    assert raw.startswith('{\n  "schema": "report/1",\n  "tool": {\n    "name"')
    assert raw.endswith("\n}\n")


def test_keys_are_in_a_fixed_order_whatever_the_order_they_came_in() -> None:
    report = sample_report()
    before = render(report, fmt="json")
    params = report.evidence[0].params
    for key in sorted(params, reverse=True):
        params[key] = params.pop(key)
    assert render(report, fmt="json") == before


def test_the_published_schema_is_current() -> None:
    assert PUBLISHED.read_bytes() == json_schema(), f"write json_schema() to {PUBLISHED}"


def test_the_schema_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(json_schema()))


def test_a_report_keeps_to_the_published_schema() -> None:
    jsonschema.validate(
        json.loads(render(sample_report(), fmt="json")), json.loads(PUBLISHED.read_bytes())
    )


@pytest.mark.parametrize(
    ("key", "wrong"), [("outcome", "passed"), ("findings", None), ("schema", "report/2")]
)
def test_the_schema_refuses_what_is_not_a_report(key: str, wrong: object) -> None:
    broken = json.loads(render(sample_report(), fmt="json")) | {key: wrong}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, json.loads(PUBLISHED.read_bytes()))
