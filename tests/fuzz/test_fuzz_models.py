"""Damaged files of models: a scanner answers, or says why not, and nothing else ever happens.

`BARTIZAN_FUZZ_ROUNDS` sets how many mutations of each file are tried; 150 keep the run short.
"""

import json
import os
import random
import struct
import sys
from collections.abc import Callable
from typing import Any

import pytest

from bartizan.supply.scanners import (
    boosted,
    code,
    gguf,
    hdf5,
    inert,
    keras,
    lightgbm,
    log_tiles,
    markup,
    onnx,
    pages,
    safetensors,
    saved_model,
    skops,
    yaml,
)
from model_files import (
    gguf as gguf_file,
)
from model_files import (
    hdf5 as hdf5_file,
)
from model_files import (
    hdf5_external,
    onnx_external,
    onnx_model,
    onnx_node,
    pb,
    tf_graph,
    tf_node,
    tf_text,
    ubj,
)
from model_files import (
    safetensors as safetensors_file,
)
from model_files import (
    saved_model as saved_model_file,
)
from scanned import scanned
from timing import within

ROUNDS = int(os.environ.get("BARTIZAN_FUZZ_ROUNDS", "150"))
SECONDS = 2.0
"""CPU time of one file of a few hundred bytes: all of them take less than a hundredth of it."""
SCANNERS = [
    module.SCANNER
    for module in (
        boosted,
        code,
        gguf,
        hdf5,
        inert,
        keras,
        lightgbm,
        log_tiles,
        markup,
        onnx,
        pages,
        safetensors,
        saved_model,
        skops,
        yaml,
    )
]
LARGE = [2**7, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**62, 2**63, 2**64 - 1]


def _boosted() -> bytes:
    tree = {
        "tree_param": {"num_nodes": "3", "size_leaf_vector": "1", "num_feature": "2"},
        "id": 0,
        "left_children": [1, -1, -1],
        "right_children": [2, -1, -1],
        "parents": [2**31 - 1, 0, 0],
        "split_indices": [1, 0, 0],
        "split_conditions": [0.5, 1, 2],
        "split_type": [0, 0, 0],
        "default_left": [0, 0, 0],
        "base_weights": [0, 1, 2],
        **{f"categories{part}": [] for part in ("", "_nodes", "_segments", "_sizes")},
    }
    model = {"gbtree_model_param": {"num_trees": "1"}, "trees": [tree], "tree_info": [0]}
    learner = {
        "learner_model_param": {"num_feature": "2", "num_class": "0"},
        "gradient_booster": {"name": "gbtree", "model": model},
    }
    return json.dumps({"learner": learner}).encode()


_TEXT = (
    "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=1\n"
    "feature_names=a b\nfeature_infos=[0:1] [0:1]\ntree_sizes=%d\n\n"
)
_TREE = (
    "Tree=0\nnum_leaves=2\nnum_cat=0\nsplit_feature=1\nthreshold=0.5\ndecision_type=2\n"
    "left_child=-1\nright_child=-2\nleaf_value=1 2\n\n\n"
)
_PAGE = (
    b"<!doctype html>\n<html><head><meta charset=utf-8></head><body><!-- a -->"
    b'<a href="data:image/png;base64,x" onclick = "1">&lt;script&#62;</a><iframe></body></html>'
)
_ONE = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
_LAYER = {"class_name": "Lambda", "config": {"function": ["4wEAAAAAAAAAAAAAAAAAAAAAA"]}}
_NODE = {"__class__": "SVC", "__module__": "sklearn.svm._classes", "__loader__": "ObjectNode"}
FILES: dict[str, tuple[str, bytes]] = {
    "page": ("report.html", _PAGE),
    "drawing": ("logo.svg", _PAGE.replace(b"html", b"svg")),
    "code": ("train.py", b"import os\nprint('\xc3\xa9')\n"),
    "log-entries": ("ledger/tile/entries/000.p/2", b"\x00\x02{}\x00\x03abc"),
    "log-hashes": ("ledger/tile/0/000.p/2", bytes(range(64))),
    "safetensors": ("m.safetensors", safetensors_file({"a": _ONE}, bytes(8))),
    "gguf": ("m.gguf", gguf_file({"a.template": "{{ x }}"}, tensors=(("w", (4,), 0, 0),))),
    "onnx": (
        "m.onnx",
        onnx_model(
            onnx_node("If", attributes=pb(5, pb(1, "b") + pb(6, pb(1, onnx_node("Relu"))))),
            tensors=(onnx_external("w.bin"),),
        ),
    ),
    "saved_model": (
        "saved_model.pb",
        saved_model_file(tf_graph(tf_text("a", "/x"), tf_node("SaveV2", inputs=("a",), s="t"))),
    ),
    "saved_model_text": ("m.pbtxt", b'meta_graphs { graph_def { node { op: "Wr\\x69te" } } }'),
    "keras": ("config.json", json.dumps({"config": {"layers": [_LAYER]}}).encode()),
    "hdf5": (
        "m.h5",
        hdf5_file({"model_config": json.dumps(_LAYER).encode()}, links=hdf5_external("a", "b.h5")),
    ),
    "skops": ("schema.json", json.dumps({**_NODE, "content": {"a": _NODE}}).encode()),
    "xgboost": ("m.json", _boosted()),
    "xgboost_binary": ("m.ubj", ubj(json.loads(_boosted()))),
    "lightgbm": ("m.txt", (_TEXT % len(_TREE) + _TREE + "end of trees\n").encode()),
    "yaml": ("m.yaml", b"a: !!python/name:x.y\nb:\n  _target_: os.system\n"),
    "xml": ("m.pmml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "c"><!ENTITY d "&b;">]><a/>'),
}


def _flip(raw: bytearray, rng: random.Random) -> None:
    raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)


