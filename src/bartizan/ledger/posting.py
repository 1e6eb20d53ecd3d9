"""Posts bytes to one address and reads the answer, within limits of time and size.

Witnesses and time-stamping authorities are other people's servers. One that answers a byte now
and then never runs into the timeout of a socket, for that starts anew with each byte. So the
line is cut from outside when the time for the whole answer is up.
"""

import socket
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Timer
from typing import Any, Protocol
from urllib.parse import urlsplit

from bartizan.core.errors import ConfigError, UsageError

TIMEOUT_S = 20.0
"""For one whole answer; public logs ask their clients to wait at least as long."""
ANSWER_BYTES = 1 << 20
"""Largest answer: a cosignature line has at most 4 kB, a time stamp with its certificates 10 kB."""
_PIECE = 16 << 10
"""Bytes read at a time."""


@dataclass(frozen=True, kw_only=True)
class Posted:
    """An answer."""

    status: int
    content_type: str
    """Without parameters, in lower case."""
    body: bytes


class Post(Protocol):
    """Sends a body to an address: `post`, or what a test puts in its place."""

    def __call__(self, url: str, body: bytes, *, content_type: str) -> Posted:
        """Send it.

        Raises:
            UsageError: no answer.
        """
        ...


def post(
    url: str,
    body: bytes,
    *,
    content_type: str,
    timeout_s: float = TIMEOUT_S,
    limit_bytes: int = ANSWER_BYTES,
) -> Posted:
    """Send bytes over HTTP and read the answer, whatever its status.

    Redirects are not followed: who is asked is what the person wrote.

    Args:
        url: Where to.
        body: What to send.
        content_type: What it is.
        timeout_s: For everything, from the first byte to the last.
        limit_bytes: Most that is read.

    Raises:
        ConfigError: it is no address.
        UsageError: no answer in time, or one that is too long.
    """
    import urllib3  # noqa: PLC0415 (slow to import, and only needed where something is sent)

    require_url(url)
    lines: list[socket.socket] = []
    late = Event()
    watch = Timer(timeout_s, _cut, args=(lines, late))
    watch.daemon = True
    watch.start()
    try:
        with _manager(lines, timeout_s=timeout_s) as manager:
            answer = manager.request(
                "POST",
                url,
                body=body,
                headers={"content-type": content_type, "accept-encoding": "identity"},
                redirect=False,
                preload_content=False,
            )
            raw = _read(answer, url=url, limit_bytes=limit_bytes)
            if late.is_set():  # what was cut off looks like an end
                raise TimeoutError
            said = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
            return Posted(status=answer.status, content_type=said, body=raw)
    except (urllib3.exceptions.HTTPError, OSError) as error:
        message = f"{url} gave no answer: {_reason(error, late=late.is_set())}"
        raise UsageError(message) from error
    finally:
        watch.cancel()
        for line in lines:
            line.close()


def require_url(url: str) -> None:
    """Refuse what is no address, and credentials in one: addresses stand in messages.

    Raises:
        ConfigError: with the reason.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no port
    except ValueError as error:
        message = (
            f"expected an address such as https://witness.example/w1, which this is not: {error}"
        )
        raise ConfigError(message) from error
    if parts.username or parts.password:
        message = f"the address of {parts.hostname} holds credentials; addresses stand in messages"
        raise ConfigError(message)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        message = f"expected an address such as https://witness.example/w1, got {url[:200]!r}"
        raise ConfigError(message)


def _cut(lines: list[socket.socket], late: Event) -> None:
    """End every line; what waits for one gets an error."""
    late.set()
    for line in lines:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)


def _manager(lines: list[socket.socket], *, timeout_s: float) -> Any:
    """Connections of urllib3 that leave a second hold on their sockets in `lines`."""
    import urllib3  # noqa: PLC0415 (as above)
    from urllib3.connection import HTTPConnection, HTTPSConnection  # noqa: PLC0415 (as above)

    class Held:
        """Comes before a connection of urllib3."""

        def _new_conn(self) -> socket.socket:
            made: socket.socket = super()._new_conn()  # type: ignore[misc] # of the class after it
            lines.append(made.dup())  # TLS takes the socket over, and leaves this hold
            return made

    class Plain(Held, HTTPConnection):
        pass

    class Secure(Held, HTTPSConnection):
        pass

    class PlainPool(urllib3.HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Secure

    manager = urllib3.PoolManager(retries=False, timeout=timeout_s)
    manager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
    return manager


def _read(answer: Any, *, url: str, limit_bytes: int) -> bytes:
    raw = bytearray()
    while piece := answer.read1(_PIECE, decode_content=False):
        raw += piece
        if len(raw) > limit_bytes:
            answer.close()
            message = (
                f"{url} answered with more than {limit_bytes} bytes, which no such server does"
            )
            raise UsageError(message)
    return bytes(raw)


def _reason(error: Exception, *, late: bool) -> str:
    """In words; the order matters, for a refused connection is a timeout to the library too."""
    import urllib3  # noqa: PLC0415 (as above)

    known = urllib3.exceptions
    if isinstance(error, known.NameResolutionError):
        return "nobody knows that name; is it spelled right?"
    if isinstance(error, known.NewConnectionError):
        return "nothing listens there; is it running?"
    if late or isinstance(error, known.ReadTimeoutError | known.ConnectTimeoutError):
        return "it took too long; is it overloaded, or the timeout too short?"
    if isinstance(error, known.SSLError):
        return f"it does not prove who it is ({error})"
    return f"the line broke ({type(error).__name__})"
