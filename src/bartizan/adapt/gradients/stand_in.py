"""The gradient of our own networks, for whoever needs a twin that shows one."""

from dataclasses import dataclass

import numpy as np

from bartizan.adapt.gradients.sklearn import Chain
from bartizan.adapt.training.stand_in import Layered, Network
from bartizan.adapt.training.standard_form import StandardForm
from bartizan.core.arrays import AnyArray, Array
from bartizan.core.classifier import Loss
from bartizan.core.dataset import Dataset

_ABSENT = -690.0
"""Logarithm of the probability of a class without a row: of 1e-300, as elsewhere."""


@dataclass(frozen=True, kw_only=True)
class Formed:
    """Rows in the standard form, and derivatives on their way back to the numbers."""

    form: StandardForm
    width: int
    """Columns of the data set."""

    def __call__(self, x: Array) -> AnyArray:
        """(n, d) -> (n, p)."""
        return self.form.form(x)

    def back(self, slope: AnyArray) -> Array:
        """(n, p) -> (n, d); categories and gaps have no derivative."""
        made = np.zeros((len(slope), self.width))
        numbers = self.form.numbers
        made[:, numbers] = slope[:, : len(numbers)] / self.form.spread
        return made


@dataclass(frozen=True, kw_only=True)
class SlopedLayered(Layered):
    """A trained network of ours with gradient and weights."""

    chain: Chain

    def value_and_grad(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        """See `bartizan.core.classifier.Differentiable`."""
        present = self.model.classes_

        def widened(known: Array) -> tuple[Array, Array]:
            scores = np.full((len(known), len(self.classes)), _ABSENT)
            scores[:, present] = known
            value, moved = loss(scores)
            return value, moved[:, present]

        return self.chain(x, widened)

    def layers(self) -> tuple[Array, ...]:
        """See `bartizan.core.classifier.Weighted`."""
        return self.chain.weights()


@dataclass(frozen=True, kw_only=True)
class SlopedNetwork(Network):
    """The recipe of our network, whose models show their gradient."""

    def fit(self, data: Dataset, rng: np.random.Generator) -> SlopedLayered:
        """Train; see `bartizan.core.classifier.Recipe`.

        Raises:
            ModelError: the rows are of one class.
        """
        made = super().fit(data, rng)
        pairs = zip(made.model.coefs_, made.model.intercepts_, strict=True)
        layers = tuple((w.astype(np.float64), b.astype(np.float64)) for w, b in pairs)
        width = len(layers[0][0])
        chain = Chain(
            feed=Formed(form=made.form, width=data.x.shape[1]),
            scale=np.ones(width),
            shift=np.zeros(width),
            layers=layers,
            activation=made.model.activation,
            kind="probability",
        )
        return SlopedLayered(model=made.model, classes=made.classes, form=made.form, chain=chain)
