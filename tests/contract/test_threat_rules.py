"""Every rule names what exists, and none can name an element of a system."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import get_args, get_type_hints

import pytest
from msgspec import convert

from bartizan.catalog import ENTRIES
from bartizan.core.control import Control
from bartizan.core.system import Asset, Element, Flow, SystemSpec
from bartizan.frameworks.controls import controls
from bartizan.frameworks.reading import framework_of
from bartizan.threat.condition import Condition
from bartizan.threat.incident import shipped
from bartizan.threat.questions import _ASKED
from bartizan.threat.reading import packaged
from bartizan.threat.rule import Rule

_RULES = packaged()
_OWNERS = (Element, Flow, Asset, SystemSpec)
_rules = pytest.mark.parametrize("rule", _RULES, ids=lambda rule: rule.id)


def _conditions(condition: Condition) -> Iterator[Condition]:
    """A condition and all inside of it."""
    yield condition
    inner = (*condition.all, *condition.any, *condition.none)
    one = (
        *("fed_by", "feeds", "gets_from", "sends_to"),
        *("flow_in", "flow_out", "holds", "system"),
    )
    for each in (*inner, *(getattr(condition, name) for name in one)):
        if each is not None:
            yield from _conditions(each)


def _asked(rule: Rule) -> Iterator[Condition]:
    for condition in (rule.when, *(one.when for one in rule.adjust)):
        yield from _conditions(condition)


def _values(name: str) -> set[object]:
    """What may be written for an attribute, wherever it stands."""
    found: set[object] = set()
    for owner in _OWNERS:
        hint = get_type_hints(owner).get(name)
        for one in get_args(hint) if hint is not None else ():
            found |= {True, False} if one is bool else set(get_args(one)) or {one}
    return found


def test_there_are_at_least_forty_rules_of_every_layer() -> None:
    assert len(_RULES) >= 40
    layers = {"data", "model", "inference", "infrastructure", "supply-chain", "people"}
    assert {rule.layer for rule in _RULES} == layers


@_rules
def test_every_attribute_and_value_exists(rule: Rule) -> None:
    for one in _asked(rule):
        if not one.attribute:
            continue
        assert one.attribute in _ASKED
        legal = _values(one.attribute)
        assert legal, one.attribute
        if one.is_ is not None:
            wanted = one.is_ if isinstance(one.is_, tuple) else (one.is_,)
            assert set(wanted) <= legal, one


@_rules
def test_every_control_entry_and_id_exists(rule: Rule) -> None:
    assert {one.control for one in rule.remedies} <= set(controls())
    ids = [entry.id for entry in ENTRIES]
    for pattern in rule.tested_by:
        assert any(fnmatchcase(one, pattern) for one in ids), pattern
    for name, used in (
        ("mitre-atlas", rule.atlas),
        ("owasp-ml-top-10", rule.owasp_ml),
        ("nist-ai-100-2", rule.nist_ai_100_2),
    ):
        known = {one.id: one for one in framework_of(name).clauses}
        assert set(used) <= set(known)
        assert not any(known[one].generative for one in used)


def test_the_language_cannot_name_an_element() -> None:
    assert not {"id", "title", "zone", "owner", "model"} & set(_ASKED)


@pytest.mark.parametrize("control", list(controls().values()), ids=lambda control: control.id)
def test_every_control_names_what_exists(control: Control) -> None:
    ids = [entry.id for entry in ENTRIES]
    for pattern in control.verified_by:
        assert any(fnmatchcase(one, pattern) for one in ids), pattern


def test_every_family_has_a_playbook() -> None:
    assert {one.family for one in shipped().playbook} == {rule.family for rule in _RULES}


def test_a_control_has_a_command_where_a_program_sees_it_and_nowhere_else() -> None:
    for one in controls().values():
        assert bool(one.command) == one.seen_by_programs, one.id


def test_the_catalogue_of_controls_can_be_read_in_one_sitting() -> None:
    assert 40 <= len(controls()) <= 60


def test_what_denies_a_control_can_be_said_of_an_element() -> None:
    for one in controls().values():
        if one.denied_by is not None:
            hint = get_type_hints(Element)[one.denied_by.attribute]
            convert(one.denied_by.value, hint)
