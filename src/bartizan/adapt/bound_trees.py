"""A bound model that is made of trees."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from bartizan.adapt.bound import Bound
from bartizan.adapt.scoring.threshold import TIE, log_odds
from bartizan.core.errors import ModelError
from bartizan.core.trees import Trees


@dataclass(kw_only=True)
class BoundTrees(Bound):
    """The `TreeEnsemble` made of a model and a table."""

    def structure(self) -> Trees:
        """The trees, in the columns and classes of the data.

        Raises:
            ModelError: the model shows no trees.
        """
        return self._trees

    @cached_property
    def _trees(self) -> Trees:
        if self.scorer.trees is None:
            message = f"model {self.name!r} shows no trees"
            raise ModelError(message)
        trees = self.scorer.trees()
        if self.picked is not None:
            inner = trees.feature >= 0
            columns = np.where(inner, self.picked[np.where(inner, trees.feature, 0)], -1)
            trees = replace(trees, feature=columns)
        if self.order is not None:
            trees = replace(trees, value=trees.value[:, self.order], base=trees.base[self.order])
        return trees if self.threshold is None else _cut(trees, self.threshold)

    def __getstate__(self) -> dict[str, object]:
        """Everything but what can be made again."""
        return {name: value for name, value in vars(self).items() if name != "_trees"}


def _cut(trees: Trees, threshold: float) -> Trees:
    """Two-class trees whose second column wins from an operating point on."""
    value, base = np.zeros_like(trees.value), np.zeros(2)
    if trees.kind == "probability":
        value[:, 1], base[1] = trees.value[:, 1], trees.base[1] - threshold
    else:
        value[:, 1] = trees.value[:, 1] - trees.value[:, 0]
        base[1] = trees.base[1] - trees.base[0] - log_odds(threshold)
    base[1] += TIE  # exactly at the operating point the second class is chosen
    return replace(trees, value=value, base=base, kind="logit")
