"""Documents of OSCAL: the same bytes for the same day, and nothing said that was not found."""

import dataclasses
import json
import re
from typing import Any

import msgspec

from bartizan.frameworks.controls import controls
from bartizan.report.oscal import OSCAL_FILES, render_oscal
from unit.report.oscal.oscal_samples import HOSTILE, opened, sheet

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def loaded(**options: Any) -> dict[str, Any]:
    found = render_oscal(sheet(**options))
    return {name: next(iter(json.loads(raw).values())) for name, raw in found.items()}


def everything(part: Any) -> list[tuple[str, Any]]:
    """All keys with what stands under them, however deep."""
    if isinstance(part, dict):
        return [*part.items(), *(two for one in part.values() for two in everything(one))]
    return [two for one in part for two in everything(one)] if isinstance(part, list) else []


def test_equal_days_give_equal_bytes() -> None:
    assert render_oscal(sheet(findings=(opened(),))) == render_oscal(sheet(findings=(opened(),)))


def test_all_identities_are_derived_and_those_that_name_a_thing_are_unique() -> None:
    for body in loaded(findings=(opened(), opened("data.types@month"))).values():
        found = [value for key, value in everything(body) if key == "uuid"] + [body["uuid"]]
        assert all(UUID.fullmatch(one) for one in found)
        for kind in ("risks", "findings", "observations"):
            listed = [one["uuid"] for one in body.get("results", [body])[0].get(kind, [])]
            assert len(set(listed)) == len(listed)


def identities(project: str) -> dict[str, set[str]]:
    """Of what is in each document, by its name."""
    used = sheet(findings=(opened(), opened("data.types@month")))
    report = msgspec.structs.replace(used.report, project=project)
    found = render_oscal(dataclasses.replace(used, report=report))
    return {
        name: {value for key, value in everything(json.loads(raw)) if key == "uuid"}
        for name, raw in found.items()
    }


def test_two_projects_share_no_identity_but_those_of_the_tool_and_the_catalogue() -> None:
    one, other = identities("bank"), identities("shop")
    assert one == identities("bank")
    tool = one["component-definition.json"] | one["catalog.json"]
    results = loaded()["assessment-results.json"]
    platforms = results["results"][0]["local-definitions"]["assessment-assets"]
    tool |= {value for key, value in everything(platforms) if key == "uuid"}
    tool |= {one["uuid"] for one in results["back-matter"]["resources"][1:]}
    for name in ("assessment-results.json", "poam.json", "mapping-collection.json"):
        assert one[name] & other[name] <= tool, name
        assert one[name] - tool


def test_a_finding_that_was_closed_and_is_open_again_is_another_observation() -> None:
    first, again = (
        loaded(findings=(msgspec.structs.replace(opened(), since=since),))["poam.json"]
        for since in ("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z")
    )
    assert first["observations"][0]["uuid"] != again["observations"][0]["uuid"]
    assert first["risks"][0]["uuid"] == again["risks"][0]["uuid"]


def test_every_reference_has_its_target_in_the_same_document() -> None:
    for body in loaded(findings=(opened(),)).values():
        said = everything(body)
        here = {value for key, value in said if key == "uuid"}
        wanted = {
            value
            for key, value in said
            if key in ("observation-uuid", "risk-uuid", "component-uuid", "actor-uuid")
        }
        assert wanted <= here


def test_findings_and_definitions_name_controls_of_the_catalogue() -> None:
    found = loaded()
    said = everything(found["catalog.json"])
    ids = {value for key, value in said if key == "id"}
    listed = {one["id"] for group in found["catalog.json"]["groups"] for one in group["controls"]}
    assert listed == set(controls())
    others = everything(list(found.values()))
    assert {value for key, value in others if key == "target-id"} <= ids
    assert {value for key, value in others if key == "control-id"} <= listed


def test_a_control_of_the_catalogue_names_the_mitigations_that_the_report_links_to_it() -> None:
    used = sheet()
    linked = {
        (link.control, clause.id)
        for framework in used.report.frameworks
        if framework.id == "mitre-atlas"
        for clause in framework.clauses
        for link in clause.links
    }
    told = {
        (one["id"], link["href"].rpartition("/")[2])
        for group in loaded()["catalog.json"]["groups"]
        for one in group["controls"]
        for link in one.get("links", [])
    }
    assert linked
    assert told == linked


def test_a_control_is_satisfied_only_where_evidence_shows_it() -> None:
    result = loaded()["assessment-results.json"]["results"][0]
    states = [one["target"]["status"] for one in result["findings"]]
    assert [one["state"] for one in states].count("satisfied") == 1
    assert [one["reason"] for one in states].count("fail") == 1
    silent = [one for one in states if one["reason"] == "other"]
    assert silent
    assert all(one["state"] == "not-satisfied" for one in silent)


