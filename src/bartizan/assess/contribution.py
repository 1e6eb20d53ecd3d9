"""Exact contributions of features to a model's scores, where the model allows it."""

from collections.abc import Mapping, Sequence

import numpy as np

from bartizan.attack.equations import TRIED, solve
from bartizan.attack.terms import Terms
from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import Classifier, TreeEnsemble
from bartizan.core.dataset import Dataset
from bartizan.core.space import space_of
from bartizan.core.trees import Trees
from bartizan.explain.linear import decided, linear_contributions
from bartizan.explain.trees import paired, tree_contributions

_ROWS, _BACKGROUND = 200, 100
"""Rows explained, and rows they are compared with: means are then stable to about 5 %."""
_WORK = 300_000_000
"""Row, background row and feature of a long path, together: about four seconds (13 ns each)."""
_FEWEST = 20
"""Rows below which contributions say too little to be shown."""


def contributions(
    model: Classifier, data: Dataset, groups: Mapping[str, Ints], *, rng: np.random.Generator
) -> tuple[dict[str, float], str]:
    """Mean absolute contribution of each feature to the lead of the decided class.

    Args:
        model: Trees are read; others are tried for being linear, with one question a term.
        data: Rows to explain and to compare with.
        groups: Columns of each feature.
        rng: Which rows.

    Returns:
        For each feature, in the unit of the scores (log odds for probabilities of linear
        models), and a sentence on how; empty where there is no exact way.
    """
    order = rng.permutation(len(data.x))
    if isinstance(model, TreeEnsemble):
        return _of_trees(model.structure(), data.x[order], groups)
    if model.score_kind == "label":
        return {}, "Contributions are not shown: the model tells labels only."
    return _of_sums(model, data, groups, rows=data.x[order])


def _of_trees(
    trees: Trees, rows: Array, groups: Mapping[str, Ints]
) -> tuple[dict[str, float], str]:
    shrink = min(1.0, float(np.sqrt(_WORK / max(paired(trees) * _ROWS * _BACKGROUND, 1))))
    n, m = int(_ROWS * shrink), int(_BACKGROUND * shrink)
    if n < _FEWEST:
        return {}, "Contributions are not shown: the trees are too deep to compute them exactly."
    x, background = rows[:n], rows[-m:]
    found = decided(tree_contributions(trees, x, background=background), trees.scores(x))
    means = {name: float(np.abs(found[:, c].sum(axis=1)).mean()) for name, c in groups.items()}
    unit = "log odds" if trees.kind == "logit" else "probability"
    return means, (
        f"Contributions are exact Shapley values of the trees (in {unit}, {len(x)} rows against "
        f"{len(background)}); a group's is the sum of its columns'."
    )


def _of_sums(
    model: Classifier, data: Dataset, groups: Mapping[str, Ints], *, rows: Array
) -> tuple[dict[str, float], str]:
    terms = Terms.of(space_of(data.schema, data.x), data.x)
    copy = solve(model.scores, terms, kind=model.score_kind, rows=rows[:TRIED])
    if not copy.proven:
        return {}, "Contributions are not shown: the model is neither linear nor made of trees."
    x = rows[:_ROWS]
    names: Sequence[str] = tuple(groups)
    parts = linear_contributions(
        terms.matrix(x),
        terms.matrix(rows),
        weights=copy.weights,
        owners=terms.owners,
        names=names,
    )
    found = np.abs(decided(parts, copy.scores(x))).mean(axis=0)
    return dict(zip(names, found.tolist(), strict=True)), (
        f"Contributions are exact: the model is linear, as {copy.asked} answers show."
    )
