"""Which control, text or audit answers which clause, as far as somebody wrote down why."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

import msgspec

from bartizan.core.compliance import AuditKind, Backer, PolicyKind, Reader, Relationship
from bartizan.core.control import Control
from bartizan.core.errors import ConfigError
from bartizan.core.nearest import near
from bartizan.core.record import UserInput
from bartizan.core.system import Id
from bartizan.frameworks.framework import Framework


class Row(UserInput, frozen=True, kw_only=True):
    """One control, one clause."""

    control: Id
    framework: Id
    clause: str
    relationship: Relationship
    why: str


class BackingRow(UserInput, frozen=True, kw_only=True):
    """One text, audit or threat model, one clause."""

    by: Backer
    kind: str = ""
    """Of policy or audit; empty for the threat model."""
    framework: Id
    clause: str
    relationship: Relationship
    why: str


class CrosswalkFile(UserInput, frozen=True, kw_only=True):
    """`crosswalk.toml`."""

    schema: Literal["crosswalk/1"]
    version: str
    link: tuple[Row, ...]
    backing: tuple[BackingRow, ...] = ()


def crosswalk() -> tuple[Row, ...]:
    """Controls and clauses, as they ship with Bartizan."""
    return _shipped().link


def backings() -> tuple[BackingRow, ...]:
    """What people sign or do, and clauses, as they ship with Bartizan."""
    return _shipped().backing


def reader_of(row: Row) -> Reader:
    """Whose reading a row is: what does not ship with Bartizan is the project's."""
    return "Bartizan" if row in _shipped_rows() else "the project"


@cache
def _shipped_rows() -> frozenset[Row]:
    return frozenset(crosswalk())


@cache
def _shipped() -> CrosswalkFile:
    text = files(__package__).joinpath("crosswalk.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), CrosswalkFile)


def agreed(
    rows: Sequence[Row],
    *,
    controls: Mapping[str, Control],
    frameworks: Mapping[str, Framework],
) -> tuple[Row, ...]:
    """The rows, if all that they name exists, and each pair stands once.

    Raises:
        ConfigError: names the first row that does not.
    """
    seen: set[tuple[str, str, str]] = set()
    for row in rows:
        where = f"crosswalk: {row.control} -> {row.framework} {row.clause}"
        if row.control not in controls:
            message = f"{where}: no such control{near(row.control, controls)}"
            raise ConfigError(message)
        _require_clause(row, frameworks=frameworks, where=where)
        _require_once((row.control, row.framework, row.clause), seen=seen, where=where)
    return tuple(rows)


def agreed_backings(
    rows: Sequence[BackingRow], *, frameworks: Mapping[str, Framework]
) -> tuple[BackingRow, ...]:
    """The rows, if all that they name exists, and each pair stands once.

    Raises:
        ConfigError: names the first row that does not.
    """
    seen: set[tuple[str, str, str]] = set()
    for row in rows:
        what = f"{row.by} {row.kind}".strip()
        where = f"crosswalk: {what} -> {row.framework} {row.clause}"
        if row.kind not in _KINDS[row.by]:
            message = f"{where}: no such kind{near(row.kind, _KINDS[row.by])}"
            raise ConfigError(message)
        _require_clause(row, frameworks=frameworks, where=where)
        _require_once((what, row.framework, row.clause), seen=seen, where=where)
    return tuple(rows)


_KINDS: Mapping[Backer, tuple[str, ...]] = {
    "policy": get_args(PolicyKind),
    "audit": get_args(AuditKind),
    "threat-model": ("",),
}


def _require_clause(
    row: Row | BackingRow, *, frameworks: Mapping[str, Framework], where: str
) -> None:
    if row.framework not in frameworks:
        message = f"{where}: no such framework{near(row.framework, frameworks)}"
        raise ConfigError(message)
    known = [one.id for one in frameworks[row.framework].clauses]
    if row.clause not in known:
        message = f"{where}: no such clause{near(row.clause, known)}"
        raise ConfigError(message)


def _require_once(
    key: tuple[str, str, str], *, seen: set[tuple[str, str, str]], where: str
) -> None:
    if key in seen:
        message = f"{where}: stands twice"
        raise ConfigError(message)
    seen.add(key)
