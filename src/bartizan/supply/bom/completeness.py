"""How much of what a complete bill of materials says, this one says."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bartizan.supply.bom.elements import CLUSTERS, ELEMENTS, SIGNATURE, Cluster, Element

_STEP = re.compile(r"(?P<key>[^.\[\]]+)(?P<list>\[(?P<name>[^=\]]*)=?(?P<value>[^\]]*)\])?(?:\.|$)")


@dataclass(frozen=True, kw_only=True)
class Completeness:
    """The score, and what it is short of."""

    there: int
    of: int
    clusters: Mapping[Cluster, tuple[int, int]]
    """By cluster: how many are there, of how many."""
    missing: tuple[Element, ...]

    @property
    def share(self) -> float:
        """Of all elements, each counting the same."""
        return self.there / self.of


def completeness(
    document: Mapping[str, Any], *, signed: bool, elements: Iterable[Element] = ELEMENTS
) -> Completeness:
    """Look for every element in a document.

    An element that belongs to each of several things (the licence of data sets) is there if every
    one of them has it, and missing if there are none.

    Args:
        document: A bill of materials, as read from JSON.
        signed: Whether a signature was made, or checked, beside it.
        elements: What to look for.
    """
    wanted = tuple(elements)
    missing = tuple(one for one in wanted if not _there(one, document, signed=signed))
    return Completeness(
        there=len(wanted) - len(missing),
        of=len(wanted),
        clusters={
            name: _counted([one for one in wanted if one.cluster == name], missing=missing)
            for name in CLUSTERS
        },
        missing=missing,
    )


def says(value: object, place: str) -> bool:
    """Whether a document says something at a place.

    Args:
        value: The document, or a part of it.
        place: Names with dots between them. ``name[]`` is every item of a list, ``name[key=x]``
            every item whose ``key`` is ``x``; there must be one, and each must say the rest.

    Example:
        >>> says({"a": [{"b": 1, "k": "x"}, {"k": "y"}]}, "a[k=x].b")
        True
        >>> says({"a": [{"b": 1}, {}]}, "a[].b")
        False
    """
    if not place:
        return value not in (None, "", [], {})
    match = _STEP.match(place)
    if match is None or not isinstance(value, dict):
        return False
    inside, rest = value.get(match["key"]), place[match.end() :]
    if match["list"] is None:
        return says(inside, rest)
    items = inside if isinstance(inside, list) else []
    if match["name"]:
        items = [one for one in items if _has(one, match["name"], value=match["value"])]
    return bool(items) and all(says(one, rest) for one in items)


def _has(item: object, name: str, *, value: str) -> bool:
    return isinstance(item, dict) and item.get(name) == value


def _there(element: Element, document: Mapping[str, Any], *, signed: bool) -> bool:
    return signed if element.place == SIGNATURE else says(document, element.place)


def _counted(elements: list[Element], *, missing: tuple[Element, ...]) -> tuple[int, int]:
    return sum(one not in missing for one in elements), len(elements)
