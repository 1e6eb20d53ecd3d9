"""What a project declares that its models are judged by, and how evidence departs from it.

Findings are called after their entry, model and attacker. That says nothing of what the attacker
may do, or of which rows the model was asked about: an assessment against somebody who may change
next to nothing has the same names. What decides is in the evidence, under a digest that stands in
the ledger.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from bartizan.core.attacker import Attacker, most_seen
from bartizan.core.evidence import LINE, Evidence
from bartizan.core.record import digest, encode
from bartizan.supply.admission.terms import PROFILES, Profile


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What evidence must be about."""

    attackers: tuple[Attacker, ...]
    """Declared, or the one that is assumed where nobody is."""
    basis: Mapping[str, str]
    """What `Evidence.basis` must say, by name; what is not in here is not compared."""
    profile: Profile
    """How much must have been tried, at least."""
    lines: Mapping[str, float] = field(default_factory=dict)
    """Where the policy draws the line, by entry."""
    waived: Callable[[str], bool] = lambda _: False
    """Whether somebody accepts a finding today."""


def ability(attacker: Attacker) -> str:
    """A digest of what an attacker may do, whatever they are called."""
    bare = msgspec.structs.replace(attacker, name="", standing="declared")
    return digest(encode(bare))


def departures(record: Evidence, *, declared: Declared) -> tuple[str, ...]:
    """How evidence differs from what is declared; empty if it does not.

    Args:
        record: Of a finding, from whatever run.
        declared: What it should be about. How much was tried is another question: `enough`.
    """
    told = [
        f"another {name.replace('_', ' ')}"
        for name, wanted in declared.basis.items()
        if record.basis.get(name) != wanted
    ]
    line = declared.lines.get(record.finding.partition("@")[0])
    if record.basis.get(LINE, "") != ("" if line is None else str(line)):
        told.append("another line between pass and fail")
    if record.attacker is not None:
        told += _abilities(record.attacker, declared=declared)
    elif record.access is not None and record.access != most_seen(declared.attackers):
        told.append(_difference("access", record.access, most_seen(declared.attackers)))
    return tuple(told)


def enough(record: Evidence, *, profile: Profile) -> bool:
    """Whether at least so much was tried as a profile says."""
    known = record.profile in PROFILES
    return known and PROFILES.index(record.profile) >= PROFILES.index(profile)


def _abilities(attacker: Attacker, *, declared: Declared) -> list[str]:
    """What an attacker may do that none of the declared ones may, or the other way round."""
    if ability(attacker) in map(ability, declared.attackers):
        return []
    namesake = next((one for one in declared.attackers if one.name == attacker.name), None)
    if namesake is None:
        return [f"an attacker {attacker.name!r} whom nobody declared"]
    fields = [name for name in attacker.__struct_fields__ if name not in ("name", "standing")]
    return [
        _difference(name, getattr(attacker, name), getattr(namesake, name))
        for name in fields
        if getattr(attacker, name) != getattr(namesake, name)
    ]


def _difference(name: str, had: object, declared: object) -> str:
    if isinstance(had, dict):
        return "an attacker who may change other features"
    return f"an attacker with {name} {had!r}, and {declared!r} is declared"
