"""A loss over the offsets of one block: what every gradient attack walks on."""

from dataclasses import dataclass, replace

import numpy as np

from bartizan.attack.penalty import penalty, pulled
from bartizan.attack.trail import Trail
from bartizan.core.arrays import Array, Ints, Mask, clamp, single
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult
from bartizan.core.oracle import Oracle, RowLoss

_WEIGHT = 2.0
"""A broken relation weighs twice what the loss gains, so that mending it wins where both compete;
a fixed weight would be drowned by models with steep scores."""


@dataclass(frozen=True)
class Patch:
    """The rows that are still under way, packed: work is done for no others."""

    rows: Ints
    """Which of the attacked rows these are, shape (m,)."""
    x0: Array
    low: Array
    """Smallest offsets, shape (m, columns that can move)."""
    high: Array

    def only(self, kept: Mask) -> "Patch":
        """The rows that stay."""
        return replace(
            self, rows=self.rows[kept], x0=self.x0[kept], low=self.low[kept], high=self.high[kept]
        )


@dataclass(frozen=True)
class View:
    """What one look tells about some offsets."""

    reached: Mask
    """Whether the point is valid and gets the wanted answer; it has been kept then."""
    value: Array
    """Of the loss less the penalty for broken relations."""
    gain: Array
    """Its derivatives by the offset, finite."""


class Terrain:
    """Asks the oracle about offsets, keeps what breaks a row, and notes gradients that vanish.

    Points are repaired before they are asked about. The gradient goes back through equations that
    repair keeps, and straight through rounding and limits. Relations that no repair mends enter
    the loss as a penalty.

    Source: Simonetto, Ghamizi, Cordy (2024), "Towards adaptive attacks on constrained tabular
    machine learning" (CAPGD), arXiv:2408.07579: penalty and repair in every iteration. Deviations:
    the penalty is weighed by the slope of the loss; equations have their own derivative.
    """

    def __init__(self, oracle: Oracle, constraint: Constraint, x0: Array) -> None:
        self.oracle = oracle
        self.norm = constraint.norm
        self.trail = Trail(constraint, x0, oracle=oracle)
        self._constraint = constraint
        self._x0 = x0
        self.low, self.high = constraint.bounds(x0)
        self._unit = single(constraint.unit)
        self._looks = np.zeros(len(x0), dtype=np.int64)
        self._dark = np.zeros(len(x0), dtype=np.int64)

    @property
    def shape(self) -> tuple[int, int]:
        """Attacked rows, columns that can move."""
        rows, columns = self.low.shape
        return rows, columns

    @property
    def open(self) -> Ints:
        """Rows that nothing was found for yet."""
        return np.flatnonzero(~np.isfinite(self.trail.price))

    def patch(self, rows: Ints) -> Patch:
        """Those rows that have a question left."""
        rows = rows[self.oracle.left()[rows] > 0]
        if len(rows) == len(self._x0):  # all of them, in order
            return Patch(rows, self._x0, self.low, self.high)
        return Patch(rows, self._x0[rows], self.low[rows], self.high[rows])

    def payers(self, patch: Patch) -> Mask:
        """Rows of a patch that have a question left."""
        return np.asarray(self.oracle.left()[patch.rows] > 0)

    def look(self, patch: Patch, offset: Array, loss: RowLoss) -> View:
        """Ask for the loss, its gradient, and the answer at some offsets within bounds."""
        points = self._constraint.moved(patch.x0, offset)
        slope = self.oracle.differentiate(points, patch.rows, loss)
        grad = pulled(self._constraint, patch.x0, points, grad=slope.grad)
        gain = grad[:, self._constraint.moving] * self._unit
        self._shade(patch.rows, gain)
        reached = self._keep(patch, points, slope.wrong)
        lost, away = penalty(self._constraint, patch.x0, points)
        if lost is None or away is None:
            return View(reached, slope.value, gain)
        weight = _WEIGHT * np.linalg.norm(gain, axis=1)
        return View(reached, slope.value - weight * lost, gain - weight[:, None] * away)

    def _shade(self, rows: Ints, gain: Array) -> None:
        """Note rows without a usable gradient; what is not finite counts as zero from here on."""
        total = gain.sum(axis=1)  # one pass: only rows that look odd are looked at again
        dark = total == 0
        dark[dark] = ~gain[dark].any(axis=1)
        if not np.isfinite(total).all():
            odd = ~np.isfinite(gain)
            dark |= odd.any(axis=1)
            gain[odd] = 0.0
        self._looks[rows] += 1
        self._dark[rows] += dark

    def _keep(self, patch: Patch, points: Array, wrong: Mask) -> Mask:
        hit = np.flatnonzero(wrong)
        if hit.size and not self._constraint.exact:
            hit = hit[self._constraint.valid(patch.x0[hit], points[hit])]
        self.trail.keep(points[hit], patch.rows[hit])
        reached = np.zeros(len(points), dtype=bool)
        reached[hit] = True
        return reached

    def ask(self, patch: Patch, offset: Array) -> Mask:
        """Whether offsets get the wanted answer by valid points: cheaper than a look."""
        points = self._constraint.moved(patch.x0, offset)
        return self._keep(patch, points, self.oracle.wrong(points, patch.rows))

    def steepest(self, patch: Patch, gain: Array, length: Array) -> Array:
        """The changes of some lengths, shape (rows,), that gain most within the bounds."""
        size = np.maximum(length, np.finfo(float).tiny)[:, None]
        with np.errstate(over="ignore"):  # a bound that is far away in tiny steps
            low, high = patch.low / size, patch.high / size
        offset = self.norm.ascend(gain, low, high) * size
        return clamp(offset, patch.low, patch.high)  # dividing and multiplying rounds

    def kept(self, patch: Patch) -> Array:
        """The best offsets met for rows that something was found for, shape (rows, m)."""
        return self._constraint.offsets(patch.x0, self.trail.points[patch.rows])

    def result(self) -> AttackResult:
        """What was found, and how many of the gradients were of no use."""
        vanished = self._dark / np.maximum(self._looks, 1)
        return replace(self.trail.result(), vanished=vanished)
