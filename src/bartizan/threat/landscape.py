"""A described system as a graph: what flows to what, over how many steps, and from where."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from bartizan.core.errors import ConfigError
from bartizan.core.system import (
    Asset,
    Element,
    Flow,
    System,
    Trust,
    Zone,
    crosses,
    trusted,
)
from bartizan.threat.condition import Answer, Condition


class Answered(NamedTuple):
    """An answer; question and element are held, so that no others come to lie where they lie."""

    condition: Condition
    element: Element
    answer: Answer


@dataclass(frozen=True)
class Landscape:
    """A system whose names all lead somewhere."""

    system: System

    @cached_property
    def answers(self) -> dict[tuple[int, int], Answered]:
        """What was asked of elements already, by the places of question and element in memory."""
        return {}

    @cached_property
    def zones(self) -> Mapping[str, Zone]:
        """By id."""
        return {one.id: one for one in self.system.zones}

    @cached_property
    def elements(self) -> Mapping[str, Element]:
        """By id."""
        return {one.id: one for one in self.system.elements}

    @cached_property
    def assets(self) -> Mapping[str, Asset]:
        """By id."""
        return {one.id: one for one in self.system.assets}

    @cached_property
    def incoming(self) -> Mapping[str, tuple[Flow, ...]]:
        """Flows into each element that has any."""
        return _by(self.system.flows, end="target")

    @cached_property
    def outgoing(self) -> Mapping[str, tuple[Flow, ...]]:
        """Flows out of each element that has any."""
        return _by(self.system.flows, end="source")

    def trust(self, element: Element) -> Trust:
        """Of the zone it stands in."""
        return self.zones[element.zone].trust

    def crossing(self, flow: Flow) -> bool:
        """Whether it comes from a zone of less trust than that it goes to."""
        return crosses(flow, self._trust)

    @cached_property
    def _trust(self) -> Mapping[str, int]:
        return trusted(self.system)

    def upstream(self, element: Element) -> tuple[Element, ...]:
        """All from which something reaches it, the nearest first; not itself, unless in a circle.

        Cost: linear in elements and flows. A circle of flows, as in a feedback loop, is walked
        once.
        """
        return self._walked(element, self.incoming, end="source")

    def downstream(
        self, element: Element, *, until: Callable[[Element], bool] = lambda _: False
    ) -> tuple[Element, ...]:
        """All that something from it reaches, the nearest first.

        Args:
            element: From where.
            until: Beyond which nothing is followed.
        """
        return self._walked(element, self.outgoing, end="target", until=until)

    def sources(self, element: Element) -> tuple[Element, ...]:
        """All from which a flow comes in directly; each once."""
        names = dict.fromkeys(flow.source for flow in self.incoming.get(element.id, ()))
        return tuple(self.elements[name] for name in names)

    def targets(self, element: Element) -> tuple[Element, ...]:
        """All to which a flow goes out directly; each once."""
        names = dict.fromkeys(flow.target for flow in self.outgoing.get(element.id, ()))
        return tuple(self.elements[name] for name in names)

    def kept(self, element: Element) -> tuple[Asset, ...]:
        """Assets that it keeps, or that flow into it or out of it; each once."""
        flows = (*self.incoming.get(element.id, ()), *self.outgoing.get(element.id, ()))
        names = (*element.holds, *(name for flow in flows for name in flow.carries))
        return tuple(self.assets[name] for name in dict.fromkeys(names))

    def _walked(
        self,
        start: Element,
        flows: Mapping[str, tuple[Flow, ...]],
        *,
        end: str,
        until: Callable[[Element], bool] = lambda _: False,
    ) -> tuple[Element, ...]:
        found: dict[str, None] = {}
        waiting = [start.id]
        for here in waiting:  # grows while it is walked: breadth first
            for flow in flows.get(here, ()):
                name: str = getattr(flow, end)
                if name not in found:
                    found[name] = None
                    waiting += [] if until(self.elements[name]) else [name]
        return tuple(self.elements[name] for name in found)


def _by(flows: tuple[Flow, ...], *, end: str) -> Mapping[str, tuple[Flow, ...]]:
    found: dict[str, list[Flow]] = defaultdict(list)
    for flow in flows:
        found[getattr(flow, end)].append(flow)
    return {name: tuple(some) for name, some in found.items()}


def surveyed(system: System) -> Landscape:
    """A system as a graph.

    Args:
        system: Whose names agree, as the project file's reader has seen to.

    Raises:
        ConfigError: a name leads nowhere.
    """
    found = Landscape(system)
    for flow in system.flows:
        for name in (flow.source, flow.target):
            if name not in found.elements:
                message = f"the flow {flow.id} names {name!r}, which is no element"
                raise ConfigError(message)
    for element in system.elements:
        if element.zone not in found.zones:
            message = f"element {element.id!r} stands in {element.zone!r}, which is no zone"
            raise ConfigError(message)
    named = {name for one in system.elements for name in one.holds}
    named |= {name for flow in system.flows for name in flow.carries}
    for name in sorted(named - set(found.assets)):
        message = f"{name!r} is held or carried, and is no asset"
        raise ConfigError(message)
    return found
