"""Every operator answers as onnxruntime does, and its slope is that of what onnxruntime answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from bartizan.adapt.onnx.program import known_operators
from bartizan.core.arrays import AnyArray
from unit.adapt import graphs

torch = pytest.importorskip(
    "torch", reason="PyTorch is not installed; pip install 'bartizan[torch]'"
)
torch.set_num_threads(1)
RNG = np.random.default_rng(4)


def floats(*shape: int) -> AnyArray:
    return RNG.normal(size=shape).astype(np.float32)


def whole(*values: int) -> AnyArray:
    return np.array(values, dtype=np.int64)


@dataclass
class Case:
    """One node with its settings."""

    operator: str
    tensors: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    shape: Sequence[int] = (3, 4)
    opset: int = 17
    low: float | None = None
    """Where inputs begin, if the operator does not take all numbers."""
    names: Sequence[str] | None = None
    smooth: bool = True
    """Whether it has a slope that is not zero."""
    outputs: Sequence[str] = ("out",)

    def __str__(self) -> str:
        said = ",".join(f"{key}={value}" for key, value in self.attributes.items())
        inputs = ",".join(str(np.shape(value)) for value in self.tensors.values())
        return f"{self.operator}-{self.opset}-{said}-{inputs}"[:70]

    def content(self) -> bytes:
        names = self.names or ("x", *self.tensors)
        made = graphs.node(self.operator, *names, out=self.outputs, **self.attributes)
        return graphs.graph([made], tensors=self.tensors, shape=self.shape, opset=self.opset)

    def x(self) -> AnyArray:
        rng = np.random.default_rng(9)
        made = rng.normal(size=tuple(self.shape)).astype(np.float32)
        return made if self.low is None else np.abs(made) + np.float32(self.low)


PICTURE, SOUND = (2, 4, 7, 6), (2, 4, 9)
CUBE = (1, 2, 5, 4, 6)
ONE = (
    *("Abs", "Ceil", "Celu", "Elu", "Erf", "Exp"),
    *("Floor", "HardSigmoid", "HardSwish", "Identity", "LeakyRelu", "Mish"),
    *("Neg", "Relu", "Reciprocal", "Round", "Selu", "Sigmoid"),
    *("Sign", "Softplus", "Softsign", "Tanh", "LogSoftmax", "Softmax"),
)
FLAT = ("Ceil", "Floor", "Round", "Sign")
TWO = ("Add", "Sub", "Mul", "Div", "Max", "Min", "Mean", "Sum", "PRelu")
CASES = [
    *(Case(name, opset=18, smooth=name not in FLAT) for name in ONE),
    *(Case(name, {"b": floats(4)}) for name in TWO),
    *(Case(name, {"b": floats(2, 1, 4)}) for name in TWO if name != "PRelu"),
    Case("Sqrt", low=0.2),
    Case("Log", low=0.2),
    Case("Pow", {"b": np.float32(1.7)}, low=0.2),
    Case("Pow", {"b": whole(2)}),
    Case("Mod", {"b": np.float32(1.3)}, {"fmod": 1}),
    Case("Sum", {"b": floats(4), "c": floats(3, 1)}),
    Case("Elu", attributes={"alpha": 0.4}),
    Case("Celu", attributes={"alpha": 0.4}),
    Case("Selu", attributes={"alpha": 1.5, "gamma": 1.2}),
    Case("LeakyRelu", attributes={"alpha": 0.3}),
    Case("HardSigmoid", attributes={"alpha": 0.3, "beta": 0.4}),
    Case("Gelu", opset=20),
    Case("Gelu", opset=20, attributes={"approximate": "tanh"}),
    Case("Clip", {"b": np.float32(-0.5), "c": np.float32(0.5)}),
    Case("Clip", {"c": np.float32(0.5)}, names=("x", "", "c")),
    Case("Clip", {"b": np.float32(0.1)}),
    Case("Clip", attributes={"min": -0.3, "max": 0.4}, opset=9),
    Case("Cast", attributes={"to": 1}),
    Case("Where", {"c": floats(3, 4) > 0, "b": floats(4)}, names=("c", "x", "b")),
    Case("Softmax", shape=(2, 3, 4), opset=11),
    Case("Softmax", shape=(2, 3, 4), attributes={"axis": 1}),
    Case("LogSoftmax", shape=(2, 3, 4), attributes={"axis": 2}, opset=11),
    Case("Gemm", {"b": floats(4, 5), "c": floats(5)}),
    Case("Gemm", {"b": floats(5, 4)}, {"transB": 1, "alpha": 0.5}),
    Case("Gemm", {"b": floats(3, 5), "c": floats(4, 1)}, {"transA": 1, "beta": 2.0}),
    Case("MatMul", {"b": floats(4, 5)}),
    Case("MatMul", {"b": floats(3, 4, 5)}, shape=(3, 2, 4)),
    Case("MatMul", {"b": floats(4)}),
    *(
        Case("Conv", {"w": floats(6, 4, 3, 2), "b": floats(6)}, attributes, PICTURE)
        for attributes in (
            {},
            {"pads": [1, 0, 2, 1]},
            {"strides": [2, 3], "kernel_shape": [3, 2]},
            {"dilations": [2, 2], "pads": [1, 1, 1, 1]},
            {"auto_pad": "SAME_UPPER", "strides": [2, 2]},
            {"auto_pad": "SAME_LOWER", "strides": [1, 2]},
            {"auto_pad": "VALID"},
        )
    ),
    Case("Conv", {"w": floats(6, 2, 3, 3)}, {"group": 2}, PICTURE),
    Case("Conv", {"w": floats(4, 1, 3, 3)}, {"group": 4}, PICTURE),
    Case("Conv", {"w": floats(5, 4, 3), "b": floats(5)}, {"pads": [2, 0]}, SOUND),
    Case("Conv", {"w": floats(3, 2, 2, 2, 3)}, {"strides": [1, 2, 1]}, CUBE),
    *(
        Case(
            operator, attributes={"kernel_shape": [3, 2], **attributes}, shape=PICTURE, opset=opset
        )
        for operator, opset in (("MaxPool", 12), ("AveragePool", 12), ("AveragePool", 19))
        for attributes in (
            {},
            {"strides": [2, 2], "pads": [1, 0, 1, 1]},
            {"strides": [2, 2], "ceil_mode": 1},
            {"strides": [2, 3], "ceil_mode": 1, "pads": [1, 1, 1, 1]},
            {"auto_pad": "SAME_UPPER", "strides": [2, 2]},
            {"auto_pad": "SAME_LOWER", "strides": [2, 2]},
        )
    ),
    Case("MaxPool", attributes={"kernel_shape": [2, 2], "dilations": [2, 2]}, shape=PICTURE),
    Case("MaxPool", attributes={"kernel_shape": [3], "strides": [2]}, shape=SOUND),
    *(
        Case(
            "AveragePool",
            attributes={"kernel_shape": [3, 3], "count_include_pad": 1, **attributes},
            shape=PICTURE,
            opset=19,
        )
        for attributes in (
            {"pads": [1, 1, 1, 1]},
            {"pads": [1, 0, 1, 1], "strides": [2, 2], "ceil_mode": 1},
        )
    ),
    Case("AveragePool", attributes={"kernel_shape": [2]}, shape=SOUND),
    Case("GlobalAveragePool", shape=PICTURE),
    Case("GlobalMaxPool", shape=SOUND),
    Case(
        "BatchNormalization",
        {"s": floats(4), "b": floats(4), "m": floats(4), "v": np.abs(floats(4)) + 0.1},
        {"epsilon": 1e-3, "momentum": 0.9},
        PICTURE,
    ),
    Case("InstanceNormalization", {"s": floats(4), "b": floats(4)}, shape=PICTURE),
    Case("LayerNormalization", {"s": floats(6), "b": floats(6)}, shape=(2, 3, 6)),
    Case("LayerNormalization", {"s": floats(3, 6)}, {"axis": 1}, shape=(2, 3, 6)),
    Case("Flatten", shape=PICTURE),
    Case("Flatten", attributes={"axis": 2}, shape=PICTURE),
    Case("Flatten", attributes={"axis": 0}, shape=PICTURE),
    Case("Flatten", attributes={"axis": -1}, shape=PICTURE),
    Case("Reshape", {"s": whole(0, -1)}, shape=PICTURE),
    Case("Reshape", {"s": whole(4, 3)}, {"allowzero": 1}),
    Case("Squeeze", {"a": whole(1)}, shape=(3, 1, 4)),
    Case("Squeeze", attributes={"axes": [-2]}, shape=(3, 1, 4), opset=11),
    Case("Squeeze", shape=(3, 1, 4)),
    Case("Unsqueeze", {"a": whole(0, -1)}),
    Case("Unsqueeze", attributes={"axes": [1]}, opset=11),
    Case("Transpose", shape=(2, 3, 4)),
    Case("Transpose", attributes={"perm": [1, 2, 0]}, shape=(2, 3, 4)),
    Case("Concat", {"b": floats(3, 2)}, {"axis": 1}),
    Case("Concat", {"b": floats(2, 4)}, {"axis": -2}),
    Case("Split", attributes={"axis": 1}, outputs=("out", "rest")),
    Case("Split", {"s": whole(1, 3)}, {"axis": 1}, outputs=("rest", "out")),
    Case("Split", {}, {"axis": 1, "num_outputs": 3}, (3, 5), 18, outputs=("b", "c", "out")),
    Case("Split", attributes={"split": [3, 1], "axis": 1}, opset=11, outputs=("out", "rest")),
    Case("Pad", {"p": whole(0, 1, 2, 0), "v": np.float32(0.5)}),
    Case("Pad", {"p": whole(1, 2), "a": whole(-1)}, names=("x", "p", "", "a"), opset=18),
    Case("Pad", attributes={"pads": [0, 1, 0, 2], "value": 1.5}, opset=9),
    Case("Pad", {"p": whole(0, -1, 0, 2)}),
    *(
        Case("Pad", {"p": whole(0, 0, 2, 1, 0, 0, 1, 3)}, {"mode": mode}, PICTURE)
        for mode in ("reflect", "edge")
    ),
    Case("Pad", {"p": whole(0, 0, 2, 0, 0, 1)}, {"mode": "reflect"}, SOUND),
    Case("Pad", {"p": whole(0, 0, 2, 0, 0, 1)}, {"mode": "wrap"}, SOUND, opset=19),
    Case("Gather", {"i": whole(2, 0, -1)}, {"axis": 1}),
    Case("Gather", {"i": np.array(1, dtype=np.int64)}, {"axis": 1}),
    Case("Gather", {"i": whole(1, 0, 2, 2).reshape(2, 2)}),
    Case("Slice", {"s": whole(1), "e": whole(9), "a": whole(1)}),
    Case("Slice", {"s": whole(-1), "e": whole(-99), "a": whole(1), "t": whole(-2)}),
    Case("Slice", {"s": whole(0, 1), "e": whole(2, -1)}),
    Case("Slice", attributes={"starts": [1], "ends": [3], "axes": [1]}, opset=9),
    Case("Expand", {"s": whole(2, 1, 4)}),
    Case("Tile", {"r": whole(2, 1)}),
    Case("Dropout", opset=11, attributes={"ratio": 0.7}),
    Case("Dropout", {"r": np.float32(0.7)}),
    *(
        Case(name, attributes=attributes, opset=11)
        for name in ("ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum", "ReduceL2")
        for attributes in ({}, {"axes": [-1], "keepdims": 0}, {"axes": [0, 1]})
    ),
    *(
        Case(name, {"a": whole(1)}, {"keepdims": 0}, opset=18)
        for name in ("ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum", "ReduceL2")
    ),
    Case("ReduceSum", attributes={"noop_with_empty_axes": 1}, opset=13),
    Case("Scaler", attributes={"offset": [1.0, 0.0, 2.0, 3.0], "scale": [0.5, 1.0, 2.0, -1.0]}),
    Case("Scaler", attributes={"offset": [1.0], "scale": [0.5]}),
    *(Case("Normalizer", attributes={"norm": norm}) for norm in ("L1", "L2")),
    Case("Normalizer", attributes={"norm": "MAX"}, low=0.1),
    Case("ArrayFeatureExtractor", {"i": whole(2, 0)}),
    Case("Imputer", attributes={"imputed_value_floats": [1.0] * 4, "replaced_value_float": np.nan}),
    Case("LinearRegressor", attributes={"coefficients": [1.0, 2.0, 3.0, 4.0], "intercepts": [2.0]}),
    *(
        Case(
            "LinearClassifier",
            attributes={
                "coefficients": np.linspace(-1, 1, 12).tolist(),
                "intercepts": [0.1, 0.2, 0.3],
                "classlabels_ints": [0, 1, 2],
                "post_transform": after,
                "multi_class": 1,
            },
            outputs=("label", "out"),
        )
        for after in ("NONE", "SOFTMAX", "LOGISTIC")
    ),
]
ELSEWHERE = {
    *("And", "Equal", "Greater", "GreaterOrEqual", "IsNaN", "Less", "LessOrEqual", "Not", "Or"),
    *("Constant", "ConstantOfShape", "FeatureVectorizer", "Shape", "ZipMap"),
}
"""Operators of other numbers or inputs, which have tests of their own."""


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_operator_answers_and_slopes_as_the_runtime(case: Case) -> None:
    content, x = case.content(), case.x()
    session, made = graphs.opened(content), graphs.program(content)
    expected = session.run(["out"], {"x": x})[0]
    assert graphs.in_torch(made, x).shape == expected.shape
    np.testing.assert_allclose(graphs.in_torch(made, x), expected, rtol=1e-5, atol=1e-5)
    rng = np.random.default_rng(1)
    weights = rng.normal(size=expected.shape)
    leaf = torch.from_numpy(x.copy()).requires_grad_()
    (answer,) = made({"x": leaf}, rows=len(x))
    (slope,) = torch.autograd.grad(answer, leaf, torch.from_numpy(weights.astype(np.float32)))
    for _ in range(4):
        way = rng.normal(size=x.shape) * 1e-3
        ahead, behind = (
            session.run(["out"], {"x": (x + sign * way).astype(np.float32)})[0] for sign in (1, -1)
        )
        measured = ((ahead.astype(float) - behind) * weights).sum() / 2
        size = np.abs(slope.numpy() * way).sum() + 1e-6 * np.abs(expected * weights).sum()
        assert abs(measured - (slope.numpy() * way).sum()) <= 0.02 * size
    assert bool((slope != 0).any()) == case.smooth


def test_every_operator_is_compared_with_the_runtime() -> None:
    assert {case.operator for case in CASES} | ELSEWHERE == set(known_operators())


@pytest.mark.parametrize(
    "operator", ["And", "Or", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"]
)
def test_comparisons_choose_as_the_runtime(operator: str) -> None:
    truth = operator in ("And", "Or")
    nodes = [
        graphs.node("Greater", "x", "a", out="p"),
        graphs.node("Less", "x", "b", out="q"),
        graphs.node(operator, *(("p", "q") if truth else ("x", "b")), out="r"),
        graphs.node("Not", "r", out="t"),
        graphs.node("IsNaN", "x", out="gap"),
        graphs.node("Or", "t", "gap", out="u"),
        graphs.node("Where", "u", "x", "a", out="out"),
    ]
    tensors = {"a": np.float32(-0.5), "b": np.array([0.5, 0.25, 0, 1], np.float32)}
    content = graphs.graph(nodes, tensors=tensors)
    x = floats(50, 4)
    x[0] = tensors["b"]
    expected = graphs.opened(content).run(["out"], {"x": x})[0]
    np.testing.assert_array_equal(graphs.in_torch(graphs.program(content), x), expected)


def test_shapes_that_are_computed_are_those_of_the_rows() -> None:
    nodes = [
        graphs.node("Shape", "x", out="all"),
        graphs.node("Gather", "all", "zero", out="n"),
        graphs.node("Unsqueeze", "n", "zeros", out="rows"),
        graphs.node("Constant", out="rest", value_ints=[-1]),
        graphs.node("Concat", "rows", "rest", out="flat", axis=0),
        graphs.node("Reshape", "x", "flat", out="f"),
        graphs.node("ConstantOfShape", "rows", out="some"),
        graphs.node("Unsqueeze", "some", "ones", out="column"),
        graphs.node("Constant", out="half", value_float=0.5),
        graphs.node("Add", "column", "half", out="halves"),
        graphs.node("Mul", "f", "halves", out="out"),
    ]
    tensors = {"zero": np.array(0), "zeros": whole(0), "ones": whole(1)}
    content = graphs.graph(nodes, tensors=tensors, shape=("n", 2, 3))
    made, session = graphs.program(content), graphs.opened(content)
    for n in (1, 5):
        x = floats(n, 2, 3)
        expected = session.run(["out"], {"x": x})[0]
        np.testing.assert_allclose(graphs.in_torch(made, x), expected)
        assert expected.shape == (n, 6)


def test_whole_numbers_are_divided_as_the_runtime_does() -> None:
    nodes = [
        graphs.node("Div", "seven", "two", out="d"),
        graphs.node("Mod", "seven", "two", out="m"),
        graphs.node("Sub", "d", "m", out="e"),
        graphs.node("Cast", "e", out="f", to=1),
        graphs.node("Mul", "x", "f", out="out"),
    ]
    content = graphs.graph(nodes, tensors={"seven": whole(-7), "two": whole(2)})
    x = floats(2, 4)
    expected = graphs.opened(content).run(["out"], {"x": x})[0]
    np.testing.assert_array_equal(graphs.in_torch(graphs.program(content), x), expected)


@pytest.mark.parametrize("labels", [[2, 0, 1], ["b", "c", "a"]])
def test_maps_list_their_keys_as_the_runtime_does(labels: list[Any]) -> None:
    name = "classlabels_int64s" if labels[0] == 2 else "classlabels_strings"
    nodes = [
        graphs.node("FeatureVectorizer", "x", "x", out="wide", inputdimensions=[3, 3]),
        graphs.node("ArrayFeatureExtractor", "wide", "three", out="p"),
        graphs.node("ZipMap", "p", out="out", **{name: labels}),
    ]
    content = graphs.graph(nodes, tensors={"three": whole(0, 1, 2)}, shape=("n", 3))
    from onnx import ModelProto, helper  # noqa: PLC0415 (for the type of one output)

    model = ModelProto.FromString(content)
    key = 7 if labels[0] == 2 else 8
    model.graph.output[0].type.CopyFrom(
        helper.make_sequence_type_proto(
            helper.make_map_type_proto(key, helper.make_tensor_type_proto(1, None))
        )
    )
    x = floats(6, 3)
    answer = graphs.opened(model.SerializeToString()).run(["out"], {"x": x})[0]
    expected = np.array([list(row.values()) for row in answer], dtype=np.float32)
    np.testing.assert_array_equal(graphs.in_torch(graphs.program(content), x), expected)
