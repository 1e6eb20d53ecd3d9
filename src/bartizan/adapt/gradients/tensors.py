"""Gradients through torch: of modules, and of graphs that were made functions of torch."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import numpy as np

from bartizan.adapt.networks.forward import numbers
from bartizan.adapt.scoring.feeding import Reversible
from bartizan.adapt.scoring.rows import quietly
from bartizan.adapt.scoring.scorer import as_columns
from bartizan.core.arrays import AnyArray, Array
from bartizan.core.classifier import Loss, ScoreKind
from bartizan.core.errors import ModelError

SMALLEST = 1e-300
"""Stands for a probability of 0, as where margins are taken of them."""
_KEPT_BYTES = 31 << 20
"""Just under 32 MiB, the largest block that glibc still learns from (`mallopt(3)`,
M_MMAP_THRESHOLD): it then keeps up to twice as much of what was freed."""


class Passage(Protocol):
    """What torch can be asked and followed back through."""

    def still(self) -> AbstractContextManager[None]:
        """While this is open it answers as it does in use, and not as in training."""
        ...

    def tensor(self, rows: AnyArray) -> Any:
        """(n, ...) -> a tensor."""
        ...

    def answer(self, tensor: Any) -> Any:
        """A tensor -> scores, (n,) or (n, k)."""
        ...


@dataclass(frozen=True, kw_only=True)
class TensorSlope:
    """One pass forward and one back, to the input only: parameters keep no gradient."""

    feed: Reversible
    forward: Passage
    kind: ScoreKind
    judge: Callable[[Array, Array], Array] | None = None
    """Rows (n, d) and what torch answers (n, k) -> the scores that the loss is given, (n, k),
    where torch only follows what something else computes; none = what torch answers."""

    def __call__(self, x: Array, loss: Loss) -> tuple[Array, Array]:
        """A loss and its gradient by rows.

        Args:
            x: Shape (n, d).
            loss: Of logits, or of logarithms of probabilities; runs in numpy, outside the graph.

        Returns:
            Values, shape (n,), and gradient, shape (n, d): zeros where the module cuts the way
            back, and not finite where that is what it computes.

        Raises:
            ModelError: the module crashed, forward or back.
        """
        import torch  # noqa: PLC0415 (an extra, loaded by whoever made the module)

        _keep_memory()
        # both, whatever mode the caller is in
        open_graph = torch.inference_mode(mode=False), torch.enable_grad()
        with self.forward.still(), open_graph[0], open_graph[1]:
            leaf, answer = quietly(self._ahead, x)
            value, moved = self._read(x, numbers(answer), loss=loss)
            if not answer.requires_grad:  # detached on the way
                return value, np.zeros(x.shape)
            limits = torch.finfo(answer.dtype)
            moved = np.clip(moved, limits.min, limits.max).reshape(answer.shape)
            sent = torch.from_numpy(moved).to(device=answer.device, dtype=answer.dtype)
            slope = _backwards(answer, leaf, sent=sent)
        return value, np.zeros(x.shape) if slope is None else self.feed.back(numbers(slope))

    def _ahead(self, x: Array) -> tuple[Any, Any]:
        """The input and the answer, joined by a graph."""
        leaf = self.forward.tensor(self.feed(x)).requires_grad_()
        return leaf, self.forward.answer(leaf.clone())  # modules may change what they are given

    def _read(self, x: Array, answer: Array, *, loss: Loss) -> tuple[Array, Array]:
        """Values of the loss, and its derivative by the answer, (n, k) or (n, 1)."""
        single = answer.ndim == 1 or answer.shape[1] == 1
        places = tuple(range(2 if single else answer.shape[1]))
        columns = as_columns(answer, kind=self.kind, labels=places)
        if self.judge is not None:
            columns = self.judge(x, columns)
        if self.kind == "logit":
            value, moved = loss(columns)
            return value, moved[:, 1:] if single else moved
        value, moved = loss(np.log(np.maximum(columns, SMALLEST)))
        # below single precision nothing is passed on by the model itself
        moved = moved / np.maximum(columns, np.finfo(np.float32).tiny)
        return value, moved[:, 1:] - moved[:, :1] if single else moved


@cache
def _keep_memory() -> None:
    """Let the allocator keep the memory of one pass for the next, once in each process.

    A pass frees all of its activations at its end. glibc hands them back to the system, and
    faults them in again for the next pass, whenever nothing lies above them and they exceed twice
    the largest block freed so far: a tenth to a third of the time of a pass, by chance. Freeing
    one block raises that limit for good; it is never touched, so it costs microseconds and no
    memory. Other allocators take no notice.
    """
    np.empty(_KEPT_BYTES, dtype=np.uint8)


def _backwards(answer: Any, leaf: Any, *, sent: Any) -> Any:
    """The derivative by the input; none if the answer does not depend on it."""
    import torch  # noqa: PLC0415 (as above)

    try:
        return torch.autograd.grad(answer, leaf, grad_outputs=sent, allow_unused=True)[0]
    except Exception as error:
        message = (
            f"the module's way back raised {type(error).__name__}: {str(error)[:200]}; attacks "
            "that need no gradient still work"
        )
        raise ModelError(message) from error
