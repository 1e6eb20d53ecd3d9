"""The incident-response plan of a system, from what ships and what threatens it."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from bartizan.core.errors import ConfigError
from bartizan.core.record import UserInput
from bartizan.core.threat import Clock, IncidentPlan, PlanStep, Playbook, Threat
from bartizan.frameworks.reading import framework_of
from bartizan.threat.asking import asked
from bartizan.threat.condition import Answer, Condition, either
from bartizan.threat.landscape import Landscape
from bartizan.threat.rule import Family

_TRIGGERS = 6
"""Ways to notice that a playbook lists: those of the worst threats first."""


class RoleText(UserInput, frozen=True, kw_only=True):
    """Somebody with a part in every incident."""

    name: str
    about: str


class SeverityText(UserInput, frozen=True, kw_only=True):
    """How bad an incident is, and how fast somebody begins."""

    name: Literal["low", "medium", "high", "critical"]
    meaning: str
    within: str


class PlaybookText(UserInput, frozen=True, kw_only=True):
    """What is done, for one family of threats."""

    family: Family
    title: str
    severity: Literal["low", "medium", "high", "critical"]
    triggers: tuple[str, ...]
    keep: tuple[str, ...]
    step: tuple[PlanStep, ...]


class Duty(UserInput, frozen=True, kw_only=True):
    """Clauses that want somebody told, within some time, and when they apply."""

    framework: str
    clauses: tuple[str, ...]
    when: Condition
    """Of some element."""
    why: str
    """What makes it apply."""


class Note(UserInput, frozen=True, kw_only=True):
    """What a reader should know about such a system."""

    text: str
    when: Condition


class Exercise(UserInput, frozen=True, kw_only=True):
    """What is practised, and how often."""

    every: str
    what: str


class IncidentFile(UserInput, frozen=True, kw_only=True):
    """`incident.toml`."""

    schema: Literal["incident/1"]
    role: tuple[RoleText, ...]
    severity: tuple[SeverityText, ...]
    playbook: tuple[PlaybookText, ...]
    duty: tuple[Duty, ...]
    exercise: tuple[Exercise, ...]
    note: tuple[Note, ...]


@cache
def shipped() -> IncidentFile:
    """What ships with Bartizan."""
    text = files(__package__).joinpath("incident.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), IncidentFile)


def plan_for(
    landscape: Landscape, *, threats: Sequence[Threat], ships: IncidentFile
) -> IncidentPlan:
    """The plan of one system: only what threatens it, with its own ways to notice.

    Args:
        landscape: The system.
        threats: In their order: the worst first.
        ships: Texts.
    """
    by_family: dict[str, list[Threat]] = defaultdict(list)
    for one in threats:
        by_family[one.family].append(one)
    return IncidentPlan(
        roles=tuple((one.name, one.about) for one in ships.role),
        severities=tuple((one.name, one.meaning, one.within) for one in ships.severity),
        playbooks=tuple(
            _playbook(one, by_family[one.family])
            for one in ships.playbook
            if by_family.get(one.family)
        ),
        clocks=tuple(_clocks(ships.duty, landscape)),
        exercises=tuple((one.every, one.what) for one in ships.exercise),
    )


def notes_for(landscape: Landscape, *, ships: IncidentFile) -> tuple[str, ...]:
    """What a reader should know, as far as it is known to apply."""
    return tuple(one.text for one in ships.note if anywhere(one.when, landscape).truth == "yes")


def anywhere(condition: Condition, landscape: Landscape) -> Answer:
    """Whether a condition holds of any element."""
    return either(asked(condition, one, landscape=landscape) for one in landscape.system.elements)


def _playbook(text: PlaybookText, threats: Sequence[Threat]) -> Playbook:
    noticed = dict.fromkeys(one.detect for one in threats)
    return Playbook(
        family=text.family,
        title=text.title,
        threats=tuple(one.id for one in threats),
        triggers=(*text.triggers, *tuple(noticed)[:_TRIGGERS]),
        severity=text.severity,
        steps=text.step,
        keep=text.keep,
    )


def _clocks(duties: Iterable[Duty], landscape: Landscape) -> Iterator[Clock]:
    for one in duties:
        answer = anywhere(one.when, landscape)
        if answer.truth == "no":
            continue
        missing = ", ".join(f"{gap.attribute} of {gap.owner}" for gap in sorted(answer.missing))
        applies = one.why if answer.truth == "yes" else f"not known: {missing} is not written"
        law = framework_of(one.framework)
        for clause in map(law.clause, one.clauses):
            yield Clock(
                clause=clause.id,
                about=clause.about,
                within=_words(clause.within),
                begins=clause.counted_from or "",
                tell=clause.told,
                applies=applies,
            )


_DURATION = re.compile(
    r"P(?:(?P<year>\d+)Y)?(?:(?P<month>\d+)M)?(?:(?P<week>\d+)W)?(?:(?P<day>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hour>\d+)H)?(?:(?P<minute>\d+)M)?(?:(?P<second>\d+)S)?)?"
)
"""ISO 8601 of whole numbers: `M` is months before the `T`, and minutes after it."""


def _words(within: str | None) -> str:
    """A duration as people say it.

    Example:
        >>> _words("PT72H"), _words("P1M"), _words("P1DT30M"), _words(None)
        ('72 hours', '1 month', '1 day and 30 minutes', 'without delay')

    Raises:
        ConfigError: it is no duration.
    """
    if within is None:
        return "without delay"
    found = _DURATION.fullmatch(within)
    parts = found.groupdict() if found else {}
    said = [f"{int(n)} {unit}{'' if int(n) == 1 else 's'}" for unit, n in parts.items() if n]
    if not said:
        message = f"expected a duration such as PT72H or P1M, got {within!r}"
        raise ConfigError(message)
    return " and ".join((", ".join(said[:-1]), said[-1])) if said[:-1] else said[-1]
