import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bartizan.report.threat import Sheet, render_threats
from unit.report.threat.described import EXAMPLES, MODEL, SHEET, drawn_system, worked
from unit.report.threat.otm_form import OTM
from unit.report.threat.test_landscape import SYSTEMS

NAMES = ["small", *(one.stem for one in EXAMPLES)]


def written(sheet: Sheet) -> dict[str, Any]:
    found = json.loads(render_threats(sheet, fmt="otm"))
    jsonschema.validate(found, OTM)
    assert isinstance(found, dict)
    return found


def ids(found: dict[str, Any], key: str) -> list[str]:
    return [one["id"] for one in found[key]]


@pytest.mark.parametrize("place", [None, *EXAMPLES], ids=NAMES)
def test_every_reference_leads_to_something(place: Path | None) -> None:
    found = written(worked(place) if place else SHEET)
    for key in ("assets", "trustZones", "components", "dataflows", "threats", "mitigations"):
        assert len(ids(found, key)) == len(set(ids(found, key)))
    for one in found["components"]:
        assert one["parent"]["trustZone"] in ids(found, "trustZones")
        assert {*one["assets"]["processed"], *one["assets"]["stored"]} <= {*ids(found, "assets")}
        for two in one["threats"]:
            assert two["threat"] in ids(found, "threats")
            assert {each["mitigation"] for each in two["mitigations"]} <= {
                *ids(found, "mitigations")
            }
    for one in found["dataflows"]:
        assert {one["source"], one["destination"]} <= {*ids(found, "components")}


@pytest.mark.parametrize("name", SYSTEMS)
def test_any_system_can_be_written(name: str) -> None:
    found = written(Sheet(model=drawn_system(SYSTEMS[name]), lines={}, file="x.toml"))
    assert len(found["components"]) == len(SYSTEMS[name].elements)


def test_every_threat_is_at_its_component_in_its_state() -> None:
    found = {
        two["threat"]: two["state"]
        for one in written(SHEET)["components"]
        for two in one["threats"]
    }
    assert found == {
        "evasion.decision@model": "exposed",
        "access.open-door@api": "exposed",
        "theft.questions@api": "exposed",
        "privacy.logs@orders-db": "accepted",
        "record.altered@orders-db": "mitigated",
    }


def test_steps_become_hundredths_and_nothing_else_is_said_of_them() -> None:
    (first, *_) = written(SHEET)["threats"]
    assert (first["risk"]["likelihood"], first["risk"]["impact"]) == (80, 80)
    assert first["attributes"]["residualPriority"] == "high"
    assert first["attributes"]["inherentDetection"] == "4"


def test_what_nobody_said_counts_as_the_worst_and_is_told() -> None:
    (asset,) = written(SHEET)["assets"]
    assert asset["risk"]["confidentiality"] == 40
    assert asset["risk"]["integrity"] == 100
    assert "not described, so the worst is assumed" in asset["risk"]["comment"]


def test_an_expired_decision_is_told_beside_a_threat_that_is_exposed() -> None:
    told = {one["id"]: one["attributes"] for one in written(SHEET)["threats"]}
    assert told["access.open-door@api"]["decisionExpires"] == "2026-01-31"
    assert told["access.open-door@api"]["decidedBecause"] == "=cheap"


def test_what_is_asked_stands_where_it_is_asked_about() -> None:
    found = written(SHEET)
    (api,) = (one for one in found["components"] if one["id"] == "api")
    (flow,) = (one for one in found["dataflows"] if one["id"] == "buyer->api")
    assert api["attributes"]["ask-rate_limit"] == "What limits how often Shop API can be asked?"
    assert flow["attributes"]["ask-auth"] == "Who is it?"
    assert found["project"]["attributes"]["ask-stakes"] == "What is at stake?"


def test_the_id_of_the_project_is_the_same_for_the_same_name() -> None:
    again = Sheet(model=MODEL, lines={}, file="elsewhere.toml")
    assert written(SHEET)["project"]["id"] == written(again)["project"]["id"]
