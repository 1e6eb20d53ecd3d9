"""Lines to a server that end in time: whatever it sends, and however slowly.

The timeout of a socket starts anew with every byte. A server that sends a header letter by
letter, or a chunk whose length never ends, would hold a run for hours, or fill the memory.
"""

import io
import socket
import time
from collections.abc import Callable
from typing import Any

from bartizan.core.errors import ModelError

_HEAD_BYTES = 1 << 20
"""For what comes beside the body: headers, and the lengths of chunks."""


class Allowance:
    """What is left of the time and the size of one answer."""

    def __init__(self, *, where: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._where, self._clock = where, clock
        self._until, self._left, self._size = 0.0, 0, 0

    def begin(self, *, timeout_s: float, size_bytes: int) -> None:
        """Start anew, for the next answer.

        Args:
            timeout_s: From now on, for all of it.
            size_bytes: Of its body, as it travels.
        """
        self._until = self._clock() + timeout_s
        self._size = size_bytes
        self._left = size_bytes + _HEAD_BYTES

    def seconds(self) -> float:
        """What is left of the time.

        Raises:
            TimeoutError: nothing.
        """
        left = self._until - self._clock()
        if left <= 0:
            message = "the answer took longer than timeout_s"
            raise TimeoutError(message)
        return left

    def spend(self, size_bytes: int) -> None:
        """Note what has come.

        Raises:
            ModelError: it was too much.
        """
        self._left -= size_bytes
        if self._left < 0:
            message = f"{self._where} answered with more than {self._size >> 20} MiB; ask for less"
            raise ModelError(message)


class _Metered(io.RawIOBase):
    """Reads from a socket for as long, and as much, as is allowed."""

    def __init__(self, sock: socket.socket, allowance: Allowance) -> None:
        self._sock, self._allowance = sock, allowance
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._allowance.seconds())
        count = self._raw.readinto(buffer)
        self._allowance.spend(count or 0)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Line:
    """A socket whose readers are metered; all else is the socket's own."""

    def __init__(self, sock: socket.socket, allowance: Allowance) -> None:
        self._sock, self._allowance = sock, allowance

    def makefile(self, *_args: Any, **_how: Any) -> io.BufferedReader:
        """A reader: the only kind that is asked for."""
        return io.BufferedReader(_Metered(self._sock, self._allowance))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def metered_pool(allowance: Allowance, *, timeout_s: float) -> Any:
    """Connections of urllib3 that are used again, and end in time.

    Args:
        allowance: Started anew before each question; one question is asked at a time.
        timeout_s: For a connection to be made.
    """
    import urllib3  # noqa: PLC0415 (only where there is an endpoint)
    from urllib3.connection import HTTPConnection, HTTPSConnection  # noqa: PLC0415 (as above)

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            self.sock = _Line(self.sock, allowance)

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            self.sock = _Line(self.sock, allowance)

    class PlainPool(urllib3.HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Secure

    manager = urllib3.PoolManager(retries=False, timeout=timeout_s)
    manager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
    return manager
