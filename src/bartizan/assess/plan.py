"""What will be run: every entry that applies, against every attacker."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from bartizan.core.arrays import Array, Ints
from bartizan.core.attacker import ACCESS_ORDER, Access, Attacker
from bartizan.core.constraint import Constraint
from bartizan.core.entry import Entry
from bartizan.core.errors import ConfigError
from bartizan.core.report import Gap
from bartizan.core.space import Space

_WEAKER, _STRONGER = 0.5, 2.0
"""Factors on the budget of the two attackers that are assumed beside each declared one."""


@dataclass(frozen=True)
class Planned:
    """One entry against one attacker; checks have none."""

    entry: Entry
    constraint: Constraint | None
    rows: Ints
    """Positions of the attacked rows in the data."""
    queries: int

    @property
    def attacker(self) -> Attacker | None:
        """Who attacks."""
        return self.constraint.attacker if self.constraint else None

    def id(self, subject: str) -> str:
        """Id of the finding this will become."""
        who = f"#{self.attacker.name}" if self.attacker else ""
        return f"{self.entry.id}@{subject}{who}"


@dataclass(frozen=True)
class Plan:
    """Everything that will be run, and what will not and why."""

    items: tuple[Planned, ...]
    gaps: tuple[Gap, ...]


def with_neighbours(attacker: Attacker, *, offered: Access = "scores") -> tuple[Attacker, ...]:
    """The attacker, and an assumed weaker and stronger one.

    The weaker one sees labels only and has half the budget; the stronger one sees scores at
    least, and all that the model has to show, and has twice the budget. They show how much
    hangs on the assumption.

    Args:
        attacker: Declared, or assumed.
        offered: The most that can be seen of the model.
    """
    most: Access = max(attacker.access, "scores", offered, key=ACCESS_ORDER.index)
    return (
        attacker,
        _scaled(attacker, standing="weaker", access="labels", factor=_WEAKER),
        _scaled(attacker, standing="stronger", access=most, factor=_STRONGER),
    )


def _scaled(attacker: Attacker, *, standing: str, access: Access, factor: float) -> Attacker:
    return msgspec.structs.replace(
        attacker,
        name=f"{attacker.name}-{standing}",
        standing=standing,
        access=access,
        eps=None if attacker.eps is None else attacker.eps * factor,
        money=None if attacker.money is None else attacker.money * factor,
        categories=max(round(attacker.categories * factor), min(attacker.categories, 1)),
    )


def missing_need(entry: Entry, constraint: Constraint, *, offered: Access = "scores") -> str | None:
    """Why an entry cannot run for an attacker, or none if it can.

    Args:
        entry: The attack.
        constraint: The attacker in their space.
        offered: The most that can be seen of the model.
    """
    image = constraint.space.image
    reasons = {
        "scores": None if constraint.attacker.sees("scores") else "it needs scores",
        "gradients": _unseen("gradients", constraint.attacker, offered),
        "structure": _unseen("structure", constraint.attacker, offered),
        "image": None if image is not None else "rows are no images",
        "columns": None if image is None else "rows are images, which have no columns",
        "numeric": None if constraint.numeric.size else "the attacker can move no number",
        "choices": (
            None
            if constraint.numeric.size or constraint.switches
            else "the attacker can change nothing"
        ),
    }
    return next((reasons[need] for need in entry.needs if reasons.get(need)), None)


def _unseen(access: Access, attacker: Attacker, offered: Access = "scores") -> str | None:
    """Why so much of the model is not seen; trees have a structure, and no gradients."""
    if not attacker.sees(access):
        return f"the attacker sees {attacker.access} only, it needs {access}"
    return None if offered == access else f"the model has no {access} to show"


def constraints(
    attackers: Sequence[Attacker],
    space: Space,
    *,
    sample: Array,
    sample_y: Ints,
    offered: Access = "scores",
) -> tuple[Constraint, ...]:
    """Every attacker with their two neighbours, in one space.

    Raises:
        ConfigError: two of them have one name, so that their findings could not be told apart;
            or one does not fit the space.
    """
    everyone = [who for attacker in attackers for who in with_neighbours(attacker, offered=offered)]
    names = [who.name for who in everyone]
    for name in names:
        if names.count(name) > 1:
            message = (
                f"two attackers are called {name!r} (each attacker NAME is joined by NAME-weaker "
                "and NAME-stronger); rename one"
            )
            raise ConfigError(message)
    return tuple(Constraint(space, who, sample, sample_y) for who in everyone)