def _set(raw: bytearray, rng: random.Random) -> None:
    raw[rng.randrange(len(raw))] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))


def _number(raw: bytearray, rng: random.Random) -> None:
    """A length that is too large."""
    size = rng.choice((1, 2, 4, 8))
    at = rng.randrange(len(raw))
    raw[at : at + size] = struct.pack("<Q", rng.choice(LARGE))[:size]


def _cut(raw: bytearray, rng: random.Random) -> None:
    del raw[rng.randrange(len(raw)) :]


def _drop(raw: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(raw))
    del raw[at : at + rng.randrange(1, 9)]


def _repeat(raw: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(raw))
    raw[at:at] = raw[at : at + rng.randrange(1, 40)] * rng.choice((1, 2, 300))


MUTATIONS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip,
    _set,
    _number,
    _cut,
    _drop,
    _repeat,
)


def mutated(raw: bytes, rng: random.Random) -> bytes:
    """A file with one to four changes."""
    changed = bytearray(raw)
    for _ in range(rng.randrange(1, 5)):
        if changed:
            rng.choice(MUTATIONS)(changed, rng)
    return bytes(changed)


@pytest.mark.parametrize("name", FILES)
def test_damage_is_answered_in_time_and_imports_nothing(name: str) -> None:
    path, raw = FILES[name]
    rng = random.Random(f"models/{name}")  # noqa: S311 (repeatable, no secret)
    for scanner in SCANNERS:
        scanned(scanner, raw, path=path)  # imports what it needs to begin with
    modules = set(sys.modules)
    for number in range(ROUNDS):
        changed = mutated(raw, rng)

        def walked(changed: bytes = changed) -> list[int]:
            return [scanned(scanner, changed, path=path).covered for scanner in SCANNERS]

        for covered in within(SECONDS, walked):
            assert 0 <= covered <= len(changed), number
    assert not {
        module for module in set(sys.modules) - modules if not module.startswith("encodings")
    }


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_read_as_what_it_is_before_it_is_damaged(name: str) -> None:
    """Else the damage would fall on something that nobody reads."""
    path, raw = FILES[name]
    found = [scanned(scanner, raw, path=path) for scanner in SCANNERS]
    assert any(one.covered == len(raw) or one.notices for one in found)
    assert not any(one.fault for one in found)


@pytest.mark.parametrize("name", FILES)
def test_content_of_an_archive_is_read_like_a_file(name: str) -> None:
    path, raw = FILES[name]
    for scanner in SCANNERS:
        there = scanned(scanner, raw, path=f"a.zip/{path}", compressed=True)
        assert there == scanned(scanner, raw, path=f"a.zip/{path}"), scanner.name


ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**70,
    1e400,
    "",
    "x" * 300,
    "../x",
    [],
    {},
    [[]],
    {"class_name": []},
)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every container with every key or index in it."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = [(value, key) for key, _ in inner]
    for part in list(value.values()) if isinstance(value, dict) else list(value):
        found += _places(part) if isinstance(part, dict | list) else []
    return found


@pytest.mark.parametrize("name", ["keras", "skops", "xgboost", "xgboost_binary", "safetensors"])
def test_values_of_other_types_are_answered(name: str) -> None:
    path = FILES[name][0]
    written: dict[str, Callable[[Any], bytes]] = {
        "xgboost_binary": lambda value: ubj(plain_numbers(value)),
        "safetensors": lambda value: safetensors_file(value, bytes(8)),
    }
    sources = {"xgboost_binary": _boosted(), "safetensors": FILES[name][1][8:-8]}
    rng = random.Random(f"types/{name}")  # noqa: S311 (repeatable, no secret)
    for _ in range(ROUNDS):
        value = json.loads(sources.get(name, FILES[name][1]))
        for _ in range(rng.randrange(1, 4)):
            places = _places(value)
            if places:
                held, key = rng.choice(places)
                held[key] = json.loads(json.dumps(rng.choice(ODD)))
        raw = written.get(name, lambda v: json.dumps(v).encode())(value)
        for scanner in SCANNERS:
            assert 0 <= scanned(scanner, raw, path=path).covered <= len(raw)


def plain_numbers(value: Any) -> Any:
    """Without what binary JSON cannot hold."""
    if isinstance(value, dict):
        return {key: plain_numbers(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain_numbers(part) for part in value]
    small = isinstance(value, str | float) or (type(value) is int and abs(value) < 2**62)
    return value if small else 7
