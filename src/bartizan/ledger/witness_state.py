"""What a witness remembers of each log, so that it never vouches for two histories.

One file for each origin, put in place as a whole and synced before any signature leaves. Whoever
changes one holds its lock, across threads and processes.
"""

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bartizan.core.errors import InputError, LedgerError, UsageError
from bartizan.core.record import Record, decode, digest, encode
from bartizan.crypto.safe_file import PRIVATE, STEPS, Steps, replace
from bartizan.ledger.checkpoint import Checkpoint, parse_checkpoint
from bartizan.ledger.note import split_note

_LOCK_WAIT_S = 10.0
"""For another submission to the same log; one takes milliseconds."""
_LOOK_S = 0.005
"""Between two tries to get the lock."""
_STATE_BYTES = 1 << 20
"""Largest file of state: a checkpoint has less than 256 KiB, a third more in base64."""


class Remembered(Record, frozen=True, kw_only=True, tag_field="schema", tag="remembered/1"):
    """The latest checkpoint of a log that a witness vouched for."""

    note: bytes
    """As the log signed it."""
    time: int
    """Of the cosignature: seconds since 1970."""
    check: str
    """Digest of the two: a file that was damaged is not believed."""

    @property
    def checkpoint(self) -> Checkpoint:
        """What the note says. It was verified before it was kept."""
        return parse_checkpoint(split_note(self.note)[0])


def remembered(note: bytes, *, at: int) -> Remembered:
    """What to remember of a verified checkpoint.

    Args:
        note: As the log signed it.
        at: The time that the cosignature will carry.
    """
    return Remembered(note=note, time=at, check=_check(note, at))


@dataclass(frozen=True, kw_only=True)
class WitnessStore:
    """A folder of such files."""

    folder: Path
    steps: Steps = STEPS
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    @contextmanager
    def locked(self, origin: str) -> Iterator[None]:
        """Hold the lock of one log: nobody else looks and changes in between.

        Raises:
            UsageError: somebody else holds it for too long, or the folder cannot be used.
        """
        path = self._path(origin).with_suffix(".lock")
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
        except OSError as error:
            message = f"the witness cannot use its folder {self.folder}: {error.strerror}"
            raise UsageError(message) from error
        try:
            until = self.clock() + _LOCK_WAIT_S
            while not _got(handle):
                if self.clock() >= until:
                    message = f"another submission for {origin} takes too long; try again later"
                    raise UsageError(message)
                self.sleep(_LOOK_S)
            yield
        finally:
            os.close(handle)  # gives the lock back

    def load(self, origin: str) -> Remembered | None:
        """What is remembered of a log; none if it was never vouched for.

        Raises:
            LedgerError: the file is damaged. Only a person can say what was in it.
        """
        path = self._path(origin)
        try:
            with path.open("rb") as file:
                raw = file.read(_STATE_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            message = f"what the witness remembers of {origin} cannot be read: {error.strerror}"
            raise LedgerError(message) from error
        try:
            found = decode(raw, kind=Remembered)
            known = found.checkpoint.origin == origin and found.check == _check(
                found.note, found.time
            )
        except (InputError, LedgerError) as error:
            raise LedgerError(_damaged(path, origin)) from error
        if not known:
            raise LedgerError(_damaged(path, origin))
        return found

    def keep(self, found: Remembered) -> None:
        """Remember it; when this returns, a power cut does not make the witness forget.

        Raises:
            OutputError: it could not be made durable. Nothing may be signed then.
        """
        path = self._path(found.checkpoint.origin)
        replace(path, encode(found), mode=PRIVATE, steps=self.steps)

    def _path(self, origin: str) -> Path:
        """A name that no origin can choose."""
        return self.folder / f"{hashlib.sha256(origin.encode()).hexdigest()}.json"


def _got(handle: int) -> bool:
    """Take the lock of an open file, unless somebody has it."""
    import fcntl  # noqa: PLC0415 (not on every system, and only witnesses need it)

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        message = f"the file system of the witness cannot lock files: {error.strerror}"
        raise UsageError(message) from error
    return True


def _check(note: bytes, at: int) -> str:
    return digest(at.to_bytes(8, "big") + note)


def _damaged(path: Path, origin: str) -> str:
    return (
        f"what the witness remembers of {origin} is damaged ({path}); it signs nothing for this "
        "log until a person has restored the newest copy"
    )
