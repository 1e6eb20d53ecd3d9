"""A bound model that shows its hidden layers and its weights."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bartizan.adapt.bound_gradient import BoundGradient
from bartizan.core.arrays import Array
from bartizan.core.errors import ModelError


@runtime_checkable
class Inside(Protocol):
    """A gradient that was made from layers it can show."""

    def hidden(self, x: Array) -> tuple[Array, ...]:
        """(n, d) -> what each hidden layer holds, (n, w)."""
        ...

    def weights(self) -> tuple[Array, ...]:
        """(outputs, inputs) of each layer."""
        ...


@dataclass(kw_only=True)
class BoundLayers(BoundGradient):
    """The `Embedding` and `Weighted` made of a model and a table."""

    def features(self, x: Array) -> tuple[Array, ...]:
        """What hidden layers hold; see `bartizan.core.classifier.Embedding`.

        Raises:
            ModelError: the model crashed, or shows no layer.
        """
        return self._inside.hidden(x if self.picked is None else x[:, self.picked])

    def layers(self) -> tuple[Array, ...]:
        """Weights; see `bartizan.core.classifier.Weighted`.

        Raises:
            ModelError: the model shows none.
        """
        return self._inside.weights()

    @property
    def _inside(self) -> Inside:
        if not isinstance(self.scorer.slope, Inside):
            message = f"model {self.name!r} shows no layers"
            raise ModelError(message)
        return self.scorer.slope
