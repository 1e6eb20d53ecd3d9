"""One trial of the filter: made from one half of clean rows, and judged on the other half."""

from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Mask
from bartizan.core.classifier import Classifier, decisions
from bartizan.core.dataset import Dataset
from bartizan.core.trigger import Trigger
from bartizan.detect.strip import COPIES, Strip
from bartizan.detect.strip_panel import fitted


@dataclass(frozen=True)
class Params:
    """How the filter is set."""

    refused: float = 0.01
    """Clean rows that it may refuse."""
    copies: int = COPIES
    """Questions more for each row that is served."""
    rows: int = 1500
    """Stamped rows and clean rows that it is tried on, at most."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What the filter does to rows that it was not made from."""

    refused: Mask
    """Whether each clean row is refused, shape (n,)."""
    follows: Mask
    """Whether each stamped row of another class is given the target, shape (m,)."""
    passed: Mask
    """Whether each of those that are passes, shape (follows.sum(),)."""


def made(data: Dataset, x: Array, *, params: Params) -> Strip:
    """The filter, without a threshold."""
    image = data.schema.image
    low, high = (image.min, image.max) if image else (-np.inf, np.inf)
    return Strip(
        overlays=x, mixes=image is None, copies=params.copies, dark=low, low=low, high=high
    )


def ready(
    data: Dataset, *, model: Classifier, params: Params, rng: np.random.Generator
) -> tuple[Strip, int]:
    """The filter set on rows drawn from all, and how many they are.

    Drawn, since pictures are often read class by class: a threshold set on the first 1,500 is
    that of one or two classes.
    """
    x = data.x[rng.permutation(len(data.y))[: params.rows]]
    return fitted(made(data, x, params=params), model, x, refused=params.refused, rng=rng), len(x)


def trial(
    clean: Dataset,
    *,
    model: Classifier,
    trigger: Trigger,
    target: int,
    params: Params,
    rng: np.random.Generator,
) -> Trial:
    """Set the filter on one half of clean rows, drawn at random, and try it on the other.

    Args:
        clean: Rows believed to be sound, in any order.
        model: Follows the trigger.
        trigger: The mark.
        target: The class it leads to.
        params: How the filter is set.
        rng: Draws halves and overlays.

    Cost:
        96 questions for each of 600 rows, and `copies` for each row of both halves.
    """
    order = rng.permutation(len(clean.y))
    half = len(order) // 2
    own, fresh = clean.take(order[:half]), clean.take(order[half:][: params.rows])
    strip = made(clean, own.x, params=params)
    strip = fitted(strip, model, own.x, refused=params.refused, rng=rng)
    stamped = trigger.stamp(fresh.x[fresh.y != target], rng=rng)
    follows = decisions(model.scores(stamped)) == target if len(stamped) else np.zeros(0, bool)
    return Trial(
        refused=strip.refused(model, fresh.x, rng=rng),
        follows=follows,
        passed=~strip.refused(model, stamped[follows], rng=rng),
    )
