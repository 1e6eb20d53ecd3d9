"""Rules that once asked the wrong thing, each with the system that showed it."""

from typing import Any

from msgspec.structs import replace

from bartizan.core.system import Asset, Element, Flow, SystemSpec
from bartizan.threat.asking import asked
from bartizan.threat.condition import Truth
from bartizan.threat.incident import notes_for, plan_for, shipped
from bartizan.threat.landscape import Landscape, surveyed
from bartizan.threat.reading import packaged
from bartizan.threat.scoring import inherent
from unit.threat.systems import API, ATTACKER, MODEL, landscape, line, system

_RULES = {one.id: one for one in packaged()}
_PATIENTS = Asset(id="patients", personal=True, special=True, classification="restricted")
_ROADS = Asset(id="roads", personal=False, special=False, classification="public")
_TRAINING = Element(id="training", kind="pipeline", zone="inside")


def answer(rule: str, element: str, there: Landscape) -> Truth:
    assert there.elements[element].kind in _RULES[rule].applies_to
    return asked(_RULES[rule].when, there.elements[element], landscape=there).truth


def taught(learnt: Asset, *, question: Asset, service: Element = API) -> Landscape:
    """A model that learnt from one asset and is asked with another."""
    store = Element(id="rows", kind="store", zone="inside", holds=(learnt.id,))
    asks = Flow(source="somebody", target=service.id, carries=(question.id,))
    return landscape(
        ATTACKER,
        service,
        MODEL,
        store,
        _TRAINING,
        flows=(asks, *line(service.id, "model"), *line("rows", "training", "model")),
        assets=tuple({one.id: one for one in (learnt, question)}.values()),
    )


def test_answers_betray_what_the_model_learnt_and_not_what_it_is_asked() -> None:
    service = Element(id="service", kind="process", zone="inside")
    for rule in ("privacy.membership", "privacy.properties"):
        assert answer(rule, "api", taught(_PATIENTS, question=_ROADS)) == "yes"
        assert answer(rule, "api", taught(_ROADS, question=_PATIENTS)) == "no"
        open_ = taught(Asset(id="unsaid"), question=_ROADS)
        assert answer(rule, "api", open_) == "unknown"
        behind = taught(_PATIENTS, question=_ROADS, service=service)
        assert answer(rule, "service", behind) == "yes"
    api = taught(_PATIENTS, question=_ROADS)
    worse, why = inherent(
        _RULES["privacy.membership"], api.elements["api"], landscape=api, maturity=()
    )
    assert (worse.impact, why) == (5, ("the data tells of health, beliefs or biometrics",))


def test_a_log_stays_a_log_though_a_model_learns_from_it() -> None:
    decisions = Element(id="log", kind="store", zone="inside", holds=("patients", "roads"))
    process = Element(id="decider", kind="process", zone="inside")
    there = landscape(
        MODEL,
        process,
        decisions,
        _TRAINING,
        flows=line("model", "decider", "log", "training", "model"),
        assets=(_PATIENTS, _ROADS),
    )
    assert answer("record.altered-log", "log", replace_said(there, append_only=False)) == "yes"
    assert answer("record.altered-log", "log", replace_said(there, append_only=True)) == "no"
    features = landscape(
        process,
        decisions,
        _TRAINING,
        flows=line("decider", "log", "training"),
        assets=(_PATIENTS, _ROADS),
    )
    assert answer("record.altered-log", "log", replace_said(features, append_only=False)) == "no"


def replace_said(there: Landscape, *, append_only: bool) -> Landscape:
    """The same, where somebody says this of the log."""
    elements = tuple(
        replace(one, append_only=append_only) if one.id == "log" else one
        for one in there.system.elements
    )
    return surveyed(replace(there.system, elements=elements))


def test_an_attribute_that_leaves_some_of_a_threat_does_not_remove_it() -> None:
    packages = Element(id="packages", kind="third-party", zone="outside")
    pinned = replace(_TRAINING, pinned_dependencies=True)
    there = landscape(packages, pinned, flows=line("packages", "training"))
    assert answer("artifact.dependency", "training", there) == "yes"  # pinned holes are holes
    registry = Element(id="registry", kind="registry", zone="inside", signed=True)
    served = landscape(registry, MODEL, flows=line("registry", "model"))
    assert answer("artifact.swap", "registry", served) == "yes"  # an old one is signed as well


def test_somebody_inside_who_gains_evades_as_well() -> None:
    inside = replace(ATTACKER, zone="inside")
    model = replace(MODEL, physical_input=False, modality="table")
    there = landscape(inside, model, flows=line("somebody", "model"))
    assert answer("evasion.decision", "model", there) == "yes"


def test_a_machine_that_nobody_patches_matters_where_its_data_does() -> None:
    machine = Element(id="machine", kind="process", zone="inside", hardened=False)
    store = Element(id="store", kind="store", zone="inside")
    for asset, wanted in ((_PATIENTS, "yes"), (_ROADS, "no")):
        flows = line("machine", "store", carries=(asset.id,))
        there = landscape(machine, store, flows=flows, assets=(asset,))
        assert answer("access.host", "machine", there) == wanted


def _clocks(**said: Any) -> dict[str, str]:
    there = surveyed(replace(system(API), system=SystemSpec(name="small", **said)))
    plan = plan_for(there, threats=(), ships=shipped())
    return {one.clause: one.applies for one in plan.clocks}


def test_a_medical_device_has_clocks_of_its_own() -> None:
    device = _clocks(high_risk=True, medical_device=True)
    assert "MDR 87(3)" in device
    assert "AI Act 73(10)" in device
    assert "AI Act 73(2)" not in device
    other = _clocks(high_risk=True, medical_device=False)
    assert not {"MDR 87(3)", "AI Act 73(10)"} & set(other)
    assert "article 26(5)" in other["AI Act 73(2)"]
    assert _clocks(high_risk=True)["AI Act 73(2)"].startswith("not known: medical_device")


def test_only_products_have_the_clocks_of_products() -> None:
    assert len([one for one in _clocks(product_with_digital_elements=True) if "CRA" in one]) == 6
    assert not [one for one in _clocks(product_with_digital_elements=False) if "CRA" in one]


def test_the_note_about_fraud_is_for_those_who_detect_it() -> None:
    def told(**said: Any) -> bool:
        there = surveyed(replace(system(API), system=SystemSpec(name="small", **said)))
        return any("financial fraud" in note for note in notes_for(there, ships=shipped()))

    assert told(financial_entity=True, creditworthiness=False)
    assert not told(financial_entity=False, creditworthiness=False)
    assert not told(creditworthiness=False)
