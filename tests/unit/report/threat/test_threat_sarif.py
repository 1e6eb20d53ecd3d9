import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from bartizan.core.threat import ThreatModel
from bartizan.report.threat import Sheet, render_threats
from unit.report.test_sarif import SCHEMA
from unit.report.threat.described import EXAMPLES, LOW, MIDDLE, MODEL, SHEET, sheet_of, worked


def run(sheet: Sheet) -> dict[str, Any]:
    log = json.loads(render_threats(sheet, fmt="sarif"))
    jsonschema.validate(log, SCHEMA)
    (only,) = log["runs"]
    assert isinstance(only, dict)
    return only


def results(model: ThreatModel = MODEL) -> list[dict[str, Any]]:
    return list(run(sheet_of(model))["results"])


@pytest.mark.parametrize("place", EXAMPLES, ids=lambda place: place.stem)
def test_the_worked_examples_keep_to_the_schema(place: Path) -> None:
    sheet = worked(place)
    opened = [one for one in sheet.model.threats if one.standing == "open"]
    assert len(run(sheet)["results"]) == len(opened) + len(sheet.model.questions)


def test_open_threats_and_questions_are_results_and_nothing_else() -> None:
    assert [one["ruleId"] for one in results()] == [
        "evasion.decision",
        "access.open-door",
        "theft.questions",
        *["threat.open-question"] * 3,
    ]


@pytest.mark.parametrize(
    ("residual", "level", "severity"),
    [(MODEL.threats[0].residual, "error", "8.0"), (MIDDLE, "warning", "5.5"), (LOW, "note", "2.0")],
)
def test_the_residual_priority_decides_the_level(residual: Any, level: str, severity: str) -> None:
    one = msgspec.structs.replace(MODEL.threats[0], residual=residual)
    found = results(msgspec.structs.replace(MODEL, threats=(one,)))[0]
    assert (found["kind"], found["level"]) == ("fail", level)
    assert found["properties"]["security-severity"] == severity


def test_a_question_is_for_review() -> None:
    assert {(one["kind"], one["level"]) for one in results()[3:]} == {("review", "none")}


def test_a_result_points_at_the_line_of_its_element() -> None:
    places = [one["locations"][0]["physicalLocation"] for one in results()]
    assert [one.get("region", {}).get("startLine") for one in places] == [30, 12, 12, 12, 5, None]
    assert {one["artifactLocation"]["uri"] for one in places} == {"bartizan.toml"}


def test_a_rule_reads_the_same_whatever_becomes_of_its_threats() -> None:
    done = [
        msgspec.structs.replace(one, standing="mitigated", residual=LOW) for one in MODEL.threats
    ]
    after = sheet_of(msgspec.structs.replace(MODEL, threats=tuple(done)))
    assert run(after)["tool"]["driver"]["rules"] == run(SHEET)["tool"]["driver"]["rules"]
    assert len(run(after)["results"]) == len(MODEL.questions)


def test_the_index_of_a_rule_is_that_of_its_place() -> None:
    found = run(SHEET)
    rules = found["tool"]["driver"]["rules"]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in found["results"])


def test_fingerprints_are_of_the_id_alone() -> None:
    before = [one["partialFingerprints"] for one in results()]
    told = tuple(
        msgspec.structs.replace(one, title="Other words", residual=MIDDLE) for one in MODEL.threats
    )
    assert [
        one["partialFingerprints"] for one in results(msgspec.structs.replace(MODEL, threats=told))
    ] == before
    assert len({json.dumps(one) for one in before}) == len(before)


def test_ids_of_catalogues_have_their_names_and_versions() -> None:
    atlas = run(SHEET)["taxonomies"][0]
    assert (atlas["name"], atlas["version"]) == ("MITRE ATLAS", "2026.06")
    assert atlas["taxa"] == [{"id": "AML.T0015", "name": "Evade ML Model"}]


def test_the_file_is_named_without_a_way_up() -> None:
    away = Sheet(model=MODEL, lines={}, file="../../etc/x y.toml")
    assert run(away)["artifacts"] == [{"location": {"uri": "etc/x%20y.toml"}}]
