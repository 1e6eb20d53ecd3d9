from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from bartizan.adapt import bind, load_model
from bartizan.adapt.onnx.picture import Picture
from bartizan.core.errors import InputError, ModelError, ShapeError
from unit.adapt import pictures

PIXEL = {"nchw": (1, 2, 2), "nhwc": (2, 2, 1), "rows": ((2 * 5 + 2) * 3 + 1,)}


def reader(path: Path, *, form: str, shape: list[Any], middle: float, kind: int = 1) -> Path:
    """A graph that flattens its input and reads the planted pixel."""
    helper = onnx.helper
    sizes = {"nchw": (3, 4, 5), "nhwc": (4, 5, 3), "rows": (60,)}[form]
    weights = np.zeros((60, 2))
    weights[np.ravel_multi_index(PIXEL[form], sizes)] = (-1, 1)
    dtype = {1: np.float32, 11: np.float64}[kind]
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["x"], ["f"], axis=1),
            helper.make_node("Gemm", ["f", "w", "b"], ["s"]),
        ],
        "reader",
        [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info("s", kind, ["n", 2])],
        [
            onnx.numpy_helper.from_array(weights.astype(dtype), "w"),
            onnx.numpy_helper.from_array(np.array([middle, -middle], dtype=dtype), "b"),
        ],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    path.write_bytes(made.SerializeToString())
    return path


@pytest.mark.parametrize("middle", [0.5, 127.5])
@pytest.mark.parametrize(
    ("form", "shape"),
    [
        ("nchw", ["n", 3, 4, 5]),
        ("nchw", ["n", "c", "h", "w"]),
        ("nhwc", ["n", 4, 5, 3]),
        ("nhwc", [None, None, None, None]),
        ("rows", ["n", 60]),
        ("nchw", [1, 3, 4, 5]),
    ],
)
def test_a_graph_is_fed_the_layout_it_was_made_for(
    tmp_path: Path, form: str, shape: list[Any], middle: float
) -> None:
    path = reader(tmp_path / "m.onnx", form=form, shape=shape, middle=middle)
    table = pictures.table()
    bound = bind(load_model(path), table)
    feed = bound.scorer.feed
    assert isinstance(feed, Picture)
    assert (feed.layout.form, feed.layout.scaled) == (form, middle < 1)
    decided = bound.scores(table.dataset.x).argmax(axis=1)
    np.testing.assert_array_equal(decided, table.dataset.y)


def test_a_graph_of_doubles_is_fed_doubles(tmp_path: Path) -> None:
    path = reader(tmp_path / "m.onnx", form="rows", shape=["n", 60], middle=0.5, kind=11)
    bound = bind(load_model(path), pictures.table())
    assert isinstance(bound.scorer.feed, Picture)
    assert bound.scorer.feed.layout.dtype == "float64"


def test_a_graph_of_another_size_is_told_both(tmp_path: Path) -> None:
    path = reader(tmp_path / "m.onnx", form="nchw", shape=["n", 3, 4, 5], middle=0.5)
    with pytest.raises(ModelError, match=r"shape \('n', 3, 4, 5\), .* are 5 x 5 x 3: none of"):
        bind(load_model(path), pictures.table(height=5))
    flat = reader(tmp_path / "f.onnx", form="rows", shape=["n", 60], middle=0.5)
    with pytest.raises(ShapeError, match=r"takes 60 values, an image of the data has 75"):
        bind(load_model(flat), pictures.table(height=5))


def test_a_graph_that_lies_about_its_sizes_names_what_was_tried(tmp_path: Path) -> None:
    path = reader(tmp_path / "m.onnx", form="nchw", shape=["n", "c", "h", "w"], middle=0.5)
    with pytest.raises(
        InputError, match=r"none of the layouts tried: \(n, 3, 5, 5\).*\(n, 5, 5, 3"
    ):
        bind(load_model(path), pictures.table(height=5))


def test_whole_numbers_and_several_inputs_are_refused(tmp_path: Path) -> None:
    helper = onnx.helper
    whole = helper.make_tensor_value_info("x", 7, ["n", 60])
    other = helper.make_tensor_value_info("z", 1, ["n", 60])
    for inputs in ([whole], [whole, other]):
        nodes = [helper.make_node("Cast", ["x"], ["s"], to=1)]
        out = [helper.make_tensor_value_info("s", 1, ["n", 60])]
        graph = helper.make_graph(nodes, "g", inputs, out)
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        path = tmp_path / "m.onnx"
        path.write_bytes(made.SerializeToString())
        with pytest.raises((ModelError, ShapeError), match=r"expected one of fractions|takes 2"):
            bind(load_model(path), pictures.table())
