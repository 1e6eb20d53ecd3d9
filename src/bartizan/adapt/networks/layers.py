"""What the hidden layers of a torch module hold, and the weights between them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bartizan.adapt.gradients.tensors import TensorSlope
from bartizan.adapt.networks.forward import Forward, numbers
from bartizan.adapt.scoring.rows import quietly
from bartizan.core.arrays import Array
from bartizan.core.errors import ModelError

_MATRIX = 2
"""Axes that a parameter has at least where it joins inputs to outputs; biases have one."""


@dataclass(frozen=True, kw_only=True)
class ModuleSlope(TensorSlope):
    """The gradient of a module, and what lies inside it."""

    forward: Forward

    def hidden(self, x: Array) -> tuple[Array, ...]:
        """What each layer holds, in the order in which they answer, but for the last.

        A layer is a part without parts of its own that is an activation; where there is none,
        one with weights. Each place of an image is averaged over, so that a layer of channels is
        one number a channel.

        Args:
            x: Shape (n, d).

        Returns:
            One array (n, w) each.

        Raises:
            ModelError: the module crashed, or shows no layer.
        """
        import torch  # noqa: PLC0415 (an extra, loaded by whoever made the module)

        seen: list[Array] = []

        def look(_part: Any, _given: Any, answer: Any) -> None:
            if isinstance(answer, torch.Tensor) and answer.ndim >= _MATRIX:
                seen.append(numbers(_flat(answer)))

        hooks = [part.register_forward_hook(look) for part in _layers(self.forward.module)]
        try:
            answer = quietly(lambda rows: self.forward(self.feed(rows)), x)
        finally:
            for hook in hooks:
                hook.remove()
        if seen and seen[-1].shape == answer.shape and np.allclose(seen[-1], answer):
            seen.pop()
        if not seen:
            message = "the module shows no hidden layer"
            raise ModelError(message)
        return tuple(seen)

    def weights(self) -> tuple[Array, ...]:
        """One array (outputs, inputs) for each parameter that joins inputs to outputs."""
        found = (held for held in self.forward.module.parameters() if held.ndim >= _MATRIX)
        return tuple(numbers(held).reshape(len(held), -1) for held in found)


def _flat(answer: Any) -> Any:
    """(n, w) as it is, (n, c, ...) averaged over all that follows the channels."""
    return answer if answer.ndim == _MATRIX else answer.flatten(_MATRIX).mean(dim=_MATRIX)


def _layers(module: Any) -> list[Any]:
    leaves = [part for part in module.modules() if not list(part.children())]
    active = [part for part in leaves if type(part).__module__.endswith("modules.activation")]
    return active or [part for part in leaves if list(part.parameters(recurse=False))]
