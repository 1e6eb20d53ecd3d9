"""Honest objects, hostile streams, and a small assembler for them."""

import collections
import datetime as dt
import decimal
import fractions
import io
import pickle
import random
import struct
from typing import Any

import numpy as np

PROTOCOLS = range(6)


def short(text: str) -> bytes:
    """SHORT_BINUNICODE."""
    raw = text.encode()
    return b"\x8c" + bytes([len(raw)]) + raw


def frame(body: bytes, *, size: int | None = None) -> bytes:
    """FRAME; `size` lies about it."""
    return b"\x95" + struct.pack("<Q", len(body) if size is None else size) + body


SYSTEM = b"cos\nsystem\n"
CALL = SYSTEM + b"(S'id'\ntR"
"""os.system('id'), in protocol 0."""


def honest() -> list[Any]:
    """Objects that make use of every instruction which picklers still write."""
    generator = random.Random(7)  # noqa: S311 - no secrets
    shared = ["shared", (1, 2)]
    return [
        None,
        [True, False, 0, 255, 256, 65_536, -1, 1 << 40, -(1 << 100), 1.5],
        ["", "x" * 300, "é\n\\", "\udc80", b"", b"y" * 300, bytearray(b"z" * 9)],
        [shared, shared, {"a": shared, "b": {1, 2}, "c": frozenset("ab")}],
        [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [[[]]], {}, set()],
        [generator.random() for _ in range(2_500)],
        [generator.randrange(70_000) for _ in range(2_500)],
        {str(i): [i, float(i)] for i in range(1_200)},
        collections.OrderedDict(a=1, b=2),
        collections.deque([1, 2], maxlen=3),
        collections.defaultdict(list, a=[1]),
        [decimal.Decimal("1.5"), fractions.Fraction(1, 3), 1j, range(3)],
        [dt.datetime(2026, 1, 2, tzinfo=dt.UTC), dt.date(2026, 1, 2)],
        [int, len, collections.OrderedDict, ValueError("bad")],
        np.arange(40.0).reshape(5, 8),
        [np.float64(1.5), np.array(["a", None], dtype=object), np.dtype("f4")],
        np.zeros(3, dtype=[("a", "f8"), ("b", "U3")]),
        b"q" * 70_000,
    ]


def dumped(protocol: int) -> list[bytes]:
    """The honest objects as pickles, by the pickler in C and the one in Python."""
    both: list[bytes] = []
    for item in honest():
        both.append(pickle.dumps(item, protocol))
        buffer = io.BytesIO()
        vars(pickle)["_Pickler"](buffer, protocol).dump(item)
        both.append(buffer.getvalue())
    return both


HOSTILE: dict[str, bytes] = {
    "call": CALL + b".",
    "popped": CALL + b"0N.",
    "popped with its mark": b"(" + CALL + b"1N.",
    "broken after": CALL + b"\xff",
    "cut after": CALL,
    "unknown argument after": CALL + b"I nonsense\n.",
    "obj": b"(" + SYSTEM + b"S'id'\no.",
    "inst": b"(S'id'\nios\nsystem\n.",
    "inst at the end": b"(S'id'\nios\nsystemX",
    "newobj": SYSTEM + b"S'id'\n\x85\x81.",
    "newobj_ex": b"\x80\x04" + short("os") + short("system") + b"\x93)}\x92.",
    "stack global of memo": b"\x80\x04"
    + short("os")
    + b"q\x07"
    + short("system")
    + b"q\x02"
    + b"00h\x07h\x02\x93"
    + short("id")
    + b"\x85R.",
    "stack global of text opcodes": b"\x80\x04Vos\np9\n0S'system'\np300\n0g9\ng300\n\x93)R.",
    "stack global of dup": b"\x80\x04" + short("os") + b"2\x93)R.",
    "put far away": b"\x80\x04"
    + short("os")
    + b"r\x70\x11\x01\x00"
    + short("system")
    + b"r\x00\x11\x01\x0000j\x70\x11\x01\x00j\x00\x11\x01\x00\x93)R.",
    "memoize after a hole": b"\x80\x04N"
    b"q\x05" + short("os") + b"\x94" + short("system") + b"\x94" + b"000" + b"h\x01h\x02\x93)R.",
    "escaped": b"\x80\x04Vo\\u0073\nS'syst\\x65m'\n\x93)R.",
    "number with underscore": b"\x80\x04Vos\np1_0\nVsystem\np 1 \n00g10\ng1\n\x93)R.",
    "dotted": b"\x80\x04" + short("shutil") + short("os.system") + b"\x93)R.",
    "python 2": b"c__builtin__\neval\n(S'1'\ntR.",
    "python 2 after proto 2": b"\x80\x04\x80\x02ccommands\ngetoutput\n)R.",
    "proto in the middle": b"N0\x80\x04" + short("os") + short("system") + b"\x93)R.",
    "frame straddled": b"\x80\x04" + frame(b"cos\nsys", size=5) + b"tem\n)R.",
    "frame too long": b"\x80\x04" + frame(SYSTEM + b")R.", size=1_000),
    "frame in a frame": b"\x80\x04" + frame(frame(SYSTEM + b")R.")),
    "big payload before": b"\x80\x04B"
    + struct.pack("<I", 300_000)
    + bytes(300_000)
    + b"0"
    + CALL
    + b".",
    "fill of sys.path": b"csys\npath\n(S'/tmp'\ne.",
    "state of a class": b"csklearn.svm\nSVC\n}(S'fit'\n" + SYSTEM + b"ub.",
    "computed callee": b"cbuiltins\ngetattr\n(cos\npath\nS'x'\ntR(tR.",
}
"""Ways to run `os.system` or the like, or to hide that."""
