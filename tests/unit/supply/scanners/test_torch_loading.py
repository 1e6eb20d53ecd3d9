"""What `torch.load` does beside unpickling: it must find nothing there that it would call.

Each file here makes PyTorch call ``math.exp`` without a number, which it refuses by name. So the
test sees that a file of the attacker's choice was called, and nothing else happens.
"""

import pickle
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from bartizan.formats.content import Budget, Window
from bartizan.supply.scan.dispatch import Read, read_file
from bartizan.supply.scanners.entries import SCANNERS
from bartizan.supply.scanners.scanner import Situation
from boxes import tar_of, zip_of
from hostile_artifacts.opcodes import Code, named, push, whole

torch = pytest.importorskip("torch", reason="needs torch")

_CALLED = named("math", "exp")
_MAGIC = pickle.dumps(0x1950A86A20F9469CFC6C, 2)


def _made(module: str, name: str, state: Code) -> Code:
    return Code(named(module, name) + b")\x81}(" + state + b"ub")


def _walked() -> bytes:
    """An object that calls `items` of what it holds while somebody walks through it."""
    held = _made("torch.nn.modules.linear", "Identity", Code(push("items") + _CALLED))
    state = Code(push("param_grid") + b"(" + held + b"t")
    return whole(_made("sklearn.model_selection._search", "ParameterGrid", state))


def id_that_is_written_out() -> bytes:
    layer = _made("torch.nn.modules.linear", "Identity", Code(push("extra_repr") + _CALLED))
    asked = push("storage") + named("torch", "FloatStorage") + layer + push("cpu") + push(1)
    return zip_of(
        {
            "a/data.pkl": whole(b"(" + asked + b"tQ"),
            "a/byteorder": b"little",
            "a/data/0": bytes(4),
            "a/version": b"3\n",
        }
    )


def keys_that_are_walked_through() -> bytes:
    return b"".join((_MAGIC, whole(push(1001)), whole(b"}"), whole(push(0)), _walked()))


def _oldest(storages: bytes) -> bytes:
    first, none = whole(push(1)), whole(push(0))
    return tar_of(
        {"sys_info": whole(b"}"), "pickle": none, "storages": first + storages, "tensors": none}
    )


def _storage(kind: bytes) -> bytes:
    return whole(b"K\x00" + push("cpu") + kind + b"\x87", protocol=4)


def views_that_are_walked_through() -> bytes:
    entry = _storage(named("torch", "FloatStorage"))
    return _oldest(entry + struct.pack("<q4x", 1) + _walked())


def numbers_that_are_longer_than_they_are() -> bytes:
    entry = _storage(named("torch", "DoubleStorage") + b"0" + named("torch", "ByteStorage"))
    hidden = whole(_CALLED + b")R")
    return _oldest(entry + struct.pack("<q", 100) + bytes(100) + hidden.ljust(700, b"\x01"))


def numbers_that_read_like_a_pickle() -> bytes:
    entry = _storage(Code(push("torch") + push("ByteStorage") + b"\x93"))
    hidden = whole(_CALLED + b")R")
    count = ord("B") | 3 << 8
    inner = (b"0B" + struct.pack("<I", count - 6 + len(hidden))).ljust(count, b"\x01")
    return _oldest(entry + struct.pack("<q", count) + inner + hidden + b"." + whole(b"]"))


def _scanned(raw: bytes) -> Read:
    window = Window.of(raw)
    situation = Situation(budget=Budget.for_file(window.size))
    return read_file(window, path="m.pt", situation=situation, scanners=SCANNERS)


@pytest.mark.parametrize(
    ("build", "verdict"),
    [
        (id_that_is_written_out, "malicious"),
        (keys_that_are_walked_through, "malicious"),
        (views_that_are_walked_through, "malicious"),
        (numbers_that_are_longer_than_they_are, "inconclusive"),
        (numbers_that_read_like_a_pickle, "inconclusive"),
    ],
)
def test_what_pytorch_would_call_beside_unpickling_is_never_clean(
    build: Callable[[], bytes], verdict: str, tmp_path: Path
) -> None:
    raw, path = build(), tmp_path / "m.pt"
    path.write_bytes(raw)
    with pytest.raises(TypeError, match="exp"):
        torch.load(path, weights_only=False)
    assert _scanned(raw).verdict == verdict
