"""The process that reads hostile files: it is handed open files and answers with what they are.

It is started by `confined`, imports everything it will ever need, gives up the rest, and then
serves one file after the other until its socket is closed.
"""

import codecs
import contextlib
import importlib
import os
import socket
from collections.abc import Mapping

from bartizan.core.errors import InputError
from bartizan.core.record import decode, encode
from bartizan.formats.content import Budget, Window
from bartizan.formats.pickles.roles import versions
from bartizan.supply.scan.answer import Answer, Ask, Terms, Weights
from bartizan.supply.scan.digesting import sha256
from bartizan.supply.scan.dispatch import Read, read_file
from bartizan.supply.scan.framed import receive, receive_with_file, send
from bartizan.supply.scan.limits import allow_cpu, confine
from bartizan.supply.scanners import checkpoint, onnx
from bartizan.supply.scanners.entries import SCANNERS
from bartizan.supply.scanners.scanner import Item, Situation

_CODECS = (
    *("ascii", "cp437", "latin-1", "raw_unicode_escape", "unicode_escape", "utf-8", "utf-8-sig"),
    *(f"utf-{bits}{order}" for bits in (16, 32) for order in ("", "-be", "-le")),
)
"""Of texts in files; each is a module that Python imports when it is first asked for. JSON may come
in all that begin with utf."""
_OPTIONAL = ("lz4.frame", "libarchive")
"""Libraries that unpack what the standard library cannot, where somebody has installed them."""


def serve(connection: socket.socket) -> None:
    """Answer until nobody asks any more."""
    terms = decode(receive(connection), kind=Terms)
    prepare()
    confine(terms.limits)
    send(connection, b"ready")
    while True:
        raw, descriptor = receive_with_file(connection)
        if not raw:
            return
        allow_cpu(terms.limits.cpu_s)
        try:
            ask, before = decode(raw, kind=Ask), _state(descriptor)
            answer = answered(Window.of_file(descriptor), ask, allowed=frozenset(terms.allowed))
            if _state(descriptor) != before:
                message = "it was changed while it was read"
                raise InputError(message)
        finally:
            os.close(descriptor)
        send(connection, encode(answer))


def _state(descriptor: int) -> tuple[int, int, int]:
    """What changes when somebody writes to a file: digest and verdict are of the same bytes."""
    said = os.fstat(descriptor)
    return said.st_size, said.st_mtime_ns, said.st_ctime_ns


def prepare() -> None:
    """Bring in what Python and we would otherwise look for only when it is needed."""
    for name in _CODECS:
        codecs.lookup(name)
    for name in _OPTIONAL:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    versions()


def answered(window: Window, ask: Ask, *, allowed: frozenset[str]) -> Answer:
    """Read one file.

    Raises:
        InputError: it became shorter while it was read.
    """
    situation = Situation(
        budget=Budget.for_file(window.size),
        allowed=allowed,
        beside=None if ask.beside is None else frozenset(ask.beside),
    )
    read = read_file(window, path=ask.path, situation=situation, scanners=SCANNERS)
    beside = situation.beside or frozenset()
    named = _weights(window, ask=ask, read=read, situation=situation) if beside else {}
    weights = (
        Weights(name=name, size_bytes=named[name]) for name in sorted(named) if name in beside
    )
    return Answer(read=read, sha256=sha256(window), weights=tuple(weights))


def _weights(
    window: Window, *, ask: Ask, read: Read, situation: Situation
) -> Mapping[str, int | None]:
    """Files that hold the weights of what was read, and their sizes where it gives them."""
    item = Item(content=window, path=ask.path, size_bytes=window.size)
    if onnx.SCANNER.name in read.formats:
        return dict.fromkeys(onnx.external_names(item, situation))
    if checkpoint.SCANNER.name in read.formats and ask.path.endswith(checkpoint.INDEX):
        return {**checkpoint.shards(item, situation)}
    return {}