def test_controls_that_only_a_person_can_look_at_are_not_among_those_reviewed() -> None:
    used = sheet()
    result = loaded()["assessment-results.json"]["results"][0]
    listed = result["reviewed-controls"]["control-selections"][0]["include-controls"]
    able = [one.id for one in used.report.controls if one.by_evidence]
    assert [one["control-id"] for one in listed] == able
    assert len(able) < len(used.report.controls)


def test_a_risk_says_likelihood_impact_and_detection_before_and_after() -> None:
    used = sheet()
    result = loaded()["assessment-results.json"]["results"][0]
    assert used.model is not None
    assert len(result["risks"]) == len(used.model.threats)
    for risk, threat in zip(result["risks"], used.model.threats, strict=True):
        inherent, residual = (
            {one["name"]: int(one["value"]) for one in part["facets"]}
            for part in risk["characterizations"]
        )
        assert inherent == msgspec.structs.asdict(threat.inherent)
        assert residual == msgspec.structs.asdict(threat.residual)
        ids = [one["id"].rpartition("/")[2] for one in risk.get("threat-ids", [])]
        assert ids == list(threat.taxonomy.atlas)


def test_a_control_that_is_planned_says_by_when() -> None:
    risk = loaded()["assessment-results.json"]["results"][0]["risks"][0]
    first = risk["remediations"][0]
    assert first["lifecycle"] == "planned"
    assert first["tasks"][0]["timing"]["on-date"]["date"] == "2026-12-24T00:00:00Z"


def test_without_a_described_system_there_are_no_risks() -> None:
    result = loaded(described_too=False)["assessment-results.json"]["results"][0]
    assert "risks" not in result


def test_what_is_open_has_its_due_day_and_what_is_accepted_says_by_whom() -> None:
    plan = loaded(findings=(opened(), opened("data.types@month", waived=True)))["poam.json"]
    assert [one["status"] for one in plan["risks"]] == ["open", "deviation-approved"]
    assert {one["deadline"] for one in plan["risks"]} == {"2026-12-01T23:59:59Z"}
    props = {one["name"]: one["value"] for one in plan["poam-items"][1]["props"]}
    assert (props["accepted-by"], props["accepted-until"]) == ("ann", "2027-01-01")


def test_where_nothing_is_open_there_is_no_plan() -> None:
    assert set(OSCAL_FILES.values()) - set(loaded()) == {"poam.json"}


def test_every_link_of_the_report_is_a_map_and_every_clause_without_one_a_gap() -> None:
    used, found = sheet(), loaded()["mapping-collection.json"]
    linked = [one for one in used.report.frameworks if any(c.links for c in one.clauses)]
    assert len(found["mappings"]) == len(linked)
    for mapping, framework in zip(found["mappings"], linked, strict=True):
        pairs = [
            (one["sources"][0]["id-ref"], one["targets"][0]["id-ref"], one["relationship"])
            for one in mapping["maps"]
        ]
        said = [(k.control, c.id, k.relationship) for c in framework.clauses for k in c.links]
        assert [(a, b, c.partition("-")[0]) for a, b, c in pairs] == said
        gap = mapping.get("target-gap-summary", {"unmapped-controls": [{}]})["unmapped-controls"]
        names = gap[0].get("with-ids", []) + [one["pattern"] for one in gap[0].get("matching", [])]
        assert sorted(names) == sorted(one.id for one in framework.clauses if not one.links)


def test_the_day_is_that_of_the_report_and_no_other_time_is_said() -> None:
    for body in loaded().values():
        assert body["metadata"]["last-modified"] == "2026-11-22T00:00:00Z"
        assert body["metadata"]["oscal-version"] == "1.2.1"


def test_markup_in_names_is_shown_and_not_obeyed() -> None:
    text = json.dumps(loaded(findings=(opened(),)), ensure_ascii=False)
    item = loaded(findings=(opened(),))["poam.json"]["poam-items"][0]
    assert "\u202e" not in text
    assert item["title"] == r"evasion.pgd@\<b\>fraud\</b\> \| \*x\* \\u202e\#a"
    assert HOSTILE not in text


def test_nobody_is_called_compliant() -> None:
    found = b"".join(render_oscal(sheet(findings=(opened(),))).values()).lower()
    assert b"compliant" not in found


def test_documents_have_the_names_by_which_they_call_each_other() -> None:
    assert list(render_oscal(sheet(findings=(opened(),)))) == list(OSCAL_FILES.values())
