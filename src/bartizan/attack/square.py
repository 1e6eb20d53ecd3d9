"""Square Attack: evasion of image classifiers by random patches, from scores alone."""

from dataclasses import dataclass

import numpy as np

from bartizan.attack.control import planted
from bartizan.attack.patches import DRAWS, patches_of
from bartizan.attack.trail import Trail
from bartizan.core.arrays import Array, Ints, Mask, whole_or_part
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult, Entry
from bartizan.core.errors import SchemaError
from bartizan.core.finding import Taxonomy
from bartizan.core.oracle import Oracle
from bartizan.core.schema import Image

_HALVINGS = np.array([10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000]) / 10_000
"""Shares of a search after which patches get half as many pixels, as in the paper's code."""
_FIRST = 0.8
"""Share of the queries for the search at the budget itself; four in five of the queries lose next
to none of its successes, and the rest says whether a larger budget is enough."""
_WIDEST = 2.0**7
"""Radius, in budgets, past which nobody is interested."""
_CLOSE = 1.02
"""A price is known well enough when a search failed at two percent less."""
_INWARD = 1e-6
"""Of a whole step, which lost so much to conversions and no more."""
_SLACK = 1e-9
"""Relative slack of a radius: rounding of sums."""


@dataclass(frozen=True)
class Params:
    """Settings; the defaults are those of the paper and of AutoAttack."""

    share: float = 0.8
    """Share of the pixels that the first patches redraw."""
    queries: int = 10_000
    """Most questions a row, where the attacker has no limit of their own."""


def run(
    oracle: Oracle,
    constraint: Constraint,
    x: Array,
    y: Ints,
    *,
    params: Params,
    rng: np.random.Generator,
) -> AttackResult:
    """Redraw random patches of images, and keep those that bring the scores closer.

    The first search takes place at the attacker's budget. Where it succeeds, what it found is
    scaled down, by halves, and searched on from there as long as that gets the wanted answer;
    where it fails, twice the budget is tried. Later searches close in on the cheapest change
    between a radius that failed and one that succeeded.

    Args:
        oracle: The model as the attacker sees it; needs scores.
        constraint: What the attacker may change, in a space of images.
        x: Rows to attack, shape (n, d); a row is an image of shape (h, w, c), flattened.
        y: Their classes, shape (n,).
        params: See `Params`.
        rng: Source of the patches. All rows of a block draw at every turn, whether they are
            still searched or not, so no row's patches depend on what the others met.

    Returns:
        The cheapest point met for each row, and its price.

    Raises:
        SchemaError: rows are no images.

    Cost:
        One question for each proposal, in one call of the model a turn for all rows; about a
        dozen passes over the block besides.

    Source:
        Andriushchenko, Croce, Flammarion, Hein (2020), "Square Attack", arXiv:1912.00049,
        Algorithms 1-3; for L1 Croce and Hein (2021), "Mind the box", arXiv:2103.01208.
        Deviations: a square that would change nothing gets the opposite signs; changes in L1
        are clipped to the image, not projected onto ball and image; the search goes on below
        and above the budget; where images hold whole numbers, a change that rounding made too
        long is rounded towards the original.
    """
    del y  # the oracle knows what "wrong" means
    image = constraint.space.image
    if image is None:
        message = "expected rows that are images, got a table; use evasion.coordinate for tables"
        raise SchemaError(message)
    search = _Search(oracle, constraint, image=image, x0=x, params=params, rng=rng)
    while search.active.size:
        search.turn()
    return search.trail.result()


