"""Models that are described by names: Keras, also in HDF5, and skops."""

import json
import struct

from bartizan.supply.planted.case import Planted, honest, hostile

_HONEST = {"module": "keras", "class_name": "Sequential", "config": {"layers": []}}
_HOSTILE = {"module": "os", "class_name": "system", "config": {"command": "true"}}
_NOWHERE = 2**64 - 1


def keras() -> tuple[Planted, ...]:
    """The configuration alone."""
    return (
        honest("a model of Keras", json.dumps(_HONEST).encode()),
        hostile(
            "a model of Keras that calls a command",
            json.dumps(_HOSTILE).encode(),
            verdict="malicious",
            rule="keras.module",
        ),
    )


def hdf5() -> tuple[Planted, ...]:
    """The same as an attribute of the root."""
    return (
        honest("a model of Keras in HDF5", _hdf5(json.dumps(_HONEST).encode())),
        hostile(
            "a model of Keras in HDF5 that calls a command",
            _hdf5(json.dumps(_HOSTILE).encode()),
            verdict="malicious",
            rule="keras.module",
        ),
    )


def skops() -> tuple[Planted, ...]:
    """The schema alone."""
    return (
        honest("a list in a schema of skops", _schema("ListNode", "builtins", "list")),
        hostile(
            "a command in a schema of skops",
            _schema("FunctionNode", "os", "system"),
            verdict="malicious",
            rule="skops.name",
        ),
    )


def _schema(loader: str, module: str, name: str) -> bytes:
    node = {"__class__": name, "__module__": module, "__loader__": loader, "content": []}
    return json.dumps(node).encode()


def _hdf5(config: bytes) -> bytes:
    """A file with one attribute of its root, `model_config`.

    Source:
        HDF5 File Format Specification 3.0: superblock 2 (II.B), object header 2 (IV.A.1.b),
        attribute message 3 (IV.A.2.m), a text of fixed length (IV.A.2.d). Checksums are zero.
    """
    name, space = b"model_config\0", b"\2\0\0\0"
    kind = struct.pack("<B3xI", 0x13, len(config))
    front = struct.pack("<BBHHHB", 3, 0, len(name), len(kind), len(space), 0)
    attribute = front + name + kind + space + config
    message = struct.pack("<BHB", 0x0C, len(attribute), 0) + attribute
    header = b"OHDR\2\2" + struct.pack("<I", len(message)) + message + bytes(4)
    places = struct.pack("<QQQQ", 0, _NOWHERE, 48 + len(header), 48)
    return b"\x89HDF\r\n\x1a\n\2\x08\x08\0" + places + bytes(4) + header
