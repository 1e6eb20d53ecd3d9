import struct

import pytest

from bartizan.core.errors import InputError
from bartizan.formats import ubjson


def size(n: int) -> bytes:
    return b"L" + struct.pack(">q", n)


def key(name: str) -> bytes:
    return size(len(name)) + name.encode()


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"i\xff", -1),
        (b"U\xff", 255),
        (b"I" + struct.pack(">h", -300), -300),
        (b"l" + struct.pack(">i", 70000), 70000),
        (b"d" + struct.pack(">f", 0.1), 0.100000001),
        (b"D" + struct.pack(">d", 0.1), 0.1),
        (b"S" + key("text"), "text"),
        (b"T", True),
        (b"F", False),
        (b"Z", None),
        (b"[i\x01S" + key("a") + b"]", [1, "a"]),
        (b"[#" + size(2) + b"i\x01i\x02", [1, 2]),
        (b"[$l#" + size(2) + struct.pack(">2i", 1, -1), [1, -1]),
        (b"[$U#" + size(0), []),
        (b"{" + key("a") + b"{" + key("b") + b"i\x01}}", {"a": {"b": 1}}),
    ],
)
def test_values_are_decoded(raw: bytes, value: object) -> None:
    assert ubjson.loads(raw) == value


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "cut off"),
        (b"{", "cut off"),
        (b"[", "cut off"),
        (b"?", "expected a number"),
        (b"i\x01i", "1 bytes more"),
        (b"S" + size(-1), "expected a length"),
        (b"S" + size(2**62), "cut off"),
        (b"Sd" + struct.pack(">f", 1.0), "expected a length"),
        (b"S" + size(1) + b"\xff", "UTF-8"),
        (b"[$l#" + size(2**40), "cut off"),
        (b"[#" + size(2**40), "cut off"),
        (b"[$S#" + size(1), "typed array"),
        (b"[" * 100, "nested"),
        (b"{" + key("a") + b"i\x01" + key("a") + b"i\x01}", "twice"),
    ],
)
def test_damage_is_refused_with_its_place(raw: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        ubjson.loads(raw)
