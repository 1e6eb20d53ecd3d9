"""Random blocks: change some features at a time, keep what moves the score the right way."""

import numpy as np

from bartizan.attack.aim import Scores
from bartizan.core.arrays import Array, Ints, Mask

_FIRST_BLOCK, _LAST_BLOCK = 0.3, 0.05
"""Share of the features in a block, at the start and at the end of the queries."""
_WAYS = np.array([-1.0, -1.0, 0.0, 1.0, 1.0])
"""Where a number of a block goes: mostly to an end of the radius, sometimes back home."""
_PATIENCE = 12
"""Rounds without a gain before a row is given up at this radius."""


class Blocks:
    """Random search within a radius, for all rows of a block. Indexed by row."""

    def __init__(self, scores: Scores, *, proposals: int, rng: np.random.Generator) -> None:
        self._scores = scores
        self._constraint = scores.constraint
        self._proposals = proposals
        self._rng = rng
        self._low, self._high = scores.constraint.bounds(scores.x0)

    def search(self, rows: Ints, *, points: Array, radius: Array) -> Mask:
        """Look for the wanted answer within a radius.

        Args:
            rows: Rows to search for.
            points: Where to begin, shape (rows, d); shortened into the radius first.
            radius: In budgets, shape (rows,).

        Returns:
            Whether it was found, shape (rows,); the trail has the points.
        """
        x0 = self._scores.x0[rows]
        offset = self._constraint.norm.shorten(self._constraint.offsets(x0, points), radius)
        points = self._constraint.moved(x0, offset)
        margin = np.full(len(rows), np.inf)
        able = np.flatnonzero(self._scores.oracle.left()[rows] > self._proposals)
        margin[able] = self._scores.ask(points[able], rows[able])
        idle = np.zeros(len(rows), dtype=np.int64)
        waiting = able
        while waiting.size:
            candidates, owner = self._proposed(rows, points, radius, waiting=waiting)
            gained = self._accept(rows, points, margin, candidates=candidates, owner=owner)
            idle[waiting] += 1
            idle[gained] = 0
            waiting = waiting[(margin[waiting] >= 0) & (idle[waiting] < _PATIENCE)]
            waiting = waiting[self._scores.oracle.left()[rows[waiting]] >= self._proposals]
        return margin < 0

    def _proposed(
        self, rows: Ints, points: Array, radius: Array, *, waiting: Ints
    ) -> tuple[Array, Ints]:
        """Several changed copies of each waiting row's point, and whose they are."""
        owner = np.repeat(waiting, self._proposals)
        x0, candidates = self._scores.x0[rows[owner]], points[owner]
        rest = self._switch(candidates, x0, radius[owner])
        offset = self._constraint.offsets(x0, candidates)
        if offset.shape[1]:
            block = self._rng.random(offset.shape) < self._block_share(rows[owner])[:, None]
            lone = self._rng.integers(0, offset.shape[1], len(block))
            block[np.arange(len(block)), lone] = True
            drawn = _WAYS[self._rng.integers(0, len(_WAYS), offset.shape)]
            offset = np.where(block, drawn * radius[owner, None], offset)
            offset = np.clip(offset, self._low[rows[owner]], self._high[rows[owner]])
            offset = self._constraint.norm.shorten(offset, np.maximum(rest, 0.0))
        moved = x0[:, self._constraint.numeric] + offset * self._constraint.unit
        candidates[:, self._constraint.numeric] = moved
        return self._constraint.repair(x0, candidates), owner

    def _block_share(self, rows: Ints) -> Array:
        used = self._scores.oracle.queries[rows] / (self._scores.oracle.budget or np.inf)
        return np.asarray(_FIRST_BLOCK + (_LAST_BLOCK - _FIRST_BLOCK) * np.clip(used, 0, 1))

    def _switch(self, candidates: Array, x0: Array, radius: Array) -> Array:
        """Redraw one choice of half the candidates; return the radius left for numbers."""
        switches = self._constraint.switches
        if not switches:
            return radius
        picked = self._rng.integers(0, 2 * len(switches), len(candidates))
        option = self._rng.random(len(candidates))
        for position, switch in enumerate(switches):
            here = np.flatnonzero((picked == position) & (switch.chosen(x0) >= 0))
            drawn = (option[here] * len(switch.options)).astype(np.int64)
            candidates[np.ix_(here, switch.columns)] = switch.options[drawn]
        spent = self._constraint.switched(x0, candidates) @ self._constraint.switch_cost
        over = np.flatnonzero(spent > radius + 1e-12)
        for switch in switches:
            candidates[np.ix_(over, switch.columns)] = x0[np.ix_(over, switch.columns)]
        spent[over] = 0.0
        return radius if self._constraint.attacker.money is None else radius - spent

    def _accept(
        self, rows: Ints, points: Array, margin: Array, *, candidates: Array, owner: Ints
    ) -> Ints:
        """Ask; move each row to its best candidate if the score gained; return who moved."""
        asked = self._scores.ask(candidates, rows[owner])
        order = np.lexsort((asked, owner))
        first = np.ones(len(order), dtype=bool)
        first[1:] = owner[order][1:] != owner[order][:-1]
        best = order[first]
        moved = best[asked[best] < margin[owner[best]]]
        points[owner[moved]] = candidates[moved]
        margin[owner[moved]] = asked[moved]
        return owner[moved]
