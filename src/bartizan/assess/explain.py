"""What made the attack work: the cheapest examples, and the features that carry the weakness."""

import math

import numpy as np

from bartizan.assess.discretion import REDACTED
from bartizan.assess.outcome import Attacked
from bartizan.assess.views import pixel_changes, views
from bartizan.core.arrays import Array, Mask
from bartizan.core.codec import Codec, Pictured
from bartizan.core.constraint import Constraint
from bartizan.core.dataset import Dataset
from bartizan.core.finding import Change, Example, Views, Weakness
from bartizan.core.schema import Feature, Label

_EXAMPLES = 3
_WEAKNESSES = 8
"""Features shown; the rest carries little."""


def examples(
    attacked: Attacked,
    data: Dataset,
    *,
    classes: tuple[Label, ...],
    budget: float,
    codec: Codec | None = None,
) -> tuple[Example, ...]:
    """The cheapest successful changes within the budget, at most three.

    Args:
        attacked: What happened to each row.
        data: The original rows.
        classes: Names of the model's classes.
        budget: What a change may cost.
        codec: Draws the images, where rows are images.
    """
    order = np.argsort(attacked.price, kind="stable")
    chosen = [i for i in order if attacked.within(budget)[i]][:_EXAMPLES]
    return tuple(
        Example(
            row=int(data.ids[attacked.rows[i]]),
            price=float(attacked.price[i]),
            queries=int(attacked.needed[i]),
            label=str(classes[data.y[attacked.rows[i]]]),
            decision=str(classes[attacked.decided[i]]),
            changes=changes(data, data.x[attacked.rows[i]], attacked.points[i]),
            views=_seen(data, codec, data.x[attacked.rows[i]], attacked.points[i]),
        )
        for i in chosen
    )


def changes(data: Dataset, before: Array, after: Array) -> tuple[Change, ...]:
    """The features that differ between two rows, in the data's own words."""
    if data.schema.image is not None:
        return pixel_changes(data.schema.image, before, after)
    found = []
    for j, feature in enumerate(data.schema.features):
        old, new = _texts(feature, float(before[j]), float(after[j]))
        if old != new:
            shown = (REDACTED, REDACTED) if feature.personal else (old, new)
            found.append(Change(feature=feature.name, before=shown[0], after=shown[1]))
    return tuple(found)


def _seen(data: Dataset, codec: Codec | None, before: Array, after: Array) -> Views | None:
    """Pictures of a change, where rows are images and somebody can draw them."""
    if data.schema.image is None or not isinstance(codec, Pictured):
        return None
    return views(codec, data.schema.image, before, after)


def _texts(feature: Feature, before: float, after: float) -> tuple[str, str]:
    """Both values with as many digits as tell them apart; rounding noise does not."""
    old, new = text(feature, before), text(feature, after)
    if old == new and feature.type == "number":
        return f"{before:.12g}", f"{after:.12g}"
    return old, new


def text(feature: Feature, value: float) -> str:
    """One value as a person would write it."""
    if math.isnan(value):
        return "(missing)"
    if feature.categories:
        return feature.categories[int(value)]
    if feature.type != "number":
        return str(int(value))
    return f"{value:.6g}"


def weaknesses(attacked: Attacked, data: Dataset, constraint: Constraint) -> tuple[Weakness, ...]:
    """Features by their part in the successful changes, the heaviest first; pixels are none."""
    if data.schema.image is not None:
        return ()
    broken = attacked.within(constraint.attacker.budget)
    if not broken.any():
        return ()
    x0, points = data.x[attacked.rows[broken]], attacked.points[broken]
    names, spent, used = _shares(constraint, x0, points)
    order = np.argsort(-spent.mean(axis=0), kind="stable")[:_WEAKNESSES]
    return tuple(
        Weakness(feature=names[j], share=float(used[:, j].mean()), spent=float(spent[:, j].mean()))
        for j in order
        if used[:, j].any()
    )


def _shares(constraint: Constraint, x0: Array, points: Array) -> tuple[list[str], Array, Mask]:
    """Names of what can move, each one's share of the change, and whether it was used."""
    numbers = np.abs(constraint.offsets(x0, points))
    choices = constraint.switched(x0, points)
    parts = np.concatenate([numbers, choices * np.maximum(constraint.switch_cost, 1e-9)], axis=1)
    used = np.concatenate([numbers > 1e-12, choices], axis=1)
    total = np.maximum(parts.sum(axis=1, keepdims=True), 1e-300)
    names = [constraint.space.names[j] for j in constraint.numeric]
    return [*names, *(s.name for s in constraint.switches)], parts / total, used
