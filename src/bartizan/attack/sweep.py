"""One attack at several budgets in ascending order: the whole curve of success against budget."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bartizan.attack.polish import CUTS, polish
from bartizan.attack.terrain import Patch, Terrain
from bartizan.core.arrays import Array, Ints
from bartizan.core.entry import AttackResult
from bartizan.core.oracle import RowLoss

SWEEP = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0)
"""Shares of the budget, up to twice the declared one: what the stronger attacker has."""
_BRIEF = 6
"""The other budgets get a sixth of the steps of the declared one: they start where the last one
ended, and eight points then cost little more than twice the one that decides."""


@dataclass(frozen=True)
class Swept:
    """Settings of an attack that is made at several budgets."""

    steps: int = 100
    """With each loss at the declared budget; others get a sixth."""
    restarts: int = 1
    """Starts at the declared budget: the original row, then random ones."""
    sweep: tuple[float, ...] = SWEEP
    """Budgets to try, as shares of the declared one."""
    polish: bool = True
    """Whether to shorten what was found; without it, prices are as coarse as the budgets."""


class Climb(Protocol):
    """A way uphill within a ball; it ends for each row where the row breaks."""

    def __call__(
        self, terrain: Terrain, patch: Patch, offset: Array, *, loss: RowLoss, leg: "Leg"
    ) -> tuple[Patch, Array]:
        """Go from some offsets, shape (rows of the patch, m), which may be overwritten.

        Returns:
            The rows that did not break, and where to go on from: an offset inside the ball that
            need not have been asked about.
        """
        ...


@dataclass(frozen=True)
class Leg:
    """A part of the way at one budget."""

    radius: float
    """In units of the declared budget."""
    steps: int
    """Gradients asked for, with each loss."""
    decides: bool
    """Whether this is the declared budget, or the one nearest to it."""


def legs(shares: Sequence[float], *, steps: int, losses: int, terrain: Terrain) -> tuple[Leg, ...]:
    """The budgets in ascending order with their steps; fewer where queries are short."""
    ordered = sorted(set(shares))
    main = min(ordered, key=lambda share: abs(share - 1.0))
    brief = max(steps // _BRIEF, 1)
    walked = losses * (steps + brief * (len(ordered) - 1))
    spare = int(terrain.oracle.left().max(initial=0)) - losses * len(ordered) - CUTS - 1
    share = min(1.0, max(spare, 0) / walked)
    return tuple(
        Leg(
            radius=radius,
            steps=max(int(share * (steps if radius == main else brief)), 1),
            decides=radius == main,
        )
        for radius in ordered
    )


def attacked(
    terrain: Terrain,
    climb: Climb,
    *,
    params: Swept,
    losses: Sequence[RowLoss],
    rng: np.random.Generator,
) -> AttackResult:
    """The whole attack: climb within each budget, then shorten what was found.

    Args:
        terrain: What to walk on.
        climb: How to go uphill.
        params: Budgets, steps and starts.
        losses: What to climb, one after the other.
        rng: Source of the random starts, which all rows share.
    """
    starts = [rng.uniform(-1.0, 1.0, terrain.shape[1]) for _ in range(params.restarts - 1)]
    count = len(losses) * params.restarts
    way = legs(params.sweep, steps=params.steps, losses=count, terrain=terrain)
    sweep(terrain, climb, way=way, losses=losses, starts=starts)
    if params.polish:
        polish(terrain)
    return terrain.result()


def sweep(
    terrain: Terrain,
    climb: Climb,
    *,
    way: Sequence[Leg],
    losses: Sequence[RowLoss],
    starts: Sequence[Array] = (),
) -> None:
    """Climb within each budget; only rows that did not break go on to the next one.

    Every loss goes on from where it ended within the budget before.

    Args:
        terrain: Keeps what is found.
        climb: How to go uphill.
        way: The budgets.
        losses: Tried one after the other within each budget.
        starts: More offsets to start from at the budget that decides, each of shape (m,), of any
            length; all rows share them.
    """
    offsets = [np.zeros(terrain.shape) for _ in losses]
    for leg in way:
        for loss, offset in zip(losses, offsets, strict=True):
            _climb(terrain, climb, terrain.open, onto=offset, loss=loss, leg=leg)
        for start in starts if leg.decides else ():
            for loss in losses:
                onto = np.tile(start, (terrain.shape[0], 1))
                _climb(terrain, climb, terrain.open, onto=onto, loss=loss, leg=leg)


def _climb(
    terrain: Terrain, climb: Climb, rows: Ints, *, onto: Array, loss: RowLoss, leg: Leg
) -> None:
    """One loss at one budget; `onto` holds where the rows are, shape (n, m)."""
    patch = terrain.patch(rows)
    if not len(patch.rows):
        return
    here = onto[patch.rows]  # a copy
    here = terrain.norm.project(
        here, patch.low, patch.high, radius=np.full(len(patch.rows), leg.radius)
    )
    patch, here = climb(terrain, patch, here, loss=loss, leg=leg)
    payers = terrain.payers(patch)
    if not payers.all():
        patch, here = patch.only(payers), here[payers]
    if not len(patch.rows):
        return
    terrain.ask(patch, here)  # the last step has not been looked at yet
    onto[patch.rows] = here
