"""RayS: evasion by the shortest ray to another class, from labels alone."""

from dataclasses import dataclass

import numpy as np

from bartizan.attack.control import planted
from bartizan.attack.dither import Dither
from bartizan.attack.rungs import climb
from bartizan.attack.start import find_starts
from bartizan.attack.trail import Trail
from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult, Entry
from bartizan.core.finding import Taxonomy
from bartizan.core.oracle import Oracle

_RANGES = 4.0
"""How far the first ray goes where a column has no bounds: four times its usual range."""
_CLOSE = 1e-3
"""Relative width at which a bisection stops, as in the paper."""
_NOTHING = 1e-6
"""A millionth of the budget: nobody asks for less."""
_FIRST_CUT = 0.5
"""The first cut of a shortened ray gives back at most half of it."""


@dataclass(frozen=True)
class Params:
    """Settings."""

    queries: int = 40_000
    """Most questions a row, where the attacker has no limit of their own; the paper's."""


def run(
    oracle: Oracle,
    constraint: Constraint,
    x: Array,
    y: Ints,
    *,
    params: Params,
    rng: np.random.Generator,
) -> AttackResult:
    """Turn a ray from the original row until it meets another class as early as it can.

    A ray is a direction of signs. One block of signs at a time is flipped, first all of them,
    then halves, quarters, down to single columns. One question at the shortest length known
    tells whether the flipped ray is any better; only then it is bisected. Only numbers move;
    categories stay.

    Rays of signs point at the corners of a cube, so this is strongest in Linf, where the
    cheapest change of a nearly linear model is such a corner. In L1, L2 and money it runs, and
    every price it tells is right, but HopSkipJump gets closer.

    Args:
        oracle: The model as the attacker sees it.
        constraint: What the attacker may change; the ray's length is its norm's.
        x: Rows to attack, shape (n, d).
        y: Their classes, shape (n,).
        params: See `Params`.
        rng: Chooses among the attacker's own rows, where the first ray meets nothing.

    Returns:
        The best point met for each row, and its price.

    Cost:
        One question a row and turn. About twice as many as there are columns to try every
        block once, and about ten for each improvement.

    Source:
        Chen and Gu (2020), "RayS: a ray searching method for hard-label adversarial attack",
        KDD, arXiv:2006.12792, Algorithms 1-3. Deviations: where the paper's first ray meets
        nothing, the ray through one of the attacker's own rows is taken, and its signs are
        tried before each pass, those of columns that it leaves alone both ways; a shortened
        ray is cut by as much as its block may gain, then by twice as much, before it is
        bisected; columns that move in large steps come last (see `climb`), whole numbers are
        rounded at thresholds of their own; a row is done when flipping single columns
        helps no more.
    """
    del y  # the oracle knows what "wrong" means
    trail = Trail(constraint, x, oracle=oracle)

    def begin(rung: Constraint, rows: Ints, stream: np.random.Generator) -> _Search:
        search = _Search(oracle, rung, x0=x, rows=rows, trail=trail, params=params)
        search.begin(stream)
        return search

    climb(oracle, constraint, x, trail=trail, begin=begin, rng=rng)
    return trail.result()


