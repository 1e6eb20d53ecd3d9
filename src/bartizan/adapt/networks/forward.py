"""Asks a torch module, and leaves it as it was."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from bartizan.core.arrays import AnyArray, Array
from bartizan.core.errors import ModelError


@contextmanager
def evaluating(module: Any) -> Iterator[None]:
    """A module in evaluation mode; afterwards each part is in the mode that it was in."""
    modes = [(part, part.training) for part in module.modules()]
    if not any(training for _, training in modes):
        yield
        return
    try:
        module.eval()  # not flag by flag: modules may do more than set it
    except NotImplementedError:  # what torch.export made has one mode only
        yield
        return
    try:
        yield
    finally:
        module.train(modes[0][1])
        for part, training in modes:
            part.training = training


@dataclass(frozen=True, kw_only=True)
class Forward:
    """A module as a question: numbers in, numbers out. Can be pickled where the module can."""

    module: Any

    @property
    def dtype(self) -> str:
        """What the module is fed: float64 where its parameters are, else float32."""
        first = self._first
        return "float64" if first is not None and str(first.dtype) == "torch.float64" else "float32"

    @property
    def _first(self) -> Any:
        """The first parameter or buffer of fractions: it says where and how the module counts."""
        for held in (self.module.parameters(), self.module.buffers()):
            for tensor in held:
                if tensor.is_floating_point():
                    return tensor
        return None

    def still(self) -> AbstractContextManager[None]:
        """Evaluation mode for a while."""
        return evaluating(self.module)

    def tensor(self, rows: AnyArray) -> Any:
        """An array where the module is, in its type. Shares memory where nothing changes."""
        import torch  # noqa: PLC0415 (an extra, loaded by whoever made the module)

        first, made = self._first, torch.from_numpy(rows)
        return made if first is None else made.to(device=first.device, dtype=first.dtype)

    def answer(self, tensor: Any) -> Any:
        """What the module says, one tensor.

        Raises:
            ModelError: it says something else.
        """
        import torch  # noqa: PLC0415 (as above)

        said = self.module(tensor)
        if isinstance(said, torch.Tensor) and not said.is_complex():
            return said
        if isinstance(said, torch.Tensor):
            message = "the module answered complex numbers; expected real scores"
            raise ModelError(message)
        inside = f" with {list(said)[:4]}" if isinstance(said, dict) else ""
        message = (
            f"the module answered a {type(said).__name__}{inside}; expected one tensor of "
            "scores: wrap it in a module that returns only that"
        )
        raise ModelError(message)

    def __call__(self, rows: AnyArray) -> Array:
        """(n, ...) -> (n,) or (n, k)."""
        import torch  # noqa: PLC0415 (as above)

        with self.still(), torch.no_grad():
            return numbers(self.answer(self.tensor(rows)))


def numbers(tensor: Any) -> Array:
    """A tensor of any device and type as an array of doubles."""
    import torch  # noqa: PLC0415 (an extra, loaded by whoever made the tensor)

    return np.asarray(tensor.detach().to(device="cpu", dtype=torch.float64).numpy())
