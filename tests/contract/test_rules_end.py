"""Every threat can be brought to an end by what is shown, and by nothing that is merely said."""

from datetime import date

import pytest
from msgspec.structs import replace

from bartizan.core.fact import Found
from bartizan.core.known import Item, Known, Looked
from bartizan.core.system import Asset, ControlClaim, Element
from bartizan.core.threat import Threat
from bartizan.frameworks.controls import controls
from bartizan.threat.condition import Condition
from bartizan.threat.modelling import Basis, threats_of
from bartizan.threat.reading import packaged
from bartizan.threat.rule import Rule
from unit.threat.systems import landscape

_rules = pytest.mark.parametrize("rule", packaged(), ids=lambda rule: rule.id)
_WHEN = "2026-06-01T00:00:00Z"
_BEARERS = {
    "registered": Item("data", "d"),
    "signed": Item("model", "m"),
    "admitted": Item("model", "m"),
}
_LOOKED = Looked(audit="look", by="Ada, CISO", when=_WHEN, due="2026-09-01")


def _found(entry: str) -> Found:
    return Found(
        finding=f"{entry.replace('*', 'x')}@m",
        outcome="pass",
        severity="none",
        evidence="",
        subjects=(),
        when=_WHEN,
    )


def _threat(rule: Rule, *, tried: bool = True, shown: bool = True, audited: bool = True) -> Threat:
    """The threat at some element of a fitting kind, where so much is shown."""
    asked = [controls()[one.control] for one in rule.remedies]
    entries = {name for one in asked for name in one.verified_by} if shown else set()
    entries |= set(rule.tested_by) if tried else set()
    known = Known(
        found={Item("model", "m"): tuple(map(_found, sorted(entries)))},
        facts=frozenset((fact, _BEARERS[fact]) for one in asked for fact in one.facts),
        audits={"look": _LOOKED} if audited else {},
    )
    element = Element(id="e", kind=rule.applies_to[0], zone="inside", model="m", holds=("a",))
    here = landscape(element, assets=(Asset(id="a", data="d"),))
    said = tuple(ControlClaim(id=one.id, status="implemented", audit="look") for one in asked)
    here = type(here)(replace(here.system, controls=said))
    basis = Basis(
        rules=[replace(rule, when=Condition(kind=rule.applies_to))],
        controls=controls(),
        maturity={},
        known=known,
        today=date(2026, 6, 2),
    )
    (threat,) = threats_of(here, basis=basis)
    return threat


@_rules
def test_a_threat_is_mitigated_where_all_that_can_be_shown_is_shown(rule: Rule) -> None:
    threat = _threat(rule)
    assert {one.status for one in threat.countermeasures} == {"verified"}
    assert threat.standing == "mitigated"


@_rules
def test_words_alone_and_tests_that_nobody_ran_mitigate_nothing(rule: Rule) -> None:
    nothing = _threat(rule, tried=False, shown=False, audited=False)
    facts = {one.control for one in nothing.countermeasures if one.status == "verified"}
    assert all(controls()[name].facts for name in facts)
    if not facts:
        assert (nothing.standing, nothing.residual) == ("open", nothing.inherent)
    verifiable = {n for one in rule.remedies for n in controls()[one.control].verified_by}
    if rule.tested_by and not verifiable:
        untried = _threat(rule, tried=False)
        assert untried.standing == "open" or untried.residual.priority == "low"
