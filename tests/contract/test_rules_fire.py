"""Every rule can be made to fire and not to fire, and silence takes no threat away."""

from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import get_args, get_type_hints

import pytest
from msgspec.structs import replace

from bartizan.config import read_config
from bartizan.core.system import ATTRIBUTES, Asset, Element, Flow, System, SystemSpec
from bartizan.examples.described import described_system, described_systems
from bartizan.threat.asking import asked
from bartizan.threat.condition import Condition, Truth
from bartizan.threat.landscape import Landscape, surveyed
from bartizan.threat.reading import packaged
from bartizan.threat.rule import Rule

_HINTS = get_type_hints(Element)
_rules = pytest.mark.parametrize("rule", packaged(), ids=lambda rule: rule.id)


@cache
def _landscapes() -> tuple[Landscape, ...]:
    """The worked examples."""
    return tuple(
        surveyed(read_config(described_system(name)).described()) for name in described_systems()
    )


def _own(condition: Condition) -> Iterator[str]:
    """Attributes that a condition asks of the element itself."""
    if condition.attribute:
        yield condition.attribute
    for one in (*condition.all, *condition.any, *condition.none):
        yield from _own(one)


def _values(attribute: str) -> tuple[object, ...]:
    """What may be written for it."""
    for one in get_args(_HINTS[attribute]):
        if one is bool:
            return (True, False)
        if get_args(one):
            return get_args(one)
    message = f"no values of {attribute}"
    raise AssertionError(message)


def _answers(rule: Rule) -> Iterator[tuple[Truth, Landscape, Element]]:
    """What the rule says of each element of the examples that it is for, however described."""
    names = sorted(set(_own(rule.when)))
    for landscape in _landscapes():
        for element in landscape.system.elements:
            if element.kind not in rule.applies_to:
                continue
            for values in product(*map(_values, names)):
                changed = replace(element, **dict(zip(names, values, strict=True)))
                yield asked(rule.when, changed, landscape=landscape).truth, landscape, changed


@_rules
def test_a_rule_fires_somewhere_and_somewhere_not(rule: Rule) -> None:
    told = set()
    for truth, _, _ in _answers(rule):
        told.add(truth)
        if {"yes", "no"} <= told:
            return
    assert {"yes", "no"} <= told | _without_company(rule)


def _without_company(rule: Rule) -> set[Truth]:
    """What it says of elements to which and from which nothing flows."""
    return {
        asked(rule.when, element, landscape=Landscape(_quiet(landscape.system, flows=()))).truth
        for _, landscape, element in _answers(rule)
    }


@_rules
def test_what_is_not_written_is_never_taken_for_the_safe_answer(rule: Rule) -> None:
    for landscape in _landscapes():
        silent = surveyed(_quiet(landscape.system, flows=landscape.system.flows))
        for element in landscape.system.elements:
            fires = element.kind in rule.applies_to and (
                asked(rule.when, element, landscape=landscape).truth == "yes"
            )
            if fires:
                blank = silent.elements[element.id]
                answer = asked(rule.when, blank, landscape=silent)
                assert answer.truth != "no", element.id
                assert answer.truth == "yes" or answer.missing


def _quiet(system: System, *, flows: tuple[Flow, ...]) -> System:
    """The same drawing, of which nobody says anything more."""
    blank = dict.fromkeys(ATTRIBUTES)
    return System(
        system=SystemSpec(name=system.system.name),
        zones=system.zones,
        assets=tuple(Asset(id=one.id) for one in system.assets),
        elements=tuple(replace(one, **blank) for one in system.elements),
        flows=tuple(replace(one, auth=None, encrypted=None) for one in flows),
    )
