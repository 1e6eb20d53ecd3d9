"""Reads files in a process of its own, which may compute and nothing else.

A parser that a hostile file breaks, slows down or takes over then costs that process, and the file
is inconclusive. The files are opened here and handed over open, so that the process needs no name.
"""

import contextlib
import json
import signal
import socket
import subprocess
import sys
from types import TracebackType
from typing import Self

from bartizan.core.errors import InputError, UsageError
from bartizan.core.record import decode, encode
from bartizan.supply.scan.answer import Answer, Ask, Terms
from bartizan.supply.scan.framed import receive, send
from bartizan.supply.scan.limits import Limits

_START = (
    "import json, socket, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from bartizan.supply.scan.reader import serve; "
    "serve(socket.socket(fileno=int(sys.argv[2])))"
)
"""Run without the user's start files: nothing but this package and the standard library."""
_PATIENCE = 4
"""Wall-clock seconds waited for each second of CPU that a file may cost: machines are busy."""


class Confined:
    """Use it as a context; the process ends with it."""

    def __init__(self, *, allowed: tuple[str, ...] = (), limits: Limits | None = None) -> None:
        self._terms = Terms(limits=limits or Limits(), allowed=allowed)
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def read(self, descriptor: int, *, path: str, beside: tuple[str, ...] | None = None) -> Answer:
        """Read one file.

        Args:
            descriptor: The file, open to read; it stays open.
            path: Its name, for what is said of it.
            beside: Names of the files beside it and below; none = it is not known.

        Raises:
            InputError: the process broke, ran out of its limits or did not answer. The next file
                gets a new one.
        """
        connection = self._connection or self._begin()
        try:
            send(connection, encode(Ask(path=path, beside=beside)), descriptor=descriptor)
            raw = receive(connection, timeout_s=self._patience_s)
        except TimeoutError as error:
            self._end()
            message = f"reading it took longer than {self._patience_s} s"
            raise InputError(message) from error
        except OSError:
            raw = b""
        if not raw:
            message = f"the process that read it {self._end()}"
            raise InputError(message)
        return decode(raw, kind=Answer)

    @property
    def _patience_s(self) -> int:
        return _PATIENCE * self._terms.limits.cpu_s

    def _begin(self) -> socket.socket:
        """Start the process and wait until it has given up what it does not need."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
                [sys.executable, "-I", "-c", _START, json.dumps(sys.path), str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for us, and we end it
                env={},
            )
        self._connection = ours
        with contextlib.suppress(OSError):
            send(ours, encode(self._terms))
            if receive(ours, timeout_s=self._patience_s):
                return ours
        message = (
            f"the process that reads files does not start: it {self._end()}. Is there less memory "
            "than --memory says, or does this system not let a process limit itself?"
        )
        raise UsageError(message)

    def _end(self) -> str:
        """End the process. Returns: how it had ended by itself, in words."""
        if self._connection is not None:
            self._connection.close()
        process, self._process, self._connection = self._process, None, None
        if process is None:
            return "was not there"
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        process.kill()
        with process:
            said = process.stderr.read().decode(errors="replace") if process.stderr else ""
        return _ended(process.returncode, said.strip().splitlines())


def _ended(code: int, said: list[str]) -> str:
    """How a process ended."""
    if code == -signal.SIGXCPU:
        return "used up its time"
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    last = said[-1][:300] if said else "without a word"
    if "MemoryError" in last:
        return "used up its memory"
    return f"broke: {last}"
