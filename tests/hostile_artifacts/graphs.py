"""Graphs of ONNX and TensorFlow that read files, write them or run code."""

from collections.abc import Iterator
from functools import partial

from hostile_artifacts.archives import Entry, zipped
from hostile_artifacts.case import FORMAT, Build, Case
from hostile_artifacts.opcodes import PLACE, payload


def _number(value: int) -> bytes:
    """A varint of protocol buffers."""
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def field(place: int, value: int | bytes | str) -> bytes:
    """One field of a message: a number, or bytes with their length."""
    if isinstance(value, int):
        return _number(place << 3) + _number(value)
    raw = value.encode() if isinstance(value, str) else value
    return _number(place << 3 | 2) + _number(len(raw)) + raw


def _node(op: str, *, domain: str = "") -> bytes:
    """NodeProto: input 1, output 2, op_type 4, domain 7."""
    parts = field(1, "x") + field(2, "y") + field(4, op)
    return parts + (field(7, domain) if domain else b"")


def _tensor(location: str) -> bytes:
    """TensorProto whose bytes lie in another file: external_data 13, data_location 14."""
    entry = field(1, "location") + field(2, location)
    return field(1, 1) + field(2, 1) + field(8, "w") + field(13, entry) + field(14, 1)


def _onnx(*nodes: bytes, tensors: tuple[bytes, ...] = (), extra: bytes = b"") -> bytes:
    """ModelProto: ir_version 1, graph 7, opset_import 8."""
    graph = b"".join(field(1, node) for node in nodes) + field(2, "g")
    graph += b"".join(field(5, tensor) for tensor in tensors)
    graph += field(11, field(1, "x")) + field(12, field(1, "y"))
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 17)) + extra


def _opset(domain: str) -> bytes:
    return field(8, field(1, domain) + field(2, 1))


def _external(location: str) -> Build:
    return lambda: _onnx(_node("Relu"), tensors=(_tensor(location),))


def _saved(*ops: str, within: bool = False) -> bytes:
    """SavedModel: meta_graphs 2, graph_def 2, node 1 or library 2 with function 1, node_def 3."""
    nodes = [field(1, f"n{at}") + field(2, op) for at, op in enumerate(ops)]
    if within:
        body = field(1, field(1, "f")) + b"".join(field(3, node) for node in nodes)
        graph = field(2, field(1, body))
    else:
        graph = b"".join(field(1, node) for node in nodes)
    return field(1, 1) + field(2, field(1, field(4, "serve")) + field(2, graph))


def _onnx_cases() -> dict[str, tuple[str, Build]]:
    return {
        "onnx-data-above-the-folder": ("onnx-external-data", _external("../../../etc/passwd")),
        "onnx-data-absolute": ("onnx-external-data", _external("/etc/passwd")),
        "onnx-data-above-after-below": (
            "onnx-external-data",
            _external("weights/../../../etc/passwd"),
        ),
        "onnx-data-with-backslashes": ("onnx-external-data", _external("..\\..\\x.bin")),
        "onnx-data-in-a-drive": ("onnx-external-data", _external("C:\\Windows\\win.ini")),
        "onnx-data-in-the-process": ("onnx-external-data", _external("/proc/self/environ")),
        "onnx-data-in-an-attribute": (
            "onnx-external-data",
            lambda: _onnx(
                _node("Constant")
                + field(5, field(1, "value") + field(20, 4) + field(5, _tensor("../../x")))
            ),
        ),
    }


def _saved_cases() -> dict[str, tuple[str, Build]]:
    found = {
        f"savedmodel-{op.lower()}": ("savedmodel-operator", partial(_saved, "Const", op))
        for op in ("PyFunc", "EagerPyFunc", "PyFuncStateless", "ReadFile", "WriteFile")
    }
    return found | {
        "savedmodel-pyfunc-and-restore": (
            "savedmodel-operator",
            lambda: _saved("MergeV2Checkpoints", "PyFunc"),
        ),
        "savedmodel-in-a-function": (
            "savedmodel-operator",
            lambda: _saved("Const", "WriteFile", within=True),
        ),
        "savedmodel-pyfunc-in-a-function": (
            "savedmodel-operator",
            lambda: _saved("PyFunc", within=True),
        ),
    }


_SCRIPT = f"""class Model(Module):
  def forward(self, x: Tensor) -> Tensor:
    _0 = torch.from_file("{PLACE}", True, 1)
    return _0
"""


def _script_cases() -> Iterator[Case]:
    """TorchScript: source code beside the pickles."""
    front = Entry(name="m/code/__torch__.py", raw=_SCRIPT.encode())
    version = Entry(name="m/version", raw=b"3\n")
    yield Case(
        name="torchscript-constants",
        family=FORMAT,
        weakness="torchscript",
        ending=".pt",
        content=lambda: zipped((front, Entry(name="m/constants.pkl", raw=payload()), version)),
        pickle=payload,
    )
    yield Case(
        name="torchscript-reads-a-file",
        family=FORMAT,
        weakness="torchscript",
        ending=".pt",
        content=lambda: zipped((front, Entry(name="m/data.pkl", raw=b"\x80\x02N."), version)),
        least="inconclusive",
    )


def cases() -> Iterator[Case]:
    """Every graph."""
    for name, (weakness, build) in _onnx_cases().items():
        yield Case(name=name, family=FORMAT, weakness=weakness, ending=".onnx", content=build)
    # what such an operator does stands in a library that the process has loaded
    for name, op, domain in (
        ("onnx-operator-of-an-unknown-domain", "Run", "com.nobody"),
        ("onnx-operator-in-python", "PyOp", "ai.onnx.contrib"),
    ):
        yield Case(
            name=name,
            family=FORMAT,
            weakness="onnx-custom-operator",
            ending=".onnx",
            content=partial(_onnx, _node(op, domain=domain), extra=_opset(domain)),
            least="suspicious",
        )
    for name, (weakness, build) in _saved_cases().items():
        yield Case(
            name=name,
            family=FORMAT,
            weakness=weakness,
            ending="/saved_model.pb",
            content=build,
            # a graph cannot bring the function along: it asks for one that is registered
            least="suspicious" if "pyfunc" in name else "malicious",
        )
    yield from _script_cases()
