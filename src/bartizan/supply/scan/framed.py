"""Messages between the process that scans and the one that reads, with open files beside them."""

import os
import socket

_LENGTH_BYTES = 8


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


def receive(connection: socket.socket) -> bytes:
    """Take the next message; empty where the other side is gone.

    Raises:
        OSError: it does not answer in time.
    """
    return _exactly(connection, int.from_bytes(_exactly(connection, _LENGTH_BYTES)))


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


def _exactly(connection: socket.socket, size: int) -> bytes:
    """So many bytes; nothing where the other side is gone before."""
    found = bytearray()
    while len(found) < size:
        piece = connection.recv(min(size - len(found), 1 << 20))
        if not piece:
            return b""
        found += piece
    return bytes(found)