class _Search:
    """All rows of a block, each with its own ray. State is indexed by row."""

    def __init__(
        self,
        oracle: Oracle,
        constraint: Constraint,
        *,
        x0: Array,
        rows: Ints,
        trail: Trail,
        params: Params,
    ) -> None:
        n, m = len(x0), len(constraint.numeric)
        self._oracle = oracle
        self._constraint = constraint
        self._x0 = x0
        self._params = params
        self._low, self._high = constraint.bounds(x0)
        self._dither = Dither(constraint)
        self._trail = trail
        self._ray, self._tried = np.ones((n, m)), np.ones((n, m))
        self._best = np.full(n, np.inf)
        """Length at which the ray is known to meet what the attacker wants."""
        self._near, self._far = np.zeros(n), np.zeros(n)
        """Lengths between which the ray that is being tried meets it; both at the length that
        the first question is about, until that is answered."""
        self._cut = np.zeros(n)
        """Share of the length to give back next."""
        self._level = np.zeros(n, dtype=np.int64)
        self._block = np.zeros(n, dtype=np.int64)
        self._gaps = np.zeros(n, dtype=bool)
        """Whether a pass began with a ray that leaves columns alone."""
        self._gained = np.zeros(n, dtype=bool)
        self.active = rows

    def _left(self, rows: Ints) -> Ints:
        left = self._oracle.left()[rows]
        if self._oracle.budget is None:
            return np.minimum(left, self._params.queries - self._oracle.queries[rows])
        return left

    def begin(self, rng: np.random.Generator) -> None:
        """Look along the first ray as far as it goes; else through a row of the attacker's."""
        rows = self.active[self._left(self.active) > 0]
        scale = self._constraint.space.scale[self._constraint.numeric] / self._constraint.unit
        reach = _RANGES * float(scale.max(initial=0.0)) * self._lengths(self._ray[rows])
        met = self._ask(rows, self._ray[rows], reach)
        self._best[rows[met]] = reach[met]
        lost = rows[~met]
        starts = find_starts(
            self._oracle, self._constraint, self._x0, rows=lost, rng=rng, choices=False
        )
        found = lost[starts.found]
        change = self._constraint.offsets(self._x0[found], starts.points[starts.found])
        self._ray[found] = change
        self._best[found] = self._lengths(change)
        self._block[found], self._gaps[found] = -1, (change == 0).any(axis=1)
        self._trail.keep(starts.points[starts.found], found)
        self.active = np.flatnonzero(np.isfinite(self._best))
        self._tried[:] = self._ray
        self._near[self.active], self._far[self.active] = 0.0, self._best[self.active]
        self._cut[self.active] = _FIRST_CUT
        self._drop_spent()

    def advance(self) -> None:
        """One question for every active row."""
        rows = self.active
        fresh = self._far[rows] == self._near[rows]
        length = np.where(fresh, self._best[rows], self._wanted(rows))
        met = self._ask(rows, self._tried[rows], length)
        self._learn(rows, length, met=met, fresh=fresh)
        near, far = self._near[rows], self._far[rows]
        settled = (far - near <= _CLOSE * far) | (far <= _NOTHING)
        self._adopt(rows[settled & (self._far[rows] > self._near[rows])])
        self._propose(rows[settled])
        self._drop_spent()

    def _wanted(self, rows: Ints) -> Array:
        """The next length of the ray that is being tried: cut off a share, or in the middle."""
        near, far = self._near[rows], self._far[rows]
        return np.maximum(far * (1 - self._cut[rows]), (near + far) / 2)

    def _learn(self, rows: Ints, length: Array, *, met: Mask, fresh: Mask) -> None:
        """Narrow the bracket of the ray that is being tried, or open it."""
        better, worse = rows[met], rows[~met & ~fresh]
        self._far[better] = length[met]
        self._cut[better] = np.minimum(2 * self._cut[better], _FIRST_CUT)
        self._near[worse] = length[~met & ~fresh]
        self._near[rows[met & fresh]] = 0.0
        self._cut[worse] = _FIRST_CUT

    def _adopt(self, rows: Ints) -> None:
        """Take the ray that was tried; it is no longer than the best one."""
        self._gained[rows] |= self._far[rows] < self._best[rows] * (1 - _CLOSE)
        self._ray[rows] = self._tried[rows]
        self._best[rows] = self._far[rows]

    def _propose(self, rows: Ints) -> None:
        """Try the next block of each row's ray; the row is done when none of them is left."""
        blocks = self._blocks(rows)
        finest = blocks == self._ray.shape[1]
        self._block[rows] += 1
        through = self._block[rows] > blocks * (1 + self._gaps[rows])
        done = rows[through & finest & ~self._gained[rows]]
        again = rows[through]
        size = np.abs(self._ray[again])
        least, most = size.min(axis=1, initial=np.inf), size.max(axis=1, initial=0.0)
        self._gaps[again] = least == 0
        self._block[again] = np.where(least < most, 0, 1)
        self._gained[again] = False
        self._level[rows[through & ~finest]] += 1
        self._flip(rows)
        self.active = self.active[~np.isin(self.active, done)]

    def _blocks(self, rows: Ints) -> Ints:
        """How many blocks each row's ray is cut into, shape (rows,)."""
        return np.asarray(np.minimum(2 ** self._level[rows], self._ray.shape[1]))

    def _flip(self, rows: Ints) -> None:
        """Turn one block of signs; block 0 stands for the ray's signs without its sizes.

        A column that the own row shares with the attacked one has no sign that could be turned:
        a ray with such gaps is turned twice a block, to either side as far as it goes anywhere.
        """
        width = self._ray.shape[1]
        blocks, turn, gaps = self._blocks(rows), self._block[rows], self._gaps[rows]
        some = bool(gaps.any())
        block = (np.where(gaps, (turn + 1) // 2, turn) if some else turn)[:, None]
        place = np.arange(width) * blocks[:, None] // width + 1
        ray = self._ray[rows]
        signs = np.where(ray < 0, -1.0, 1.0) * np.abs(ray).max(axis=1, keepdims=True)
        turned = -ray
        if some:
            grown = (gaps & (turn % 2 == 1))[:, None]
            turned = np.where(grown, signs, np.where(ray == 0, -signs, turned))
        self._tried[rows] = np.where(block == 0, signs, np.where(place == block, turned, ray))
        self._near[rows] = self._far[rows] = self._best[rows]
        self._cut[rows] = np.minimum(1.0 / blocks, _FIRST_CUT)

    def _drop_spent(self) -> None:
        able = (self._left(self.active) > 0) & (self._best[self.active] > _NOTHING)
        self.active = self.active[able]

    def _lengths(self, ray: Array) -> Array:
        return self._constraint.norm.length(ray)

    def _ask(self, rows: Ints, ray: Array, length: Array) -> Mask:
        """Whether rays of that length end where the attacker wants; keep those that do."""
        step = length / np.maximum(self._lengths(ray), 1e-300)
        offset = np.clip(ray * step[:, None], self._low[rows], self._high[rows])
        spread = self._dither.spread(offset, change=offset)
        points = self._constraint.moved(self._x0[rows], spread)
        met = np.ones(len(rows), dtype=bool)
        if not self._constraint.exact:
            met = self._constraint.valid(self._x0[rows], points)
        asked = np.flatnonzero(met)
        met[asked] = self._oracle.wrong(points[asked], rows[asked])
        self._trail.keep(points[met], rows[met])
        return met


ENTRY = Entry(
    id="evasion.rays",
    kind="attack",
    title="RayS: evasion from labels alone, by signs",
    run=run,
    params=Params(),
    needs=("labels", "numeric"),
    control=planted(run, Params()),
    threshold=("attack-success", "<=", 0.20),
    taxonomy=Taxonomy(
        atlas=("AML.T0015", "AML.T0043.001"),
        owasp_ml=("ML01:2023",),
        nist_ai_100_2=("Evasion, black-box, decision-based",),
    ),
    references=("arXiv:2006.12792",),
    fix=(
        "Retrain with the rows in `examples/`: this attack moves every number a little, so a "
        "model that leans on many weak signals gives way first; limit how often one client may "
        "ask about nearly the same input."
    ),
)
