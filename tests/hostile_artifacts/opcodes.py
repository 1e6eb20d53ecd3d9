"""Pickles put together by hand, instruction by instruction.

What is built here is never loaded. Commands in it would do nothing: they are `true`, and the hosts
end in `.invalid`, which no name server knows (RFC 2606).
"""

import struct
from collections.abc import Callable
from itertools import chain
from typing import Any

COMMAND = "true"
HOST = "nobody.invalid"
URL = f"http://{HOST}/x"
PLACE = "/nonexistent/bartizan-inert"
"""A path whose folder does not exist."""
STOP = b"."
REDUCE = b"R"


class Code(bytes):
    """Instructions that push one value."""

    __slots__ = ()


def named(module: str, name: str) -> Code:
    """GLOBAL: the text form, of protocols 0 to 3."""
    return Code(f"c{module}\n{name}\n".encode())


def text(value: str) -> Code:
    """BINUNICODE: a text."""
    raw = value.encode()
    return Code(b"X" + struct.pack("<I", len(raw)) + raw)


def stacked(module: str, name: str) -> Code:
    """STACK_GLOBAL, of protocol 4: the name may have dots."""
    return Code(_short(module) + _short(name) + b"\x93")


def push(value: Any) -> Code:
    """Instructions that push a value of Python."""
    if isinstance(value, Code):
        return value
    for kind, instructions in _PUSHED:
        if isinstance(value, kind):
            return Code(instructions(value))
    message = f"no instructions for {value!r}"
    raise TypeError(message)


_PUSHED: tuple[tuple[type, Callable[[Any], bytes]], ...] = (
    (type(None), lambda _: b"N"),
    (bool, lambda value: b"\x88" if value else b"\x89"),
    (int, lambda value: b"J" + struct.pack("<i", value)),
    (str, text),
    (bytes, lambda value: b"B" + struct.pack("<I", len(value)) + value),
    (tuple, lambda value: b"(" + b"".join(map(push, value)) + b"t"),
    (list, lambda value: b"](" + b"".join(map(push, value)) + b"e"),
    (dict, lambda value: b"}(" + b"".join(map(push, chain(*value.items()))) + b"u"),
)
"""By type, in the order in which they are tried: a truth value is a number too."""


def call(callee: Code, *args: Any) -> Code:
    """REDUCE: call something."""
    return Code(callee + push(args) + REDUCE)


def whole(body: bytes, *, protocol: int = 2) -> bytes:
    """A pickle around instructions; without PROTO below protocol 2."""
    return (b"\x80" + bytes([protocol]) if protocol >= 2 else b"") + body + STOP


def framed(body: bytes, *, protocol: int = 4, length: int | None = None) -> bytes:
    """A pickle whose body and STOP lie in one frame, which says this length or the true one."""
    inner = body + STOP
    claimed = len(inner) if length is None else length
    return b"\x80" + bytes([protocol]) + b"\x95" + struct.pack("<Q", claimed) + inner


SYSTEM = named("posix", "system")
PAYLOAD = call(SYSTEM, COMMAND)
"""What every file carries whose weakness is not in what it calls."""
BENIGN = push({"coef": [1, 2, 3], "name": "model"})


def payload(protocol: int = 2) -> bytes:
    """The plainest hostile pickle."""
    if protocol < 2:
        return b"(S'" + COMMAND.encode() + b"'\nios\nsystem\n."
    return whole(PAYLOAD, protocol=protocol)


def _short(value: str) -> bytes:
    raw = value.encode()
    return b"\x8c" + bytes([len(raw)]) + raw
