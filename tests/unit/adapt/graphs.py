"""Small ONNX graphs, and the same in torch beside onnxruntime."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from bartizan.adapt.onnx.program import Program
from bartizan.core.arrays import AnyArray
from bartizan.formats.onnx_graph import read_graph

Values: TypeAlias = Mapping[str, Any]


def node(operator: str, *names: str, out: str | Sequence[str] = "out", **attributes: Any) -> Any:
    """A node; operators of pipelines are found by their name."""
    domain = "ai.onnx.ml" if operator in _ML else ""
    outputs = [out] if isinstance(out, str) else list(out)
    return helper.make_node(operator, list(names), outputs, domain=domain, **attributes)


_ML = (
    "ArrayFeatureExtractor",
    "FeatureVectorizer",
    "Imputer",
    "LinearClassifier",
    "LinearRegressor",
    "Normalizer",
    "Scaler",
    "ZipMap",
)


def graph(
    nodes: Sequence[Any],
    *,
    tensors: Values | None = None,
    shape: Sequence[int | str] = ("n", 4),
    opset: int = 17,
    kind: int = TensorProto.FLOAT,
    out: str = "out",
    ends: Sequence[int | str] | None = None,
) -> bytes:
    """A file with one input `x` and one output."""
    made = helper.make_graph(
        list(nodes),
        "net",
        [helper.make_tensor_value_info("x", kind, list(shape))],
        [helper.make_tensor_value_info(out, kind, None if ends is None else list(ends))],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in (tensors or {}).items()],
    )
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 1)]
    model = helper.make_model(made, opset_imports=opsets, ir_version=8)
    return bytes(model.SerializeToString())


def opened(content: bytes) -> Any:
    """A session of the runtime."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def program(content: bytes, *, out: str = "out") -> Program:
    """The same in torch."""
    return Program.of(read_graph(content), inputs=("x",), outputs=(out,))


def in_torch(made: Program, x: AnyArray) -> AnyArray:
    """What the program answers."""
    import torch  # noqa: PLC0415 (as the sources do)

    found = made({"x": torch.from_numpy(x)}, rows=len(x))[0]
    return np.asarray(found.detach().numpy())
