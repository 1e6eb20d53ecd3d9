"""How windows of convolutions and pools move over an input, in the words of ONNX.

ONNX pads each side by its own amount, or by as much as keeps the size; torch knows neither. So
all padding is put around the input, and torch is asked for windows without any.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from bartizan.adapt.onnx.node import Node
from bartizan.core.errors import ModelError


@dataclass(frozen=True, kw_only=True)
class Window:
    """Attributes that convolutions and pools share."""

    node: Node
    auto: str
    pads: list[int] | None
    """First the sides where axes begin, then those where they end."""
    strides: list[int] | None
    dilations: list[int] | None
    covers: bool
    """Whether windows go on until the last number is in one of them (`ceil_mode`)."""

    @classmethod
    def of(cls, node: Node) -> Self:
        """As a node says it."""
        node.only("auto_pad", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER")
        return cls(
            node=node,
            auto=node.word("auto_pad", "NOTSET"),
            pads=node.wholes("pads"),
            strides=node.wholes("strides"),
            dilations=node.wholes("dilations"),
            covers=node.operator != "Conv" and bool(node.whole("ceil_mode")),
        )

    def steps(self, size: list[int]) -> list[int]:
        """How far apart windows stand."""
        return _fitting(self.strides or [1] * len(size), size=size, least=1)

    def spread(self, size: list[int]) -> list[int]:
        """How far apart the numbers of a window stand."""
        return _fitting(self.dilations or [1] * len(size), size=size, least=1)

    def padded(self, x: Any, *, size: list[int], value: float) -> Any:
        """With everything around that windows may touch."""
        sides = [(before, after + more) for before, after, more in self._sides(x, size)]
        return self._put(x, sides, value=value)

    def inside(self, x: Any, *, size: list[int], inclusive: bool) -> Any:
        """Ones where a mean counts a number, zeros around; declared padding is counted or not."""
        sides = self._sides(x, size)
        ones = self.node.torch.ones_like(x)
        near = self._put(ones, [side[:2] for side in sides], value=float(inclusive))
        return self._put(near, [(0, more) for _, _, more in sides], value=0.0)

    def _put(self, x: Any, sides: Sequence[tuple[int, ...]], *, value: float) -> Any:
        flat = [amount for side in reversed(sides) for amount in side]
        if not any(flat):
            return x
        sizes = [n + sum(side) for n, side in zip(x.shape[2:], sides, strict=True)]
        self.node.room.require((*x.shape[:2], *sizes))
        return self.node.torch.nn.functional.pad(x, flat, value=value)

    def _sides(self, x: Any, size: list[int]) -> list[tuple[int, ...]]:
        """What to put before and after each axis, and after that for the last window."""
        if x.dim() != len(size) + 2:
            message = f"windows of {size} do not fit values of shape {tuple(x.shape)}"
            raise ModelError(message)
        none = [0] * (2 * len(size))
        declared = self.pads if self.auto == "NOTSET" and self.pads else none
        pads = _fitting(declared, size=none, least=0)
        found: list[tuple[int, ...]] = []
        for axis, (width, step, apart) in enumerate(
            zip(size, self.steps(size), self.spread(size), strict=True)
        ):
            reach, length = (width - 1) * apart + 1, x.shape[2 + axis]
            before, after = pads[axis], pads[len(size) + axis]
            if self.auto.startswith("SAME"):
                missing = max(0, (-(-length // step) - 1) * step + reach - length)
                small, large = missing // 2, missing - missing // 2
                before, after = (small, large) if self.auto == "SAME_UPPER" else (large, small)
            more = _last(length, before=before, after=after, reach=reach, step=step)
            found.append((before, after, more if self.covers else 0))
        return found


def _fitting(given: list[int], *, size: list[int], least: int) -> list[int]:
    if len(given) != len(size) or min(given) < least:
        message = f"{given} does not fit windows over {len(size)} axes or sides"
        raise ModelError(message)
    return given


def _last(length: int, *, before: int, after: int, reach: int, step: int) -> int:
    """What the last window needs beyond the padding; one that starts in it is left out."""
    span = before + length + after
    windows = -(-(span - reach) // step) + 1
    if (windows - 1) * step >= length + before:
        windows -= 1
    return max(0, (windows - 1) * step + reach - span)
