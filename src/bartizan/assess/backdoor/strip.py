"""The check of a filter at run time: would it stop rows that carry a trigger?"""

import numpy as np

from bartizan.adapt.training.stand_in import Network
from bartizan.assess.backdoor.cells import TAXONOMY
from bartizan.assess.backdoor.clean_twins import too_few
from bartizan.assess.backdoor.poisoned_twin import Pair, poisoned_pair, rounds
from bartizan.assess.backdoor.strip_control import control
from bartizan.assess.backdoor.strip_trial import Params, ready, trial
from bartizan.attack.poisoning.picture_triggers import patch
from bartizan.core.arrays import Mask
from bartizan.core.classifier import Classifier, Recipe
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, Entry, Steps, Study
from bartizan.core.finding import Measure
from bartizan.core.interval import share_interval
from bartizan.core.trigger import Trigger

ACCEPTED = "strip-false-acceptance"
LINE = 0.10
"""Stamped rows that may pass: nine of ten attempts are seen. Gao et al. (2019) report below 1 %."""
_FEWEST = 400
"""Rows below which nothing is said: of a quarter of them, with a mark, three may pass by chance
before the interval reaches the line."""
_TRAINED = 0.5
"""Part of the rows that twins are trained on: the threshold needs as many clean ones. With three
quarters it was set by 75 rows of 597, and lay at the least of them."""
_FOLLOWED = 0.5
"""Share of stamped rows that must follow the mark: else there is no backdoor to be filtered."""


def run(study: Study, *, params: Params, rng: np.random.Generator) -> Steps:
    """Plant a backdoor in a twin, set the filter on clean rows, and count what it lets through.

    The model itself need not be backdoored; what is measured is whether the filter would see it
    in a model of this kind, on such rows.

    Args:
        study: The model, rows it was not trained on, the recipe.
        params: How the filter is set.
        rng: Draws rows, trains the twin.

    Yields:
        How far it is.

    Returns:
        Share of stamped rows that pass; share of clean rows that are refused; the threshold to
        use for the model itself.

    Cost:
        Two trainings, `copies` questions for each row, and 96 for each of 600 rows.

    Source:
        Gao et al. (2019), arXiv:1902.06531. Deviations: the threshold is a quantile of clean rows
        and not of a normal curve; the overlays are chosen, see `bartizan.detect.strip_panel`.
    """
    yield 0.0
    data = study.data

    image = data.schema.image
    if image is None:
        return _nothing("rows are no images")

    def mark(_rows: Dataset) -> Trigger:
        return patch(image, corner="bottom-right", rng=rng)

    if lacks(study):
        return _nothing(lacks(study))
    own = Network(rounds=rounds(data))
    pair = poisoned_pair(
        data, recipe=study.recipe, own=own, fits=scored, mark=mark, rng=rng, share=_TRAINED
    )
    if isinstance(pair, str):
        return _nothing(pair)
    yield 0.5
    return _measured(study, pair, params=params, rng=rng)


def lacks(study: Study) -> str:
    """Why the filter cannot be tried on so few rows; empty if it can."""
    return too_few(study.data, rows=_FEWEST)


def scored(model: Classifier) -> bool:
    """Whether a model says more than a class: the entropy of a label is none."""
    return model.score_kind != "label"


def _nothing(why: str) -> CheckResult:
    return CheckResult(measures=(Measure(name=ACCEPTED, value=None, why=why),), severity="low")


def _measured(study: Study, pair: Pair, *, params: Params, rng: np.random.Generator) -> CheckResult:
    """What the filter does to clean and to stamped rows of the twin."""
    tried = trial(
        pair.rest, model=pair.poisoned, trigger=pair.trigger, target=pair.target, params=params,
        rng=rng,
    )  # fmt: skip
    if not len(tried.follows) or tried.follows.mean() < _FOLLOWED:
        return _nothing("the planted mark was not learnt, so there is nothing to filter")
    own, n = ready(study.data, model=study.model, params=params, rng=rng)
    return CheckResult(
        measures=(
            _share(ACCEPTED, tried.passed),
            _share("strip-false-refusal", tried.refused),
            Measure(name="strip-threshold", value=own.threshold, n=n, unit="bits", better="higher"),
        ),
        severity="low",
        remarks=(_said(pair, own.threshold, params, study_recipe=study.recipe), _UNSEEN),
    )


_UNSEEN = (
    "Filters of this kind see marks that decide alone, whatever lies under them. Thin, moving or "
    "faint marks, and marks of a few source classes, pass."
)


def _said(pair: Pair, own: float, params: Params, *, study_recipe: Recipe | None) -> str:
    own_kind = "" if pair.recipe is study_recipe else " of ours, for want of a recipe,"
    return (
        f"A twin{own_kind} was trained with {pair.trigger.text} in {pair.rate:.0%} of its rows. "
        f"The threshold was set on clean rows, {params.copies} copies each; for the model itself "
        f"it would be {own:.3f} bits."
    )


def _share(name: str, hits: Mask) -> Measure:
    low, high = share_interval(int(hits.sum()), len(hits))
    return Measure(name=name, value=float(hits.mean()), low=low, high=high, n=len(hits))


ENTRY = Entry(
    id="backdoor.strip",
    kind="check",
    title="Backdoor: rows with a trigger pass a filter at run time",
    run=run,
    params=Params(),
    needs=("scores", "image"),
    control=control,
    threshold=(ACCEPTED, "<=", LINE),
    lacks=lacks,
    weight=30,
    taxonomy=TAXONOMY,
    references=("Gao et al. (2019), ACSAC, arXiv:1902.06531",),
    fix=(
        "Do not rely on this filter for this model: check the training data and the model instead, "
        "and let only sources that are known write into the data."
    ),
)
