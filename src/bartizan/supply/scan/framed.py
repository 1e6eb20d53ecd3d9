"""Messages between the process that scans and the one that reads, with open files beside them."""

import os
import socket
import time

_LENGTH_BYTES = 8
_MOST_BYTES = 64 << 20
"""Of a message: an answer with every notice that is kept takes a hundredth of it."""


def send(connection: socket.socket, raw: bytes, *, descriptor: int | None = None) -> None:
    """Send a message, and an open file with it.

    Raises:
        OSError: nobody listens any more.
    """
    length = len(raw).to_bytes(_LENGTH_BYTES)
    if descriptor is None:
        connection.sendall(length)
    else:  # a length this short is never sent in parts
        socket.send_fds(connection, [length], [descriptor])
    connection.sendall(raw)


def receive(connection: socket.socket, *, timeout_s: float | None = None) -> bytes:
    """Take the next message; empty where the other side is gone, or says what nobody would.

    Args:
        connection: With the other process.
        timeout_s: For the whole message; none = as long as it takes.

    Raises:
        TimeoutError: it does not come in time.
        OSError: the connection broke.
    """
    until = None if timeout_s is None else time.monotonic() + timeout_s
    size = int.from_bytes(_exactly(connection, _LENGTH_BYTES, until=until))
    return _exactly(connection, size, until=until) if size <= _MOST_BYTES else b""


def receive_with_file(connection: socket.socket) -> tuple[bytes, int]:
    """Take the next message and the open file that comes with it.

    Returns:
        Nothing and -1 where the other side is gone.
    """
    length, descriptors, _, _ = socket.recv_fds(connection, _LENGTH_BYTES, 1)
    if len(length) < _LENGTH_BYTES or not descriptors:
        for descriptor in descriptors:
            os.close(descriptor)
        return b"", -1
    return _exactly(connection, int.from_bytes(length)), descriptors[0]


def _exactly(connection: socket.socket, size: int, *, until: float | None = None) -> bytes:
    """So many bytes; nothing where the other side is gone before."""
    found = bytearray()
    while len(found) < size:
        if until is not None:
            connection.settimeout(max(until - time.monotonic(), 0.001))
        piece = connection.recv(min(size - len(found), 1 << 20))
        if not piece:
            return b""
        found += piece
    return bytes(found)
