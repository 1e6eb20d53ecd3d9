"""What a threat model says all in all: controls once, what helps most, what was decided."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bartizan.core.risk import PRIORITIES
from bartizan.core.system import CONTROL_STATUSES, ControlStatus
from bartizan.core.threat import Countermeasure, Threat, ThreatModel

FIRST = 5
"""Steps that are named at the top: more are no longer first."""


@dataclass(frozen=True, kw_only=True)
class Numbered:
    """A threat with its place in the ranking."""

    number: int
    """From 1."""
    threat: Threat

    @property
    def anchor(self) -> str:
        """Where a page shows it."""
        return f"threat-{self.number}"


@dataclass(frozen=True, kw_only=True)
class Where:
    """A control at one element."""

    element: str
    status: ControlStatus
    owner: str
    due: str


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One control, and all that hangs on it."""

    control: str
    title: str
    stage: str
    command: str
    """What verifies it; empty = somebody has to look."""
    places: tuple[Where, ...]
    """By element."""
    answers: tuple[Numbered, ...]
    """Threats that it is against, the first in the ranking first."""

    @property
    def status(self) -> ControlStatus:
        """The weakest of all places."""
        return min((one.status for one in self.places), key=CONTROL_STATUSES.index)

    @property
    def owners(self) -> tuple[str, ...]:
        """Who sees to it, in alphabetical order."""
        return tuple(sorted({one.owner for one in self.places}))

    def open_of(self, priority: str) -> int:
        """Open threats of a priority against which it does not stand everywhere yet."""
        return sum(
            one.threat.standing == "open"
            and one.threat.residual.priority == priority
            and any(
                two.control == self.control and two.status != "verified"
                for two in one.threat.countermeasures
            )
            for one in self.answers
        )

    @property
    def weight(self) -> tuple[int, ...]:
        """How much would be won by it: open threats, the highest priority first."""
        return tuple(self.open_of(one) for one in reversed(PRIORITIES))


def numbered(model: ThreatModel) -> tuple[Numbered, ...]:
    """All threats in the order of the ranking."""
    return tuple(Numbered(number=at, threat=one) for at, one in enumerate(model.threats, start=1))


def controls(threats: Iterable[Numbered]) -> tuple[Wanted, ...]:
    """Each control once, those first that stand against the most open threats of high priority."""
    found: dict[str, list[tuple[Numbered, Countermeasure]]] = defaultdict(list)
    for one in threats:
        for two in one.threat.countermeasures:
            found[two.control].append((one, two))
    wanted = (_wanted(pairs) for pairs in found.values())
    return tuple(sorted(wanted, key=lambda one: ([-part for part in one.weight], one.control)))


def first_steps(wanted: Sequence[Wanted]) -> tuple[Wanted, ...]:
    """The controls that would answer the most open threats and are not verified everywhere."""
    return tuple(one for one in wanted if any(one.weight))[:FIRST]


def ruled(threats: Iterable[Numbered]) -> tuple[Numbered, ...]:
    """Threats that somebody decided about; expired decisions first."""
    found = [one for one in threats if one.threat.ruling is not None]
    return tuple(sorted(found, key=lambda one: bool(one.threat.ruling and one.threat.ruling.holds)))


def _wanted(pairs: Sequence[tuple[Numbered, Countermeasure]]) -> Wanted:
    known = pairs[0][1]
    places = {
        (one.threat.element, two.status, two.owner, two.due): Where(
            element=one.threat.element, status=two.status, owner=two.owner, due=two.due
        )
        for one, two in pairs
    }
    return Wanted(
        control=known.control,
        title=known.title,
        stage=known.stage,
        command=known.command,
        places=tuple(place for _, place in sorted(places.items())),
        answers=tuple({one.number: one for one, _ in pairs}.values()),
    )