class _Search:
    """All rows of a block, each at its own radius. State is indexed by row."""

    def __init__(
        self,
        oracle: Oracle,
        constraint: Constraint,
        *,
        image: Image,
        x0: Array,
        params: Params,
        rng: np.random.Generator,
    ) -> None:
        n = len(x0)
        self._oracle = oracle
        self._constraint = constraint
        self._x0 = x0
        self._params = params
        self._rng = rng
        self._draws = DRAWS + image.channels
        self._patches = patches_of(constraint, image=image, x0=x0)
        self.trail = Trail(constraint, x0, oracle=oracle)
        self._grain = 0.0 if constraint.exact else 1.0 / float(constraint.unit.max(initial=0.0))
        self._radius = self._whole(np.ones(n))
        self._failed, self._found = np.zeros(n), np.full(n, np.inf)
        self._margin = np.full(n, np.inf)
        self._asked = np.zeros(n, dtype=np.int64)
        self._allowed = np.ceil(self._left(np.arange(n)) * _FIRST)
        self._offset = self._patches.first(self._radius, rng)
        self.active = np.flatnonzero(self._allowed > 0)

    def _left(self, rows: Ints) -> Ints:
        left = self._oracle.left()[rows]
        if self._oracle.budget is not None:
            return left
        return np.minimum(left, self._params.queries - self._oracle.queries[rows])

    def turn(self) -> None:
        """One question for every active row."""
        rows = self.active
        offset = self._proposed(rows)
        points = self._points(rows, offset)
        margin = self._oracle.margin(points, rows)
        won = margin < 0
        better = margin < self._margin[rows]
        self._offset[rows[better]] = offset[better]
        self._margin[rows[better]] = margin[better]
        self._asked[rows] += 1
        ended = won | (self._asked[rows] >= self._allowed[rows])
        if ended.any():
            self._end(rows[ended], points[ended], won=won[ended])
            rows = rows[self._open(rows)]
        self.active = rows[self._left(rows) > 0]

    def _end(self, rows: Ints, points: Array, *, won: Mask) -> None:
        """Note what searches found or failed to find, and begin the next ones."""
        hits, radius = rows[won], self._radius[rows]
        self.trail.keep(points[won], hits)
        price = self.trail.price[hits] / self._constraint.attacker.budget
        self._found[hits] = np.minimum(radius[won], price)
        self._failed[rows[~won]] = radius[~won]
        self._reopen(rows)

    def _proposed(self, rows: Ints) -> Array:
        """What to ask about next: where a search begins, its first offset as it is."""
        draw = self._rng.random((len(self._x0), self._draws))
        passed = np.searchsorted(_HALVINGS, self._asked[rows] / self._allowed[rows])
        offset = self._patches.next(
            self._offset[rows],
            rows,
            radius=self._radius[rows],
            share=self._params.share * 0.5**passed,
            draw=draw[rows],
        )
        first = np.flatnonzero(self._asked[rows] == 0)
        offset[first] = self._offset[rows[first]]
        return offset

    def _points(self, rows: Ints, offset: Array) -> Array:
        """Rows moved by offsets, none of them past its radius."""
        x0, constraint = whole_or_part(self._x0, rows), self._constraint
        flat = offset.reshape(len(rows), -1)
        if len(constraint.numeric) < flat.shape[1]:
            flat = flat[:, constraint.numeric]
        points = constraint.moved(x0, flat)
        if constraint.exact:
            return points
        length = constraint.norm.length(constraint.offsets(x0, points))
        over = np.flatnonzero(length > self._radius[rows] * (1 + _SLACK))
        if over.size:
            step = flat[over] * constraint.unit
            step = np.trunc(step + np.copysign(_INWARD, step))
            points[over] = constraint.moved(x0[over], step / constraint.unit)
        return points

    def _whole(self, radius: Array) -> Array:
        """Radii cut to whole steps of values, one at least: nothing is lost to rounding then."""
        if not self._grain:
            return radius
        steps = np.floor(radius / self._grain * (1 + _SLACK))
        return np.asarray(np.maximum(steps, 1.0) * self._grain)

    def _open(self, rows: Ints) -> Mask:
        """Whether a cheaper or a first price may still be met, shape (rows,)."""
        failed, found = self._failed[rows], self._found[rows]
        apart = (found > failed * _CLOSE) & (found - failed > self._grain * (1 + _SLACK))
        return np.asarray(apart & (failed < _WIDEST) & (found > 1 / _WIDEST))

    def _reopen(self, rows: Ints) -> None:
        """Begin the next search, from what the last one ended with, scaled to its radius."""
        failed, found = self._failed[rows], self._found[rows]
        radius = np.where(np.isinf(found), 2 * failed, np.sqrt(failed * found))
        radius = self._whole(np.where(failed == 0, found / 2, radius))
        radius = np.maximum(radius, failed + self._grain)
        scale = radius / self._radius[rows]
        self._offset[rows] *= scale[:, None, None, None]
        self._radius[rows] = radius
        self._margin[rows] = np.inf
        self._asked[rows] = 0
        self._allowed[rows] = np.ceil(self._left(rows) / 2)


ENTRY = Entry(
    id="evasion.square",
    kind="attack",
    title="Square Attack: evasion of images from scores",
    run=run,
    params=Params(),
    needs=("scores", "numeric", "image"),
    control=planted(run, Params()),
    threshold=("attack-success", "<=", 0.20),
    taxonomy=Taxonomy(
        atlas=("AML.T0015", "AML.T0043.001"),
        owasp_ml=("ML01:2023",),
        nist_ai_100_2=("Evasion, black-box, score-based",),
    ),
    references=("arXiv:1912.00049", "arXiv:2103.01208"),
    fix=(
        "Train on images that were attacked within the same budget; nothing else removes the "
        "weakness. To make attacks slower, return the class alone instead of scores, and watch "
        "for clients that send long runs of nearly equal images."
    ),
)
