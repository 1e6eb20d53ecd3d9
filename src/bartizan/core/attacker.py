"""Who attacks, and what they can do."""

from collections.abc import Iterable
from typing import Literal, TypeAlias

import msgspec

from bartizan.core.errors import ConfigError
from bartizan.core.record import Record

Access: TypeAlias = Literal["labels", "scores", "gradients", "structure"]
NormName: TypeAlias = Literal["L1", "L2", "Linf"]
Direction: TypeAlias = Literal["any", "up", "down"]
Standing: TypeAlias = Literal["declared", "assumed", "weaker", "stronger"]

ACCESS_ORDER: tuple[Access, ...] = ("labels", "scores", "gradients", "structure")
"""From least to most that an attacker sees of the model."""


def more(first: Access, second: Access) -> bool:
    """Whether the first sees more of the model than the second.

    Example:
        >>> more("scores", "labels"), more("scores", "scores")
        (True, False)
    """
    return ACCESS_ORDER.index(first) > ACCESS_ORDER.index(second)


class Reach(Record, frozen=True, kw_only=True):
    """What an attacker can do to one feature (or one one-hot group, named by the group)."""

    mutable: bool = True
    direction: Direction = "any"
    """`up`: the value can only grow. Numbers only."""
    cost: float | None = None
    """Money per unit of a number, or per change of a category. None = not priced."""

    def __post_init__(self) -> None:
        """Refuse contradictions."""
        if self.cost is not None and not 0 <= self.cost < float("inf"):
            message = f"a cost must be a finite number >= 0, got {self.cost}"
            raise ConfigError(message)
        if not self.mutable and (self.direction != "any" or self.cost is not None):
            message = "a feature with mutable = false can have neither a direction nor a cost"
            raise ConfigError(message)


class Attacker(Record, frozen=True, kw_only=True, tag_field="schema", tag="attacker/1"):
    """One attacker: what they see, want, can change, and can afford.

    The budget is either a distance (`norm`, `eps`, and how many `categories` may change) or
    `money`. Numeric changes are measured in units of each feature's 1-99 % range, those of an
    image in units of the way from dark to bright.
    """

    name: str
    access: Access = "labels"
    goal: str = "any"
    """`any` = any wrong class; otherwise the class the attacker wants to be taken for."""
    protected: tuple[str, ...] = ()
    """Classes whose rows are attacked; empty = all."""
    norm: NormName | None = None
    eps: float | None = None
    """Largest distance, in these units."""
    categories: int = 1
    """How many categorical features may change. Not used with `money`."""
    money: float | None = None
    queries: int | None = None
    """Questions to the model per row and attack; none = what the profile says."""
    features: dict[str, Reach] = msgspec.field(default_factory=dict)
    standing: Standing = "declared"
    """Only a declared attacker, or the assumed one where none is declared, decides an outcome."""

    def __post_init__(self) -> None:
        """Refuse budgets that are missing, zero or contradictory."""
        where = f"attacker {self.name!r}"
        if (self.money is None) == (self.eps is None):
            message = f"{where} needs a budget: either `eps` (with `norm`) or `money`, not both"
            raise ConfigError(message)
        if (self.eps is None) != (self.norm is None):
            message = f"{where}: `eps` and `norm` go together; set both, or `money` instead"
            raise ConfigError(message)
        for key, value in (("eps", self.eps), ("money", self.money), ("queries", self.queries)):
            if value is not None and not 0 < value < float("inf"):
                message = (
                    f"{where}: a budget of {key} = {value} says nothing: zero lets nothing be "
                    "tried, infinity lets everything; give a finite value above zero"
                )
                raise ConfigError(message)
        if self.categories < 0:
            message = f"{where}: `categories` must be 0 or more, got {self.categories}"
            raise ConfigError(message)

    @property
    def budget(self) -> float:
        """The budget, in the unit of `budget_unit`."""
        return (self.money if self.money is not None else self.eps) or 0.0

    @property
    def budget_unit(self) -> str:
        """What the budget is measured in: `money`, or the norm's name."""
        return "money" if self.norm is None else self.norm

    @property
    def decides(self) -> bool:
        """Whether this attacker's findings count for the outcome and the exit code."""
        return self.standing in ("declared", "assumed")

    def reach(self, name: str) -> Reach:
        """What this attacker can do to one feature."""
        return self.features.get(name, Reach())

    def sees(self, access: Access) -> bool:
        """Whether this attacker sees at least that much of the model."""
        return ACCESS_ORDER.index(self.access) >= ACCESS_ORDER.index(access)


def most_seen(attackers: Iterable[Attacker]) -> Access:
    """What is seen of the model by whoever sees most, of those who decide; none = scores."""
    seen = [one.access for one in attackers if one.decides]
    return max(seen, key=ACCESS_ORDER.index, default="scores")
