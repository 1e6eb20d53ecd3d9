"""Files of joblib, and such as nobody but an attacker would make."""

import io
import struct
from typing import Any

import joblib
import joblib.numpy_pickle
import numpy as np

from pickle_corpus import short

ROWS = np.arange(12.0).reshape(3, 4)
ARRAYS: dict[str, Any] = {
    "floats": ROWS,
    "columns first": np.asfortranarray(ROWS),
    "texts": np.array(["a", "bb"]),
    "bytes": np.array([b"abc"]),
    "truths": np.array([True, False]),
    "dates": np.array(["2026-01-01"], dtype="M8[s]"),
    "durations": np.array([1, 2], dtype="m8[ns]"),
    "big-endian": np.arange(3, dtype=">i4"),
    "complex": np.zeros(2, complex),
    "long": np.zeros(2, np.longdouble),
    "half": np.zeros(2, np.float16),
    "void": np.zeros(2, "V7"),
    "no rows": np.zeros((0, 3)),
    "no dimensions": np.array(5.0),
    "record": np.zeros(3, dtype=[("a", "f8"), ("b", "U3"), ("c", "i2", (2,))]),
    "aligned record": np.zeros(3, np.dtype([("a", "i1"), ("b", "f8")], align=True)),
    "record with objects": np.zeros(3, dtype=[("a", "O"), ("b", "f4")]),
    "objects": np.array([{"a": 1}, None, ROWS], dtype=object),
    "many": [ROWS, {"a": ROWS, "b": [np.array(["x"]), ROWS]}, np.array([{}], dtype=object), ROWS],
    "large": np.zeros(100_000),
}


def dumped(item: object, *, protocol: int | None = None, padded: bool = True) -> bytes:
    """A file of joblib; without padding, as before 1.2 and where it cannot be told where one is."""
    buffer = io.BytesIO()
    if padded:
        joblib.dump(item, buffer, protocol=protocol)
        return buffer.getvalue()

    class Untold(io.BytesIO):
        def tell(self) -> int:
            raise io.UnsupportedOperation

    untold = Untold()
    joblib.numpy_pickle.NumpyPickler(untold, protocol=protocol).dump(item)
    return untold.getvalue()


def wrapper(
    attributes: bytes, *, module: str = "joblib.numpy_pickle", kind: str = "Numpy"
) -> bytes:
    """What stands for an array, by hand, without its bytes."""
    name = short(module) + short(f"{kind}ArrayWrapper") + b"\x93"
    return b"\x80\x04" + name + b")\x81}(" + attributes + b"ub"


def dtype(code: str, size: int, flags: int = 0) -> bytes:
    state = (
        b"(K\x03"
        + short("|")
        + b"NNNJ"
        + struct.pack("<i", size)
        + b"K\x01K"
        + bytes([flags])
        + b"t"
    )
    return short("numpy") + short("dtype") + b"\x93" + short(code) + b"\x89\x88\x87R" + state + b"b"


def described(shape: bytes, kind: bytes, more: bytes = b"") -> bytes:
    return short("shape") + shape + short("dtype") + kind + more


BYTES = described(b"K\x05\x85", dtype("V1", 1))
