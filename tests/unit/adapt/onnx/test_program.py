"""Graphs that are damaged, hostile, or say more than is known are refused with the reason."""

from typing import Any

import numpy as np
import pytest
from onnx import FunctionProto, ModelProto, TensorProto

from bartizan.adapt.onnx.forward import GraphForward
from bartizan.core.errors import ModelError
from unit.adapt import graphs
from unit.adapt.graphs import node

torch = pytest.importorskip(
    "torch", reason="PyTorch is not installed; pip install 'bartizan[torch]'"
)
torch.set_num_threads(1)
W = np.ones((4, 2), np.float32)
X = np.ones((3, 4), np.float32)


def refused(content: bytes) -> str:
    """Why; whether it shows when the graph is translated or when it is asked."""
    forward = GraphForward(
        content=content, inputs=("x",), types=("tensor(float)",), output="out", batch=None
    )
    with pytest.raises(ModelError) as found:
        forward.answer(forward.tensor(X))
    return str(found.value)


BAD: dict[str, tuple[list[Any], dict[str, Any], str]] = {
    "a circle": (
        [node("Add", "x", "b", out="a"), node("Relu", "a", out="b"), node("Relu", "b")],
        {},
        "operator 'Add' uses 'b' before it is made",
    ),
    "a node of its own output": (
        [node("Add", "x", "out")],
        {},
        "operator 'Add' uses 'out' before it is made",
    ),
    "a missing tensor": ([node("MatMul", "x", "w")], {}, "operator 'MatMul' uses 'w' before"),
    "no maker of the output": (
        [node("Relu", "x", out="a")],
        {},
        "nothing in the graph makes 'out'",
    ),
    "two makers of a value": (
        [node("Relu", "x", out="a"), node("Tanh", "x", out="a"), node("Relu", "a")],
        {},
        "operator 'Tanh' makes a value again",
    ),
    "another operator": (
        [node("NonZero", "x")],
        {},
        "operator 'NonZero' of the graph is not known",
    ),
    "an attribute that is not known": (
        [node("Relu", "x", alpha=2.0)],
        {},
        "operator 'Relu': attribute 'alpha' is not known",
    ),
    "an attribute of another type": (
        [node("LeakyRelu", "x", alpha="steep")],
        {},
        "operator 'LeakyRelu': attribute 'alpha' has an unexpected type, bytes",
    ),
    "an attribute of another value": (
        [node("Gelu", "x", approximate="roughly")],
        {},
        "operator 'Gelu': approximate='roughly' is not known",
    ),
    "training": (
        [node("BatchNormalization", "x", "s", "s", "s", "s", training_mode=1)],
        {"s": np.ones(4, np.float32)},
        "training_mode=1 is not known",
    ),
    "dropout in training": (
        [node("Dropout", "x", "r", "t")],
        {"r": np.float32(0.5), "t": np.array(True)},
        "operator 'Dropout': it is in the mode of training",
    ),
    "a wrong shape": ([node("MatMul", "x", "w")], {"w": W.T}, "operator 'MatMul': RuntimeError"),
    "windows of another size": (
        [node("Conv", "x", "w", kernel_shape=[5])],
        {"w": np.ones((1, 4, 3), np.float32)},
        "operator 'Conv': it declares windows of [5] and has weights for [3]",
    ),
    "windows over other axes": (
        [node("MaxPool", "x", kernel_shape=[2, 2])],
        {},
        "operator 'MaxPool': windows of [2, 2] do not fit values of shape (3, 4)",
    ),
    "negative padding of windows": (
        [node("Unsqueeze", "x", "a", out="u"),
         node("MaxPool", "u", kernel_shape=[2], pads=[-1, 0])],
        {"a": np.array([1])},
        "operator 'MaxPool': [-1, 0] does not fit",
    ),
    "windows of no size": ([node("MaxPool", "x", kernel_shape=[0])], {}, "kernel_shape=[0]"),
    "too few weights": (
        [node("LinearClassifier", "x", coefficients=[1.0] * 7, classlabels_ints=[0, 1, 2],
              out=("l", "out"))],
        {},
        "operator 'LinearClassifier': it has 7 weights and 1 constants for 3",
    ),
    "numbers of a type that torch lacks": (
        [node("Cast", "x", to=TensorProto.STRING)],
        {},
        "operator 'Cast': type 8 (of TensorProto) is not known",
    ),
    "a step of nothing": (
        [node("Slice", "x", "a", "a", "a", "a")],
        {"a": np.array([0])},
        "operator 'Slice': ValueError: slice step cannot be zero",
    ),
    "a place that is not there": (
        [node("Gather", "x", "i", axis=1)],
        {"i": np.array([9])},
        "operator 'Gather': ",
    ),
    "values that are never made": (
        [node("Dropout", "x", out=("d", "mask")), node("Cast", "mask", to=1)],
        {},
        "operator 'Cast': KeyError: 'mask'",
    ),
}  # fmt: skip
HUGE: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "expand": ([node("Expand", "x", "s")], {"s": np.array([1 << 40, 3, 4])}),
    "tile": ([node("Tile", "x", "s")], {"s": np.array([1 << 40, 1])}),
    "pad": ([node("Pad", "x", "s")], {"s": np.array([0, 0, 0, 1 << 50])}),
    "constant": ([node("ConstantOfShape", "s")], {"s": np.array([1 << 20, 1 << 40])}),
    "windows": (
        [node("Unsqueeze", "x", "a", out="u"), node("MaxPool", "u", kernel_shape=[2],
                                                  pads=[0, 1 << 50])],
        {"a": np.array([1])},
    ),
    "stretched": (
        [node("Reshape", "w", "s", out="t"), node("Add", "w", "t", out="out")],
        {"w": np.ones((1 << 20, 1), np.float32), "s": np.array([1, 1 << 20])},
    ),
    "product": (
        [node("Reshape", "w", "s", out="t"), node("MatMul", "w", "t", out="out")],
        {"w": np.ones((1 << 20, 1), np.float32), "s": np.array([1, 1 << 20])},
    ),
    "gather": (
        [node("Gather", "w", "i", axis=1)],
        {"w": np.ones((1 << 20, 1), np.float32), "i": np.zeros(1 << 20, dtype=np.int64)},
    ),
    "doubled": (
        [node("Concat", *["x" if k == 0 else f"v{k}"] * 30, out=f"v{k + 1}", axis=1)
         for k in range(20)] + [node("Identity", "v20")],
        {},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("nodes", "tensors", "reason"), BAD.values(), ids=list(BAD))
