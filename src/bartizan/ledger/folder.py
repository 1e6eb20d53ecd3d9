"""Writing so that nothing is half there after a crash.

Every file is written under another name, made durable, and then renamed into place; the folders
are made durable last. So a name in the log never leads to a file that is not whole, and what was
put before a `put` that returned is there after any crash.
"""

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice

from bartizan.core.errors import OutputError
from bartizan.ledger.disk import Disk

STAGING = ".staging"
"""Where files are written; whatever is found there when a log is opened is rubbish."""
ASIDE = ".aside"
"""Where files go that a crashed batch left beyond the checkpoint: not deleted, since the checkpoint
may just as well have been put back by mistake."""
_GROUP = 64
"""Files renamed together: one wait of the disk serves several, and few names are in flight."""


class Folder:
    """Durable writes into one folder, by one writer. `clean` comes first."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._durable = {""}
        """Folders whose own names are known to be durable."""

    def clean(self) -> None:
        """Forget the rubbish of a crash, and make durable what is visible.

        A name that is visible may still be lost: the process died, the system did not yet write
        the folder. Whoever reads it builds on it, so it must stay.

        Raises:
            OutputError: the folder cannot be written.
        """
        with told():
            self._disk.make_folder(STAGING)
            for name, _ in self._disk.names(STAGING):
                self._disk.remove(f"{STAGING}/{name}")
            self._disk.sync_folder("")
        self._durable = {"", STAGING}

    def put(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Write files, each in the place of what had its name.

        Args:
            files: Paths and contents; taken one group at a time.

        Raises:
            OutputError: the folder cannot be written, or the disk is full. Some of the files may
                be there, each of them whole.
        """
        queue, touched = iter(files), set[str]()
        with told():
            while group := list(islice(queue, _GROUP)):
                try:
                    self._stage([raw for _, raw in group])
                except OSError:
                    self._drop(len(group))  # a full disk must not stay full because of us
                    raise
                for number, (path, _) in enumerate(group):
                    above = path.rpartition("/")[0]
                    self._make(above)
                    self._disk.rename(f"{STAGING}/{number}", path)
                    touched.add(above)
            for folder in sorted(touched):
                self._disk.sync_folder(folder)

    def set_aside(self, paths: Iterable[str]) -> None:
        """Move files out of the log, so that they are never taken for a part of it.

        Raises:
            OutputError: the folder cannot be written.
        """
        touched = set[str]()
        with told():
            for path in paths:
                self._make(ASIDE)
                self._disk.rename(path, f"{ASIDE}/{path.replace('/', '_')}")
                touched |= {path.rpartition("/")[0], ASIDE}
            for folder in sorted(touched):
                self._disk.sync_folder(folder)

    def forget(self, path: str) -> None:
        """Delete a folder of files that are no longer needed, as far as the system lets us."""
        with suppress(OSError):
            for name, _ in self._disk.names(path):
                self._disk.remove(f"{path}/{name}")
            self._disk.remove_folder(path)
        self._durable.discard(path)

    def _stage(self, contents: list[bytes]) -> None:
        for number, raw in enumerate(contents):
            handle = self._disk.create(f"{STAGING}/{number}")
            try:
                rest = memoryview(raw)
                while rest:
                    rest = rest[self._disk.write(handle, bytes(rest)) :]
                self._disk.sync(handle)
            finally:
                self._disk.close(handle)

    def _drop(self, count: int) -> None:
        for number in range(count):
            with suppress(OSError):
                self._disk.remove(f"{STAGING}/{number}")

    def _make(self, path: str) -> None:
        """Make a folder and those above it, and make their names durable, once."""
        if path in self._durable:
            return
        above = path.rpartition("/")[0]
        self._make(above)
        self._disk.make_folder(path)
        self._disk.sync_folder(above)
        self._durable.add(path)


@contextmanager
def told() -> Iterator[None]:
    """Say what the system said, and what to do.

    Raises:
        OutputError: in the place of an OSError.
    """
    try:
        yield
    except OSError as error:
        what = error.strerror or str(error)
        advice = "check the folder's owner and rights, and that it holds no links"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            advice = "make room on the disk; nothing that was published is lost"
        message = f"the log cannot be written: {what}; {advice}"
        raise OutputError(message) from error
