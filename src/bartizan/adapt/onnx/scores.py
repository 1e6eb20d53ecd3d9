"""Operators of ONNX that make probabilities, and those of `ai.onnx.ml`, as functions of torch.

Logarithms of probabilities are taken where the graph still has logits, and in double precision:
near certainty a probability in single precision is 1, and its own logarithm has no slope left.
"""

from math import isnan
from typing import Any

from bartizan.adapt.onnx.node import Builder, Function, Node
from bartizan.core.errors import ModelError

_FIRST_PLAIN = 13
"""Version since which a softmax runs along one axis; before, over all from that axis on."""


def _softmax(name: str) -> Builder:
    def build(node: Node) -> Function:
        plain = node.opset >= _FIRST_PLAIN
        axis = node.whole("axis", -1 if plain else 1)
        function = getattr(node.torch, name)

        def run(x: Any) -> Any:
            if plain:
                return function(x, dim=axis)
            made = function(x.flatten(axis % x.dim()), dim=-1)
            return made.reshape(x.shape)

        return run

    return build


def _in_double(build: Builder) -> Builder:
    """The same, given numbers in double precision."""

    def built(node: Node) -> Function:
        function = build(node)
        return lambda x: function(x.to(node.torch.float64))

    return built


def _log_sigmoid(node: Node) -> Function:
    made: Function = node.torch.nn.functional.logsigmoid
    return made


def _log_other(node: Node) -> Function:
    """Of what is left to 1 by a sigmoid."""
    return lambda x: node.torch.nn.functional.logsigmoid(-x)


def _scaler(node: Node) -> Function:
    offset, scale = (node.torch.tensor(node.values(name)) for name in ("offset", "scale"))
    return lambda x: (x - offset) * scale


def _normalizer(node: Node) -> Function:
    node.only("norm", "MAX", "L1", "L2")
    norm, torch = node.word("norm", "MAX"), node.torch
    sizes = {
        "MAX": lambda x: x.amax(dim=1, keepdim=True),
        "L1": lambda x: x.abs().sum(dim=1, keepdim=True),
        "L2": lambda x: (x * x).sum(dim=1, keepdim=True).sqrt(),
    }

    def run(x: Any) -> Any:
        size = sizes[norm](x)
        return x / torch.where(size == 0, torch.ones_like(size), size)

    return run


def _log_normalizer(node: Node) -> Function:
    """Of shares: their logarithms less the logarithm of their sum."""
    node.only("norm", "L1")
    return lambda x: x - node.torch.logsumexp(x, dim=1, keepdim=True)


def _linear(node: Node, *, outputs: int) -> Function:
    torch = node.torch
    weights = torch.tensor(node.values("coefficients"), dtype=torch.float32)
    bias = torch.tensor(node.values("intercepts") or [0.0], dtype=torch.float32)
    if not outputs or weights.numel() % outputs or bias.numel() not in (1, outputs):
        message = f"it has {weights.numel()} weights and {bias.numel()} constants for {outputs}"
        raise ModelError(message)
    table = weights.reshape(outputs, -1).t()
    return lambda x: x.to(torch.float32) @ table + bias


def _classifier(*, logarithms: bool) -> Builder:
    def build(node: Node) -> Function:
        names = ("classlabels_ints", "classlabels_strings")
        labels = max((node.values(name) for name in names), key=len)
        node.whole("multi_class")  # says how it was trained
        score = _linear(node, outputs=len(labels))
        after = node.word("post_transform", "NONE")
        known: dict[str, tuple[Function, Function]] = {
            "LOGISTIC": (node.torch.sigmoid, _in_double(_log_sigmoid)(node)),
            "SOFTMAX": (
                _along(node, "softmax"),
                _in_double(lambda n: _along(n, "log_softmax"))(node),
            ),
        }
        if after not in known and (after != "NONE" or logarithms):
            message = f"post_transform={after!r} is not known"
            raise ModelError(message)
        finish = known[after][logarithms] if after in known else _as_is
        return lambda x: (None, finish(score(x)))  # labels come from the runtime

    return build


def _as_is(x: Any) -> Any:
    return x


def _along(node: Node, name: str) -> Function:
    return lambda x: getattr(node.torch, name)(x, dim=-1)


def _regressor(node: Node) -> Function:
    node.only("post_transform", "NONE")
    return _linear(node, outputs=node.whole("targets", 1))


def _map(node: Node) -> Function:
    """Columns in the order in which a map of the runtime lists its keys."""
    labels = node.values("classlabels_int64s") or node.values("classlabels_strings")
    order = sorted(range(len(labels)), key=labels.__getitem__)
    return lambda x: x if order == list(range(len(labels))) else x[..., order]


def _extractor(node: Node) -> Function:
    return lambda x, places: x.index_select(-1, places.reshape(-1).to(node.torch.int64))


def _imputer(node: Node) -> Function:
    torch = node.torch
    gap = node.number("replaced_value_float")
    values = torch.tensor(node.values("imputed_value_floats"), dtype=torch.float32)

    def run(x: Any) -> Any:
        missing = x.isnan() if isnan(gap) else x == gap
        return torch.where(missing, values.to(x.dtype), x)

    return run


def _vector(node: Node) -> Function:
    node.values("inputdimensions")
    return lambda *parts: node.torch.cat(parts, dim=1)


SCORES: dict[str, Builder] = {
    "LogSoftmax": _softmax("log_softmax"),
    "Softmax": _softmax("softmax"),
}
"""Of the domain `ai.onnx`, by name."""
PIPELINES: dict[str, Builder] = {
    "ArrayFeatureExtractor": _extractor,
    "FeatureVectorizer": _vector,
    "Imputer": _imputer,
    "LinearClassifier": _classifier(logarithms=False),
    "LinearRegressor": _regressor,
    "Normalizer": _normalizer,
    "Scaler": _scaler,
    "ZipMap": _map,
}
"""Of the domain `ai.onnx.ml`, by name."""
LOGARITHMS: dict[str, Builder] = {
    "LinearClassifier": _classifier(logarithms=True),
    "Normalizer": _log_normalizer,
    "Other": _in_double(_log_other),
    "Sigmoid": _in_double(_log_sigmoid),
    "Softmax": _in_double(_softmax("log_softmax")),
}
"""Logarithms of what the operator of that name makes; `Other` of 1 less a sigmoid. Normalizers
take logarithms, the others what the operator takes."""
