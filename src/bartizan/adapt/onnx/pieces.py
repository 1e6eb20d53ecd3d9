"""Operators of ONNX that join, cut, pick and pad, as functions of torch."""

from collections.abc import Sequence
from typing import Any

from bartizan.adapt.onnx.node import Builder, Function, Node, listed
from bartizan.core.errors import ModelError


def _concat(node: Node) -> Function:
    axis = node.whole("axis", 1)

    def run(*parts: Any) -> Any:
        node.room.require([sum(part.numel() for part in parts)])
        return node.torch.cat(parts, dim=axis)

    return run


def _split(node: Node) -> Function:
    axis, count = node.whole("axis"), node.whole("num_outputs")
    fixed = node.wholes("split")

    def run(x: Any, given: Any = None) -> Any:
        sizes = fixed if given is None else listed(given)
        if sizes is None:
            share = -(-x.shape[axis] // max(1, count or node.made))
            return x.split(share, dim=axis)
        return x.split(sizes, dim=axis)

    return run


def _pad(node: Node) -> Function:
    node.only("mode", "constant", "reflect", "edge", "wrap")
    modes = {"edge": "replicate", "wrap": "circular"}
    mode, constant = node.word("mode", "constant"), node.number("value")
    fixed = node.wholes("pads")

    def run(x: Any, pads: Any = None, value: Any = None, axes: Any = None) -> Any:
        amounts = (fixed or []) if pads is None else listed(pads)
        chosen = list(range(x.dim())) if axes is None else [a % x.dim() for a in listed(axes)]
        sides = [(0, 0)] * x.dim()
        for place, axis in enumerate(chosen):
            sides[axis] = amounts[place], amounts[place + len(chosen)]
        node.room.require(n + sum(side) for n, side in zip(x.shape, sides, strict=True))
        function = node.torch.nn.functional.pad
        if mode == "constant":
            filling = constant if value is None else value.item()
            return function(x, [n for side in reversed(sides) for n in side], value=filling)
        return _beyond(function, x, sides, mode=modes.get(mode, mode))

    return run


def _beyond(function: Function, x: Any, sides: Sequence[tuple[int, int]], *, mode: str) -> Any:
    """Padded with what lies inside, which torch does for the last axes only."""
    lead = next((axis for axis, side in enumerate(sides) if any(side)), x.dim() - 1)
    if x.dim() - lead > 3:
        message = f"mode {mode!r} over {x.dim() - lead} axes is not known"
        raise ModelError(message)
    flat = x.reshape(1, -1, *x.shape[lead:]) if lead else x.reshape(1, 1, *x.shape)
    made = function(flat, [n for side in reversed(sides[lead:]) for n in side], mode=mode)
    return made.reshape(*x.shape[:lead], *made.shape[2:])


def _gather(node: Node) -> Function:
    axis = node.whole("axis")

    def run(x: Any, places: Any) -> Any:
        size = x.shape[axis]
        at = node.torch.where(places < 0, places + size, places).to(node.torch.int64)
        node.room.require([x.numel() // max(1, size) * max(1, at.numel())])
        found = x.index_select(axis, at.reshape(-1))
        before = axis % x.dim()
        return found.reshape([*x.shape[:before], *at.shape, *x.shape[before + 1 :]])

    return run


def _slice(node: Node) -> Function:
    fixed = node.wholes("starts"), node.wholes("ends"), node.wholes("axes")

    def run(x: Any, *given: Any) -> Any:
        lists = [None if part is None else listed(part) for part in given] if given else [*fixed]
        starts, ends, axes, steps = (*lists, None, None, None, None)[:4]
        starts, ends = starts or [], ends or []
        axes = list(range(len(starts))) if axes is None else axes
        for axis, start, end, step in zip(
            axes, starts, ends, steps or [1] * len(starts), strict=True
        ):
            places = range(x.shape[axis])[start:end:step]  # as Python cuts
            if step == 1:
                x = x.narrow(axis, places.start, len(places))
            else:
                x = x.index_select(axis, node.torch.tensor(list(places), dtype=node.torch.int64))
        return x

    return run


PIECES: dict[str, Builder] = {
    "Concat": _concat,
    "Gather": _gather,
    "Pad": _pad,
    "Slice": _slice,
    "Split": _split,
}
"""Of the domain `ai.onnx`, by name."""
