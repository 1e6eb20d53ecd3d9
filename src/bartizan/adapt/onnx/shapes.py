"""Operators of ONNX that shape values, make new ones and add up, as functions of torch."""

from collections.abc import Callable
from math import prod
from typing import Any

from bartizan.adapt.onnx.node import Builder, Function, Node, listed
from bartizan.core.errors import ModelError


def _axes(node: Node, *, since: int) -> Callable[[Any], list[int] | None]:
    """Axes, an attribute up to some version and an input from then on."""
    fixed = node.wholes("axes") if node.opset < since else None
    return lambda given: fixed if given is None else listed(given)


def _same(node: Node) -> Function:
    del node
    return lambda x: x


def _dropout(node: Node) -> Function:
    node.number("ratio")
    node.whole("seed")

    def run(x: Any, ratio: Any = None, training: Any = None) -> Any:
        del ratio
        if training is not None and bool(training):
            message = "it is in the mode of training"
            raise ModelError(message)
        return x

    return run


def _flatten(node: Node) -> Function:
    axis = node.whole("axis", 1)

    def run(x: Any) -> Any:
        at = axis + x.dim() if axis < 0 else axis
        return x.reshape(prod(x.shape[:at]), prod(x.shape[at:]))

    return run


def _reshape(node: Node) -> Function:
    literal = bool(node.whole("allowzero"))

    def run(x: Any, shape: Any) -> Any:
        sizes = listed(shape)
        if not literal:
            sizes = [x.shape[i] if size == 0 else size for i, size in enumerate(sizes)]
        return x.reshape(sizes)

    return run


def _squeeze(node: Node) -> Function:
    axes = _axes(node, since=13)

    def run(x: Any, given: Any = None) -> Any:
        found = axes(given)
        return x.squeeze() if found is None else x.squeeze(tuple(found))

    return run


def _unsqueeze(node: Node) -> Function:
    axes = _axes(node, since=13)

    def run(x: Any, given: Any = None) -> Any:
        found = axes(given) or []
        rank = x.dim() + len(found)
        for axis in sorted(axis % rank for axis in found):
            x = x.unsqueeze(axis)
        return x

    return run


def _transpose(node: Node) -> Function:
    order = node.wholes("perm")
    return lambda x: x.permute(order or list(reversed(range(x.dim()))))


def _shape(node: Node) -> Function:
    start, end = node.whole("start"), node.attributes.get("end")
    stop = None if end is None else node.whole("end")
    return lambda x: node.torch.tensor(list(x.shape)[start:stop], dtype=node.torch.int64)


def _expand(node: Node) -> Function:
    def run(x: Any, shape: Any) -> Any:
        sizes = node.room.require(node.torch.broadcast_shapes(x.shape, tuple(listed(shape))))
        return x.expand(sizes)

    return run


def _tile(node: Node) -> Function:
    def run(x: Any, repeats: Any) -> Any:
        times = listed(repeats)
        node.room.require(n * many for n, many in zip(x.shape, times, strict=True))
        return x.repeat(times)

    return run


def _filled(node: Node) -> Function:
    value = node.tensor("value")
    filling = node.torch.zeros(1) if value is None else value
    return lambda shape: filling.reshape(()).expand(node.room.require(listed(shape))).clone()


def _constant(node: Node) -> Function:
    torch = node.torch
    made = node.tensor("value")
    if "value_float" in node.attributes:
        made = torch.tensor(node.number("value_float"), dtype=torch.float32)
    elif "value_int" in node.attributes:
        made = torch.tensor(node.whole("value_int"), dtype=torch.int64)
    elif "value_floats" in node.attributes:
        made = torch.tensor(node.values("value_floats"), dtype=torch.float32)
    elif "value_ints" in node.attributes:
        made = torch.tensor(node.values("value_ints"), dtype=torch.int64)
    if made is None:
        message = "it holds no numbers"
        raise ModelError(message)
    return lambda: made


def _reduced(name: str, *, since: int) -> Builder:
    """An operator that makes one number of all along some axes."""

    def build(node: Node) -> Function:
        keep, idle = bool(node.whole("keepdims", 1)), node.whole("noop_with_empty_axes")
        axes = _axes(node, since=since)
        reduce = getattr(node.torch, name)

        def run(x: Any, given: Any = None) -> Any:
            found = axes(given)
            if not found and idle:
                return x
            along = tuple(found or range(x.dim()))
            return reduce(x, dim=along, keepdim=keep)

        return run

    return build


def _length(node: Node) -> Function:
    total = _reduced("sum", since=18)(node)
    return lambda x, given=None: total(x * x, given).sqrt()


SHAPES: dict[str, Builder] = {
    "Constant": _constant,
    "ConstantOfShape": _filled,
    "Dropout": _dropout,
    "Expand": _expand,
    "Flatten": _flatten,
    "Identity": _same,
    "ReduceL2": _length,
    "ReduceMax": _reduced("amax", since=18),
    "ReduceMean": _reduced("mean", since=18),
    "ReduceMin": _reduced("amin", since=18),
    "ReduceSum": _reduced("sum", since=13),
    "Reshape": _reshape,
    "Shape": _shape,
    "Squeeze": _squeeze,
    "Tile": _tile,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
"""Of the domain `ai.onnx`, by name."""
