"""Weights beside a model are told from bytes that nobody knows."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from bartizan.core.finding import Outcome
from bartizan.supply.scan.beside import beside
from bartizan.supply.scan.paths import find
from bartizan.workspace import Workspace
from sorted_tables import index


def model(folder: Path, *, weights: str = "model.bin") -> None:
    """A graph whose only weights lie in another file."""
    folder.mkdir(parents=True, exist_ok=True)
    values = numpy_helper.from_array(np.arange(600, dtype="f4").reshape(2, 300), "w")
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 300])],
        [values],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    onnx.save_model(
        made,
        str(folder / "model.onnx"),
        save_as_external_data=True,
        location=weights,
        size_threshold=0,
    )


def outcomes(path: Path) -> dict[str, Outcome]:
    with Workspace() as ws:
        found = ws.supply.scan(path).findings
    return {finding.subject.rpartition("/")[2]: finding.outcome for finding in found}


def test_weights_that_a_clean_model_names_pass_with_it(tmp_path: Path) -> None:
    model(tmp_path / "m")
    assert outcomes(tmp_path / "m") == {"model.onnx": "pass", "model.bin": "pass"}


def test_the_same_bytes_beside_no_model_are_inconclusive(tmp_path: Path) -> None:
    model(tmp_path / "m")
    (tmp_path / "m" / "other.bin").write_bytes((tmp_path / "m" / "model.bin").read_bytes())
    assert outcomes(tmp_path / "m")["other.bin"] == "inconclusive"


def test_a_model_scanned_without_its_weights_is_inconclusive(tmp_path: Path) -> None:
    model(tmp_path / "m")
    assert outcomes(tmp_path / "m" / "model.onnx") == {"model.onnx": "inconclusive"}
    (tmp_path / "m" / "model.bin").unlink()
    assert outcomes(tmp_path / "m") == {"model.onnx": "inconclusive"}


def test_a_pickle_that_a_model_calls_its_weights_stays_what_it_is(tmp_path: Path) -> None:
    model(tmp_path / "m")
    hostile = b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R."
    (tmp_path / "m" / "model.bin").write_bytes(hostile)
    assert outcomes(tmp_path / "m")["model.bin"] == "fail"


def test_a_damaged_file_that_a_model_calls_its_weights_stays_inconclusive(tmp_path: Path) -> None:
    model(tmp_path / "m")
    damaged = b"\x89HDF\r\n\x1a\n" + bytes(range(256)) * 4
    (tmp_path / "m" / "model.bin").write_bytes(damaged)
    assert outcomes(tmp_path / "m") == {"model.onnx": "pass", "model.bin": "inconclusive"}


def test_of_weights_it_is_told_that_nobody_read_them(tmp_path: Path) -> None:
    model(tmp_path / "m")
    with Workspace() as ws:
        report = ws.supply.scan(tmp_path / "m").report
    found = next(one for one in report.findings if one.subject == "m/model.bin")
    assert found.reason == "weights of m/model.onnx, numbers that nobody reads as anything else"
    assert next(one.value for one in found.measures if one.name == "bytes-walked") == 0
    assert report.headline.startswith("1 file read to the last byte;")
    assert "1 file of weights" in report.headline


def test_shards_pass_with_an_index_that_gives_their_size(tmp_path: Path) -> None:
    shard = tmp_path / "variables.data-00000-of-00001"
    (tmp_path / "variables.index").write_bytes(index(12))
    shard.write_bytes(np.zeros(3, "f4").tobytes())
    assert set(outcomes(tmp_path).values()) == {"pass"}
    shard.write_bytes(np.zeros(4, "f4").tobytes())
    assert outcomes(tmp_path)[shard.name] == "inconclusive"


def test_a_file_called_an_index_vouches_for_nothing(tmp_path: Path) -> None:
    shard = tmp_path / "variables.data-00000-of-00001"
    (tmp_path / "variables.index").write_bytes(index(12)[-48:])
    shard.write_bytes(np.zeros(3, "f4").tobytes())
    assert set(outcomes(tmp_path).values()) == {"inconclusive"}


def test_names_beside_a_file_are_relative_to_its_own_folder(tmp_path: Path) -> None:
    for name in ("a", "b/c", "b/d/e"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = {place.inner: set(names) for place, names in beside(find([tmp_path]).places).items()}
    assert found == {"a": {"a", "b/c", "b/d/e"}, "b/c": {"c", "d/e"}, "b/d/e": {"e"}}
