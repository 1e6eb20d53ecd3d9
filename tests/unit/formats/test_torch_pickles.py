"""The end of a pickle is found as Python finds it."""

import io
import pickle
import pickletools

import pytest

from bartizan.core.errors import InputError, LimitError
from bartizan.formats.content import Budget, Window
from bartizan.formats.torch_pickles import read_pickle

VALUES = [
    {"a": [1, 2.5, None, True], "b": ("x" * 70_000, b"y" * 300)},
    list(range(3000)),
    10**400,
    io.BytesIO,
    "a\nb\\",
    [],
]


def budget(opcodes: int = 1 << 20) -> Budget:
    return Budget(expanded_bytes=0, opcodes=opcodes)


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_a_pickle_ends_where_python_stops(value: object, protocol: int) -> None:
    raw = pickle.dumps(value, protocol)
    found = read_pickle(Window.of(raw + b"more bytes").open(), budget=budget())
    assert found.size_bytes == len(raw)


def test_texts_are_told_in_order() -> None:
    raw = pickle.dumps(["first", "second", {"third": 3}], 2)
    expected = [
        argument for opcode, argument, _ in pickletools.genops(raw) if "UNICODE" in opcode.name
    ]
    assert read_pickle(Window.of(raw).open(), budget=budget()).texts == expected


SHORT = [b"", b"\x80\x02", b"\xff.", b"X\xff\xff\xff\xffabc", b"cos\nsystem"]
LYING = [b"T\xff\xff\xff\xff.", b"I" + b"1" * 9999, b"\x8e" + b"\xff" * 8]


@pytest.mark.parametrize("raw", SHORT + LYING)
def test_what_does_not_end_is_refused(raw: bytes) -> None:
    with pytest.raises(InputError):
        read_pickle(Window.of(raw).open(), budget=budget())


def test_instructions_are_paid_for() -> None:
    with pytest.raises(LimitError, match="opcodes"):
        read_pickle(Window.of(b"0" * 100_000).open(), budget=budget(5000))
