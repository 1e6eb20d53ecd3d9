"""The walk along a decision boundary that HopSkipJump takes, all rows of a block together."""

from itertools import pairwise

import numpy as np

from bartizan.attack.dither import Dither
from bartizan.attack.start import Starts
from bartizan.attack.trail import Trail
from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.constraint import Constraint
from bartizan.core.norm import NORMS
from bartizan.core.oracle import Oracle, chunk_rows

_RESERVE = 32
"""Queries kept back in each iteration for the step and the bisection after it."""
_STEPS = (0, 1, 10)
"""Steps are halved up to ten times; more than a thousandfold leads nowhere. The full step is
asked about first, then all halvings at once: a call costs more than a few questions."""
_CUTS = 5
"""Points asked about at once in a bisection: two fifths of the calls for twice the questions,
which are a fiftieth of all questions."""
_SHARPNESS = 0.25
"""Share of the paper's tolerance of bisections. Votes are taken an n-th of the distance away, so
a point that is off the boundary by as much tells little; four times closer costs two questions."""
_RIDGE = np.pi / 2 - 1
"""Noise of one vote over the signal in it, for unit directions: a vote is the sign of a nearly
normal number, whose best linear forecast has slope sqrt(2 / pi) and leaves a rest of 1 - 2 / pi."""
_STEP = 1.0
"""Where all columns hold whole numbers, votes are taken one step away in each of them, root
mean square: closer, most would be rounded back."""
_SHORTCUT = 0.995
"""The straight line is taken when it is shorter by half a percent at least."""


