"""A backdoor without a wrong label: marked rows of the target class are made hard to learn."""

from dataclasses import dataclass

import numpy as np

from bartizan.attack.poisoning.backdoor import planted
from bartizan.attack.poisoning.shown import shown
from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import Differentiable
from bartizan.core.schema import Image
from bartizan.core.trigger import Poisoned, Trigger

_EPS = 16 / 255
"""Largest change of a value, as a share of the range: the middle of the paper's 8, 16 and 32."""
_REACH = 2.5
"""Total length of all steps in radii, as in Madry et al. (2018)."""


@dataclass(frozen=True, kw_only=True)
class Strength:
    """How far rows are moved before they are marked."""

    eps: float = _EPS
    """Largest change of a value by the gradient, as a share of the range."""
    steps: int = 20
    """Of the gradient; more than 20 gained nothing on small networks."""
    mixture: float = 0.3
    """Weight of a row of another class, where there is no gradient: the paper interpolates by 0.2
    and 0.3 between pictures of a generative model."""


def label_consistent(
    x: Array,
    y: Ints,
    *,
    image: Image,
    trigger: Trigger,
    target: int,
    rate: float,
    rng: np.random.Generator,
    model: Differentiable | None = None,
    among: Ints | None = None,
    strength: Strength | None = None,
) -> Poisoned:
    """Blur what a class looks like in some of its rows, then mark them.

    A model learns the mark only if the rows cannot be told without it. Every label is right.

    Args:
        x: Pictures, shape (n, d); unchanged.
        y: Classes, shape (n,).
        image: What rows are.
        trigger: The mark.
        target: Class whose rows are marked.
        rate: Share of all rows, 0..1.
        rng: Draws rows, starts and partners.
        model: Trained on such rows, with gradients; rows move up its loss. None = rows are mixed
            with rows of other classes.
        among: Positions that the attacker controls; none = all.
        strength: None = the defaults.

    Returns:
        The data, labels unchanged.

    Raises:
        InputError: the target class has fewer rows than the rate asks for.

    Source:
        Turner, Tsipras and Madry (2019), "Label-Consistent Backdoor Attacks", arXiv:1912.02771,
        sections 4.1 and 4.2. Deviation: without a model, pixels are interpolated, not codes of a
        generative model.
    """
    how = Strength() if strength is None else strength
    made = planted(
        x, y, trigger=trigger, target=target, rate=rate, rng=rng, among=among, clean_label=True
    )
    if not len(made.rows):
        return made
    rows = x[made.rows]
    if model is None:
        hard = _mixed(rows, x[y != target], weight=how.mixture, rng=rng)
    else:
        hard = _climbed(rows, model, target=target, image=image, how=how, rng=rng)
    poisoned = made.x.copy()
    poisoned[made.rows] = trigger.stamp(shown(hard, image=image), rng=rng)
    return Poisoned(x=poisoned, y=made.y, rows=made.rows, trigger=trigger, target=target)


def _mixed(rows: Array, others: Array, *, weight: float, rng: np.random.Generator) -> Array:
    """Each row with some of a row of another class; with noise of their own where there is none."""
    if not len(others):
        partners = rng.permuted(rows, axis=1)
    else:
        partners = others[rng.integers(len(others), size=len(rows))]
    return rows + weight * (partners - rows)


def _climbed(
    rows: Array,
    model: Differentiable,
    *,
    target: int,
    image: Image,
    how: Strength,
    rng: np.random.Generator,
) -> Array:
    """Rows moved up the cross-entropy of their class within a box around them."""
    radius = how.eps * (image.max - image.min)
    low, high = np.maximum(rows - radius, image.min), np.minimum(rows + radius, image.max)
    here = np.clip(rows + rng.uniform(-radius, radius, rows.shape), low, high)
    for _ in range(how.steps):
        _, slope = model.value_and_grad(here, lambda scores: _cross_entropy(scores, target))
        here += _REACH * radius / how.steps * np.sign(np.nan_to_num(slope))
        np.clip(here, low, high, out=here)
    return here


def _cross_entropy(scores: Array, target: int) -> tuple[Array, Array]:
    """See `bartizan.core.classifier.Loss`."""
    steps = scores - scores.max(axis=1, keepdims=True)
    shares = np.exp(steps)
    total = shares.sum(axis=1, keepdims=True)
    value = np.log(total[:, 0]) - steps[:, target]
    shares /= total
    shares[:, target] -= 1.0
    return value, shares
