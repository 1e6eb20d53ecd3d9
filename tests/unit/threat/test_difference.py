"""Two threat models are compared by the ids of their threats."""

from datetime import date

import msgspec
import pytest

from bartizan.core.errors import UsageError
from bartizan.core.known import Known
from bartizan.core.record import decode, encode
from bartizan.core.report import Tool
from bartizan.core.risk import Factors
from bartizan.core.system import Element, SystemSpec
from bartizan.core.threat import Standing, ThreatModel
from bartizan.frameworks.controls import controls
from bartizan.threat.difference import difference
from bartizan.threat.incident import shipped
from bartizan.threat.model import threat_model
from bartizan.threat.modelling import Basis
from bartizan.threat.reading import packaged
from unit.threat.systems import ATTACKER, line, system


def _model(name: str = "small", **said: object) -> ThreatModel:
    api = Element(id="api", kind="api", zone="inside", **said)  # type: ignore[arg-type] # attributes
    basis = Basis(
        rules=packaged(), controls=controls(), maturity={}, known=Known(), today=date(2026, 1, 1)
    )
    return threat_model(
        msgspec.structs.replace(
            system(ATTACKER, api, flows=line("somebody", "api")), system=SystemSpec(name=name)
        ),
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


def _standing(model: ThreatModel, standing: Standing, *, step: int = 5) -> ThreatModel:
    """The first threat stands like that, and is as bad as that; there is no other."""
    risk = Factors(likelihood=step, impact=step, detection=step)
    first = msgspec.structs.replace(model.threats[0], standing=standing, residual=risk)
    return msgspec.structs.replace(model, threats=(first,))


@pytest.mark.parametrize(
    ("before", "after", "way"),
    [
        (("open", 2), ("open", 5), (True, False)),
        (("open", 5), ("open", 2), (False, True)),
        (("open", 5), ("accepted", 5), (False, True)),
        (("accepted", 5), ("open", 5), (True, False)),
        (("accepted", 2), ("accepted", 5), (False, False)),
        (("mitigated", 5), ("dismissed", 5), (False, False)),
    ],
)
def test_only_what_is_open_is_worse(
    before: tuple[Standing, int], after: tuple[Standing, int], way: tuple[bool, bool]
) -> None:
    model = _model(auth="none")
    old, new = (_standing(model, said, step=step) for said, step in (before, after))
    (moved,) = difference(old, new).moved
    assert (moved.worse, moved.better) == way
    assert difference(old, new).worse == way[0]


def test_a_question_is_new_though_another_has_its_words() -> None:
    model = _model()
    first, *others = model.questions
    twin = msgspec.structs.replace(first, owner="element api-2")
    found = difference(
        msgspec.structs.replace(model, questions=(first, *others)),
        msgspec.structs.replace(model, questions=(first, twin, *others)),
    )
    assert found.asked == (twin,)


def test_a_new_title_asks_nothing_anew() -> None:
    before, after = _model(title="API"), _model(title="Scoring API")
    assert before.questions != after.questions
    assert difference(before, after).asked == ()


def test_what_made_a_threat_go_is_told() -> None:
    found = difference(_model(auth="none"), _model(auth="mtls", replicated=True))
    assert [(one.owner, one.attribute, one.before, one.after) for one in found.edits] == [
        ("element api", "auth", "none", "mtls"),
        ("element api", "replicated", "not said", "yes"),
    ]


def test_what_came_and_went_is_told() -> None:
    before = _model(auth="mtls")
    fewer = msgspec.structs.replace(before.system, flows=())
    after = msgspec.structs.replace(before, system=fewer)
    (went,) = difference(before, after).edits
    (came,) = difference(after, before).edits
    assert (went.owner, went.attribute) == ("flow somebody->api", "")
    assert (went.before, went.after) == (came.after, came.before) == ("there", "not there")


def test_two_systems_are_not_compared() -> None:
    with pytest.raises(UsageError, match="one system, got 'small' and 'large'"):
        difference(_model(), _model("large"))
