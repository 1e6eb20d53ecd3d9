"""Write what MITRE ATLAS says today into src/bartizan/frameworks/atlas.toml.

    python scripts/update_atlas.py ATLAS-2026.06.yaml --as-of 2026-06-30
    python scripts/update_atlas.py ATLAS-2026.06.yaml --as-of 2026-06-30 --dry  # only says what

Download the file from https://github.com/mitre-atlas/atlas-data first (`dist/v6/`, or
`dist/legacy/` of releases before 2026.05); `--as-of` is the day of its release, which the file
itself does not tell. Ids, names, tactics, maturity and links are taken over. Our own sentences
(`about`) and our own judgement of what concerns generative systems only (`generative`) are kept;
of a new technique the platforms decide, where the file has them. Read what is printed, write
sentences for what is new, and see which rules and entries cite what was removed: the tests fail
until none does.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import yaml

from bartizan.core.errors import InputError
from bartizan.frameworks.framework import Clause, Framework, Kind
from bartizan.frameworks.reading import read

TARGET = Path(__file__).parents[1] / "src" / "bartizan" / "frameworks" / "atlas.toml"
_KINDS: dict[str, Kind] = {
    "tactics": "tactic",
    "techniques": "technique",
    "mitigations": "mitigation",
}
_NOT_GENERATIVE = {"Predictive AI", "Enterprise"}
"""A technique of one of these platforms concerns a system that predicts too."""
_WIDTH = 100
"""Columns of a line, as everywhere in this repository."""


def facts(document: Any) -> tuple[str, tuple[Clause, ...]]:
    """Version and clauses of a file of ATLAS, in the legacy form (2 to 5) or in form 6.

    Raises:
        InputError: it is of neither form, or something is missing in it.
    """
    keys = list(document) if isinstance(document, Mapping) else []
    if not {"relationships", "matrices"} & set(keys):
        message = f"expected a file of MITRE ATLAS, got one with the keys {keys}"
        raise InputError(message)
    try:
        if "relationships" in document:
            version, found = document["collection"]["version"], list(_of_form_6(document))
        else:
            version, found = document["version"], list(_of_legacy_form(document))
    except KeyError as error:
        message = f"expected a file of MITRE ATLAS, got one without the key {error}"
        raise InputError(message) from error
    if not isinstance(version, str):  # YAML reads 2026.10 as a number, which is 2026.1
        message = f"expected the version in quotes, got the number {version}; write the quotes"
        raise InputError(message)
    order = list(_KINDS.values())
    return version, tuple(sorted(found, key=lambda one: (order.index(one.kind), one.id)))


def _of_form_6(document: Mapping[str, Any]) -> Iterator[Clause]:
    """Objects by id; what they have to do with each other stands apart."""
    related: Mapping[str, Mapping[str, list[dict[str, Any]]]] = document["relationships"]
    for plural, kind in _KINDS.items():
        for identity, one in document[plural].items():
            targets = {
                relation: tuple(sorted(edge["target"] for edge in edges))
                for relation, edges in related.get(identity, {}).items()
            }
            yield _clause(
                one,
                kind=kind,
                parent=next(iter(targets.get("specializes", ())), ""),
                tactics=targets.get("achieves", ()) if kind == "technique" else (),
                mitigates=targets.get("mitigates", ()),
            )


def _of_legacy_form(document: Mapping[str, Any]) -> Iterator[Clause]:
    """Lists below a matrix; a sub-technique without tactics has those of the one above it."""
    for matrix in document["matrices"]:
        tactics = {one["id"]: tuple(one.get("tactics") or ()) for one in matrix["techniques"]}
        for plural, kind in _KINDS.items():
            for one in matrix[plural]:
                parent = one.get("subtechnique-of") or one.get("specializes") or ""
                goals = tactics.get(one["id"], ()) or tactics.get(parent, ())
                against = (link["id"] for link in one.get("techniques") or ())
                yield _clause(
                    one,
                    kind=kind,
                    parent=parent,
                    tactics=tuple(sorted(goals)),
                    mitigates=tuple(sorted(against)),
                )


def _clause(one: Mapping[str, Any], *, kind: Kind, **links: Any) -> Clause:
    """One object of the file, without what is ours."""
    platforms = set(one.get("platforms") or ())
    known = {
        "id": one["id"],
        "title": one["name"],
        "kind": kind,
        "maturity": str(one["maturity"]).lower() if kind == "technique" else None,
        "generative": bool(platforms) and platforms.isdisjoint(_NOT_GENERATIVE),
    }
    try:
        return msgspec.convert(known | links, Clause)
    except msgspec.ValidationError as error:
        message = f"{one['id']}: {error}"
        raise InputError(message) from error


def merged(old: Framework, *, version: str, as_of: date, new: Iterable[Clause]) -> Framework:
    """The new facts, with our own sentences and judgement of what was there before."""
    ours = {one.id: one for one in old.clauses}
    clauses = tuple(
        msgspec.structs.replace(one, about=ours[one.id].about, generative=ours[one.id].generative)
        if one.id in ours
        else one
        for one in new
    )
    return msgspec.structs.replace(old, version=version, as_of=as_of, clauses=clauses)


def changes(old: Framework, new: Framework) -> Iterator[str]:
    """What is different, a line each."""
    before = {one.id: one for one in old.clauses}
    after = {one.id: one for one in new.clauses}
    for identity in sorted(after.keys() - before.keys()):
        yield f"added    {identity} {after[identity].title}"
    for identity in sorted(before.keys() - after.keys()):
        yield f"removed  {identity} {before[identity].title}"
    for identity in sorted(before.keys() & after.keys()):
        was, now = before[identity], after[identity]
        if was.title != now.title:
            yield f"renamed  {identity} {was.title} -> {now.title}"
        for key in ("parent", "maturity", "tactics", "mitigates"):
            if getattr(was, key) != getattr(now, key):
                yield f"changed  {identity} {key}: {getattr(was, key)} -> {getattr(now, key)}"
    for one in new.clauses:
        if not one.about and not one.generative:
            yield f"no words {one.id} {one.title}"


def as_toml(one: Framework) -> str:
    """A framework as it is stored: keys in the order of the record, nothing that is empty."""
    known = msgspec.to_builtins(one, builtin_types=(date,))
    clauses = known.pop("clause")
    blocks = ["".join(_lines(known))]
    blocks += ["[[clause]]\n" + "".join(_lines(clause)) for clause in clauses]
    return "\n".join(blocks)


def _lines(table: Mapping[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        if value:
            yield f"{key} = {_value(value, room=_WIDTH - len(key) - 3)}\n"


def _value(value: Any, *, room: int) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        keys = (f"{key} = {_value(one, room=room)}" for key, one in value.items())
        return f"{{ {', '.join(keys)} }}"
    if not isinstance(value, list | tuple):
        return json.dumps(value, ensure_ascii=False)  # what it escapes, TOML reads back
    each = [_value(one, room=room) for one in value]
    flat = f"[{', '.join(each)}]"
    return flat if len(flat) <= room else "[\n" + "".join(f"  {one},\n" for one in each) + "]"


def update(source: Path, *, target: Path, as_of: date, dry: bool) -> list[str]:
    """Write the facts of one file over those of another; say what changed.

    Raises:
        InputError: either is not what it should be, or the new facts contradict each other.
    """
    try:
        document = yaml.safe_load(source.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        message = f"{source}: not YAML: {error}"
        raise InputError(message) from error
    version, clauses = facts(document)
    old = read(target.read_text(encoding="utf-8"), file=target.name)
    new = merged(old, version=version, as_of=as_of, new=clauses)
    text = as_toml(new)
    read(text, file=target.name)  # refuses what contradicts itself before anything is written
    if not dry:
        target.write_text(text, encoding="utf-8")
    return list(changes(old, new))


def main() -> int:
    """Read the arguments, do it, print what changed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("source", type=Path, help="the YAML file of ATLAS")
    parser.add_argument("--as-of", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
    parser.add_argument("--target", type=Path, default=TARGET)
    parser.add_argument("--dry", action="store_true", help="write nothing")
    given = parser.parse_args()
    try:
        told = update(given.source, target=given.target, as_of=given.as_of, dry=given.dry)
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(told) or "nothing changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
