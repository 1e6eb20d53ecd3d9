"""Threats propose the attackers that a model is tested against."""

from datetime import date

from msgspec.structs import replace

from bartizan.core.known import Item, Known
from bartizan.core.system import Decision, Element
from bartizan.core.threat import Threat
from bartizan.frameworks.controls import controls
from bartizan.threat.attackers import proposed_attackers
from bartizan.threat.landscape import Landscape
from bartizan.threat.modelling import Basis, threats_of
from bartizan.threat.reading import packaged
from bartizan.threat.subjects import models_of, subjects_of
from unit.threat.systems import ATTACKER, landscape, line

_API = Element(id="api", kind="api", zone="inside", returns_scores=True, rate_limit="budget")


def _proposed(name: str) -> dict[str, tuple[str, ...]]:
    model = Element(id="scorer", kind="model", zone="inside", model=name)
    here = landscape(ATTACKER, _API, model, flows=line("somebody", "api", "scorer"))
    basis = Basis(
        rules=packaged(), controls=controls(), maturity={}, known=Known(), today=date(2026, 1, 1)
    )
    threats = threats_of(here, basis=basis)
    found = proposed_attackers(threats, rules=packaged(), landscape=here)
    assert all(one.models == (name,) for one in found)
    return {one.access: one.threats for one in found}


def test_scores_that_are_returned_give_an_attacker_who_sees_them() -> None:
    found = _proposed("fraud")
    assert list(found) == ["scores"]
    assert set(found["scores"]) == {"evasion.scores@api", "theft.questions@api"}


def test_a_model_that_nobody_can_run_has_none() -> None:
    assert _proposed("") == {}


def _threats(here: Landscape, *decisions: Decision) -> tuple[Threat, ...]:
    basis = Basis(
        rules=packaged(), controls=controls(), maturity={}, known=Known(), today=date(2026, 1, 1)
    )
    decided = Landscape(replace(here.system, decisions=decisions))
    return threats_of(decided, basis=basis)


def test_a_model_that_learns_from_decisions_of_another_is_not_asked_through_its_api() -> None:
    names = ("served", "nightly")
    models = [Element(id=one, kind="model", zone="inside", model=one) for one in names]
    rest = [
        Element(id="log", kind="store", zone="inside"),
        Element(id="training", kind="pipeline", zone="inside"),
    ]
    way = line("somebody", "api", "served", "log", "training", "nightly")
    here = landscape(ATTACKER, _API, *models, *rest, flows=way)
    assert models_of(here.elements["api"], landscape=here) == ("served",)
    assert subjects_of(here.elements["api"], landscape=here) == (Item("model", "served"),)
    found = proposed_attackers(_threats(here), rules=packaged(), landscape=here)
    assert {name for one in found if one.access == "scores" for name in one.models} == {"served"}


def test_a_threat_that_somebody_dismissed_proposes_nobody() -> None:
    model = Element(id="scorer", kind="model", zone="inside", model="fraud")
    here = landscape(ATTACKER, _API, model, flows=line("somebody", "api", "scorer"))
    every = [one.id for one in _threats(here) if one.access]
    dismissed = [
        Decision(threat=one, choice="false-positive", who="A", why="w", expires=date(2027, 1, 1))
        for one in every
    ]
    assert every
    assert proposed_attackers(_threats(here), rules=packaged(), landscape=here)
    assert not proposed_attackers(_threats(here, *dismissed), rules=packaged(), landscape=here)
