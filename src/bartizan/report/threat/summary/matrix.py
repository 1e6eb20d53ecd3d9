"""The risk matrix: likelihood against impact, before and after what evidence shows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bartizan.core.risk import STEPS, Factors, Priority
from bartizan.core.threat import Threat
from bartizan.report.threat.summary.register import Numbered

_BETWEEN = 3
"""Difficulty of detection in the middle of its scale: what the tint of a cell is about."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One likelihood with one impact."""

    tint: Priority
    """The priority there if the difficulty of detection is 3."""
    threats: tuple[tuple[Numbered, Priority], ...]
    """With the priority of each, which its own difficulty of detection takes part in."""


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """All cells, from what is likely to what is not."""

    title: str
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]
    """Likelihood, 5 first, and its cells by impact, 1 first."""


def matrices(threats: Iterable[Numbered]) -> tuple[Matrix, Matrix]:
    """Without any control, and with those that evidence shows."""
    found = tuple(threats)
    return (
        _matrix("Inherent: without any control", found, factors=lambda one: one.inherent),
        _matrix("Residual: with what evidence shows", found, factors=lambda one: one.residual),
    )


def _matrix(
    title: str, threats: tuple[Numbered, ...], *, factors: Callable[[Threat], Factors]
) -> Matrix:
    def cell(likelihood: int, impact: int) -> Cell:
        known = [(one, factors(one.threat)) for one in threats]
        tint = Factors(likelihood=likelihood, impact=impact, detection=_BETWEEN).priority
        return Cell(
            tint=tint,
            threats=tuple(
                (one, two.priority)
                for one, two in known
                if (two.likelihood, two.impact) == (likelihood, impact)
            ),
        )

    steps = range(1, STEPS + 1)
    return Matrix(
        title=title,
        rows=tuple((one, tuple(cell(one, two) for two in steps)) for one in reversed(steps)),
    )
