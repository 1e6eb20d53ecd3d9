"""From layers to columns: as many as fit across a page, none of them too tall."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from bartizan.core.system import System
from bartizan.report.threat.landscape.layers import layers

MOST_COLUMNS = 8
"""More of them, and letters of 13 px shrink below 6 points on a page of A4 lying on its side."""
TALL = 6
"""Elements above each other in one zone, from which a column is split while there is room."""


def columns(system: System) -> tuple[dict[str, int], dict[str, int]]:
    """The column and the layer of each element.

    A pipeline of machine learning is long and thin: the card-fraud example has 15 layers. Where
    there are more than fit, neighbouring layers share a column, first those that add no height,
    because they stand in different zones. Elements without flows fill up the shortest columns.

    Returns:
        Columns by id, 0 at the left, and layers by id.
    """
    layer = layers(system)
    joined = {name for one in system.flows for name in (one.source, one.target)}
    zone = {one.id: one.zone for one in system.elements}
    stacks: list[list[str]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for name in sorted(layer, key=lambda name: (layer[name], name)):
        if name in joined:
            stacks[layer[name]].append(name)
    stacks = _spread(_folded([one for one in stacks if one], zone), zone)
    alone = [name for name in sorted(layer) if name not in joined]
    return _filled(stacks, alone, zone=zone), layer


def _height(stack: Sequence[str], zone: Mapping[str, str]) -> Counter[str]:
    """Elements of each zone in a column."""
    return Counter(zone[name] for name in stack)


def _folded(stacks: list[list[str]], zone: Mapping[str, str]) -> list[list[str]]:
    """Join neighbours until they fit, each time the two that cost the least height."""
    heights = [_height(one, zone) for one in stacks]
    while len(stacks) > MOST_COLUMNS:
        tallest: Counter[str] = Counter()
        for one in heights:
            tallest |= one
        costs = [
            (((one + two) - tallest).total(), (one + two).total(), at)
            for at, (one, two) in enumerate(pairwise(heights))
        ]
        at = min(costs)[-1]
        stacks = [*stacks[:at], stacks[at] + stacks[at + 1], *stacks[at + 2 :]]
        heights = [*heights[:at], heights[at] + heights[at + 1], *heights[at + 2 :]]
    return stacks


def _spread(stacks: list[list[str]], zone: Mapping[str, str]) -> list[list[str]]:
    """Split the tallest column while it is too tall and there is room for one more."""
    while 0 < len(stacks) < MOST_COLUMNS:
        highest = [max(_height(one, zone).values()) for one in stacks]
        at = highest.index(max(highest))
        if highest[at] <= TALL:
            break
        left, right = _halves(stacks[at], zone)
        stacks = [*stacks[:at], left, right, *stacks[at + 1 :]]
    return stacks


def _halves(stack: Sequence[str], zone: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The first and the second half of each zone's elements."""
    by_zone: dict[str, list[str]] = defaultdict(list)
    for name in stack:
        by_zone[zone[name]].append(name)
    left = {name for some in by_zone.values() for name in some[: (len(some) + 1) // 2]}
    return [name for name in stack if name in left], [name for name in stack if name not in left]


def _filled(
    stacks: Sequence[Sequence[str]], alone: Sequence[str], *, zone: Mapping[str, str]
) -> dict[str, int]:
    """Columns by element, with those that nothing flows to or from in the shortest."""
    found = {name: at for at, stack in enumerate(stacks) for name in stack}
    heights = Counter((zone[name], at) for name, at in found.items())
    for name in alone:
        at = min(range(MOST_COLUMNS), key=lambda at: (heights[zone[name], at], at))
        found[name] = at
        heights[zone[name], at] += 1
    return found
