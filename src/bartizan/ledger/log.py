"""The log: entries are appended in batches, and each batch is there as a whole or not at all.

A batch is written in this order: bundles and tiles, durably; then the checkpoint, durably. Nobody
looks at what lies beyond the checkpoint, so a crash before it leaves the log as it was, and a
crash after it leaves the log with the batch.
"""

import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from bartizan.core.errors import LedgerError, UsageError
from bartizan.ledger import edge as right
from bartizan.ledger import listing
from bartizan.ledger.disk import Disk, LocalDisk
from bartizan.ledger.edge import Edge, Files
from bartizan.ledger.folder import STAGING, Folder, told
from bartizan.ledger.merkle import EMPTY, Head
from bartizan.ledger.reader import (
    CHECKPOINT,
    CHECKPOINT_BYTES,
    Read,
    Tiles,
    published,
    refuse_older,
)
from bartizan.ledger.tile import WIDTH

LOCK = ".lock"
WAIT_S = 10.0
"""A writer is given up after this long: hundreds of batches, and still a person's patience."""
Publish = Callable[[int, bytes], bytes]
"""Makes the signed checkpoint of a size and a root."""


class Log:
    """One writer of one log. Made by `open`; safe to share between threads."""

    def __init__(
        self, root: Path, *, disk: Disk, publish: Publish, read: Read, release: Callable[[], None]
    ) -> None:
        self.root = root
        self._disk, self._publish, self._read, self._release = disk, publish, read, release
        self._folder = Folder(disk)
        self._mutex = threading.Lock()
        self._process = os.getpid()
        self._edge = Edge()
        self._raw = b""
        self._closed = ""

    @classmethod
    def open(
        cls,
        root: Path,
        *,
        publish: Publish,
        read: Read,
        disk: Disk | None = None,
        wait_s: float = WAIT_S,
        known: Head | None = None,
    ) -> "Log":
        """Open a log for writing, or begin a new one in a folder that is empty or not there.

        Args:
            root: The folder.
            publish: Makes the signed checkpoint of a size and a root. Called once for each batch,
                after its entries are durable and before anybody can see them. It must not show
                the checkpoint to anybody: until `append` returns, a crash may take it back. What
                witnesses add is kept with `countersign`.
            read: Checks a signed checkpoint, and returns its size and root.
            disk: The calls to the file system.
            wait_s: How long to wait for another writer, in seconds.
            known: What was seen of this log before. A log that is older now, or another, is
                refused.

        Raises:
            LedgerError: the folder holds something else, its checkpoint is not accepted, or the
                right edge of the tree does not fit the checkpoint.
            OutputError: the folder cannot be written, or somebody else is writing.
        """
        disk = disk or LocalDisk(root)
        with told():
            disk.prepare()
        _is_new(disk)
        release = disk.hold(LOCK, wait_s=wait_s)
        try:
            log = cls(root, disk=disk, publish=publish, read=read, release=release)
            log._begin(known)
        except BaseException:
            release()
            raise
        return log

    @property
    def head(self) -> Head:
        """Size and root as they are published."""
        return self._edge.head

    @property
    def checkpoint(self) -> bytes:
        """The signed checkpoint as it is published."""
        return self._raw

    def tiles(self) -> Tiles:
        """A reader of what is published now."""
        return Tiles(self.root, size=self._edge.size, disk=self._disk)

    def append(self, entries: Sequence[bytes]) -> list[int]:
        """Append a batch, durably.

        Args:
            entries: In order, each of at most 65,535 bytes. An empty batch writes nothing.

        Returns:
            The position of each entry. When they are returned, the entries are on the disk, and
            the published checkpoint covers them.

        Raises:
            InputError: an entry is too long; nothing was written.
            OutputError: the disk is full, or cannot be written. The batch may be there or not;
                the log is closed, and tells when it is opened again.

        Cost: about 2 µs for each entry, and for each batch six waits for the disk.
        """
        with self._mutex:
            self._check_usable()
            if not entries:
                return []
            edge, files = self._edge.grown(entries)
            with _Closing(self):
                self._folder.put((place.path, raw) for place, raw in files)
                raw = self._signed(edge.head)
                self._folder.put([(CHECKPOINT, raw)])
            old, self._edge, self._raw = self._edge, edge, raw
            self._tidy(old, files)
            return list(range(old.size, edge.size))

    def countersign(self, raw: bytes) -> None:
        """Publish the checkpoint anew, with more signatures.

        Raises:
            LedgerError: it is not the checkpoint of this size and root.
            OutputError: it cannot be written.
        """
        with self._mutex:
            self._check_usable()
            self._check_signed(raw, head=self._edge.head)
            with _Closing(self):
                self._folder.put([(CHECKPOINT, raw)])
            self._raw = raw

    def close(self) -> None:
        """Give the lock back. Closing twice is no error."""
        self._shut("it was closed")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _begin(self, known: Head | None) -> None:
        """Recover from whatever happened before, and check what is published."""
        new = _is_new(self._disk)
        self._folder.clean()
        if new:
            self._folder.put([(CHECKPOINT, self._signed(Head(0, EMPTY)))])
        raw, head = published(self._disk, read=self._read)
        if known is not None:
            refuse_older(known, head=head)
        tiles = Tiles(self.root, size=head.size, disk=self._disk)
        edge = right.load(tiles, head=head)
        if known is not None:
            tiles.check_grown(known, head=head)
        self._folder.set_aside(listing.ahead(self._disk, size=head.size))
        self._edge, self._raw = edge, raw

    def _signed(self, head: Head) -> bytes:
        raw = self._publish(head.size, head.root)
        self._check_signed(raw, head=head)
        return raw

    def _check_signed(self, raw: bytes, *, head: Head) -> None:
        if Head(*self._read(raw)) != head or len(raw) > CHECKPOINT_BYTES:
            message = (
                f"expected a signed checkpoint of this log with its {head.size} entries, of at "
                f"most {CHECKPOINT_BYTES} bytes, got one of another size or root, or a longer one"
            )
            raise LedgerError(message)

    def _tidy(self, old: Edge, files: Files) -> None:
        """Delete partial files of tiles that are full and published now."""
        for place, _ in files:
            has_partial = place.number * WIDTH < old.size >> 8 * max(place.level, 0)
            if place.width == WIDTH and has_partial:
                self._folder.forget(f"{place.path}.p")

    def _check_usable(self) -> None:
        if self._closed:
            message = f"the log {self.root} is not open for writing: {self._closed}"
            raise UsageError(message)
        if os.getpid() != self._process:
            message = (
                f"the log {self.root} was opened by process {self._process}; this is a child of "
                "it. Append in the process that opened the log"
            )
            raise UsageError(message)

    def _shut(self, why: str) -> None:
        if not self._closed:
            self._closed = why
            self._release()


class _Closing:
    """Closes a log when a write fails: what lies on the disk then, only opening it again tells."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._log._shut(f"a write failed ({kind.__name__}); open it again")  # noqa: SLF001 - its own


def _is_new(disk: Disk) -> bool:
    """Whether a folder is empty, or as good as that.

    Raises:
        LedgerError: it holds something, and that is not a log.
    """
    with told():
        names = {name for name, _ in disk.names("")}
    if CHECKPOINT in names:
        return False
    if strange := sorted(names - {LOCK, STAGING}):
        message = (
            f"expected a log or an empty folder, got one without a file `checkpoint` that holds "
            f"{', '.join(strange[:3])}; name another folder, or restore the checkpoint"
        )
        raise LedgerError(message)
    return True
