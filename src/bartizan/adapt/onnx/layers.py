"""Operators of ONNX with weights or windows, as functions of torch."""

from typing import Any

from bartizan.adapt.onnx.node import Builder, Function, Node
from bartizan.adapt.onnx.window import Window
from bartizan.core.errors import ModelError


def _gemm(node: Node) -> Function:
    alpha, beta = node.number("alpha", 1.0), node.number("beta", 1.0)
    turned = bool(node.whole("transA")), bool(node.whole("transB"))

    def run(a: Any, b: Any, c: Any = None) -> Any:
        a, b = (m.t() if turn else m for m, turn in zip((a, b), turned, strict=True))
        node.room.require((len(a), b.shape[1]))
        product = a @ b if alpha == 1.0 else alpha * (a @ b)
        return product if c is None else product + (c if beta == 1.0 else beta * c)

    return run


def _product(node: Node) -> Function:
    torch = node.torch

    def run(a: Any, b: Any) -> Any:
        if min(a.dim(), b.dim()) > 1:
            batch = torch.broadcast_shapes(a.shape[:-2], b.shape[:-2])
            node.room.require((*batch, a.shape[-2], b.shape[-1]))
        return torch.matmul(a, b)

    return run


def _convolution(node: Node) -> Function:
    window = Window.of(node)
    groups, declared = node.whole("group", 1), node.wholes("kernel_shape")

    def run(x: Any, weight: Any, bias: Any = None) -> Any:
        size = list(weight.shape[2:])
        if declared not in (None, size):
            message = f"it declares windows of {declared} and has weights for {size}"
            raise ModelError(message)
        made = window.padded(x, size=size, value=0.0)
        steps, spread = window.steps(size), window.spread(size)
        convolve = getattr(node.torch.nn.functional, f"conv{len(size)}d")
        return convolve(made, weight, bias, steps, 0, spread, groups)

    return run


def _size(node: Node) -> list[int]:
    """Of the windows of a pool."""
    size = node.wholes("kernel_shape") or []
    if not size or min(size) < 1:
        message = f"kernel_shape={size} are no windows"
        raise ModelError(message)
    return size


def _pool_max(node: Node) -> Function:
    size, window = _size(node), Window.of(node)
    node.only("storage_order", 0)

    def run(x: Any) -> Any:
        made = window.padded(x, size=size, value=float("-inf"))
        pool = getattr(node.torch.nn.functional, f"max_pool{len(size)}d")
        return pool(made, size, window.steps(size), 0, window.spread(size))

    return run


def _pool_mean(node: Node) -> Function:
    size, window = _size(node), Window.of(node)
    inclusive = bool(node.whole("count_include_pad"))
    if set(window.spread(size)) != {1}:
        message = f"dilations={window.dilations} is not known"
        raise ModelError(message)

    def run(x: Any) -> Any:
        pool = getattr(node.torch.nn.functional, f"avg_pool{len(size)}d")
        means = pool(window.padded(x, size=size, value=0.0), size, window.steps(size))
        inside = window.inside(x[:1, :1], size=size, inclusive=inclusive)
        return means / pool(inside, size, window.steps(size))

    return run


def _pool_all(name: str) -> Builder:
    """One number for each channel."""

    def build(node: Node) -> Function:
        function = getattr(node.torch, name)
        return lambda x: function(x, dim=tuple(range(2, x.dim())), keepdim=True)

    return build


def _batch_normalization(node: Node) -> Function:
    epsilon = node.number("epsilon", 1e-5)
    node.only("training_mode", 0)
    node.only("spatial", 1)
    node.number("momentum")  # of training

    def run(x: Any, scale: Any, bias: Any, mean: Any, variance: Any) -> Any:
        function = node.torch.nn.functional.batch_norm
        return function(x, mean, variance, scale, bias, eps=epsilon)

    return run


def _instance_normalization(node: Node) -> Function:
    epsilon = node.number("epsilon", 1e-5)

    def run(x: Any, scale: Any, bias: Any) -> Any:
        function = node.torch.nn.functional.instance_norm
        return function(x, weight=scale, bias=bias, eps=epsilon)

    return run


def _layer_normalization(node: Node) -> Function:
    axis, epsilon = node.whole("axis", -1), node.number("epsilon", 1e-5)
    node.only("stash_type", 1)

    def run(x: Any, scale: Any, bias: Any = None) -> Any:
        shape = x.shape[axis:]
        made = node.torch.nn.functional.layer_norm(x, shape, eps=epsilon) * scale
        return made if bias is None else made + bias

    return run


LAYERS: dict[str, Builder] = {
    "AveragePool": _pool_mean,
    "BatchNormalization": _batch_normalization,
    "Conv": _convolution,
    "Gemm": _gemm,
    "GlobalAveragePool": _pool_all("mean"),
    "GlobalMaxPool": _pool_all("amax"),
    "InstanceNormalization": _instance_normalization,
    "LayerNormalization": _layer_normalization,
    "MatMul": _product,
    "MaxPool": _pool_max,
}
"""Of the domain `ai.onnx`, by name."""
