"""Operators of ONNX that work on each number by itself, as functions of torch."""

from functools import reduce
from typing import Any

from bartizan.adapt.onnx.node import Builder, Function, Node


def _plain(name: str) -> Builder:
    """An operator without attributes that torch calls by another name."""
    return lambda node: getattr(node.torch, name)


def _joined(name: str) -> Builder:
    """An operator of two values that are stretched to one shape."""

    def build(node: Node) -> Function:
        function = getattr(node.torch, name)

        def run(first: Any, second: Any) -> Any:
            node.room.require(node.torch.broadcast_shapes(first.shape, second.shape))
            return function(first, second)

        return run

    return build


def _folded(name: str) -> Builder:
    """An operator of two values at a time, of any number of them."""

    def build(node: Node) -> Function:
        function = _joined(name)(node)
        return lambda *values: reduce(function, values)

    return build


def _mean(node: Node) -> Function:
    total = _folded("add")(node)
    return lambda *values: total(*values) / len(values)


def _divide(node: Node) -> Function:
    divide = _joined("true_divide")(node)

    def run(first: Any, second: Any) -> Any:
        if first.is_floating_point():
            return divide(first, second)
        return node.torch.div(first, second, rounding_mode="trunc")

    return run


def _power(node: Node) -> Function:
    power = _joined("pow")(node)
    return lambda base, exponent: power(base, exponent).to(base.dtype)


def _modulo(node: Node) -> Function:
    name = "fmod" if node.whole("fmod") else "remainder"
    return _joined(name)(node)


def _clip(node: Node) -> Function:
    fixed = [
        None if name not in node.attributes else node.torch.tensor(node.number(name))
        for name in ("min", "max")
    ]

    def run(x: Any, low: Any = None, high: Any = None) -> Any:
        limits = (low, high) if node.opset >= 11 else fixed
        low, high = (None if limit is None else limit.to(x.dtype) for limit in limits)
        return x if low is None and high is None else node.torch.clamp(x, low, high)

    return run


def _cast(node: Node) -> Function:
    dtype = node.dtype(node.whole("to"))
    node.whole("saturate", 1)  # matters for numbers of 8 bits only, which are refused
    return lambda x: x.to(dtype)


def _leaky(node: Node) -> Function:
    slope = node.number("alpha", 0.01)
    return lambda x: node.torch.nn.functional.leaky_relu(x, slope)


def _prelu(node: Node) -> Function:
    return lambda x, slope: node.torch.where(x < 0, x * slope, x)


def _elu(node: Node) -> Function:
    alpha = node.number("alpha", 1.0)
    return lambda x: node.torch.nn.functional.elu(x, alpha)


def _celu(node: Node) -> Function:
    alpha = node.number("alpha", 1.0)
    return lambda x: node.torch.nn.functional.celu(x, alpha)


def _selu(node: Node) -> Function:
    alpha = node.number("alpha", 1.67326319217681884765625)
    gamma = node.number("gamma", 1.05070102214813232421875)
    return lambda x: gamma * node.torch.nn.functional.elu(x, alpha)


def _gelu(node: Node) -> Function:
    node.only("approximate", "none", "tanh")
    approximate = node.word("approximate", "none")
    return lambda x: node.torch.nn.functional.gelu(x, approximate=approximate)


def _hard_sigmoid(node: Node) -> Function:
    alpha, beta = node.number("alpha", 0.2), node.number("beta", 0.5)
    return lambda x: node.torch.clamp(alpha * x + beta, 0.0, 1.0)


def _from_functional(name: str) -> Builder:
    return lambda node: getattr(node.torch.nn.functional, name)


def _softplus(node: Node) -> Function:
    zero = node.torch.zeros(())
    return lambda x: node.torch.logaddexp(x, zero.to(x.dtype))  # torch's own is linear above 20


POINTWISE: dict[str, Builder] = {
    "Abs": _plain("abs"),
    "Add": _joined("add"),
    "And": _joined("logical_and"),
    "Cast": _cast,
    "Ceil": _plain("ceil"),
    "Celu": _celu,
    "Clip": _clip,
    "Div": _divide,
    "Elu": _elu,
    "Equal": _joined("eq"),
    "Erf": _plain("erf"),
    "Exp": _plain("exp"),
    "Floor": _plain("floor"),
    "Gelu": _gelu,
    "Greater": _joined("gt"),
    "GreaterOrEqual": _joined("ge"),
    "HardSigmoid": _hard_sigmoid,
    "HardSwish": _from_functional("hardswish"),
    "IsNaN": _plain("isnan"),
    "LeakyRelu": _leaky,
    "Less": _joined("lt"),
    "LessOrEqual": _joined("le"),
    "Log": _plain("log"),
    "Max": _folded("maximum"),
    "Mean": _mean,
    "Min": _folded("minimum"),
    "Mish": _from_functional("mish"),
    "Mod": _modulo,
    "Mul": _joined("mul"),
    "Neg": _plain("neg"),
    "Not": _plain("logical_not"),
    "Or": _joined("logical_or"),
    "PRelu": _prelu,
    "Pow": _power,
    "Reciprocal": _plain("reciprocal"),
    "Relu": _plain("relu"),
    "Round": _plain("round"),
    "Selu": _selu,
    "Sigmoid": _plain("sigmoid"),
    "Sign": _plain("sign"),
    "Softplus": _softplus,
    "Softsign": _from_functional("softsign"),
    "Sqrt": _plain("sqrt"),
    "Sub": _joined("sub"),
    "Sum": _folded("add"),
    "Tanh": _plain("tanh"),
    "Where": _plain("where"),
}
"""Of the domain `ai.onnx`, by name."""
