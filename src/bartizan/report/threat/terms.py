"""How a threat model says things: kinds, priorities, standings, and names without markup."""

import re
from collections.abc import Iterable
from typing import Final

from bartizan.core.risk import Priority
from bartizan.core.system import (
    Asset,
    Choice,
    ControlStatus,
    Element,
    ElementKind,
    Flow,
    System,
    Trust,
    Zone,
)
from bartizan.core.threat import Standing, Threat
from bartizan.report.words import visible

KINDS: Final[dict[ElementKind, str]] = {
    "actor": "Actor",
    "process": "Process",
    "store": "Store",
    "model": "Model",
    "pipeline": "Pipeline",
    "api": "API",
    "registry": "Registry",
    "third-party": "Third party",
}
TRUST: Final[dict[Trust, str]] = {
    "untrusted": "not trusted",
    "partner": "partners",
    "internal": "internal",
    "restricted": "restricted",
}
PRIORITY_TONES: Final[dict[Priority, str]] = {
    "high": "fail",
    "medium": "inconclusive",
    "low": "not-run",
}
"""The classes of the style sheet that colours belong to, the worst first."""
STANDINGS: Final[dict[Standing, str]] = {
    "open": "Open",
    "mitigated": "Mitigated, shown by evidence",
    "accepted": "Accepted",
    "transferred": "Transferred",
    "dismissed": "Dismissed as a false positive",
}
CHOICES: Final[dict[Choice, str]] = {
    "accept": "Accept",
    "mitigate": "Mitigate",
    "transfer": "Transfer",
    "false-positive": "False positive",
}
STATUS_TONES: Final[dict[ControlStatus, str]] = {
    "absent": "fail",
    "planned": "inconclusive",
    "implemented": "not-run",
    "verified": "pass",
}
_BLANKS = re.compile(r"\s+")
_NO_XML = re.compile("[\ufffe\uffff]")
"""Characters that XML refuses and `visible` lets through."""


def flat(text: str) -> str:
    r"""Text on one line, in which what nobody sees is spelled out.

    Example:
        >>> flat("a\n b\u202e")
        'a b\\u202e'
    """
    return visible(_NO_XML.sub("\N{REPLACEMENT CHARACTER}", _BLANKS.sub(" ", text).strip()))


def name(one: Element | Zone | Asset) -> str:
    """What people call it: its title, or its id where it has none."""
    return flat(one.title or one.id)


def flow_name(one: Flow, system: System) -> str:
    """A flow by the names of its ends.

    Example:
        `Scoring API → Ingestion`
    """
    return f"{name(system.element(one.source))} → {name(system.element(one.target))}"


def said(value: bool | None) -> str:  # noqa: FBT001 (what a description says)
    """What a description says of a question."""
    return "not said" if value is None else "yes" if value else "no"


def counted(count: int, noun: str) -> str:
    """A number with its noun.

    Example:
        >>> counted(1, "threat"), counted(0, "threat")
        ('1 threat', '0 threats')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def owned(owner: str) -> str:
    """The owner of a question in words.

    Example:
        >>> owned("element scoring-api")
        'Element scoring-api'
    """
    return flat(owner[:1].upper() + owner[1:])


def ticked(raw: str) -> tuple[tuple[str, bool], ...]:
    """Parts of a text, each with whether it stands between backticks.

    Example:
        >>> ticked("run `x` now")
        (('run ', False), ('x', True), (' now', False))
        >>> ticked("a tick ` without its twin")
        (('a tick ` without its twin', False),)
    """
    parts = raw.split("`")
    if len(parts) % 2 == 0:
        return ((raw, False),)
    return tuple((part, at % 2 == 1) for at, part in enumerate(parts))


def by_priority(threats: Iterable[Threat]) -> dict[Priority, int]:
    """How many open threats there are of each priority, the worst first."""
    counts = dict.fromkeys(PRIORITY_TONES, 0)
    for one in threats:
        if one.standing == "open":
            counts[one.residual.priority] += 1
    return counts
