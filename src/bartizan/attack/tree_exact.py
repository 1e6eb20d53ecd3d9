"""Evasion of tree ensembles whose trees are known: the cheapest change, with proof."""

from dataclasses import dataclass

import numpy as np

from bartizan.attack.trail import Trail
from bartizan.attack.tree_bound import leaf_costs, pair_costs
from bartizan.attack.tree_claims import Claims
from bartizan.attack.tree_control import planted_trees
from bartizan.attack.tree_greedy import finish, walked
from bartizan.attack.tree_program import Program, Solved
from bartizan.attack.tree_purse import Purse, easiest_first
from bartizan.attack.tree_scene import Scene, scene_of
from bartizan.core.arrays import Array, Ints
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult, Entry
from bartizan.core.finding import Taxonomy
from bartizan.core.oracle import Oracle

_SAME = 1e-6
"""Relative difference within which a price is the lower bound: what a solver's tolerances, and
steps past open ends of cells, come to."""


@dataclass(frozen=True)
class Params:
    """Settings."""

    limit_s: float = 10.0
    """Seconds for the programs of one row; past them, the gap that is left is told."""
    mean_s: float = 0.5
    """Seconds a row, taken over all rows of a block. What easy rows leave is for the hard ones.
    Twice what credit cards and 100 trees of depth 6 take; it bounds 640 rows at 5.3 minutes."""
    steps: int = 120
    """Moves of the walk before: a cheap change to start with cuts most of the program away."""


def run(
    oracle: Oracle,
    constraint: Constraint,
    x: Array,
    y: Ints,
    *,
    params: Params,
    rng: np.random.Generator,
) -> AttackResult:
    """Find the cheapest change that gets the wanted answer, and prove that nothing is cheaper.

    A search from cell to cell finds a cheap change. What is cheaper than that is written as a
    mixed-integer program, and solved. An untargeted attack has a program for each other class,
    the most promising first; each only looks below the best price so far. Rows with small
    programs come first, so that where time runs out it is the fewest that keep a gap.

    Args:
        oracle: The model; its trees are looked at.
        constraint: What may change, and what a change costs.
        x: Rows to attack, shape (n, d).
        y: Their classes, shape (n,).
        params: See `Params`.
        rng: Source of the restarts of the search.

    Returns:
        The cheapest point met for each row, its price, and `lower`: equal to the price where the
        program was solved, less where a limit fired, which `unfinished` says. The program does
        not know of relations, which only make changes dearer: where they do, `lower` is less too.

    Cost:
        One question a row, as for `tree-greedy`. The time of a program grows with the thresholds
        that lie closer than the price: from milliseconds to the limit. A block takes no longer
        than `mean_s` times its rows, but for what the search and the building of programs take.

    Source:
        See `Program`, `search` and `lower_costs`.
    """
    del y  # the oracle knows what "wrong" means
    trail = Trail(constraint, x, oracle=oracle)
    scene = scene_of(oracle, constraint, x)
    costs = leaf_costs(scene.cells, scene.leaves, rest=scene.rest, rows=np.arange(len(x)))
    claims = Claims(oracle, scene)
    cap = walked(oracle, scene, claims, costs=costs, steps=params.steps, rng=rng)
    lower, unfinished = np.zeros(len(x)), np.zeros(len(x), dtype=bool)
    purse = Purse(rows=len(x), mean_s=params.mean_s, limit_s=params.limit_s)
    for row in easiest_first(costs, cap):
        limit_s = purse.share()
        solver = _Row(scene, claims, row=int(row), costs=costs[row], limit_s=limit_s)
        late = oracle.left()[row] == 0 or limit_s <= 0
        lower[row] = solver.lower(float(cap[row]), late=bool(late))
        unfinished[row] = solver.unfinished
    finish(oracle, scene, claims, trail=trail, rng=rng)
    proven = scene.cells.price(lower)
    tight = (trail.price <= proven * (1 + _SAME)) & np.isfinite(trail.price)
    return trail.result(
        lower=np.where(tight, trail.price, np.minimum(proven, trail.price)), unfinished=unfinished
    )


