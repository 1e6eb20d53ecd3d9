"""PGD: evasion by projected steps up the gradient of the loss."""

from dataclasses import dataclass

import numpy as np

from bartizan.attack.control import planted
from bartizan.attack.losses import cross_entropy
from bartizan.attack.sweep import Leg, Swept, attacked
from bartizan.attack.terrain import Patch, Terrain
from bartizan.core.arrays import Array, Ints
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult, Entry
from bartizan.core.finding import Taxonomy
from bartizan.core.oracle import Oracle, RowLoss

_REACH = 2.5
"""All steps together are two and a half times as long as the ball is wide: Madry et al. (2018),
section 5: enough to get anywhere from any start, and to turn at the edge."""
_SPARSE = 0.01
"""Share of the coordinates that a step in L1 moves: Tramer and Boneh (2019), arXiv:1904.13000,
take the top hundredth."""


@dataclass(frozen=True)
class Params(Swept):
    """Settings: those of every sweep."""

    steps: int = 40
    """At the declared budget; others get a sixth."""


def run(
    oracle: Oracle,
    constraint: Constraint,
    x: Array,
    y: Ints,
    *,
    params: Params,
    rng: np.random.Generator,
) -> AttackResult:
    """Step uphill on the cross-entropy, back into the ball and the bounds after every step.

    Budgets are tried in ascending order; a row leaves as soon as it breaks, and its change is
    then shortened. Only numbers move; categories stay.

    Args:
        oracle: The model as the attacker sees it, with gradients.
        constraint: What the attacker may change; balls are its norm's.
        x: Rows to attack, shape (n, d).
        y: Their classes, shape (n,).
        params: See `Params`.
        rng: Source of the random starts; they do not depend on the rows.

    Returns:
        The cheapest point met for each row, its price, and the share of vanished gradients.

    Cost:
        With the default sweep up to 83 gradients and 18 more answers for a row.

    Source:
        Madry et al. (2018), "Towards Deep Learning Models Resistant to Adversarial Attacks",
        arXiv:1706.06083. Deviations: the first start is the original row; random starts are
        shared by the rows; several budgets in one run, each from where the last one ended; in
        L1, steps are sparse and the projection is exact (arXiv:2103.01208).
    """
    del y  # the oracle knows what "wrong" means
    terrain = Terrain(oracle, constraint, x)
    return attacked(terrain, climb, params=params, losses=(cross_entropy(oracle),), rng=rng)


def climb(
    terrain: Terrain, patch: Patch, offset: Array, *, loss: RowLoss, leg: Leg
) -> tuple[Patch, Array]:
    """Steps of one length, as `bartizan.attack.sweep.Climb` has it."""
    length = _REACH * leg.radius / leg.steps
    for _ in range(leg.steps):
        view = terrain.look(patch, offset, loss)
        gain = view.gain
        stays = ~view.reached & terrain.payers(patch)
        if not stays.all():
            patch, offset, gain = patch.only(stays), offset[stays], gain[stays]
        if not len(patch.rows):
            break
        step = terrain.norm.stride(
            gain, offset=offset, low=patch.low, high=patch.high, share=np.full(len(gain), _SPARSE)
        )
        step *= length
        offset += step
        radius = np.full(len(gain), leg.radius)
        offset = terrain.norm.project(offset, patch.low, patch.high, radius=radius)
    return patch, offset


ENTRY = Entry(
    id="evasion.pgd",
    kind="attack",
    title="PGD: evasion up the gradient",
    run=run,
    params=Params(),
    needs=("gradients", "numeric"),
    control=planted(run, Params()),
    threshold=("attack-success", "<=", 0.20),
    taxonomy=Taxonomy(
        atlas=("AML.T0015", "AML.T0043.000"),
        owasp_ml=("ML01:2023",),
        nist_ai_100_2=("Evasion, white-box",),
    ),
    references=("arXiv:1706.06083", "arXiv:2103.01208", "arXiv:2408.07579"),
    fix=(
        "Train on rows that this attack makes at the declared budget, and stop while robust "
        "accuracy on held-out rows still grows; keep the model's weights from clients; check "
        "that inputs lie in the range seen in training."
    ),
)