class Walk:
    """All rows of a block on their way. State is indexed by row."""

    def __init__(
        self,
        *,
        oracle: Oracle,
        constraint: Constraint,
        x0: Array,
        rows: Ints,
        starts: Starts,
        trail: Trail,
        directions: int,
        memory: float,
        rng: np.random.Generator,
    ) -> None:
        """Begin at the boundary between each row and its start.

        Args:
            oracle: The model.
            constraint: What may change.
            x0: Rows to attack, shape (n, d).
            rows: Those that walk, shape (r,).
            starts: Where they start; rows without a start do not walk.
            trail: Keeps what is found.
            directions: Directions tried for the first gradient.
            memory: Share of the last gradient estimate that is kept in the next one.
            rng: Source of the directions; they do not depend on the rows.
        """
        self._oracle = oracle
        self._constraint = constraint
        self._directions, self._memory = directions, memory
        self._norm = NORMS[constraint.norm.smooth]
        self._x0 = x0
        self._low, self._high = constraint.bounds(x0)
        self._dither = Dither(constraint)
        grain = self._dither.grain
        self._least = _STEP * float(grain.min()) * np.sqrt(len(grain)) if grain.size else 0.0
        self._trail = trail
        self._iteration, self._rng = 0, rng
        self.active = rows[starts.found]
        self._offset = np.zeros((len(x0), len(constraint.numeric)))
        self._offset[rows] = constraint.offsets(x0[rows], starts.points)
        self._gradient = np.zeros_like(self._offset)
        self._trail.keep(starts.points[starts.found], self.active)
        self._drop_spent()
        self._bisect(self.active)
        self._drop_spent()

    @property
    def _tolerance(self) -> float:
        """Relative width at which a bisection stops: a share of the paper's d^(-3/2)."""
        return float(_SHARPNESS * max(self._offset.shape[1], 2) ** -1.5)

    def _drop_spent(self, needed: int = 2 * _RESERVE) -> None:
        left = self._oracle.left()[self.active]
        far = self._norm.length(self._offset[self.active]) > 0
        self.active = self.active[(left >= needed) & far]

    def advance(self) -> None:
        """One iteration for every active row."""
        self._iteration += 1
        iteration = self._iteration
        count = int(self._directions * np.sqrt(iteration))
        directions = self._rng.standard_normal((count, self._offset.shape[1]))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        rows = self.active
        fresh = self._estimate(rows, directions, first=iteration == 1)
        self._gradient[rows] = fresh + self._memory * self._gradient[rows]
        self._gradient[rows] /= np.maximum(_lengths(self._gradient[rows]), 1e-300)[:, None]
        self._step(rows, iteration)
        self._bisect(rows)
        self._shortcut(rows)
        self._drop_spent()

    def _points(self, rows: Ints, offset: Array) -> Array:
        spread = self._dither.spread(offset, change=offset)
        return self._constraint.moved(self._x0[rows], spread)

    def _wrong(self, rows: Ints, offset: Array) -> Mask:
        """Ask, and keep what is good."""
        points = self._points(rows, np.clip(offset, self._low[rows], self._high[rows]))
        wrong = self._oracle.wrong(points, rows)
        if not self._constraint.exact:
            wrong &= self._constraint.valid(self._x0[rows], points)
        self._trail.keep(points[wrong], rows[wrong])
        return wrong

    def _estimate(self, rows: Ints, directions: Array, *, first: bool) -> Array:
        """Unit normals of the boundary near each row's offset, shape (rows, m)."""
        lengths = self._norm.length(self._offset[rows])
        radius = lengths * (0.1 if first else 1.0 / self._offset.shape[1])
        radius = np.maximum(radius, self._least)
        counts = np.minimum(len(directions), self._oracle.left()[rows] - _RESERVE)
        gradient = np.zeros((len(rows), self._offset.shape[1]))
        weights = _regression(directions)
        group = max(chunk_rows(directions.shape[1]) // len(directions), 1)
        for start in range(0, len(rows), group):
            part = slice(start, start + group)
            crossed = self._probe(rows[part], radius[part], directions, counts[part])
            gradient[part] = crossed @ weights
        return gradient / np.maximum(_lengths(gradient), 1e-300)[:, None]

    def _probe(self, rows: Ints, radius: Array, directions: Array, counts: Ints) -> Array:
        """Votes of the directions, shape (rows, directions): centred; 0 = not asked."""
        points = self._surround(rows, radius, directions)
        asked = np.arange(len(directions)) < counts[:, None]
        owners = np.repeat(rows, len(directions))
        flat = points.reshape(-1, points.shape[-1])
        if not asked.all():
            flat, owners = flat[asked.ravel()], owners[asked.ravel()]
        votes = np.zeros(asked.shape)
        votes[asked] = np.where(self._oracle.wrong(flat, owners), 1.0, -1.0)
        mean = votes.sum(axis=1) / np.maximum(counts, 1)
        split = np.abs(mean) < 1  # where all agree, the mean is the only information
        return np.where(asked & split[:, None], votes - mean[:, None], votes)

    def _surround(self, rows: Ints, radius: Array, directions: Array) -> Array:
        """Points around each row's offset, shape (rows, directions, d)."""
        low, high = self._low[rows], self._high[rows]
        centre = self._offset[rows]
        offset = np.multiply(radius[:, None, None], directions)
        offset += centre[:, None, :]
        if np.isfinite(low).any() or np.isfinite(high).any():
            np.clip(offset, low[:, None, :], high[:, None, :], out=offset)
        spread = self._dither.spread(offset, change=centre)
        return self._constraint.around(self._x0[rows], spread)

    def _step(self, rows: Ints, iteration: int) -> None:
        """Move along the gradient by the longest step that ends on the far side."""
        size = self._norm.length(self._offset[rows]) / np.sqrt(iteration)
        unbounded = np.full((len(rows), self._offset.shape[1]), np.inf)
        direction = self._norm.ascend(self._gradient[rows], -unbounded, unbounded)
        waiting = np.arange(len(rows))
        for first, last in pairwise(_STEPS):
            waiting = waiting[self._oracle.left()[rows[waiting]] > _RESERVE // 2]
            if not waiting.size:
                return
            here = rows[waiting]
            share = size[waiting, None] * 0.5 ** np.arange(first, last)
            moved = share[:, :, None] * direction[waiting, None, :]
            moved += self._offset[here, None, :]
            moved = np.clip(moved, self._low[here, None, :], self._high[here, None, :])
            waiting = waiting[self._take_first(here, moved) == last - first]

    def _bisect(self, rows: Ints) -> None:
        """Shorten each offset until just before the boundary."""
        length = self._norm.length(self._offset[rows])
        near, far = np.zeros(len(rows)), np.ones(len(rows))
        path = self._offset[rows]
        waiting = np.flatnonzero(self._oracle.left()[rows] >= _CUTS)
        while waiting.size:
            edges = np.linspace(near[waiting], far[waiting], _CUTS + 2, axis=1)
            cut = np.repeat(path[waiting], _CUTS, axis=0)
            cut = self._norm.shorten(cut, (edges[:, 1:-1] * length[waiting, None]).ravel())
            first = self._take_first(rows[waiting], cut.reshape(len(waiting), _CUTS, -1))
            near[waiting] = edges[np.arange(len(waiting)), first]
            far[waiting] = edges[np.arange(len(waiting)), first + 1]
            wide = far[waiting] - near[waiting] > self._tolerance * far[waiting]
            waiting = waiting[wide & (self._oracle.left()[rows[waiting]] >= _CUTS)]

    def _take_first(self, rows: Ints, candidates: Array) -> Ints:
        """Move each row to the first of its candidates that gets the wanted answer.

        Args:
            rows: Shape (r,).
            candidates: Offsets, shape (r, k, m).

        Returns:
            Which one it was, shape (r,); k where there was none and the row stays.
        """
        count = candidates.shape[1]
        flat = candidates.reshape(-1, candidates.shape[2])
        wrong = self._wrong(np.repeat(rows, count), flat).reshape(len(rows), count)
        first = np.where(wrong.any(axis=1), wrong.argmax(axis=1), count)
        found = np.flatnonzero(first < count)
        self._offset[rows[found]] = candidates[found, first[found]]
        return np.asarray(first, dtype=np.int64)

    def _shortcut(self, rows: Ints) -> None:
        """Go straight from the original row along the gradient where that is shorter."""
        rows = rows[self._oracle.left()[rows] > _RESERVE // 2]
        budget = self._constraint.norm.length(self._offset[rows]) * _SHORTCUT
        keep = budget > 0
        rows, budget = rows[keep], budget[keep]
        straight = self._constraint.norm.ascend(
            self._gradient[rows],
            self._low[rows] / budget[:, None],
            self._high[rows] / budget[:, None],
        )
        offset = straight * budget[:, None]
        wrong = self._wrong(rows, offset)
        self._offset[rows[wrong]] = offset[wrong]
        self._bisect(rows[wrong])


def _regression(directions: Array) -> Array:
    """Weights that turn votes into a gradient: votes (r, n) @ weights (n, m) -> (r, m).

    Ridge regression, (U'U + c I)^-1 U', by whichever of its two forms solves the smaller system.
    """
    count, width = directions.shape
    if count < width:
        gram = directions @ directions.T
        return np.asarray(np.linalg.solve(gram + _RIDGE * np.eye(count), directions))
    gram = directions.T @ directions
    return np.asarray(np.linalg.solve(gram + _RIDGE * np.eye(width), directions.T).T)


def _lengths(values: Array) -> Array:
    return np.asarray(np.linalg.norm(values, axis=1))
