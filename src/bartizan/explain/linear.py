"""What each feature adds to the scores of a linear model: exact."""

from collections.abc import Sequence

import numpy as np

from bartizan.core.arrays import Array


def linear_contributions(
    terms: Array, background: Array, *, weights: Array, owners: Sequence[str], names: Sequence[str]
) -> Array:
    """Contributions of features to the scores of a linear model.

    A feature adds its weights times what its terms are above their mean. Contributions of a row
    sum to its scores minus the mean scores of the background. For a linear model these are the
    Shapley values, whatever order features are revealed in.

    Args:
        terms: Rows as terms, shape (n, t).
        background: Rows that contributions are measured against, as terms, shape (m, t), m >= 1.
        weights: Shape (t, k).
        owners: Name of the feature that each term belongs to, t of them.
        names: The features to report, in order.

    Returns:
        Shape (n, features, k).

    Source:
        Strumbelj and Kononenko (2014), "Explaining prediction models and individual predictions
        with feature contributions", section 3.
    """
    added = (terms - background.mean(axis=0))[:, :, None] * weights
    found = np.zeros((len(terms), len(names), weights.shape[1]))
    places = {name: place for place, name in enumerate(names)}
    for term, owner in enumerate(owners):
        found[:, places[owner]] += added[:, term]
    return found


def decided(contributions: Array, scores: Array) -> Array:
    """Contributions to the lead of the class that is decided, over the mean of the others.

    Args:
        contributions: Shape (n, features, k).
        scores: Shape (n, k), k >= 2.

    Returns:
        Shape (n, features); above 0 = speaks for the decision.
    """
    n, k = scores.shape
    sign = np.full((n, k), -1 / (k - 1))
    sign[np.arange(n), scores.argmax(axis=1)] = 1.0
    return np.einsum("nfk,nk->nf", contributions, sign)
