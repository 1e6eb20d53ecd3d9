"""Hidden units of scikit-learn's networks: what they hold, training further, taking some out."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

import numpy as np

from bartizan.adapt.training.foreign import trained
from bartizan.core.arrays import AnyArray, Array, Ints
from bartizan.core.errors import ModelError


def hidden_layers(network: Any, rows: AnyArray) -> tuple[Array, ...]:
    """What the hidden layers hold.

    Args:
        network: A fitted `MLPClassifier`.
        rows: Shape (n, p), as it was fitted on them.

    Returns:
        One array (n, w) a hidden layer, first to last.
    """
    shape = _ACTIVATIONS[network.activation]
    held, layers = rows, []
    for weights, offset in list(zip(network.coefs_, network.intercepts_, strict=True))[:-1]:
        held = shape(held @ weights + offset)
        layers.append(held.astype(np.float64))
    return tuple(layers)


def trained_on(
    network: Any, rows: AnyArray, labels: AnyArray, *, rng: np.random.Generator, rounds: int
) -> Any:
    """A copy, trained further with its own settings.

    Args:
        network: A fitted `MLPClassifier`.
        rows: Shape (n, p), as it was fitted on them.
        labels: As it spells them, shape (n,).
        rng: Order of the rows.
        rounds: Times that every row is seen.

    Raises:
        ModelError: it learns by lbfgs, which knows no further rows, or training crashed.
    """
    if network.solver == "lbfgs":
        message = (
            "a network that was trained by lbfgs cannot be trained further; train it with adam or "
            "sgd, or clean the data and train it anew"
        )
        raise ModelError(message)
    made = deepcopy(network)
    made._random_state = np.random.RandomState(int(rng.integers(2**31)))  # noqa: SLF001 - scikit-learn's own place and kind of it

    def train() -> None:
        for _ in range(rounds):
            made.partial_fit(rows, labels)

    trained(train, what="training a network further")
    return made


def thinned(network: Any, units: Sequence[Ints]) -> Any:
    """A copy without some hidden units: their weights are gone, not zero.

    Args:
        network: A fitted `MLPClassifier`.
        units: For each hidden layer, positions of its units.

    Raises:
        ModelError: a layer would be empty.
    """
    made = deepcopy(network)
    sizes = []
    for layer, gone in enumerate(units):
        made.coefs_[layer] = np.delete(made.coefs_[layer], gone, axis=1)
        made.intercepts_[layer] = np.delete(made.intercepts_[layer], gone)
        made.coefs_[layer + 1] = np.delete(made.coefs_[layer + 1], gone, axis=0)
        sizes.append(len(made.intercepts_[layer]))
    if not all(sizes):
        message = "a hidden layer without units says nothing; leave at least one in each"
        raise ModelError(message)
    made.hidden_layer_sizes = tuple(sizes)
    if hasattr(made, "_optimizer"):
        del made._optimizer  # noqa: SLF001 - it remembers a step for each weight that was there
    return made


def _relu(values: AnyArray) -> AnyArray:
    return np.maximum(values, 0)


def _logistic(values: AnyArray) -> AnyArray:
    from scipy.special import expit  # noqa: PLC0415 (slow to import)

    made: AnyArray = expit(values)
    return made


_ACTIVATIONS: dict[str, Callable[[AnyArray], AnyArray]] = {
    "relu": _relu,
    "tanh": np.tanh,
    "logistic": _logistic,
    "identity": np.asarray,
}
"""By their names in scikit-learn."""
