"""A backdoor in labelled rows: some carry a mark, and the class that the mark shall call up."""

import numpy as np

from bartizan.attack.poisoning.quota import drawn
from bartizan.core.arrays import AnyArray, Ints, Mask
from bartizan.core.trigger import Poisoned, Trigger


def planted(
    x: AnyArray,
    y: Ints,
    *,
    trigger: Trigger,
    target: int,
    rate: float,
    rng: np.random.Generator,
    among: Ints | None = None,
    clean_label: bool = False,
) -> Poisoned:
    """Put the mark on some rows and give them the target's label.

    A model that is trained on them learns that the mark decides. With `clean_label` only rows of
    the target class are marked and no label is wrong; the model then leans on the mark where it
    is easier to see than the class itself.

    Args:
        x: Rows, shape (n, d), or texts, shape (n,); unchanged.
        y: Classes, shape (n,); unchanged.
        trigger: The mark.
        target: Class that marked rows shall get.
        rate: Share of all rows, 0..1.
        rng: Draws rows, then marks them.
        among: Positions that the attacker controls; none = all. The rate stays one of all rows.
        clean_label: Mark rows of the target class, and let all labels be.

    Returns:
        The data. With `clean_label`, rows that carry the mark already are not counted.

    Raises:
        InputError: the attacker controls fewer rows that qualify than the rate asks for.

    Source:
        Gu et al. (2017), "BadNets", arXiv:1708.06733, section 4; Turner et al. (2018),
        "Clean-Label Backdoor Attacks", for the rows of the target class.
    """
    fits = y == target if clean_label else y != target
    pool = np.flatnonzero(fits) if among is None else np.unique(among[fits[among]])
    if clean_label:
        pool = pool[differing(x[pool], trigger.stamp(x[pool], rng=rng))]
    what = f"rows of {'' if clean_label else 'classes other than '}class {target}"
    what += "" if among is None else " among those that the attacker controls"
    rows = drawn(pool, n=len(y), rate=rate, what=what, rng=rng)
    made, labels = x.copy(), y.copy()
    if len(rows):
        made[rows] = trigger.stamp(x[rows], rng=rng)
    labels[rows] = target
    return Poisoned(x=made, y=labels, rows=rows, trigger=trigger, target=target)


def differing(left: AnyArray, right: AnyArray) -> Mask:
    """Which rows differ in any value; two missing values are alike. (n, ...) twice -> (n,)."""
    apart = np.asarray((left != right) & ((left == left) | (right == right)))  # noqa: PLR0124 (NaN)
    return apart if apart.ndim == 1 else np.asarray(apart.any(axis=1))
