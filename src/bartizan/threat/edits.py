"""What is said differently in two descriptions of one system."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from bartizan.core.record import Record
from bartizan.core.system import System

NOT_SAID = "not said"
_TABLES = (("zone", "zones"), ("element", "elements"), ("asset", "assets"), ("flow", "flows"))
"""What an owner is called, and the list of the description that it stands in."""


class Edit(Record, frozen=True, kw_only=True):
    """One attribute that was, or is, said otherwise."""

    owner: str
    """`element scoring-api`, `flow a->b`, `asset purchases`, `zone inside` or `system`."""
    attribute: str
    """Empty = the owner itself came or went."""
    before: str
    after: str


def edits(before: System, after: System) -> tuple[Edit, ...]:
    """Attributes that differ, of the system, and then of its parts by id.

    A description is believed, so that a threat may be gone because of a word alone.
    """
    old, new = _said(before), _said(after)
    return tuple(
        edit for owner in dict.fromkeys((*old, *new)) for edit in _of(owner, old=old, new=new)
    )


def _said(system: System) -> dict[str, dict[str, str]]:
    """By owner, each attribute in words."""
    found = {"system": _words(system.system)}
    for kind, table in _TABLES:
        for one in sorted(getattr(system, table), key=lambda one: one.id):
            found[f"{kind} {one.id}"] = _words(one)
    return found


def _of(
    owner: str, *, old: Mapping[str, Mapping[str, str]], new: Mapping[str, Mapping[str, str]]
) -> Iterator[Edit]:
    if owner not in old or owner not in new:
        before, after = ("there" if owner in side else "not there" for side in (old, new))
        yield Edit(owner=owner, attribute="", before=before, after=after)
        return
    for attribute, was in old[owner].items():
        now = new[owner][attribute]
        if was != now:
            yield Edit(owner=owner, attribute=attribute, before=was, after=now)


def _words(one: msgspec.Struct) -> dict[str, str]:
    return {name: _word(getattr(one, name)) for name in one.__struct_fields__ if name != "id"}


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return NOT_SAID if value is None or value == "" else str(value)
