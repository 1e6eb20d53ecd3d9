"""Two threat models are compared by the ids of their threats."""

from datetime import date

import msgspec

from bartizan.core.known import Known
from bartizan.core.record import decode, encode
from bartizan.core.report import Tool
from bartizan.core.risk import Factors
from bartizan.core.system import Element
from bartizan.core.threat import ThreatModel
from bartizan.frameworks.controls import controls
from bartizan.threat.difference import difference
from bartizan.threat.incident import shipped
from bartizan.threat.model import threat_model
from bartizan.threat.modelling import Basis
from bartizan.threat.reading import packaged
from unit.threat.systems import ATTACKER, line, system


def _model(**said: object) -> ThreatModel:
    api = Element(id="api", kind="api", zone="inside", **said)  # type: ignore[arg-type] # attributes
    basis = Basis(
        rules=packaged(), controls=controls(), maturity={}, known=Known(), today=date(2026, 1, 1)
    )
    return threat_model(
        system(ATTACKER, api, flows=line("somebody", "api")),
        basis=basis,
        ships=shipped(),
        tool=Tool(name="bartizan", version="0", catalog=""),
        catalogues=(),
    )


def test_nothing_changed_is_nothing() -> None:
    found = difference(_model(auth="mtls"), _model(auth="mtls"))
    assert (found.new, found.gone, found.moved, found.worse) == ((), (), (), False)


def test_an_open_door_is_new_and_worse_and_gone_once_it_is_shut() -> None:
    shut, opened = _model(auth="mtls"), _model(auth="none")
    assert [one.id for one in difference(shut, opened).new] == ["access.open-door@api"]
    assert difference(shut, opened).worse
    assert [one.id for one in difference(opened, shut).gone] == ["access.open-door@api"]
    assert not difference(opened, shut).worse


def test_a_risk_that_grew_is_worse() -> None:
    before = _model(auth="none")
    first = msgspec.structs.replace(
        before.threats[0], residual=Factors(likelihood=1, impact=1, detection=1)
    )
    milder = msgspec.structs.replace(before, threats=(first, *before.threats[1:]))
    assert difference(milder, before).worse
    assert not difference(before, milder).worse
    assert len(difference(before, milder).moved) == 1


def test_a_model_is_read_back_as_it_was_written() -> None:
    model = _model(auth="none")
    assert decode(encode(model), kind=ThreatModel) == model
