"""Small files of models, built byte by byte from the formats' descriptions."""

import json
import struct
from typing import Any


def varint(value: int) -> bytes:
    """A number of 7 bits a byte."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def pb(number: int, value: int | str | bytes) -> bytes:
    """One field of a protocol buffer."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    raw = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def onnx_model(*nodes: bytes, tensors: tuple[bytes, ...] = (), rest: bytes = b"") -> bytes:
    """A model with these nodes and initialisers."""
    graph = b"".join(pb(1, node) for node in nodes) + pb(2, "g")
    graph += b"".join(pb(5, tensor) for tensor in tensors)
    return pb(1, 10) + pb(2, "hand") + pb(7, graph) + pb(8, pb(1, "") + pb(2, 21)) + rest


def onnx_node(operator: str, *, domain: str = "", attributes: bytes = b"") -> bytes:
    """A node of one input and one output."""
    return (
        pb(1, "x") + pb(2, "y") + pb(4, operator) + attributes + (pb(7, domain) if domain else b"")
    )


def onnx_external(location: str) -> bytes:
    """A tensor whose numbers lie in another file."""
    entry = pb(1, "location") + pb(2, location)
    return pb(1, 4) + pb(2, 1) + pb(8, "w") + pb(13, entry) + pb(14, 1)


def tf_node(operator: str, *, name: str = "n", inputs: tuple[str, ...] = (), **texts: str) -> bytes:
    """An operation; texts are its attributes."""
    attributes = [pb(5, pb(1, key) + pb(2, pb(2, value))) for key, value in texts.items()]
    return pb(1, name) + pb(2, operator) + b"".join(pb(3, i) for i in inputs) + b"".join(attributes)


def tf_text(name: str, value: str) -> bytes:
    """A constant that holds a text."""
    tensor = pb(1, 7) + pb(8, value)
    return pb(1, name) + pb(2, "Const") + pb(5, pb(1, "value") + pb(2, pb(8, tensor)))


def tf_graph(*nodes: bytes, functions: tuple[bytes, ...] = ()) -> bytes:
    """A graph; each of the functions is one node in its library."""
    library = b"".join(pb(1, pb(1, pb(1, "f")) + pb(3, node)) for node in functions)
    return b"".join(pb(1, node) for node in nodes) + (pb(2, library) if library else b"")


def saved_model(graph: bytes, *, rest: bytes = b"") -> bytes:
    """A SavedModel of one graph."""
    return pb(1, 1) + pb(2, pb(1, pb(4, "serve")) + pb(2, graph) + rest)


def safetensors(header: Any, content: bytes) -> bytes:
    """A header and what follows it."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(raw).to_bytes(8, "little") + raw + content


def gguf_text(text: str) -> bytes:
    """A length and a text."""
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def gguf(
    values: dict[str, str], *, tensors: tuple[tuple[str, tuple[int, ...], int, int], ...] = ()
) -> bytes:
    """A file of version 3; tensors are (name, dims, type, offset), of single precision if 0."""
    raw = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(values))
    for key, value in values.items():
        raw += gguf_text(key) + struct.pack("<I", 8) + gguf_text(value)
    end = 0
    for name, dims, kind, offset in tensors:
        raw += gguf_text(name) + struct.pack(f"<I{len(dims)}QIQ", len(dims), *dims, kind, offset)
        size = 4
        for dim in dims:
            size *= dim
        end = max(end, offset + size)
    return raw + bytes(-len(raw) % 32) + bytes(min(end, 1 << 16))


def hdf5(attributes: dict[str, bytes], *, links: bytes = b"") -> bytes:
    """A file of superblock 2 whose root group carries texts of fixed length.

    Args:
        attributes: Names and values.
        links: Further messages of the header, such as `hdf5_external` makes.
    """
    messages = b"".join(_hdf5_attribute(name, value) for name, value in attributes.items()) + links
    header = b"OHDR\x02\x02" + struct.pack("<I", len(messages)) + messages + bytes(4)
    size = 48 + len(header)
    block = b"\x89HDF\r\n\x1a\n\x02\x08\x08\x00" + struct.pack("<QQQQ", 0, 2**64 - 1, size, 48)
    return block + bytes(4) + header


def _hdf5_attribute(name: str, value: bytes) -> bytes:
    raw_name = name.encode() + b"\x00"
    form, space = struct.pack("<B3xI", 0x13, len(value)), b"\x02\x00\x00\x00"
    body = struct.pack("<BBHHHB", 3, 0, len(raw_name), len(form), len(space), 0)
    return _hdf5_message(0x0C, body + raw_name + form + space + value)


def hdf5_external(name: str, file: str) -> bytes:
    """A link into another file."""
    value = b"\x00" + file.encode() + b"\x00/x\x00"
    body = b"\x01\x08\x40" + bytes([len(name)]) + name.encode()
    return _hdf5_message(0x06, body + struct.pack("<H", len(value)) + value)


def _hdf5_message(kind: int, body: bytes) -> bytes:
    return struct.pack("<BHB", kind, len(body), 0) + body


def ubj(value: Any) -> bytes:
    """Universal binary JSON, without typed lists."""
    if isinstance(value, dict):
        inner = b"".join(b"L" + ubj(key)[2:] + ubj(part) for key, part in value.items())
        return b"{" + inner + b"}"
    if isinstance(value, list):
        return b"[" + b"".join(map(ubj, value)) + b"]"
    if isinstance(value, str):
        return b"SL" + struct.pack(">q", len(value.encode())) + value.encode()
    return (
        b"D" + struct.pack(">d", value)
        if isinstance(value, float)
        else b"L" + struct.pack(">q", value)
    )
