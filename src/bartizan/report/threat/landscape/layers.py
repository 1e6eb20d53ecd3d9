"""How far each element stands from where things begin: the longest way over flows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from bartizan.core.system import TRUSTS, Flow, System


def layers(system: System) -> dict[str, int]:
    """The layer of each element, 0 at the left.

    A flow leads at least one layer to the right, unless it closes a cycle. An element that only
    sends stands right before the first of those it sends to, so that its arrows stay short.

    Args:
        system: Elements, zones and flows; their order has no effect.

    Returns:
        By id of the element.

    Cost:
        Elements + flows, with the sorting.

    Source:
        Sugiyama, Tagawa & Toda, "Methods for Visual Understanding of Hierarchical System
        Structures", IEEE Trans. SMC 11(2), 1981: cycles are broken, then layers by longest path.
    """
    order = _begin_with(system)
    onward = _onward(system.flows)
    topological = _topological(order, onward)
    rank = {name: at for at, name in enumerate(topological)}
    ahead = {one: [two for two in onward[one] if rank[one] < rank[two]] for one in topological}
    found = dict.fromkeys(topological, 0)
    for one in topological:
        for two in ahead[one]:
            found[two] = max(found[two], found[one] + 1)
    fed = {two for some in ahead.values() for two in some}
    for one in topological:
        if one not in fed and ahead[one]:
            found[one] = min(found[two] for two in ahead[one]) - 1
    return found


def _begin_with(system: System) -> list[str]:
    """Elements that nothing flows to first, then from least to most trust, then by id.

    A cycle is cut where a walk in this order comes back to itself.
    """
    trust = {one.id: TRUSTS.index(one.trust) for one in system.zones}
    fed = {one.target for one in system.flows}
    ordered = sorted(system.elements, key=lambda one: (one.id in fed, trust[one.zone], one.id))
    return [one.id for one in ordered]


def _onward(flows: Iterable[Flow]) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for one in sorted(flows, key=lambda one: one.id):
        found[one.source].append(one.target)
    return found


def _topological(order: Iterable[str], onward: Mapping[str, Sequence[str]]) -> list[str]:
    """An order in which all flows lead forward, but for those that close a cycle.

    The reverse of the order in which a depth-first walk is done with elements; without recursion,
    since a chain may be as long as somebody likes to write it.
    """
    done: list[str] = []
    seen: set[str] = set()
    for first in order:
        if first in seen:
            continue
        seen.add(first)
        path = [(first, iter(onward[first]))]
        while path:
            name, left = path[-1]
            step = next((one for one in left if one not in seen), None)
            if step is None:
                done.append(name)
                path.pop()
            else:
                seen.add(step)
                path.append((step, iter(onward[step])))
    return done[::-1]
