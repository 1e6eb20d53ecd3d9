"""Evasion of tree ensembles whose trees are known: a search from cell to cell."""

from dataclasses import dataclass

import numpy as np

from bartizan.attack.restore import Restorer
from bartizan.attack.trail import Trail
from bartizan.attack.tree_bound import leaf_costs, lower_costs
from bartizan.attack.tree_claims import Claims
from bartizan.attack.tree_control import planted_trees
from bartizan.attack.tree_restart import Restarts
from bartizan.attack.tree_scene import Scene, scene_of
from bartizan.attack.tree_search import State, search
from bartizan.core.arrays import Array, Ints
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult, Entry
from bartizan.core.finding import Taxonomy
from bartizan.core.oracle import Oracle

_AT_ONCE = 2**22
"""Bits of leaves looked at together, in words: more fall out of the processor's cache."""


@dataclass(frozen=True)
class Params:
    """Settings."""

    steps: int = 120
    """Moves of each row's walk. The cheapest changes are two percent dearer than need be with a
    hundred, one percent with three hundred (credit cards, 100 trees)."""


def run(
    oracle: Oracle,
    constraint: Constraint,
    x: Array,
    y: Ints,
    *,
    params: Params,
    rng: np.random.Generator,
) -> AttackResult:
    """Find a cheap change that gets the wanted answer, and what no change can undercut.

    The thresholds of all trees cut what the attacker can move into cells. The search walks from
    cell to cell with exact sums of leaves; the model is asked only about what was found. Rows
    without a find, and tables with relations, are searched once more with labels from the
    attacker's own rows.

    Args:
        oracle: The model; its trees are looked at.
        constraint: What may change, and what a change costs.
        x: Rows to attack, shape (n, d).
        y: Their classes, shape (n,).
        params: See `Params`.
        rng: Source of the restarts and starts.

    Returns:
        The cheapest point met for each row, its price, and a proven lower bound, which does not
        know of relations: these only make changes dearer.

    Cost:
        One question a row unless the model rounds otherwise than its trees, or relations are in
        the way. See `search`.

    Source:
        See `search` and `lower_costs`.
    """
    del y  # the oracle knows what "wrong" means
    trail = Trail(constraint, x, oracle=oracle)
    scene = scene_of(oracle, constraint, x)
    costs = leaf_costs(scene.cells, scene.leaves, rest=scene.rest, rows=np.arange(len(x)))
    claims = Claims(oracle, scene)
    walked(oracle, scene, claims, costs=costs, steps=params.steps, rng=rng)
    finish(oracle, scene, claims, trail=trail, rng=rng)
    lower = scene.cells.price(lower_costs(scene, np.arange(len(x)), costs=costs))
    return trail.result(lower=np.minimum(lower, trail.price))


def walked(
    oracle: Oracle,
    scene: Scene,
    claims: Claims,
    *,
    costs: Array,
    steps: int,
    rng: np.random.Generator,
) -> Array:
    """Search from every row; -> the cost of the best state of each, shape (n,).

    Args:
        oracle: Says when it is late.
        scene: The block.
        claims: Takes what is found.
        costs: From `leaf_costs`, shape (n, leaves).
        steps: Moves of each walk.
        rng: Source of the restarts.
    """
    n = len(scene.x0)
    cap = np.full(n, np.inf)
    if not scene.axes.count:
        sure = claims.offer(np.arange(n), scene.cells.home)
        return np.where(sure, 0.0, cap)
    words = (scene.axes.count + 2) * scene.rest[0].size if n else 1
    size = max(_AT_ONCE // words, 1)
    restarts = Restarts(scene, costs=costs, rng=rng)
    for start in range(0, n, size):
        rows = np.arange(start, min(start + size, n))
        state = State.at(rows, scene.cells.home[rows], cap=cap[rows])
        search(
            scene, state, confirm=claims.offer, restarts=restarts, steps=steps,
            late=lambda: not oracle.left().any(),
        )  # fmt: skip
        cap[rows] = state.cap
    return cap


def finish(
    oracle: Oracle, scene: Scene, claims: Claims, *, trail: Trail, rng: np.random.Generator
) -> None:
    """Ask about the claims; where that leaves something to do, search with labels."""
    claims.settle(trail)
    restorer = Restorer(oracle, scene.constraint, x0=scene.x0, trail=trail)
    empty = np.flatnonzero(~np.isfinite(trail.price) & (oracle.left() > 0))
    if empty.size and len(scene.constraint.sample):
        restorer.polish(restorer.begin(empty, rng=rng))
    if scene.constraint.space.relations:
        restorer.polish(np.flatnonzero(np.isfinite(trail.price)))


ENTRY = Entry(
    id="evasion.tree-greedy",
    kind="attack",
    title="Tree search: evasion of ensembles whose trees are known",
    run=run,
    params=Params(),
    needs=("structure", "choices"),
    control=planted_trees(run, Params()),
    threshold=("attack-success", "<=", 0.20),
    taxonomy=Taxonomy(
        atlas=("AML.T0015", "AML.T0043.000"),
        owasp_ml=("ML01:2023",),
        nist_ai_100_2=("Evasion, white-box",),
    ),
    references=("arXiv:2010.11598", "arXiv:1906.03849"),
    fix=(
        "Keep the model file from whoever has no need of it; train the trees against the worst "
        "case within the budget, or with the rows in `examples/`; use fewer and coarser "
        "thresholds on the features listed under weaknesses."
    ),
)
