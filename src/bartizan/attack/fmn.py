"""FMN: the smallest change that evades, found from both sides of the boundary."""

from dataclasses import dataclass

import numpy as np

from bartizan.attack.control import planted
from bartizan.attack.losses import margin
from bartizan.attack.polish import CUTS, polish
from bartizan.attack.terrain import Patch, Terrain, View
from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult, Entry
from bartizan.core.finding import Taxonomy
from bartizan.core.norm import NORMS
from bartizan.core.oracle import Oracle

_FARTHEST = 1e6
"""Largest radius, in budgets: a gradient next to nothing promises boundaries beyond the floats."""

_LAST = 2 * CUTS + 3
"""Questions kept back for shortening what was found."""


@dataclass(frozen=True)
class Params:
    """Settings; the paper's where it names them."""

    steps: int = 100
    first_step: float = 1.0
    """Length of a step, as a share of the radius; falls to `last_step` along half a cosine."""
    last_step: float = 0.01
    first_change: float = 0.05
    """Change of the radius in one step; falls to `last_change` in the same way."""
    last_change: float = 1e-4


def run(
    oracle: Oracle,
    constraint: Constraint,
    x: Array,
    y: Ints,
    *,
    params: Params,
    rng: np.random.Generator,
) -> AttackResult:
    """Climb within a ball that shrinks while the row is broken and grows while it is not.

    Until a row breaks, the radius is just past where a linear model puts the boundary. No budget
    is looked at: one run gives the whole curve. Only numbers move; categories stay.

    Args:
        oracle: The model as the attacker sees it, with gradients.
        constraint: What the attacker may change; lengths are its norm's.
        x: Rows to attack, shape (n, d).
        y: Their classes, shape (n,).
        params: See `Params`.
        rng: Not used; there is nothing random in it.

    Returns:
        The smallest change met for each row, its price, and the share of vanished gradients.

    Cost:
        `steps` gradients and 18 more answers for a row; fewer steps where queries are short.

    Source:
        Pintor, Roli, Brendel, Biggio (2021), "Fast minimum-norm adversarial attacks through
        adaptive norm constraints", arXiv:2102.12827, Algorithm 1. Deviations: steps are shares of
        the radius, not of the image range, so that they fit columns of any unit; they follow the
        norm's own gradient in Linf (signs); the projection onto ball and box is exact; what was
        found is shortened in the end.
    """
    del y, rng  # the oracle knows what "wrong" means
    terrain = Terrain(oracle, constraint, x)
    walk = _Walk(terrain, params)
    loss = margin(oracle)
    spare = int(oracle.left().max(initial=0)) - _LAST
    steps = min(params.steps, max(spare, 1))
    for step in range(steps):
        walk.drop_spent()
        if not len(walk.patch.rows):
            break
        walk.advance(terrain.look(walk.patch, walk.offset, loss), done=step / steps)
    walk.drop_spent()
    if len(walk.patch.rows):
        terrain.ask(walk.patch, walk.offset)
    polish(terrain)
    return terrain.result()


class _Walk:
    """Offsets and radii of the rows that have questions left."""

    def __init__(self, terrain: Terrain, params: Params) -> None:
        self._terrain = terrain
        self._params = params
        self._way = NORMS[terrain.norm.smooth]
        self.patch: Patch = terrain.patch(np.arange(terrain.shape[0]))
        self.offset = np.zeros(self.patch.low.shape)
        self._radius = np.zeros(len(self.patch.rows))
        self._best = np.full(len(self.patch.rows), np.inf)

    def drop_spent(self) -> None:
        """Leave rows without questions, and those that were broken from the start."""
        stays = self._terrain.payers(self.patch) & (self._best > 0)
        if not stays.all():
            self.patch, self.offset = self.patch.only(stays), self.offset[stays]
            self._radius, self._best = self._radius[stays], self._best[stays]

    def advance(self, view: View, *, done: float) -> None:
        """Set the radius by what was seen, then step uphill within it."""
        params = self._params
        change = _eased(params.first_change, params.last_change, done)
        self._resize(view, change)
        size = _eased(params.first_step, params.last_step, done) * self._radius
        low, high = self.patch.low, self.patch.high
        step = self._way.stride(
            view.gain, offset=self.offset, low=low, high=high, share=np.ones(len(size))
        )
        step *= size[:, None]
        self.offset += step
        self.offset = self._terrain.norm.project(self.offset, low, high, radius=self._radius)

    def _resize(self, view: View, change: float) -> None:
        length, reached = self._terrain.norm.length(self.offset), view.reached
        self._best = np.where(reached, np.minimum(self._best, length), self._best)
        found = np.isfinite(self._best)
        shrunk = np.minimum(self._radius * (1 - change), self._best)
        grown = np.where(found, self._radius, self._promised(view, length)) * (1 + change)
        self._radius = np.where(reached, shrunk, grown)

    def _promised(self, view: View, length: Array) -> Array:
        """Where a linear model puts the boundary; where it is, if there is no slope."""
        rate = self._terrain.norm.rate(view.gain)
        known: Mask = (rate > 0) & np.isfinite(view.value)
        with np.errstate(over="ignore", invalid="ignore"):
            away = np.divide(np.abs(view.value), rate, out=np.zeros(len(rate)), where=known)
        return np.minimum(length + away, _FARTHEST)


def _eased(first: float, last: float, done: float) -> float:
    """From the first to the last value along half a cosine."""
    return float(last + (first - last) * (1 + np.cos(np.pi * done)) / 2)


ENTRY = Entry(
    id="evasion.fmn",
    kind="attack",
    title="FMN: the smallest change that evades",
    run=run,
    params=Params(),
    needs=("gradients", "numeric"),
    control=planted(run, Params()),
    threshold=("attack-success", "<=", 0.20),
    unbounded=True,
    taxonomy=Taxonomy(
        atlas=("AML.T0015", "AML.T0043.000"),
        owasp_ml=("ML01:2023",),
        nist_ai_100_2=("Evasion, white-box",),
    ),
    references=("arXiv:2102.12827", "arXiv:2408.07579"),
    fix=(
        "Rows that need the smallest changes lie next to the boundary: collect more of their kind, "
        "train on rows that PGD makes at the declared budget, and send close calls to a person "
        "instead of deciding on them."
    ),
)
