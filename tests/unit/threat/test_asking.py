"""Conditions are put to elements of a system."""

import pytest

from bartizan.core.system import Asset, Element, Flow
from bartizan.threat.asking import asked
from bartizan.threat.condition import Condition, Missing
from unit.threat.systems import API, ATTACKER, MODEL, landscape, line


def test_what_is_not_written_is_unknown_and_named() -> None:
    found = asked(Condition(attribute="auth", is_="none"), API, landscape=landscape(API))
    assert (found.truth, found.missing) == ("unknown", frozenset({Missing("element api", "auth")}))


def test_something_upstream_is_seen_over_several_flows() -> None:
    here = landscape(ATTACKER, API, MODEL, flows=line("somebody", "api", "model"))
    hostile = Condition(attribute="gains", is_=True)
    assert asked(Condition(fed_by=hostile), MODEL, landscape=here).truth == "yes"
    assert (
        asked(Condition(feeds=Condition(kind=("model",))), ATTACKER, landscape=here).truth == "yes"
    )
    near = Condition(gets_from=Condition(kind=("actor",)))
    assert asked(near, MODEL, landscape=here).truth == "no"
    assert asked(near, API, landscape=here).truth == "yes"
    assert asked(Condition(sends_to=Condition(kind=("api",))), API, landscape=here).truth == "no"


def test_a_circle_of_flows_ends() -> None:
    here = landscape(API, MODEL, flows=(*line("api", "model"), *line("model", "api")))
    assert [one.id for one in here.upstream(API)] == ["model", "api"]


def test_a_flow_from_less_trust_crosses() -> None:
    here = landscape(ATTACKER, API, flows=line("somebody", "api"))
    assert asked(Condition(crosses=True), API, landscape=here).truth == "yes"
    assert asked(Condition(crosses=True), ATTACKER, landscape=here).truth == "no"


def test_assets_are_those_kept_and_those_carried() -> None:
    people = Asset(id="people", personal=True)
    store = Element(id="store", kind="store", zone="inside", holds=("people",))
    here = landscape(
        store, API, MODEL, flows=line("store", "api", carries=("people",)), assets=(people,)
    )
    holds = Condition(holds=Condition(attribute="personal", is_=True))
    answers = [asked(holds, one, landscape=here).truth for one in (store, API, MODEL)]
    assert answers == ["yes", "yes", "no"]


@pytest.mark.parametrize(("days", "truth"), [(None, "unknown"), (30, "no"), (731, "yes")])
def test_numbers_are_compared(days: int | None, truth: str) -> None:
    store = Element(id="store", kind="store", zone="inside", holds=("people",))
    here = landscape(store, assets=(Asset(id="people", retention_days=days),))
    old = Condition(holds=Condition(attribute="retention_days", above=730))
    assert asked(old, store, landscape=here).truth == truth


def test_attributes_of_flows_are_asked_of_each_flow() -> None:
    flows = (Flow(source="somebody", target="api", encrypted=True), *line("model", "api"))
    here = landscape(ATTACKER, API, MODEL, flows=flows)
    bare = Condition(flow_in=Condition(attribute="encrypted", is_=False))
    found = asked(bare, API, landscape=here)
    assert (found.truth, found.missing) == (
        "unknown",
        frozenset({Missing("flow model->api", "encrypted")}),
    )
