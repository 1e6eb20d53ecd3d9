"""What the clauses of a catalogue must keep among each other."""

from collections.abc import Iterator, Mapping

from bartizan.core.nearest import near
from bartizan.frameworks.framework import Clause, Framework
from bartizan.frameworks.place import Place

_ONLY = {
    "maturity": "technique",
    "tactics": "technique",
    "mitigates": "mitigation",
    "level": "requirement",
}
"""Keys that only one kind of clause has."""
_POINTS_TO = {"tactics": "tactic", "mitigates": "technique"}
"""Keys that hold ids, and the kind of what they name."""


def faults(one: Framework) -> Iterator[tuple[Place, str]]:
    """Everything in a catalogue that contradicts something else in it, first things first."""
    if not one.clauses:
        yield Place(key="clause"), "a framework has at least one clause; this one has none"
    first: dict[str, int] = {}
    for at, clause in enumerate(one.clauses):
        before = first.setdefault(clause.id, at)
        if before != at:
            yield Place(clause=at, key="id"), f"clause {before + 1} has this id too; ids are unique"
    kinds = {clause.id: clause.kind for clause in one.clauses}
    parents = {clause.id: clause.parent for clause in one.clauses}
    for at, clause in enumerate(one.clauses):
        found = (*_misplaced(clause), *_untimely(clause), *_dangling(clause, kinds=kinds))
        for key, why in found:
            yield Place(clause=at, key=key), why
        if _circles(clause.id, parents=parents):
            yield Place(clause=at, key="parent"), "a clause cannot stand under itself"


def _misplaced(clause: Clause) -> Iterator[tuple[str, str]]:
    """Keys that this kind of clause does not have, and sentences that are none."""
    for key, kind in _ONLY.items():
        if getattr(clause, key) and clause.kind != kind:
            yield key, f"only a {kind} has this key, and this is a {clause.kind}"
    for key in ("about", "applies_note"):
        said: str = getattr(clause, key)
        if said and (said != said.strip() or not said.endswith(".")):
            yield key, "expected whole sentences that end with a full stop"
    for key in ("codes", "tactics", "mitigates"):
        named: tuple[str, ...] = getattr(clause, key)
        if len(set(named)) < len(named):
            yield key, "the same id stands here twice"


def _untimely(clause: Clause) -> Iterator[tuple[str, str]]:
    """Days that contradict each other, and time limits of which half is missing."""
    if clause.applies and clause.applies_from != min(one.since for one in clause.applies):
        yield "applies_from", "expected the earliest of the days in applies"
    if clause.within and not clause.counted_from:
        yield "within", "a time limit says what it is counted from; add counted_from"
    if (clause.counted_from is None) != (not clause.told):
        yield "told", "who is told and counted_from stand together or not at all"


def _dangling(clause: Clause, *, kinds: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Ids that name nothing, or a thing of another kind."""
    if clause.parent and clause.parent not in kinds:
        yield "parent", f"no clause has the id {clause.parent!r}{near(clause.parent, kinds)}"
    for start in clause.applies:
        if start.to not in kinds:
            yield "applies", f"no clause has the id {start.to!r}{near(start.to, kinds)}"
    for key, kind in _POINTS_TO.items():
        for identity in getattr(clause, key):
            if identity not in kinds:
                yield key, f"no clause has the id {identity!r}{near(identity, kinds)}"
            elif kinds[identity] != kind:
                yield key, f"expected the id of a {kind}, and {identity} is a {kinds[identity]}"


def _circles(identity: str, *, parents: dict[str, str]) -> bool:
    """Whether one comes back to a clause by going up from it."""
    at, seen = parents[identity], {""}
    while at not in seen and at != identity:
        seen.add(at)
        at = parents.get(at, "")
    return at == identity
