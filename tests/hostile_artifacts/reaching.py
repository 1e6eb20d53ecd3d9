"""Graphs and trees that reach out of their file, from places where few look."""

import json
import struct
from collections.abc import Iterator
from typing import Any

from hostile_artifacts.archives import Entry, zipped
from hostile_artifacts.case import FORMAT, Build, Case, Least
from hostile_artifacts.graphs import field
from hostile_artifacts.opcodes import PLACE, payload

_ABOVE = "../../nonexistent"
Named = dict[str, tuple[str, Build]]


def _tensor(location: str) -> bytes:
    """A tensor whose numbers lie in another file: external_data 13, data_location 14."""
    entry = field(1, "location") + field(2, location)
    return field(1, 1) + field(2, 1) + field(8, "w") + field(13, entry) + field(14, 1)


def _graph(*, nodes: tuple[bytes, ...] = (), rest: bytes = b"") -> bytes:
    usual = field(1, field(1, "x") + field(2, "y") + field(4, "Relu"))
    return usual + b"".join(field(1, node) for node in nodes) + field(2, "g") + rest


def _model(graph: bytes, *, before: bytes = b"", after: bytes = b"") -> bytes:
    return field(1, 8) + before + field(7, graph) + after


def _onnx() -> Named:
    """Places of a model besides the tensors of its graph."""
    outside = _tensor(_ABOVE)
    attribute = field(1, "value") + field(20, 4) + field(5, outside)
    constant = field(4, "Constant") + field(5, attribute)
    branch = field(1, "then_branch") + field(20, 5) + field(6, _graph(rest=field(5, outside)))
    loop = field(4, "If") + field(5, branch)
    twice = field(4, "Loop") + field(5, field(1, "body") + field(6, _graph(nodes=(loop,))))
    tensors = field(4, "Custom") + field(5, field(1, "t") + field(10, outside))
    graphs = field(4, "Custom") + field(
        5, field(1, "g") + field(11, _graph(rest=field(5, outside)))
    )
    sparse = field(15, field(1, outside) + field(3, 4))
    function = field(1, "f") + field(7, constant) + field(10, "local")
    trained = field(1, _graph(rest=field(5, outside)))
    many = b"".join(field(14, field(1, f"k{n}") + field(2, "v")) for n in range(100))
    entries = field(13, field(2, _ABOVE) + field(1, "location"))
    swapped = field(1, 1) + field(2, 1) + field(8, "w") + entries + field(14, 1)
    doubled = field(13, field(1, "location") + field(2, "w.bin"))
    last = doubled + field(13, field(1, "location") + field(2, _ABOVE))
    return {
        "onnx-data-of-a-sparse-tensor": ("onnx-external-data", lambda: _model(_graph(rest=sparse))),
        "onnx-data-in-a-branch": ("onnx-external-data", lambda: _model(_graph(nodes=(loop,)))),
        "onnx-data-in-a-branch-of-a-loop": (
            "onnx-external-data",
            lambda: _model(_graph(nodes=(twice,))),
        ),
        "onnx-data-in-a-list-of-tensors": (
            "onnx-external-data",
            lambda: _model(_graph(nodes=(tensors,))),
        ),
        "onnx-data-in-a-list-of-graphs": (
            "onnx-external-data",
            lambda: _model(_graph(nodes=(graphs,))),
        ),
        "onnx-data-in-a-function": (
            "onnx-external-data",
            lambda: _model(_graph(), after=field(25, function)),
        ),
        "onnx-data-in-training": (
            "onnx-external-data",
            lambda: _model(_graph(), after=field(20, trained)),
        ),
        "onnx-graph-behind-notes": (
            "onnx-external-data",
            lambda: _model(_graph(rest=field(5, outside)), before=many),
        ),
        "onnx-graph-in-two-parts": (
            "onnx-external-data",
            lambda: _model(_graph()) + field(7, _graph(rest=field(5, outside))),
        ),
        "onnx-data-with-key-and-value-swapped": (
            "onnx-external-data",
            lambda: _model(_graph(rest=field(5, swapped))),
        ),
        "onnx-data-with-two-places": (
            "onnx-external-data",
            lambda: _model(
                _graph(rest=field(5, field(1, 1) + field(8, "w") + last + field(14, 1)))
            ),
        ),
        "onnx-data-behind-a-dot": (
            "onnx-external-data",
            lambda: _model(_graph(rest=field(5, _tensor("./a/../../nonexistent")))),
        ),
        "onnx-data-under-a-home": (
            "onnx-external-data",
            lambda: _model(_graph(rest=field(5, _tensor("/root/.ssh/id_rsa")))),
        ),
        "onnx-data-on-a-share": (
            "onnx-external-data",
            lambda: _model(_graph(rest=field(5, _tensor("\\\\nobody.invalid\\x")))),
        ),
    }


