"""HopSkipJump: evasion by a walk along the decision boundary, from labels alone."""

from dataclasses import dataclass

import numpy as np

from bartizan.attack.boundary_walk import Walk
from bartizan.attack.control import planted
from bartizan.attack.rungs import climb
from bartizan.attack.start import find_starts
from bartizan.attack.trail import Trail
from bartizan.core.arrays import Array, Ints
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult, Entry
from bartizan.core.finding import Taxonomy
from bartizan.core.oracle import Oracle


@dataclass(frozen=True)
class Params:
    """Settings; the defaults are the paper's where it names them."""

    directions: int = 100
    """Directions tried for the first gradient; grows with the root of the iteration."""
    memory: float = 0.5
    """Share of the last gradient estimate that is kept in the next one."""


def run(
    oracle: Oracle,
    constraint: Constraint,
    x: Array,
    y: Ints,
    *,
    params: Params,
    rng: np.random.Generator,
) -> AttackResult:
    """Find the nearest row that gets the answer the attacker wants, asking for labels only.

    From any such row, bisect to the decision boundary; there, random directions that do or do
    not cross it show where it faces; step along that normal, bisect back, repeat. All rows walk
    together and share their random directions, so one call of the model serves many rows and
    the gradient estimate is one matrix product. Only numbers move; categories stay.

    Args:
        oracle: The model as the attacker sees it.
        constraint: What the attacker may change; distances are its norm's.
        x: Rows to attack, shape (n, d).
        y: Their classes, shape (n,).
        params: See `Params`.
        rng: Source of the directions; they do not depend on the rows.

    Returns:
        The best point met for each row, and its price.

    Cost:
        About 67 T^1.5 queries a row for T iterations, until the oracle's budget is used up.

    Source:
        Chen, Jordan, Wainwright (2020), "HopSkipJumpAttack", arXiv:1904.02144, Algorithm 2.
        Deviations: directions are shared by the rows; the gradient is the ridge regression of
        the votes on the directions instead of their mean, which takes out the chance
        correlations between the directions drawn; the walk starts from the attacker's own
        rows instead of noise; the best point met is kept; a part of the last gradient estimate
        is kept (`memory`); after each estimate the straight line from the original row along
        it is tried, as in GeoDA (arXiv:2003.06468); where all columns hold whole numbers, votes
        are taken one step away at least, and columns are rounded at thresholds of their own;
        columns that move in large steps come last (see `climb`).
    """
    del y  # the oracle knows what "wrong" means
    trail = Trail(constraint, x, oracle=oracle)

    def begin(rung: Constraint, rows: Ints, stream: np.random.Generator) -> Walk:
        return Walk(
            oracle=oracle,
            constraint=rung,
            x0=x,
            rows=rows,
            starts=find_starts(oracle, rung, x, rows=rows, rng=stream, choices=False),
            trail=trail,
            directions=params.directions,
            memory=params.memory,
            rng=stream,
        )

    climb(oracle, constraint, x, trail=trail, begin=begin, rng=rng)
    return trail.result()


ENTRY = Entry(
    id="evasion.hop-skip-jump",
    kind="attack",
    title="HopSkipJump: evasion from labels alone",
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
    references=("arXiv:1904.02144",),
    fix=(
        "Check that inputs lie in the range seen in training and that related columns agree; "
        "limit how often one client may ask about nearly the same input; retrain with the rows in "
        "`examples/`."
    ),
)
