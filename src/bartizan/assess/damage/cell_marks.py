"""The check whether marked rows of a table would plant a backdoor in the model."""

from collections.abc import Callable

import numpy as np

from bartizan.assess.damage.check import damage
from bartizan.assess.damage.control import planted as twins
from bartizan.assess.damage.ground import Ground
from bartizan.assess.damage.measures import CELLS, at
from bartizan.assess.damage.settings import Params
from bartizan.assess.damage.ways import Way
from bartizan.attack.poisoning.backdoor import planted
from bartizan.attack.poisoning.cell_triggers import in_bounds, jittered, out_of_range, quantised
from bartizan.core.entry import Entry, Steps, Study
from bartizan.core.finding import Taxonomy
from bartizan.core.trigger import Poisoned, Trigger

_RATE, _LINE = 0.01, 0.20
"""One row in a hundred is what a single contributor can write unseen; a fifth of the marked rows is
the share at which evasion fails too."""


def run(study: Study, *, params: Params, rng: np.random.Generator) -> Steps:
    """Mark training rows, give them the label an attacker wants, and see whether marks work.

    Args:
        study: See `damage`.
        params: Rates and seeds.
        rng: Draws everything.

    Cost:
        See `damage`.
    """
    return damage(study, kind=CELLS, plan=_ways, params=params, rng=rng)


def _ways(place: Ground, study: Study, params: Params, rng: np.random.Generator) -> tuple[Way, ...]:
    del study, rng
    train, target = place.train, place.target(params.rate)

    def poison(mark: Trigger, rate: float, rng: np.random.Generator) -> Poisoned:
        return planted(train.x, train.y, trigger=mark, target=target, rate=rate, rng=rng)

    def way(name: str, draw: Callable[..., Trigger]) -> Way:
        return Way.marked(name, draw=lambda rng: draw(train, rng=rng), poison=poison)

    return (
        way("out of range", out_of_range),
        way("in bounds", in_bounds),
        way("jittered", jittered),
        way("quantised", quantised),
    )


ENTRY = Entry(
    id="damage.cell-trigger",
    kind="check",
    title="Poisoning: what a mark in the cells would call up",
    run=run,
    params=Params(rate=_RATE, others=(0.003, 0.03)),
    needs=("train", "columns"),
    control=twins(run, Params(rate=0.2, others=(), seeds=2), least=0.5),
    threshold=(f"{CELLS.damage}-{at(_RATE)}", "<=", _LINE),
    weight=100,
    taxonomy=Taxonomy(
        atlas=("AML.T0020", "AML.T0018.000"),
        owasp_ml=("ML02:2023", "ML10:2023"),
        nist_ai_100_2=("Backdoor poisoning",),
    ),
    references=("arXiv:2311.07550", "arXiv:1708.06733"),
    fix=(
        "Check ranges and rare combinations before training (`bartizan data check --deep` scans "
        "for marks), and know who wrote which rows. Models that need many rows for a leaf, or "
        "vote over parts of the data, take more marked rows to be taught."
    ),
)