def test_what_cannot_be_followed_is_named(
    nodes: list[Any], tensors: dict[str, Any], reason: str
) -> None:
    opset = 20 if nodes[0].op_type == "Gelu" else 17
    assert reason in refused(graphs.graph(nodes, tensors=tensors, opset=opset))


@pytest.mark.parametrize(("nodes", "tensors"), HUGE.values(), ids=list(HUGE))
def test_values_that_no_network_has_are_not_made(nodes: list[Any], tensors: dict[str, Any]) -> None:
    said = refused(graphs.graph(nodes, tensors=tensors))
    assert "is no size; expected at most 67108864 numbers a row" in said
    assert said.startswith(f"operator '{nodes[0 if len(nodes) > 3 else -1].op_type}'")


@pytest.mark.parametrize("opset", [1, 6, 99])
def test_other_versions_of_operators_are_refused(opset: int) -> None:
    said = refused(graphs.graph([node("Relu", "x")], opset=opset))
    assert said == f"operators of version {opset} (opset ai.onnx) are not known"


def test_operators_that_a_file_defines_are_not_looked_up() -> None:
    model = ModelProto.FromString(graphs.graph([node("Relu", "x")]))
    model.functions.append(FunctionProto(name="Relu", domain="own"))
    assert "operator 'Relu' of the graph is not known" in refused(model.SerializeToString())
    model = ModelProto.FromString(graphs.graph([node("Relu", "x")]))
    model.graph.node[0].domain = "com.microsoft"
    assert "operator 'Relu' of the graph is not known" in refused(model.SerializeToString())


def test_the_words_of_the_translation_itself_are_no_words_of_a_file() -> None:
    model = ModelProto.FromString(graphs.graph([node("Softmax", "x")]))
    model.graph.node[0].domain = "logarithm"
    assert refused(model.SerializeToString()) == "operators of 'logarithm' are not known"


def test_weights_in_other_files_are_not_read() -> None:
    model = ModelProto.FromString(graphs.graph([node("MatMul", "x", "w")], tensors={"w": W}))
    weights = model.graph.initializer[0]
    weights.data_location = TensorProto.EXTERNAL
    weights.external_data.add(key="location", value="/etc/passwd")
    assert "value 'w': expected a tensor inside the file" in refused(model.SerializeToString())


def test_steps_that_do_not_lead_to_the_scores_are_left_out() -> None:
    nodes = [node("NonZero", "x", out="other"), node("MatMul", "x", "w")]
    content = graphs.graph(nodes, tensors={"w": W})
    np.testing.assert_array_equal(graphs.in_torch(graphs.program(content), X), X @ W)


def test_what_does_not_hang_on_rows_is_counted_once() -> None:
    nodes = [node("Transpose", "w", out="t"), node("Neg", "t", out="m"), node("MatMul", "x", "m")]
    made = graphs.program(graphs.graph(nodes, tensors={"w": W.T.copy()}))
    np.testing.assert_array_equal(graphs.in_torch(made, X), -X @ W)
    np.testing.assert_array_equal(made.constants["m"].numpy(), -W)
