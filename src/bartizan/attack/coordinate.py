"""Coordinate-block search: evasion in tables of numbers and categories."""

from dataclasses import dataclass

import numpy as np

from bartizan.attack.aim import Aim, Scores
from bartizan.attack.blocks import Blocks
from bartizan.attack.control import planted
from bartizan.attack.restore import Restorer
from bartizan.attack.trail import Trail
from bartizan.core.arrays import Array, Ints
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult, Entry
from bartizan.core.finding import Taxonomy
from bartizan.core.oracle import Oracle

_FIRST_STEP, _LAST_STEP = 1.0, 0.01
"""Probes move a number by a share of the radius: coarse first, for steps of trees; fine at the
end, for gradients of smooth models."""
_STARTS = 8
"""Starts taken side by side between two polishings of the best points; a polishing costs about
as much as four starts."""
_CLOSER = 0.9
"""Random blocks look for a point that is a tenth cheaper than the best one."""


@dataclass(frozen=True)
class Params:
    """Settings."""

    restarts: int = 128
    """Different starts with labels only, as far as the queries last."""
    proposals: int = 8
    """Random blocks tried at once for each row, with scores."""
    fruitless: int = 6
    """Rounds without a cheaper point after which a row is left alone, with scores."""


def run(
    oracle: Oracle,
    constraint: Constraint,
    x: Array,
    y: Ints,
    *,
    params: Params,
    rng: np.random.Generator,
) -> AttackResult:
    """Find the cheapest change that gets the wanted answer, in a space of numbers and choices.

    With scores, probe every feature, put the budget where it gains most, then change random
    blocks of features as long as the score moves the right way. With labels only, start from
    the attacker's own rows that already get the wanted answer. Either way, what was found is
    made cheaper by giving features back, the largest saving first.

    Args:
        oracle: The model as the attacker sees it.
        constraint: What may change, and what a change costs.
        x: Rows to attack, shape (n, d).
        y: Their classes, shape (n,).
        params: See `Params`.
        rng: Source of the random blocks and starts.

    Returns:
        The cheapest point met for each row, and its price.

    Source:
        With scores: the family of Andriushchenko and Hein (2019), "Provably robust boosted
        decision stumps and trees", arXiv:1906.03526 (cube attack), and of Andriushchenko et al.
        (2020), "Square Attack", arXiv:1912.00049, over mixed features and with prices.
        With labels: greedy restoration as in Lowd and Meek (2005), "Adversarial Learning", KDD.
    """
    del y  # the oracle knows what "wrong" means
    trail = Trail(constraint, x, oracle=oracle)
    restorer = Restorer(oracle, constraint, x0=x, trail=trail)
    if oracle.sees("scores"):
        scores = Scores(oracle, constraint, x0=x, trail=trail)
        _with_scores(scores, restorer, params=params, rng=rng)
    else:
        _with_labels(oracle, restorer, params=params, rng=rng)
    return trail.result()


def _with_labels(
    oracle: Oracle, restorer: Restorer, *, params: Params, rng: np.random.Generator
) -> None:
    rows = restorer.begin(np.arange(len(oracle.queries)), rng=rng)
    restorer.polish(rows)
    for _ in range(params.restarts // _STARTS):
        rows = rows[oracle.left()[rows] > 0]
        if not rows.size:
            return
        rows = restorer.begin(rows, rng=rng, starts=_STARTS, spread=True)
        restorer.polish(rows)


def _with_scores(
    scores: Scores, restorer: Restorer, *, params: Params, rng: np.random.Generator
) -> None:
    aim = Aim(scores, rng=rng)
    blocks = Blocks(scores, proposals=params.proposals, rng=rng)
    rows = scores.able(np.arange(len(scores.x0)))
    margin = scores.ask(scores.x0[rows], rows)
    aim.probe_choices(rows, margin=margin)
    aim.probe(rows, points=scores.x0[rows], margin=margin, step=np.full(len(rows), _FIRST_STEP))
    aim.shoot(rows)
    restorer.begin(rows[~np.isfinite(scores.share(rows))], rng=rng)
    fruitless = np.zeros(len(scores.x0), dtype=np.int64)
    step = _FIRST_STEP
    while rows.size:
        before = scores.share(rows)
        restorer.polish(rows)
        step = max(step / 3, _LAST_STEP)
        _aim_again(scores, aim, rows, step=step)
        _search_blocks(scores, blocks, rows)
        better = scores.share(rows) < before
        fruitless[rows] = np.where(better, 0, fruitless[rows] + 1)
        rows = scores.able(rows[fruitless[rows] < params.fruitless], params.proposals + 1)


def _aim_again(scores: Scores, aim: Aim, rows: Ints, *, step: float) -> None:
    """Probe around the best points, where the boundary is, and shoot in the new direction."""
    rows = scores.able(rows[np.isfinite(scores.trail.price[rows])], 8)
    points = scores.trail.points[rows].copy()
    margin = scores.ask(points, rows)
    aim.probe(rows, points=points, margin=margin, step=step * scores.share(rows))
    aim.shoot(rows)


def _search_blocks(scores: Scores, blocks: Blocks, rows: Ints) -> None:
    """Look a little closer than the best point; within the budget where it is dearer."""
    share = scores.share(rows)
    radius = np.where(share > 1, 1.0, share * _CLOSER)
    found = blocks.search(rows, points=scores.trail.points[rows], radius=radius)
    dear = rows[~found & np.isfinite(share) & (share > 1)]
    closer = scores.share(dear) * _CLOSER
    blocks.search(dear, points=scores.trail.points[dear], radius=closer)


ENTRY = Entry(
    id="evasion.coordinate",
    kind="attack",
    title="Coordinate search: evasion in the mixed space",
    run=run,
    params=Params(),
    # Not for images, where one pixel says too little: in Fashion-MNIST, for 1,000 questions, its
    # median price is 1.4 (L2) and 6 (Linf) times that of Square, 8 (Linf) times that of RayS.
    needs=("labels", "choices", "columns"),
    control=planted(run, Params()),
    threshold=("attack-success", "<=", 0.20),
    taxonomy=Taxonomy(
        atlas=("AML.T0015", "AML.T0043.001"),
        owasp_ml=("ML01:2023",),
        nist_ai_100_2=("Evasion, black-box",),
    ),
    references=("arXiv:1906.03526", "arXiv:1912.00049", "Lowd and Meek (2005)"),
    fix=(
        "Give less weight to the features listed under weaknesses, or verify them independently; "
        "refuse combinations that no honest customer sends; return decisions rather than scores; "
        "retrain with the rows in `examples/`."
    ),
)
