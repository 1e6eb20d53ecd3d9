"""A witness behind HTTP: one address to submit to, one that says who it is.

On the standard library's server, with what that leaves out: a limit of time for a whole request
(a caller who sends a letter now and then holds a connection for as long as he likes otherwise),
of size, and of connections. Errors are one line of plain text. Behind it belongs a proxy that
speaks TLS; loopback is therefore the default.

Source: C2SP tlog-witness, "HTTP Interface".
"""

import io
import socket
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import BoundedSemaphore
from typing import Any

from bartizan.core.errors import UsageError
from bartizan.ledger.submission import SUBMISSION_BYTES
from bartizan.ledger.witness import TEXT, Answer, Witness

REQUEST_S = 10.0
"""For a whole request, and for a connection that waits for the next one."""
CONNECTIONS = 64
"""At once; a witness serves some dozens of logs, each of which asks now and then."""
_PATH = "/add-checkpoint"


class WitnessServer(ThreadingHTTPServer):
    """Serves one witness. `serve_forever` runs until `shutdown`; a `with` block closes it."""

    daemon_threads = True
    block_on_close = False  # a caller who dawdles does not hold up the end
    request_queue_size = 64

    def __init__(
        self,
        witness: Witness,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        request_s: float = REQUEST_S,
        connections: int = CONNECTIONS,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Listen.

        Args:
            witness: Who answers.
            host: Where to listen.
            port: 0 = a free one.
            request_s: For a whole request.
            connections: At once; more are turned away.
            tell: Told of each request, in one line without anything the caller chose.

        Raises:
            UsageError: the place is taken, or not this machine's.
        """
        self.witness, self.request_s, self.tell = witness, request_s, tell
        self._free = BoundedSemaphore(connections)
        try:
            super().__init__((host, port), _Door)
        except (OSError, OverflowError) as error:
            message = f"cannot listen on {host}:{port}: {error}; choose another --port or --host"
            raise UsageError(message) from error

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        """Take a connection on, as long as there is room."""
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._free.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve it, and make room."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, *_: Any) -> None:
        """A connection that broke; no traceback, for it is nobody's defect."""
        self.tell("a connection broke")


class _Patient(io.RawIOBase):
    """Reads from a socket until the time of a request is up."""

    def __init__(self, sock: socket.socket, *, limit_s: float) -> None:
        self._sock, self._limit_s = sock, limit_s
        self.begin()

    def begin(self) -> None:
        """Start anew, for the next request."""
        self._until = time.monotonic() + self._limit_s

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        return self._sock.recv_into(buffer)


class _Door(BaseHTTPRequestHandler):
    """One connection."""

    server: WitnessServer
    protocol_version = "HTTP/1.1"
    error_content_type = TEXT

    def setup(self) -> None:
        super().setup()
        self._line = _Patient(self.connection, limit_s=self.server.request_s)
        self.rfile = io.BufferedReader(self._line)

    def handle_one_request(self) -> None:
        self._line.begin()
        super().handle_one_request()

    def do_GET(self) -> None:
        """Say who this is: a verifier key on each line."""
        if self.path != "/":
            self._say(404, "there are two things here: GET / and POST /add-checkpoint")
            return
        keys = [key.verifier_key.text() for key in self.server.witness.keys]
        body = "".join(key + "\n" for key in keys).encode()
        unread = "content-length" in self.headers or "transfer-encoding" in self.headers
        self._answer(Answer(status=200, body=body), closes=unread)

    def do_POST(self) -> None:
        """Hand a submission to the witness."""
        if self.path != _PATH:
            self._say(404, "there are two things here: GET / and POST /add-checkpoint")
            return
        size = self._size()
        if size is None:
            return
        body = self.rfile.read(size)
        if len(body) < size:
            self.close_connection = True  # the caller left
            return
        self._answer(self.server.witness.add_checkpoint(body))

    def _size(self) -> int | None:
        """How many bytes the body has; an answer is on its way where that is none to be read."""
        lengths = self.headers.get_all("content-length", [])
        if self.headers.get("transfer-encoding") is not None or not lengths:
            self._say(411, "expected a body of a stated length (content-length), not in chunks")
            return None
        length = lengths[0].strip()
        if len(lengths) > 1 or not (length.isascii() and length.isdigit()):
            self._say(400, "expected one content-length, a plain number")
            return None
        if len(length) > len(str(SUBMISSION_BYTES)) or int(length) > SUBMISSION_BYTES:
            self._say(413, f"expected at most {SUBMISSION_BYTES} bytes")
            return None
        return int(length)

    def _say(self, status: int, words: str) -> None:
        """Refuse without the witness. Nobody knows where a next request would begin."""
        self._answer(Answer(status=status, body=words.encode() + b"\n"), closes=True)

    def _answer(self, answer: Answer, *, closes: bool = False) -> None:
        self.send_response(answer.status)
        self.send_header("content-type", answer.content_type)
        self.send_header("content-length", str(len(answer.body)))
        if closes:
            self.send_header("connection", "close")
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def send_error(self, code: int, *_: Any) -> None:
        """What the library refuses by itself, in the one style of errors here."""
        self.request_version = self.protocol_version  # what cannot be read gets headers too
        self._say(code, HTTPStatus(code).phrase)

    def version_string(self) -> str:
        """Nothing about versions: they help nobody but attackers."""
        return "bartizan"

    def log_request(self, code: int | str = "-", *_: Any) -> None:
        """One line without anything that the caller chose."""
        self.server.tell(f"{self.command if self.command in ('GET', 'POST') else 'other'} {code}")

    def log_message(self, *_: Any) -> None:
        """The library's own messages repeat what the caller sent."""
