"""A bound model that shows its gradient."""

from dataclasses import dataclass

import numpy as np

from bartizan.adapt.bound import Bound
from bartizan.adapt.scoring.threshold import at_threshold
from bartizan.core.arrays import Array
from bartizan.core.classifier import Loss
from bartizan.core.errors import ModelError


@dataclass(kw_only=True)
class BoundGradient(Bound):
    """The `Differentiable` made of a model and a table."""

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        """A loss and its gradient, in the columns and classes of the data.

        Args:
            x: Shape (n, d), as in the data set.
            loss: Of the scores of these rows.

        Returns:
            Values, shape (n,), and gradients, shape (n, d).

        Raises:
            ModelError: the model shows no gradient.
        """
        if self.scorer.slope is None:
            message = f"model {self.name!r} shows no gradient"
            raise ModelError(message)
        inner = x if self.picked is None else x[:, self.picked]
        value, slope = self.scorer.slope(inner, lambda scores: self._read(scores, loss))
        if self.picked is None:
            return value, slope
        grad = np.zeros_like(x)
        grad[:, self.picked] = slope
        return value, grad

    def _read(self, scores: Array, loss: Loss) -> tuple[Array, Array]:
        """The loss of the model's own scores: classes in its order, no threshold."""
        ordered = scores if self.order is None else scores[:, self.order]
        if self.threshold is None:
            value, slope = loss(ordered)
        else:  # the margin is the second score minus the first, less a constant
            value, moved = loss(at_threshold(ordered, kind="logit", threshold=self.threshold))
            slope = moved[:, 1:] * np.array([-1.0, 1.0])
        if self.order is None:
            return value, slope
        back = np.zeros_like(scores)
        back[:, self.order] = slope
        return value, back
