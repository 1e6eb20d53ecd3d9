"""Checks of one column of a pandera schema, as limits and lists of values."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import numpy as np

from bartizan.core.errors import SchemaError


@dataclass
class Demands:
    """What the values of a column must be, all checks together."""

    least: float | None = None
    above: bool = False
    """Whether the smallest value itself is excluded."""
    most: float | None = None
    below: bool = False
    allowed: tuple[str, ...] | None = None
    """Texts of the values that may occur, in the order of the schema; none = any."""
    gaps: bool = False
    """Whether not every whole number between the allowed ones is allowed."""
    untaken: list[str] = field(default_factory=list)

    @property
    def bounded(self) -> bool:
        """Whether there is a smallest or a largest value."""
        return self.least is not None or self.most is not None

    @property
    def any(self) -> bool:
        """Whether anything is demanded."""
        return self.bounded or self.allowed is not None

    def limits(self, *, whole: bool) -> tuple[float | None, float | None]:
        """Smallest and largest value that may occur, themselves included."""
        low, high = self.least, self.most
        if low is not None and self.above:
            low = math.floor(low) + 1 if whole else float(np.nextafter(low, math.inf))
        if high is not None and self.below:
            high = math.ceil(high) - 1 if whole else float(np.nextafter(high, -math.inf))
        return low, high

    def among(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        """Those of a type's values that are allowed."""
        return tuple(one for one in texts if self.allowed is None or one in self.allowed)

    def raise_to(self, value: float, *, exclusive: bool) -> None:
        """Values are at least, or above, this; the stricter of two demands stays."""
        if self.least is None or (value, exclusive) > (self.least, self.above):
            self.least, self.above = value, exclusive

    def lower_to(self, value: float, *, exclusive: bool) -> None:
        """Values are at most, or below, this; the stricter of two demands stays."""
        if self.most is None or (-value, exclusive) > (-self.most, self.below):
            self.most, self.below = value, exclusive

    def only(self, values: Iterable[Any]) -> None:
        """Values are among these, and among those of every such demand before."""
        kept = list(values)
        texts = tuple(dict.fromkeys(_text(value) for value in kept))
        if self.allowed is not None:
            texts = tuple(one for one in self.allowed if one in texts)
        if not texts:
            message = "two checks of a column allow no value at all; correct the pandera schema"
            raise SchemaError(message)
        self.allowed = texts
        numbers = [value for value in kept if _is_number(value)]
        if numbers and len(numbers) == len(kept):
            self.raise_to(float(min(numbers)), exclusive=False)
            self.lower_to(float(max(numbers)), exclusive=False)
            self.gaps |= len({float(one) for one in numbers}) < max(numbers) - min(numbers) + 1
            self.gaps |= any(float(one) != int(one) for one in numbers)


def demands_of(checks: Iterable[Any]) -> Demands:
    """What the checks demand; those that have no counterpart are listed by name.

    Only checks that pandera brings itself are understood. One that looks at groups, or only
    warns, is listed too.
    """
    found = Demands()
    for check in checks:
        if not (_plain(check) and _taken(found, check.name, dict(check.statistics or {}))):
            name = str(check.error or check.name or "without a name")
            found.untaken.append(f"the check {name!r}")
    return found


def _plain(check: Any) -> bool:
    """Whether a check is one of pandera's own, on every value by itself, that fails."""
    if not check.is_builtin_check(check.name) or check.groupby is not None or check.raise_warning:
        return False
    own = check.get_builtin_check_fn(check.name)
    worker = check._check_fn  # noqa: SLF001 (a name alone is no proof: a check's author chooses it)
    return type(worker) is type(own) and str(worker) == str(own)


def _taken(found: Demands, name: str, facts: dict[str, Any]) -> bool:
    """Note what a check demands; false where it has no counterpart."""
    low, high = facts.get("min_value"), facts.get("max_value")
    if name in ("greater_than_or_equal_to", "greater_than") and _is_number(low):
        found.raise_to(float(low), exclusive=name == "greater_than")
    elif name in ("less_than_or_equal_to", "less_than") and _is_number(high):
        found.lower_to(float(high), exclusive=name == "less_than")
    elif name == "in_range" and _is_number(low) and _is_number(high):
        found.raise_to(float(low), exclusive=not facts.get("include_min", True))
        found.lower_to(float(high), exclusive=not facts.get("include_max", True))
    elif name == "isin" and facts.get("allowed_values"):
        found.only(facts["allowed_values"])
    elif name == "equal_to" and "value" in facts:
        found.only([facts["value"]])
    else:
        return False
    return True


def _is_number(value: Any) -> TypeGuard[float]:
    real = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    return real and math.isfinite(float(value))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
