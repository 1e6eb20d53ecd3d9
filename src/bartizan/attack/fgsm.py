"""FGSM: evasion by one step along the gradient of the loss."""

from dataclasses import dataclass

import numpy as np

from bartizan.attack.control import planted
from bartizan.attack.losses import cross_entropy
from bartizan.attack.polish import CUTS
from bartizan.attack.sweep import SWEEP
from bartizan.attack.terrain import Patch, Terrain
from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult, Entry
from bartizan.core.finding import Taxonomy
from bartizan.core.oracle import Oracle


@dataclass(frozen=True)
class Params:
    """Settings."""

    sweep: tuple[float, ...] = SWEEP
    """Lengths of the step to try, as shares of the budget."""


def run(
    oracle: Oracle,
    constraint: Constraint,
    x: Array,
    y: Ints,
    *,
    params: Params,
    rng: np.random.Generator,
) -> AttackResult:
    """Ask for one gradient, and step along it by ever larger shares of the budget.

    What a linear model of the loss promises most from; a model that withstands this and falls to
    PGD has learnt to bend its loss near the data, not to be robust. Only numbers move.

    Args:
        oracle: The model as the attacker sees it, with gradients.
        constraint: What the attacker may change; the step is its norm's.
        x: Rows to attack, shape (n, d).
        y: Their classes, shape (n,).
        params: See `Params`.
        rng: Not used; there is nothing random in it.

    Returns:
        The shortest step that broke each row, its price, and whether its gradient vanished.

    Cost:
        One gradient and at most 18 answers for a row.

    Source:
        Goodfellow, Shlens, Szegedy (2015), "Explaining and Harnessing Adversarial Examples",
        arXiv:1412.6572. Deviations: the step is the best one within norm and bounds together,
        so that what a bound cuts off goes to other columns; its length is searched for.
    """
    del y, rng  # the oracle knows what "wrong" means
    terrain = Terrain(oracle, constraint, x)
    patch = terrain.patch(np.arange(len(x)))
    if not len(patch.rows):
        return terrain.result()
    view = terrain.look(patch, np.zeros(patch.low.shape), cross_entropy(oracle))
    ray = _Ray(terrain, patch.only(~view.reached), view.gain[~view.reached])
    far = ray.sweep(tuple(sorted(set(params.sweep))))
    ray.shorten(far)
    return terrain.result()


class _Ray:
    """Steps of every length along one gradient."""

    def __init__(self, terrain: Terrain, patch: Patch, gain: Array) -> None:
        self._terrain = terrain
        self._patch = patch
        self._gain = gain

    def _hits(self, places: Ints, length: Array) -> Mask:
        """Whether steps of some lengths break some rows of the patch; none left = no."""
        hit = np.zeros(len(places), dtype=bool)
        rows = self._patch.rows[places]
        able = np.flatnonzero(self._terrain.oracle.left()[rows] > 0)
        if able.size:
            chosen = np.zeros(len(self._gain), dtype=bool)
            chosen[places[able]] = True
            patch = self._patch.only(chosen)
            offset = self._terrain.steepest(patch, self._gain[chosen], length[able])
            hit[able] = self._terrain.ask(patch, offset)
        return hit

    def sweep(self, lengths: tuple[float, ...]) -> tuple[Array, Array]:
        """The first of ascending lengths that breaks each row, and the one before it."""
        near, far = np.zeros(len(self._gain)), np.full(len(self._gain), np.inf)
        for length in lengths:
            open_ = np.flatnonzero(np.isinf(far))
            hit = self._hits(open_, np.full(len(open_), length))
            far[open_[hit]] = length
            near[open_[~hit]] = length
        return near, far

    def shorten(self, bracket: tuple[Array, Array]) -> None:
        """Halve the bracket of every row that broke."""
        near, far = bracket
        broken = np.flatnonzero(np.isfinite(far))
        for _ in range(CUTS):
            middle = (near[broken] + far[broken]) / 2
            hit = self._hits(broken, middle)
            far[broken[hit]] = middle[hit]
            near[broken[~hit]] = middle[~hit]


ENTRY = Entry(
    id="evasion.fgsm",
    kind="attack",
    title="FGSM: evasion by one step along the gradient",
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
    references=("arXiv:1412.6572",),
    fix=(
        "A single step breaks it: train on rows made by PGD at the declared budget, not by this "
        "attack, since training on single steps only hides the gradient; check that inputs lie in "
        "the range seen in training."
    ),
)
