"""Graphs of ONNX and TensorFlow, and the index of a checkpoint."""

from bartizan.supply.planted.case import Planted, honest, hostile

_INDEX = "planted.index"
_TABLE_END = (0xDB4775248B80FB57).to_bytes(8, "little")


def onnx() -> tuple[Planted, ...]:
    """Fields of onnx.proto: a model's graph is 7; a graph's node 1, name 2 and tensor 5."""
    place = _field(1, b"location") + _field(2, b"../planted")
    tensor = _field(8, b"w") + _field(13, place) + _field(14, 1)
    graph = _field(1, _field(1, b"x") + _field(2, b"y") + _field(4, b"Relu")) + _field(2, b"g")
    version = _field(1, 8)
    return (
        honest("a graph of ONNX", version + _field(7, graph)),
        hostile(
            "a graph of ONNX with weights outside of its folder",
            version + _field(7, graph + _field(5, tensor)),
            verdict="malicious",
            rule="onnx.external",
        ),
        hostile(
            "a graph of ONNX with an operator of somebody else",
            version + _field(7, _field(1, _field(4, b"Run") + _field(7, b"x.invalid")) + graph),
            verdict="suspicious",
            rule="onnx.domain",
        ),
    )


def tensorflow() -> tuple[Planted, ...]:
    """Fields of saved_model.proto and graph.proto: meta_graphs 2, graph_def 2, node 1."""
    return (
        honest("a graph of TensorFlow", _saved(b"Const")),
        hostile(
            "a graph of TensorFlow that writes a file",
            _saved(b"WriteFile"),
            verdict="malicious",
            rule="tensorflow.operation",
        ),
    )


def checkpoint() -> tuple[Planted, ...]:
    """An index tells nothing; one that cannot be true must not pass."""
    return (
        honest("an index of a checkpoint", _table(shard=0), path=_INDEX),
        hostile(
            "an index of a checkpoint that names a shard which is not there",
            _table(shard=7),
            verdict="inconclusive",
            rule="scan.unreadable",
            path=_INDEX,
        ),
    )


def _field(number: int, value: int | bytes) -> bytes:
    """One field of a protocol buffer; numbers and lengths below 128."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    return bytes([number << 3 | 2, len(value)]) + value


def _saved(operation: bytes) -> bytes:
    node = _field(1, b"n") + _field(2, operation)
    about = _field(1, _field(4, b"serve"))
    return _field(1, 1) + _field(2, about + _field(2, _field(1, node)))


def _table(*, shard: int) -> bytes:
    """A sorted table of one shard with one tensor in it.

    Source:
        table_format of LevelDB: blocks of data, of further tables and of places, and a footer.
    """
    tensor = _field(1, 1) + _field(3, shard) + _field(5, 8)
    data = _block((b"", _field(1, 1)), (b"w", tensor))
    further = _block()
    places = _block((b"w", bytes([0, len(data) - 5])))
    first, second = len(data), len(data) + len(further)
    footer = bytes([first, len(further) - 5, second, len(places) - 5]).ljust(40, b"\0")
    return data + further + places + footer + _TABLE_END


def _block(*entries: tuple[bytes, bytes]) -> bytes:
    """Entries that share nothing, one restart, and five bytes that say how it is packed."""
    raw = b"".join(bytes([0, len(key), len(value)]) + key + value for key, value in entries)
    return raw + bytes(4) + (1).to_bytes(4, "little") + bytes(5)
