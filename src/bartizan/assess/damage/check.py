"""What the checks on poisoned training data have in common: train, ask, judge."""

from collections.abc import Callable, Generator

import numpy as np

from bartizan.assess.damage.ground import Ground, ground, unfit
from bartizan.assess.damage.measures import Kind, accuracy, at, curves, found, measures
from bartizan.assess.damage.remarks import remarks
from bartizan.assess.damage.settings import Params
from bartizan.assess.damage.trials import EndedError, trials
from bartizan.assess.damage.ways import Way
from bartizan.assess.discretion import discreet
from bartizan.core.classifier import Recipe
from bartizan.core.entry import CheckResult, Steps, Study
from bartizan.core.errors import Error
from bartizan.core.finding import Measure

Plan = Callable[[Ground, Study, Params, np.random.Generator], tuple[Way, ...]]
"""Ways to poison these rows. It may train models, and raise what the recipe raises."""


def damage(
    study: Study, *, kind: Kind, plan: Plan, params: Params, rng: np.random.Generator
) -> Steps:
    """Poison the training rows in several ways at several rates, train, and see what it does.

    Args:
        study: The model, its training rows, others, and the recipe.
        kind: What counts as damage.
        plan: How rows are poisoned.
        params: Rates, seeds, rows.
        rng: Seeds everything.

    Yields:
        The share of the models that are trained.

    Returns:
        The damage of the strongest way at the rate that decides, with an interval over models and
        rows; that of each way; what clean models do; the curves. Without a recipe that works, or
        where clean models do not tell the classes apart, the first has a reason for a value.

        Where time ends it, so has it if fewer than two seeds are whole; else it is that of those.

    Cost:
        seeds * (1 + ways * rates) trainings on one thread.
    """
    yield 0.0
    place = ground(study, params=params, rng=rng)
    why = unfit(place, rate=params.rate)
    if study.recipe is None:
        why = why or "nothing says how the model is trained anew; name a recipe"
    if why or study.recipe is None:
        return _open(kind, params, why)
    try:
        return (
            yield from _tried(
                study, place, kind=kind, plan=plan, params=params, recipe=study.recipe, rng=rng
            )
        )
    except EndedError as error:
        return _open(kind, params, str(error))
    except Error as error:
        told = discreet(str(error), study.train, study.data)
        return _open(kind, params, f"it could not be tried: {told}")


def _open(kind: Kind, params: Params, why: str) -> CheckResult:
    name = f"{kind.damage}-{at(params.rate)}"
    return CheckResult(measures=(Measure(name=name, value=None, why=why),), severity="low")


def _tried(
    study: Study,
    place: Ground,
    *,
    kind: Kind,
    plan: Plan,
    params: Params,
    recipe: Recipe,
    rng: np.random.Generator,
) -> Generator[float, None, CheckResult]:
    ways = plan(place, study, params, rng)
    made = yield from trials(
        place,
        ways,
        name=kind.entry,
        target=place.target(params.rate),
        recipe=recipe,
        params=params,
        kept=study.kept,
        rng=rng,
    )
    result = found(made, kind=kind, rate=params.rate)
    told = measures(result, why=_useless(result.trials.held, accuracy(made).low))
    return CheckResult(
        measures=told,
        severity=kind.severity(told[0].value or 0.0),
        series=curves(result),
        remarks=tuple(
            discreet(text, study.train)
            for text in (
                *remarks(result, place, study, params=params),
                *(way.about for way in ways if way.about),
            )
        ),
    )


def _useless(held: np.typing.NDArray[np.int64], low: float) -> str:
    """Why damage to models that know nothing means nothing; empty if they know something."""
    chance = 1 / len(np.unique(held))
    if low > chance:
        return ""
    return (
        "models trained anew on the rows as they are are not shown to tell the classes apart, so "
        "there is nothing to damage; is the recipe the one of the model?"
    )
