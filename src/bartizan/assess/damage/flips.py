"""The check what wrong labels in the training data do to the model."""

import numpy as np

from bartizan.assess.damage.check import damage
from bartizan.assess.damage.control import planted
from bartizan.assess.damage.doubts import doubts
from bartizan.assess.damage.ground import Ground
from bartizan.assess.damage.measures import FLIPPED, at
from bartizan.assess.damage.settings import Params
from bartizan.assess.damage.ways import Way
from bartizan.attack.poisoning.label_flips import chosen_flips, random_flips, targeted_flips
from bartizan.core.entry import Entry, Steps, Study
from bartizan.core.finding import Taxonomy
from bartizan.core.trigger import Poisoned

_RATE, _LINE = 0.05, 0.05
"""A model that loses more of its balanced accuracy than the share of labels that are wrong makes
mistakes, or malice, worse than they were."""
_HALF = 0.5
"""Share of the rarest class that is flipped at most: who may poison many rows need not, and with
more wrong labels than right ones a class is another one."""


def run(study: Study, *, params: Params, rng: np.random.Generator) -> Steps:
    """Flip labels of training rows and see how much balanced accuracy that costs.

    Three attackers: one who flips at random, as mistakes do; one who gives rows of the rarest class
    to the most frequent one, half of them at most, as fraudsters would who report themselves as
    honest; and one who flips the rows that models are surest of.

    Args:
        study: See `damage`.
        params: Rates and seeds.
        rng: Draws everything.

    Cost:
        See `damage`, and two trainings more.
    """
    return damage(study, kind=FLIPPED, plan=_ways, params=params, rng=rng)


def _ways(place: Ground, study: Study, params: Params, rng: np.random.Generator) -> tuple[Way, ...]:
    del params
    train, k = place.train, len(place.train.classes)
    source, target = place.losing
    half = _HALF * place.counts[source] / len(train.y)
    scores = (
        np.zeros((len(train.y), k))
        if study.recipe is None
        else doubts(place, recipe=study.recipe, kept=study.kept, rng=rng)
    )

    def at_random(rate: float, rng: np.random.Generator) -> Poisoned:
        return random_flips(train.x, train.y, k=k, rate=rate, rng=rng)

    def one_class(rate: float, rng: np.random.Generator) -> Poisoned:
        return targeted_flips(
            train.x, train.y, source=source, target=target, rate=min(rate, half), rng=rng
        )

    def surest(rate: float, rng: np.random.Generator) -> Poisoned:
        return chosen_flips(train.x, train.y, scores=scores, rate=rate, rng=rng, kind="logit")

    return (
        Way.unmarked("random flips", at_random),
        Way.unmarked("flips of one class", one_class),
        Way.unmarked("flips of the surest rows", surest),
    )


ENTRY = Entry(
    id="damage.label-flips",
    kind="check",
    title="Poisoning: what wrong labels would cost",
    run=run,
    params=Params(rate=_RATE, others=(0.01, 0.10)),
    needs=("train",),
    control=planted(run, Params(rate=0.3, others=(), seeds=2), least=0.15),
    threshold=(f"{FLIPPED.damage}-{at(_RATE)}", "<=", _LINE),
    weight=100,
    taxonomy=Taxonomy(
        atlas=("AML.T0020",),
        owasp_ml=("ML02:2023",),
        nist_ai_100_2=("Availability poisoning", "Targeted poisoning"),
    ),
    references=(
        "Xiao et al. (2012), ECAI, Adversarial Label Flips Attack on Support Vector Machines",
        "arXiv:2007.08432",
        "Frenay and Verleysen (2014), IEEE TNNLS 25, classification under label noise",
    ),
    fix=(
        "Say who may label, and look at what they label (`bartizan data check --deep`). Models "
        "that trust single rows less lose less: more rows a leaf, stronger penalties, fewer "
        "rounds, a loss that does not grow without bound, or votes of models trained on parts."
    ),
)
