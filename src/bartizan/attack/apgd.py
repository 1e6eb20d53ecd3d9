"""APGD: projected gradient ascent that sets its own step, on several losses in turn."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bartizan.attack.control import planted
from bartizan.attack.losses import cross_entropy, dlr, margin, targeted_dlr
from bartizan.attack.pace import Pace
from bartizan.attack.sweep import Leg, Swept, attacked
from bartizan.attack.terrain import Patch, Terrain
from bartizan.core.arrays import Array, Ints
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult, Entry
from bartizan.core.finding import Taxonomy
from bartizan.core.oracle import Oracle, RowLoss


@dataclass(frozen=True)
class Params(Swept):
    """Settings: those of every sweep, and the paper's where it names them."""

    targets: int = 3
    """Classes aimed at with the targeted loss, the likeliest first; for four classes and more."""


def run(
    oracle: Oracle,
    constraint: Constraint,
    x: Array,
    y: Ints,
    *,
    params: Params,
    rng: np.random.Generator,
) -> AttackResult:
    """Climb with momentum and a step that halves where the climb stalls, loss after loss.

    Cross-entropy first; what withstands it is tried with losses that do not saturate: the margin
    for two classes, the DLR for three or a goal, the targeted DLR for more. Budgets are tried in
    ascending order; a row leaves as soon as it breaks. Only numbers move; categories stay.

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
        With the default sweep up to 850 gradients for a row and four or more classes, 425 for
        two or three.

    Source:
        Croce and Hein (2020), "Reliable evaluation of adversarial robustness with an ensemble of
        diverse parameter-free attacks", arXiv:2003.01690, Algorithm 1; for L1, Croce and Hein
        (2021), "Mind the box", arXiv:2103.01208. Deviations: the first start is the original row;
        for two classes, and a goal among three, where DLR is of no use, the margin over its clean
        size; three targets instead of nine; several budgets in one run; see
        `bartizan.attack.pace` for L1.
    """
    del y  # the oracle knows what "wrong" means
    terrain = Terrain(oracle, constraint, x)
    scores = _survey(terrain, oracle)
    losses = _losses(oracle, scores, targets=params.targets)
    return attacked(terrain, climb, params=params, losses=losses, rng=rng)


def _survey(terrain: Terrain, oracle: Oracle) -> Array:
    """Scores of the original rows, shape (n, k); 0 where there was no question left."""
    scores = np.zeros((terrain.shape[0], oracle.k))
    patch = terrain.patch(np.arange(terrain.shape[0]))
    loss = cross_entropy(oracle)

    def noting(seen: Array, rows: Ints) -> tuple[Array, Array]:
        scores[rows] = seen
        return loss(seen, rows)

    if len(patch.rows):
        terrain.look(patch, np.zeros(patch.low.shape), noting)
    return scores


def _losses(oracle: Oracle, scores: Array, *, targets: int) -> Sequence[RowLoss]:
    """What to climb, in this order."""
    first = cross_entropy(oracle)
    if oracle.k == 2 or (oracle.k == 3 and oracle.target is not None):
        size = np.abs(margin(oracle)(scores, np.arange(len(scores)))[0])
        return first, margin(oracle, scale=np.where(np.isfinite(size) & (size > 0), size, 1.0))
    if oracle.k == 3 or oracle.target is not None:
        return first, dlr(oracle)
    order = np.nan_to_num(scores, neginf=-np.finfo(float).max)
    np.put_along_axis(order, oracle.y[:, None], -np.inf, axis=1)
    ranked = np.argsort(-order, axis=1, kind="stable")[:, : min(targets, oracle.k - 1)]
    return first, *(targeted_dlr(oracle, classes) for classes in ranked.T)


def climb(
    terrain: Terrain, patch: Patch, offset: Array, *, loss: RowLoss, leg: Leg
) -> tuple[Patch, Array]:
    """Steps that adapt, as `bartizan.attack.sweep.Climb` has it."""
    pace = Pace(terrain.norm, offset, leg=leg)
    for _ in range(leg.steps):
        view = terrain.look(patch, pace.here, loss)
        pace.note(view)
        stays = ~view.reached & terrain.payers(patch)
        if not stays.all():
            patch = patch.only(stays)
            pace.only(stays)
        if not len(patch.rows):
            break
        pace.step(patch)
    return patch, pace.here


ENTRY = Entry(
    id="evasion.apgd",
    kind="attack",
    title="APGD: evasion up the gradient, without settings",
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
    references=("arXiv:2003.01690", "arXiv:2103.01208", "arXiv:2408.07579"),
    fix=(
        "Train on rows that PGD makes at the declared budget, and judge the result by this attack "
        "rather than by the one used in training; keep the model's weights from clients; check "
        "that inputs lie in the range seen in training."
    ),
)
