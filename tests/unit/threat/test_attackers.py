"""Threats propose the attackers that a model is tested against."""

from datetime import date

from bartizan.core.known import Known
from bartizan.core.system import Element
from bartizan.frameworks.controls import controls
from bartizan.threat.attackers import proposed_attackers
from bartizan.threat.modelling import Basis, threats_of
from bartizan.threat.reading import packaged
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
    assert all(one.model == name for one in found)
    return {one.access: one.threats for one in found}


def test_scores_that_are_returned_give_an_attacker_who_sees_them() -> None:
    found = _proposed("fraud")
    assert list(found) == ["scores"]
    assert set(found["scores"]) == {"evasion.scores@api", "theft.questions@api"}


def test_a_model_that_nobody_can_run_has_none() -> None:
    assert _proposed("") == {}
