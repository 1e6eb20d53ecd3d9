"""Reads the trees of a LightGBM model.

LightGBM compares in double precision, and `<=` passes. Listed categories go left, every other
one right, missing ones too. Source: the library's `tree.h` (`NumericalDecision`,
`CategoricalDecision`) and `c_api.cpp`, version 4.7, asked as well as read.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bartizan.adapt.trees.codes import recoded
from bartizan.adapt.trees.join import Choice, Tree, joined
from bartizan.core.arrays import Array, Mask
from bartizan.core.errors import ModelError
from bartizan.core.trees import Trees
from bartizan.formats.lightgbm import TextModel, TextTree, categories_of, parse_lightgbm

_ZERO = float(np.float32(1e-35))
"""Values up to this size are handed to the trees as 0."""
_CATEGORICAL, _DEFAULT_LEFT, _MISSING_ZERO, _MISSING_NAN = 1, 2, 4, 8
"""Bits of a decision."""


@dataclass(frozen=True, kw_only=True)
class TextTrees:
    """Reads them when asked; can be pickled, the trees themselves are not kept."""

    booster: Any
    factor: float
    """What raw scores are multiplied by."""
    seen: dict[int, Array]
    """As `recoded` takes it."""

    def __call__(self) -> Trees:
        """The trees over the table's codes.

        Raises:
            ModelError: the tree IR has no words for what they do.
        """
        model = parse_lightgbm(self.booster.model_to_string().encode())
        return recoded(read_text(model, factor=self.factor), self.seen)


def read_text(model: TextModel, *, factor: float) -> Trees:
    """The trees over the values that the model sees.

    Args:
        model: As parsed.
        factor: What raw scores are multiplied by.

    Raises:
        ModelError: leaves hold linear models, or zero counts as missing.
    """
    k = max(2, model.outputs)
    parts = [
        _tree(tree, column=number % model.outputs + (model.outputs == 1), k=k, factor=factor)
        for number, tree in enumerate(model.trees)
    ]
    return joined(parts, base=np.zeros(k), kind="logit")


def _tree(tree: TextTree, *, column: int, k: int, factor: float) -> Tree:
    """Tests first, then leaves."""
    if tree.linear:
        message = "the leaves hold linear models (linear_tree)"
        raise ModelError(message)
    tests, kinds = len(tree.feature), np.array(tree.decision, dtype=np.int64)
    numeric = (kinds & _CATEGORICAL) == 0
    if (numeric & (kinds & _MISSING_ZERO > 0)).any():
        message = "the model takes 0 for a missing value (zero_as_missing)"
        raise ModelError(message)
    threshold = _around_zero(np.array(tree.threshold, dtype=np.float64))
    value = np.zeros((tests + len(tree.value), k))
    value[tests:, column] = factor * np.array(tree.value)
    leaves = np.full(len(tree.value), -1)
    return Tree(
        feature=np.concatenate((np.array(tree.feature, dtype=np.int64), leaves)),
        threshold=np.concatenate((threshold, np.zeros(len(leaves)))),
        left=_children(tree.left, tests=tests, leaves=len(leaves)),
        right=_children(tree.right, tests=tests, leaves=len(leaves)),
        missing_left=_missing_left(kinds, threshold=threshold, leaves=len(leaves)),
        value=value,
        choices=[
            Choice(node=int(node), codes=np.array(categories_of(tree, int(node)), dtype=np.int64))
            for node in np.flatnonzero(~numeric)
        ],
    )


def _children(side: list[int], *, tests: int, leaves: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Leaves, -1 and below in the file, follow the tests."""
    children = np.array(side, dtype=np.int64)
    children = np.where(children < 0, tests - children - 1, children)
    return np.concatenate((children, np.full(leaves, -1)))


def _around_zero(threshold: Array) -> Array:
    """Thresholds that treat every value that is handed on as 0 alike."""
    above = (threshold >= 0.0) & (threshold <= _ZERO)
    under = (threshold < 0.0) & (threshold >= -_ZERO)
    found = np.where(above, _ZERO, threshold)
    return np.where(under, np.nextafter(-_ZERO, -np.inf), found)


def _missing_left(
    kinds: np.ndarray[Any, np.dtype[np.int64]], *, threshold: Array, leaves: int
) -> Mask:
    """Where missing values go: to a side of their own, or where 0 goes."""
    by_default = kinds & _DEFAULT_LEFT > 0
    left = np.where(kinds & _MISSING_NAN > 0, by_default, threshold >= 0.0)
    left &= kinds & _CATEGORICAL == 0
    return np.concatenate((left, np.zeros(leaves, dtype=bool)))