class _Row:
    """The programs of one row."""

    def __init__(
        self, scene: Scene, claims: Claims, *, row: int, costs: Array, limit_s: float
    ) -> None:
        self._scene, self._claims, self._row = scene, claims, row
        self._costs, self._limit_s = costs, limit_s
        self.unfinished = False
        """Whether a limit ended a program, or none was begun."""

    def lower(self, cap: float, *, late: bool) -> float:
        """The cost below which there is nothing; what is found on the way is claimed.

        Args:
            cap: Of the best state so far; infinity where there is none.
            late: Whether there is no time for programs.
        """
        goal, row = self._scene.goal, self._row
        if self._scene.cells.doubtful[row] or cap <= 0:
            return 0.0
        pairs = goal.pairs(row)
        bounds = pair_costs(self._scene, row, costs=self._costs)
        if late or not self._scene.axes.count:
            self.unfinished = late
            return float(max(bounds) if goal.every else min(bounds))
        if goal.every:
            return max(*bounds, self._solve(pairs, cap, share=1)[0])
        least = np.inf
        for place in np.argsort(bounds, kind="stable"):
            if bounds[place] >= cap:
                break
            found, cap = self._solve([pairs[place]], cap, share=len(pairs))
            least = min(least, max(found, bounds[place]))
        return min(least, cap)

    def _solve(
        self, pairs: list[tuple[int, int]], cap: float, *, share: int
    ) -> tuple[float, float]:
        """Solve for some classes that must win; -> what is proven, and the cap after that.

        Sums within rounding of a tie count as won at first: nothing cheaper is overlooked then.
        If the trees themselves see it otherwise, a clear win is asked for.
        """
        slack = self._scene.goal.slack
        solved = self._program(pairs, cap, need=-slack, share=share)
        proven = min(solved.lower, cap)
        better = self._claimed(solved)
        if solved.slots is not None and better is None:
            strict = self._program(pairs, cap, need=slack, share=share)
            better = self._claimed(strict)
        return proven, cap if better is None else min(cap, better)

    def _program(
        self, pairs: list[tuple[int, int]], cap: float, *, need: float, share: int
    ) -> Solved:
        goal = self._scene.goal
        program = Program(self._scene, self._row, cap=cap, leaf_cost=self._costs)
        for pair in pairs:
            program.demand(goal.gain(*pair), need=need - goal.start(*pair))
        solved = program.solve(time_s=self._limit_s / share)
        self.unfinished |= not solved.done
        return solved

    def _claimed(self, solved: Solved) -> float | None:
        """Cost of a solution that the trees confirm."""
        if solved.slots is None:
            return None
        rows, slots = np.array([self._row]), solved.slots[None]
        if not self._claims.offer(rows, slots)[0]:
            return None
        return float(self._scene.cells.cost(rows, slots)[0])


ENTRY = Entry(
    id="evasion.tree-exact",
    kind="attack",
    title="Exact search: the cheapest evasion of ensembles whose trees are known",
    run=run,
    params=Params(),
    needs=("structure", "choices"),
    proves=True,
    control=planted_trees(run, Params(), exact=True),
    threshold=("attack-success", "<=", 0.20),
    taxonomy=Taxonomy(
        atlas=("AML.T0015", "AML.T0043.000"),
        owasp_ml=("ML01:2023",),
        nist_ai_100_2=("Evasion, white-box",),
    ),
    references=("arXiv:1509.07892", "arXiv:2010.11598", "arXiv:1906.03849"),
    fix=(
        "The price found is the least there is: move it beyond the budget. Train the trees against "
        "the worst case within the budget, give less weight to the features listed under "
        "weaknesses, and run this entry again: it proves what was gained."
    ),
)