def _node(operation: str, *, rest: bytes = b"") -> bytes:
    return field(1, "n") + field(2, operation) + rest


def _saved(graph: bytes, *, rest: bytes = b"") -> bytes:
    """SavedModel: meta_graphs 2; of these graph_def 2."""
    return field(1, 1) + field(2, field(1, field(4, "serve")) + field(2, graph) + rest)


def _tensorflow() -> Named:
    """Operations in functions, in frozen graphs and beside others."""
    writes = field(1, _node("WriteFile"))
    within = field(2, field(1, field(1, field(1, "f")) + field(3, _node("ReadFile"))))
    asset = field(6, field(1, field(1, "a")) + field(2, _ABOVE))
    stream = field(5, field(1, "output_stream") + field(2, field(2, f"file://{PLACE}")))
    prints = field(1, _node("PrintV2", rest=stream))
    layer = json.dumps({"class_name": "Lambda", "config": {"function": ["4w==", None, None]}})
    metadata = field(
        1, field(2, 1) + field(3, "root.l") + field(4, "_tf_keras_layer") + field(5, layer)
    )
    return {
        "frozen-graph-writes-a-file": ("savedmodel-operator", lambda: writes),
        "frozen-graph-reads-in-a-function": (
            "savedmodel-operator",
            lambda: field(1, _node("Const")) + within,
        ),
        "savedmodel-second-graph-writes": (
            "savedmodel-operator",
            lambda: _saved(field(1, _node("Const"))) + field(2, field(2, writes)),
        ),
        "savedmodel-asset-above-the-folder": (
            "savedmodel-operator",
            lambda: _saved(field(1, _node("Const")), rest=asset),
        ),
        "savedmodel-prints-into-a-file": ("savedmodel-operator", lambda: _saved(prints)),
        "savedmodel-layer-of-keras-with-code": ("keras-lambda", lambda: metadata),
    }


def _texts() -> dict[str, tuple[str, str, Build]]:
    """Graphs as text."""
    return {
        "savedmodel-as-text-writes-a-file": (
            "savedmodel-operator",
            ".pbtxt",
            b'meta_graphs { graph_def { node { name: "n" op: "WriteFile" } } }\n'.strip,
        ),
        "savedmodel-as-text-in-escapes": (
            "savedmodel-operator",
            ".pbtxt",
            b'meta_graphs { graph_def { node { name: "n" op: "\\127riteFile" } } }\n'.strip,
        ),
        "savedmodel-as-text-in-two-parts": (
            "savedmodel-operator",
            ".pbtxt",
            b"meta_graphs { graph_def { node { op: 'Write' \"File\" } } }\n".strip,
        ),
    }


def _tree(**changed: Any) -> dict[str, Any]:
    """A tree of XGBoost with one test."""
    tree: dict[str, Any] = {
        "id": 0,
        "tree_param": {"num_nodes": "3", "size_leaf_vector": "1", "num_feature": "1"},
        "left_children": [1, -1, -1],
        "right_children": [2, -1, -1],
        "parents": [2**31 - 1, 0, 0],
        "split_indices": [0, 0, 0],
        "split_type": [0, 0, 0],
        "split_conditions": [0, 0, 0],
        "default_left": [0, 0, 0],
        "base_weights": [0, 0, 0],
        **{f"categories{end}": [] for end in ("", "_nodes", "_segments", "_sizes")},
    }
    return {**tree, **changed}


