"""Flipped labels: the cheapest poison, and the one that mistakes resemble."""

from typing import Literal, TypeAlias

import numpy as np

from bartizan.attack.poisoning.quota import drawn, enough
from bartizan.core.arrays import Array, Ints, frozen
from bartizan.core.classifier import ScoreKind, margins
from bartizan.core.errors import InputError, ShapeError
from bartizan.core.trigger import Poisoned

Order: TypeAlias = Literal["far", "near"]
"""`far`: rows furthest inside their class first; `near`: those that the model is least sure of."""


def random_flips(
    x: Array,
    y: Ints,
    *,
    k: int,
    rate: float,
    rng: np.random.Generator,
    among: Ints | None = None,
) -> Poisoned:
    """Give rows drawn at random a wrong class drawn at random.

    Args:
        x: Rows, shape (n, d); they are handed on as they are.
        y: Classes, shape (n,), 0..k-1.
        k: Classes, at least two.
        rate: Share of all rows, 0..1.
        rng: Draws rows and classes.
        among: Positions that the attacker controls; none = all. The rate stays one of all rows.

    Returns:
        The data; each chosen row has one of the k - 1 other classes, all equally likely.

    Raises:
        InputError: there are not two classes, or the attacker controls too few rows.

    Source:
        Symmetric label noise, as in Xiao et al. (2012), "Adversarial Label Flips Attack on
        Support Vector Machines", section 4 ("uniform flips").
    """
    if k < 2:
        message = f"flipping labels needs two classes, got {k}"
        raise InputError(message)
    pool = np.arange(len(y)) if among is None else np.unique(among)
    what = "rows" if among is None else "rows that the attacker controls"
    rows = drawn(pool, n=len(y), rate=rate, what=what, rng=rng)
    made = y.copy()
    made[rows] = (y[rows] + rng.integers(1, k, size=len(rows))) % k
    return Poisoned(x=frozen(x), y=made, rows=rows)


def targeted_flips(
    x: Array,
    y: Ints,
    *,
    source: int,
    target: int,
    rate: float,
    rng: np.random.Generator,
    among: Ints | None = None,
) -> Poisoned:
    """Give rows of one class the label of another one.

    Args:
        x: Rows, shape (n, d); they are handed on as they are.
        y: Classes, shape (n,).
        source: Class that loses rows.
        target: Class that gains them.
        rate: Share of all rows, not of the class, 0..1.
        rng: Draws rows.
        among: Positions that the attacker controls; none = all. The rate stays one of all rows.

    Returns:
        The data. No mark calls the damage up, so it has no target in the sense of `Poisoned`.

    Raises:
        InputError: both classes are the same, or the source has fewer rows than the rate asks for.

    Source:
        Tolpegin et al. (2020), "Data Poisoning Attacks Against Federated Learning Systems",
        arXiv:2007.08432, section 3; there, all rows of the source class of a participant.
    """
    if source == target:
        message = f"a flip leads from one class to another one, got {source} twice"
        raise InputError(message)
    own = y == source
    pool = np.flatnonzero(own) if among is None else np.unique(among[own[among]])
    what = f"rows of class {source}"
    what += "" if among is None else " among those that the attacker controls"
    rows = drawn(pool, n=len(y), rate=rate, what=what, rng=rng)
    made = y.copy()
    made[rows] = target
    return Poisoned(x=frozen(x), y=made, rows=rows)


def chosen_flips(
    x: Array,
    y: Ints,
    *,
    scores: Array,
    rate: float,
    rng: np.random.Generator,
    kind: ScoreKind = "probability",
    order: Order = "far",
) -> Poisoned:
    """Flip those rows to their second-best class that hurt most there.

    What a row costs the model grows by the logarithm of its odds, own class against second best.
    Rows are taken in the order of that gain: first those furthest inside their class. Linear models
    chase them. Trees wall them off, and lose more at the edge of a class: 5 % flipped cards brought
    the balanced accuracy of a logistic regression from 0.91 to 0.52 and that of boosted trees from
    0.92 to 0.89; taken from the edge, to 0.92 and 0.71; drawn at random, to 0.90 and 0.92.

    Args:
        x: Rows, shape (n, d); they are handed on as they are.
        y: Classes, shape (n,).
        scores: Of a model of these rows, shape (n, k); one that has not seen the row says more.
        rate: Share of all rows, 0..1.
        rng: Orders rows of equal gain.
        kind: What the scores are; of `logit` and `probability`, differences of logarithms count.
        order: `near` takes the rows of least gain first, among those that the model gets right;
            the others come last.

    Returns:
        The data; each chosen row has the class that the model likes best among the others.

    Raises:
        InputError: there are not two classes.
        ShapeError: scores are not those of these rows.

    Source:
        Xiao et al. (2012), "Adversarial Label Flips Attack on Support Vector Machines", section
        4: the gain of a flip is its loss under the untainted model less that of the true label,
        the first of the two terms of their criterion; "furthest-first" and "nearest-first" flips.
        Deviation: the model is not trained anew between flips.
    """
    if scores.ndim != 2 or scores.shape[0] != len(y):
        message = f"expected one row of scores for each of {len(y)} rows, got {scores.shape}"
        raise ShapeError(message)
    if scores.shape[1] < 2:
        message = f"flipping labels needs scores of two classes, got {scores.shape[1]}"
        raise InputError(message)
    count = enough(len(y), n=len(y), rate=rate, what="rows")
    shuffled = rng.permutation(len(y))
    gain = margins(scores, y, kind=kind)[shuffled]
    if order == "near":
        gain = np.where(gain > 0, -gain, -np.inf)
    rows = np.sort(shuffled[np.argsort(-gain, kind="stable")[:count]])
    others = scores[rows].copy()
    others[np.arange(count), y[rows]] = -np.inf
    made = y.copy()
    made[rows] = others.argmax(axis=1)
    return Poisoned(x=frozen(x), y=made, rows=rows)
