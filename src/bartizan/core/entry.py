"""One item of the catalogue: an attack or a check, with the case it must find."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.finding import Measure, Outcome, Series, Severity, Taxonomy

EntryKind: TypeAlias = Literal["attack", "check"]
Need: TypeAlias = Literal["labels", "scores", "numeric", "choices"]
"""`numeric`: at least one number the attacker can move; `choices`: at least one category, or
a number."""


@dataclass(frozen=True)
class AttackResult:
    """What an attack found. Row i of every array belongs to row i of the input."""

    points: Array
    """Shape (n, d): the best row found; the original where nothing was found."""
    success: Mask
    """Whether the model's answer on exactly that point is what the attacker wants, and the
    point is valid. The budget in money or distance is judged later."""
    price: Array
    """Shape (n,), in the unit of the attacker's budget; infinity where nothing was found."""
    queries: Ints
    """Shape (n,): questions asked for this row."""
    needed: Ints
    """Shape (n,): questions asked until a point within the budget was first met; -1 = never."""


@dataclass(frozen=True)
class CheckResult:
    """What a check measured, and how bad a failure of it is."""

    measures: tuple[Measure, ...]
    """The first one decides."""
    severity: Severity
    """If it fails."""
    line: float | None = None
    """Where the threshold lies for this subject, if it depends on it."""
    series: tuple[Series, ...] = ()


@dataclass(frozen=True)
class ControlResult:
    """Whether an entry found the case planted for it."""

    passed: bool
    detail: str
    """What was planted and what was found, in words with numbers."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One catalogue item.

    Attacks: ``run(oracle, constraint, x, y, *, params, rng) -> AttackResult``.
    Checks: ``run(model, x, y, *, params) -> CheckResult``.
    Control: ``control(*, constraint, data, recipe, rng) -> ControlResult``.
    """

    id: str
    """`family.name`, lower case, never reused."""
    kind: EntryKind
    title: str
    run: Callable[..., Any]
    params: Any
    """A frozen dataclass of defaults."""
    needs: tuple[Need, ...]
    control: Callable[..., ControlResult]
    threshold: tuple[str, Literal["<=", ">="], float]
    """The deciding measure and its default line."""
    unsure: Outcome = "inconclusive"
    """The outcome when the interval straddles the line."""
    taxonomy: Taxonomy
    references: tuple[str, ...]
    fix: str
    """What to do when it fails."""
