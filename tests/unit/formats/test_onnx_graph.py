import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from bartizan.core.errors import InputError
from bartizan.formats.onnx_graph import OnnxNode, OnnxTensor, read_graph, read_node, read_tensor


def node(**attributes: object) -> OnnxNode:
    return read_node(
        helper.make_node("Conv", ["x", "", "b"], ["y"], **attributes).SerializeToString()
    )


def test_names_and_attributes_of_a_node_are_read() -> None:
    tensor = numpy_helper.from_array(np.arange(3.0))
    made = node(a=1.5, b=-3, c="word", d=[1, -2], e=[0.5, 2.0], f=["p", "q"], g=tensor, h=0)
    assert (made.operator, made.domain) == ("Conv", "")
    assert (made.inputs, made.outputs) == (("x", "", "b"), ("y",))
    found = made.attributes()
    assert found.pop("g") == OnnxTensor(kind=11, dims=(3,), content=np.arange(3.0).tobytes())
    assert found == {
        "a": 1.5, "b": -3, "c": b"word", "d": [1, -2], "e": [0.5, 2.0], "f": [b"p", b"q"], "h": 0,
    }  # fmt: skip


def test_graphs_and_arguments_in_attributes_are_refused() -> None:
    inner = helper.make_graph([], "g", [], [])
    with pytest.raises(InputError, match="'then_branch' to be numbers, text or a tensor"):
        node(then_branch=inner).attributes()
    made = helper.make_node("Elu", ["x"], ["y"], alpha=1.0)
    made.attribute[0].ref_attr_name = "outside"
    with pytest.raises(InputError, match="'alpha' to be"):
        read_node(made.SerializeToString()).attributes()


def test_the_graph_of_a_file_is_listed() -> None:
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "w"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", 1, [2])],
        [helper.make_tensor_value_info("y", 1, [2])],
        [numpy_helper.from_array(np.ones(2, np.float32), "w")],
    )
    opsets = [helper.make_opsetid("ai.onnx", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    made = read_graph(helper.make_model(graph, opset_imports=opsets).SerializeToString())
    assert [step.operator for step in made.nodes] == ["Add"]
    assert made.opsets == {"": 17, "ai.onnx.ml": 3}
    assert list(made.tensors) == ["w"]
    assert not made.functions


@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize(
    "dtype",
    ["float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint8", "uint16", "bool"],
)
def test_tensors_are_read_as_bytes_or_as_lists(*, dtype: str, raw: bool) -> None:
    values = np.array([[0, 1, 2], [3, 4, 100]]).astype(dtype)
    if dtype.startswith(("float", "int")):
        values = -values
    kind = helper.np_dtype_to_tensor_dtype(values.dtype)
    content = values.tobytes() if raw else values.reshape(-1).tolist()
    made = read_tensor(helper.make_tensor("w", kind, [2, 3], content, raw=raw).SerializeToString())
    assert (made.kind, made.dims, made.content) == (kind, (2, 3), values.tobytes())


def test_an_empty_tensor_and_a_single_number_are_read() -> None:
    assert read_tensor(numpy_helper.from_array(np.zeros((0, 3))).SerializeToString()).content == b""
    assert read_tensor(numpy_helper.from_array(np.array(2.0)).SerializeToString()).dims == ()


def test_tensors_that_lie_about_themselves_are_refused() -> None:
    good = numpy_helper.from_array(np.ones((2, 3), np.float32), "w")
    for dims in ([2, 4], [2**40, 2**40], [-2, -3], [2, 3, 0]):
        bad = TensorProto.FromString(good.SerializeToString())
        bad.dims[:] = dims
        with pytest.raises(InputError, match="bytes for a tensor of shape"):
            read_tensor(bad.SerializeToString())
    for kind in (0, TensorProto.STRING, TensorProto.FLOAT8E5M2, 99):
        bad = TensorProto.FromString(good.SerializeToString())
        bad.data_type = kind
        with pytest.raises(InputError, match="expected a tensor of numbers"):
            read_tensor(bad.SerializeToString())
    away = TensorProto(name="w", data_type=1, dims=[2], data_location=TensorProto.EXTERNAL)
    with pytest.raises(InputError, match="lies elsewhere"):
        read_tensor(away.SerializeToString())
    large = TensorProto(name="w", data_type=TensorProto.UINT8, dims=[1], int32_data=[300])
    with pytest.raises(InputError, match="whole numbers of the tensor's type"):
        read_tensor(large.SerializeToString())


def test_a_graph_of_more_nodes_than_any_model_is_refused() -> None:
    nodes = b"\x0a\x02\x22\x00" * 20_001  # each names an empty operator
    size = len(nodes)
    raw = b"\x3a" + bytes([size & 127 | 128, size >> 7 & 127 | 128, size >> 14]) + nodes
    with pytest.raises(InputError, match="at most 20000 nodes, got 20001"):
        read_graph(raw)
