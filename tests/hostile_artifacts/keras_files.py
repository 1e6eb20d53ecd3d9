"""Keras models whose configuration names what is imported and called."""

import base64
import json
import marshal
import struct
from collections.abc import Iterator
from functools import partial
from typing import Any

from hostile_artifacts.archives import Entry, zipped
from hostile_artifacts.case import FORMAT, Case
from hostile_artifacts.opcodes import COMMAND, PLACE, URL, payload

_NONE = 0xFFFF_FFFF_FFFF_FFFF
"""The undefined address of HDF5."""


def _marshalled() -> str:
    code = compile("lambda x: x", "inert", "eval")
    return base64.b64encode(marshal.dumps(code)).decode()


def _lambda(function: Any, **more: Any) -> dict[str, Any]:
    """A Lambda layer."""
    return {
        "module": "keras.layers",
        "class_name": "Lambda",
        "config": {"name": "f", "function": function, **more},
        "registered_name": None,
    }


def _model(*layers: dict[str, Any]) -> dict[str, Any]:
    """A Sequential model as version 3 writes it."""
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "m", "layers": list(layers)},
        "registered_name": None,
    }


def _called(module: str, name: str, /, **config: Any) -> dict[str, Any]:
    """A node that Keras looks up and calls, or hands on as a function."""
    return {"module": module, "class_name": name, "config": config, "registered_name": None}


def _function(module: str, name: str) -> dict[str, Any]:
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


def _configs() -> dict[str, tuple[str, Any]]:
    """What `config.json` says."""
    code = {"class_name": "__lambda__", "config": {"code": _marshalled()}}
    file = {"fname": "x", "origin": URL, "extract": True, "cache_dir": PLACE}
    switch = _called("keras.config", "enable_unsafe_deserialization")
    pickled = base64.b64encode(payload()).decode()
    return {
        "keras-calls-os-system": ("keras-module", _called("os", "system", command=COMMAND)),
        "keras-function-of-os": ("keras-module", _model(_lambda(_function("os", "system")))),
        "keras-class-of-subprocess": (
            "keras-module",
            _model(_called("subprocess", "Popen", args=[COMMAND])),
        ),
        "keras-build-config-of-builtins": (
            "keras-module",
            _model({**_called("keras.layers", "Dense", units=_function("builtins", "eval"))}),
        ),
        "keras-registered-name-hides-a-module": (
            "keras-module",
            _model({**_called("timeit", "main", args=["pass"]), "registered_name": "Custom>Dense"}),
        ),
        "keras-get-file": (
            "keras-get-file",
            _model(_lambda(_function("keras.utils", "get_file"), arguments=file)),
        ),
        "keras-get-file-of-its-source": (
            "keras-get-file",
            _model(_lambda(_function("keras.src.utils.file_utils", "get_file"), arguments=file)),
        ),
        "keras-switch-to-unsafe": ("keras-unsafe-switch", _model(switch, _lambda(code))),
        "keras-switch-to-unsafe-of-its-source": (
            "keras-unsafe-switch",
            _model(
                _lambda(
                    _function("keras.src.saving.serialization_lib", "enable_unsafe_deserialization")
                )
            ),
        ),
        "keras-torch-wrapper": (
            "keras-torch-wrapper",
            _model(
                _called(
                    "keras.layers",
                    "TorchModuleWrapper",
                    module={"class_name": "__bytes__", "config": pickled},
                )
            ),
        ),
        "keras-lambda": ("keras-lambda", _model(_lambda(code))),
        "keras-lambda-of-version-2": (
            "keras-lambda",
            _model(
                {
                    "class_name": "Lambda",
                    "config": {"function": [_marshalled(), None, None], "function_type": "lambda"},
                }
            ),
        ),
        "keras-lambda-below-a-wrapper": (
            "keras-lambda",
            _model(_called("keras.layers", "TimeDistributed", layer=_lambda(code))),
        ),
    }


def _keras(config: Any, *more: Entry) -> bytes:
    """A `.keras` file."""
    about = json.dumps({"keras_version": "3.8.0"}).encode()
    raw = json.dumps(config).encode()
    return zipped(
        (Entry(name="metadata.json", raw=about), Entry(name="config.json", raw=raw), *more)
    )


def _message(kind: int, body: bytes) -> bytes:
    """A message of an object header of version 1, filled up to 8 bytes."""
    body += bytes(-len(body) % 8)
    return struct.pack("<HHB3x", kind, len(body), 0) + body


def hdf5(name: str, value: bytes) -> bytes:
    """A file with nothing in it but one attribute of its root: a text of fixed length.

    Source: HDF5 File Format Specification 3.0. Superblock 0 (II.A), group with an empty B-tree and
    heap (III.A.1, III.D), attribute message of version 1 (IV.A.2.m).
    """
    label = name.encode() + b"\0"
    kind = struct.pack("<BBBBI", 0x13, 0, 0, 0, len(value))  # a text, filled up with zeros
    space = struct.pack("<BBB5x", 1, 0, 0)
    front = struct.pack("<BBHHH", 1, 0, len(label), len(kind), len(space))
    attribute = front + b"".join(part + bytes(-len(part) % 8) for part in (label, kind, space))
    attribute += value
    root = 96
    messages_at = root + 16
    table = struct.pack("<QQ", 0, 0)
    attribute_message = _message(0x0C, attribute)
    size = len(_message(0x11, table)) + len(attribute_message)
    tree = messages_at + size
    heap = tree + 24 + 8 + 16 * 32 + 8  # a node holds 2K = 32 children at most
    data = heap + 32
    end = data + 88
    head = b"\x89HDF\r\n\x1a\n" + bytes([0, 0, 0, 0, 0, 8, 8, 0]) + struct.pack("<HHI", 4, 16, 0)
    head += struct.pack("<QQQQ", 0, _NONE, end, _NONE)
    head += struct.pack("<QQII", 0, root, 1, 0) + struct.pack("<QQ", tree, heap)
    header = struct.pack("<BxHII4x", 1, 2, 1, size)
    header += _message(0x11, struct.pack("<QQ", tree, heap)) + attribute_message
    node = b"TREE" + struct.pack("<BBHQQ", 0, 0, 0, _NONE, _NONE)
    node += bytes(heap - tree - len(node))
    local = b"HEAP" + struct.pack("<B3xQQQ", 0, 88, 8, data)
    free = bytes(8) + struct.pack("<QQ", 1, 80) + bytes(64)
    return head + header + node + local + free


def cases() -> Iterator[Case]:
    """Every configuration, in a zip and in HDF5."""
    for name, (weakness, config) in _configs().items():
        yield Case(
            name=name,
            family=FORMAT,
            weakness=weakness,
            ending=".keras",
            content=partial(_keras, config),
        )
    yield Case(
        name="keras-pickle-in-its-assets",
        family=FORMAT,
        weakness="keras-module",
        ending=".keras",
        content=lambda: _keras(_model(), Entry(name="assets/vocabulary.pkl", raw=payload())),
        pickle=payload,
    )
    for name, config in (
        ("keras-h5-lambda", _configs()["keras-lambda-of-version-2"][1]),
        ("keras-h5-module", _configs()["keras-calls-os-system"][1]),
        ("keras-h5-lambda-of-version-3", _configs()["keras-lambda"][1]),
    ):
        yield Case(
            name=name,
            family=FORMAT,
            weakness="keras-h5",
            ending=".h5",
            content=partial(hdf5, "model_config", json.dumps(config).encode()),
        )
