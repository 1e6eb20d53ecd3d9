"""Putting the question of a rule to one element of a system."""

from collections.abc import Callable
from functools import partial

import msgspec

from bartizan.core.system import Asset, Element, Flow, SystemSpec
from bartizan.threat.condition import (
    NO,
    YES,
    Answer,
    Condition,
    Missing,
    both,
    either,
    opposite,
)
from bartizan.threat.landscape import Answered, Landscape


def asked(condition: Condition, element: Element, *, landscape: Landscape) -> Answer:
    """Whether a condition holds of an element.

    Args:
        condition: Of a rule.
        element: One of the system's.
        landscape: The system.

    Returns:
        Yes, no, or unknown with what is missing. The flows are taken to be all there are: what is
        not drawn does not flow. Attributes are not: what is not written is unknown.

    Cost:
        Linear in the size of the system for each `fed_by` and `feeds`; nothing is asked twice.
    """
    key = (id(condition), id(element))
    if key not in landscape.answers:
        answer = _answer(condition, element, landscape=landscape)
        landscape.answers[key] = Answered(condition, element, answer)
    return landscape.answers[key].answer


def _answer(condition: Condition, element: Element, *, landscape: Landscape) -> Answer:
    ask = partial(asked, landscape=landscape)
    joined = _joined(condition, lambda one: ask(one, element))
    if joined is not None:
        return joined
    if condition.attribute:
        return _said(condition, element, owner=f"element {element.id}")
    if condition.kind:
        return _truth(element.kind in condition.kind)
    if condition.trust:
        return _truth(landscape.trust(element) in condition.trust)
    if condition.system is not None:
        return _of_system(condition.system, landscape.system.system)
    return _around(condition, element, landscape=landscape)


def _around(condition: Condition, element: Element, *, landscape: Landscape) -> Answer:
    """Questions about what the element is joined with."""
    for wanted, others in (
        (condition.fed_by, landscape.upstream),
        (condition.feeds, landscape.downstream),
        (condition.gets_from, landscape.sources),
        (condition.sends_to, landscape.targets),
    ):
        if wanted is not None:
            return either(asked(wanted, one, landscape=landscape) for one in others(element))
    into = landscape.incoming.get(element.id, ())
    for wanted, flows in (
        (condition.flow_in, into),
        (condition.flow_out, landscape.outgoing.get(element.id, ())),
    ):
        if wanted is not None:
            return either(_of_flow(wanted, flow, landscape=landscape) for flow in flows)
    if condition.holds is not None:
        return either(_of_asset(condition.holds, one) for one in landscape.kept(element))
    return _truth(any(map(landscape.crossing, into)) == condition.crosses)


def _of_flow(condition: Condition, flow: Flow, *, landscape: Landscape) -> Answer:
    joined = _joined(condition, lambda one: _of_flow(one, flow, landscape=landscape))
    if joined is not None:
        return joined
    if condition.crosses is not None:
        return _truth(landscape.crossing(flow) == condition.crosses)
    if condition.holds is not None:
        carried = (landscape.assets[name] for name in flow.carries)
        return either(_of_asset(condition.holds, one) for one in carried)
    return _said(condition, flow, owner=f"flow {flow.id}")


def _of_asset(condition: Condition, asset: Asset) -> Answer:
    joined = _joined(condition, lambda one: _of_asset(one, asset))
    return _said(condition, asset, owner=f"asset {asset.id}") if joined is None else joined


def _of_system(condition: Condition, system: SystemSpec) -> Answer:
    joined = _joined(condition, lambda one: _of_system(one, system))
    return _said(condition, system, owner="system") if joined is None else joined


def _joined(condition: Condition, ask: Callable[[Condition], Answer]) -> Answer | None:
    """What other conditions amount to; none = this is none that joins others."""
    if condition.all:
        return both(map(ask, condition.all))
    if condition.any:
        return either(map(ask, condition.any))
    if condition.none:
        return opposite(either(map(ask, condition.none)))
    return None


def _said(condition: Condition, thing: msgspec.Struct, *, owner: str) -> Answer:
    """Whether an attribute has one of the values asked for."""
    value = getattr(thing, condition.attribute)
    if value is None:
        return Answer("unknown", frozenset({Missing(owner, condition.attribute)}))
    if condition.above is not None:
        return _truth(value > condition.above)
    wanted = condition.is_ if isinstance(condition.is_, tuple) else (condition.is_,)
    return _truth(value in wanted)


def _truth(holds: bool) -> Answer:  # noqa: FBT001 (a truth is what it is about)
    return YES if holds else NO