def _boosted(tree: dict[str, Any]) -> bytes:
    model = {"gbtree_model_param": {"num_trees": "1"}, "trees": [tree], "tree_info": [0]}
    learner = {
        "learner_model_param": {"num_feature": "1", "num_class": "0"},
        "gradient_booster": {"name": "gbtree", "model": model},
    }
    return json.dumps({"learner": learner, "version": [3, 0, 0]}).encode()


def _trees() -> dict[str, tuple[str, str, Build]]:
    """Trees that lead out of themselves; nothing is called."""
    tree = (
        "Tree=0\nnum_leaves=2\nnum_cat=0\nsplit_feature=0\nthreshold=0.5\ndecision_type=2\n"
        "left_child=-99999\nright_child=-2\nleaf_value=0 1\n\n\n"
    )
    light = (
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=0\n"
        f"feature_names=a\nfeature_infos=[0:1]\ntree_sizes={len(tree)}\n\n{tree}end of trees\n"
    )
    circle = _tree(left_children=[0, -1, -1])
    return {
        "xgboost-tree-in-a-circle": ("boosted-index", ".json", lambda: _boosted(circle)),
        "lightgbm-leaf-that-is-not-there": ("boosted-index", ".txt", light.encode),
    }


def _hdf5(message: bytes, *, before: bytes = b"") -> bytes:
    """A file of superblock 2 whose root has one message."""
    header = b"OHDR\2\2" + struct.pack("<I", len(message)) + message + bytes(4)
    start = len(before)
    places = struct.pack("<QQQQ", start, 2**64 - 1, start + 48 + len(header), 48)
    return before + b"\x89HDF\r\n\x1a\n\2\x08\x08\0" + places + bytes(4) + header


def _links() -> dict[str, tuple[str, str, Build]]:
    """HDF5 that is read from another file."""
    value = b"\0/etc/passwd\0/x\0"
    body = b"\1\x08\x40\x01w" + struct.pack("<H", len(value)) + value
    link = struct.pack("<BHB", 6, len(body), 0) + body
    script = Entry(name="m/code/__torch__.py", raw=b"op_version_set = 1\n")
    packages = Entry(name="m/.data/extern_modules", raw=b"os\n")
    return {
        "hdf5-link-to-another-file": ("hdf5-external", ".h5", lambda: _hdf5(link)),
        "hdf5-behind-a-pickle": (
            "hdf5-external",
            ".h5",
            lambda: _hdf5(link, before=payload().ljust(512, b"\n")),
        ),
        "torchscript-with-a-pickle-of-its-own": (
            "torchscript",
            ".pt",
            lambda: zipped((script, Entry(name="m/data.pkl", raw=payload()))),
        ),
        "torch-package-with-a-pickle": (
            "torchscript",
            ".pt",
            lambda: zipped((packages, Entry(name="m/model/model.pkl", raw=payload()))),
        ),
    }


_LEAST: dict[str, Least] = {"hdf5-link-to-another-file": "suspicious"}


def cases() -> Iterator[Case]:
    """Every graph and tree."""
    for ending, group in ((".onnx", _onnx()), (".pb", _tensorflow())):
        for name, (weakness, build) in group.items():
            yield _case(name, weakness, ending=ending, build=build)
    for name, (weakness, ending, build) in {**_texts(), **_trees(), **_links()}.items():
        yield _case(name, weakness, ending=ending, build=build)


def _case(name: str, weakness: str, *, ending: str, build: Build) -> Case:
    least: Least = "suspicious" if weakness == "boosted-index" else "malicious"
    return Case(
        name=name,
        family=FORMAT,
        weakness=weakness,
        ending=ending,
        content=build,
        least=_LEAST.get(name, least),
    )
