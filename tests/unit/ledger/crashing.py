"""A disk in memory that can fail at every single step, and lose all that was not made durable.

What a crash leaves follows POSIX and no kinder file system: a file's content is durable after
`fsync` on it, a name after `fsync` on its folder. Everything else may be there or not, each name
for itself, and content that was not made durable may be cut or torn.
"""

import errno
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from bartizan.core.errors import LedgerError


class CrashError(Exception):
    """The machine lost its power. Not an OSError: nothing may catch it and go on."""


@dataclass
class Content:
    """A file: what programs see, and what the disk has for sure."""

    seen: bytes = b""
    sure: bytes | None = None

    def after(self, chance: random.Random) -> "Content":
        if self.sure == self.seen:
            raw = self.seen
        else:
            cut = chance.randint(0, len(self.seen))
            torn = self.seen[:cut] + bytes(len(self.seen) - cut)
            raw = chance.choice([self.seen, self.seen[:cut], torn, self.sure or b"", b""])
        return Content(raw, raw)


@dataclass
class Names:
    """A folder: what programs see, and what the disk has for sure."""

    seen: "dict[str, Content | Names]" = field(default_factory=dict)
    sure: "dict[str, Content | Names]" = field(default_factory=dict)

    def after(self, chance: random.Random, done: "dict[int, Content | Names]") -> "Names":
        left: dict[str, Content | Names] = {}
        for name in sorted({*self.seen, *self.sure}):
            states = [one[name] for one in (self.seen, self.sure) if name in one]
            if self.seen.get(name) is not self.sure.get(name):
                states = [self.seen.get(name), self.sure.get(name)]  # type: ignore[list-item]  # None = no such name
            node = chance.choice(states)
            if node is not None:
                # a file with two names is still one file afterwards
                if id(node) not in done:
                    done[id(node)] = (
                        node.after(chance, done) if isinstance(node, Names) else node.after(chance)
                    )
                left[name] = done[id(node)]
        return Names(left, dict(left))


class CrashingDisk:
    """The calls of `bartizan.ledger.disk.Disk`, in memory."""

    def __init__(self, top: Names | None = None) -> None:
        self.top = top or Names()
        self.steps = 0
        self.crash_at = -1
        """Number of the step at which the power fails; -1 = never."""
        self.fail_at = -1
        """Number of the step from which the disk says that it is full; -1 = never."""
        self.limit = 1 << 20
        """Bytes taken by one write."""
        self.names_of_steps: list[str] = []
        self._open: dict[int, Content] = {}
        self._handles = 2

    def crashed(self, chance: random.Random) -> "CrashingDisk":
        """The disk as it is found when the power is back."""
        return CrashingDisk(self.top.after(chance, {}))

    def prepare(self) -> None:
        """The folder itself is always there."""

    def hold(self, path: str, *, wait_s: float) -> Callable[[], None]:
        del wait_s
        folder, name = self._above(path)
        folder.seen.setdefault(name, Content())
        return lambda: None

    def create(self, path: str) -> int:
        self._step("create", path)
        folder, name = self._above(path)
        if name in folder.seen:
            raise FileExistsError(errno.EEXIST, "File exists", path)
        folder.seen[name] = content = Content()
        self._handles += 1
        self._open[self._handles] = content
        return self._handles

    def write(self, handle: int, raw: bytes) -> int:
        content = self._open[handle]
        taken = raw[: self.limit]
        half = len(taken) // 2
        self._step("write", "nothing yet")
        content.seen += taken[:half]
        self._step("write", "half")
        content.seen += taken[half:]
        return len(taken)

    def sync(self, handle: int) -> None:
        self._step("sync", "before")
        content = self._open[handle]
        content.sure = content.seen

    def close(self, handle: int) -> None:
        del self._open[handle]

    def rename(self, source: str, target: str) -> None:
        self._step("rename", target)
        old, name = self._above(source)
        new, become = self._above(target)
        if isinstance(new.seen.get(become), Names):
            raise IsADirectoryError(errno.EISDIR, "Is a directory", target)
        new.seen[become] = old.seen.pop(name)

    def make_folder(self, path: str) -> None:
        self._step("make_folder", path)
        folder, name = self._above(path)
        if not isinstance(folder.seen.setdefault(name, Names()), Names):
            raise NotADirectoryError(errno.ENOTDIR, "Not a directory", path)

    def sync_folder(self, path: str) -> None:
        self._step("sync_folder", path)
        folder = self._folder(path)
        folder.sure = dict(folder.seen)

    def remove(self, path: str) -> None:
        self._step("remove", path, needs_room=False)
        folder, name = self._above(path)
        if name not in folder.seen:
            raise FileNotFoundError(errno.ENOENT, "No such file", path)
        del folder.seen[name]

    def remove_folder(self, path: str) -> None:
        self._step("remove_folder", path, needs_room=False)
        folder, name = self._above(path)
        node = folder.seen.get(name)
        if not isinstance(node, Names):
            raise FileNotFoundError(errno.ENOENT, "No such folder", path)
        if node.seen:
            raise OSError(errno.ENOTEMPTY, "Directory not empty", path)
        del folder.seen[name]

    def names(self, path: str) -> list[tuple[str, bool]]:
        seen = self._folder(path).seen
        return sorted((name, isinstance(node, Names)) for name, node in seen.items())

    def read(self, path: str, *, limit: int) -> bytes:
        folder, name = self._above(path)
        node = folder.seen.get(name)
        if node is None:
            raise FileNotFoundError(errno.ENOENT, "No such file", path)
        if not isinstance(node, Content) or len(node.seen) > limit:
            message = f"{path}: expected a file of at most {limit} bytes"
            raise LedgerError(message)
        return node.seen

    def _step(self, call: str, path: str, *, needs_room: bool = True) -> None:
        self.names_of_steps.append(f"{call} {path}")
        self.steps += 1
        if self.steps - 1 == self.crash_at:
            raise CrashError
        if needs_room and 0 <= self.fail_at <= self.steps - 1:
            raise OSError(errno.ENOSPC, "No space left on device", path)

    def _folder(self, path: str) -> Names:
        node: Content | Names = self.top
        for step in path.split("/") if path else ():
            if not isinstance(node, Names):
                raise NotADirectoryError(errno.ENOTDIR, "Not a directory", path)
            if step not in node.seen:
                raise FileNotFoundError(errno.ENOENT, "No such folder", path)
            node = node.seen[step]
        if not isinstance(node, Names):
            raise NotADirectoryError(errno.ENOTDIR, "Not a directory", path)
        return node

    def _above(self, path: str) -> tuple[Names, str]:
        above, _, name = path.rpartition("/")
        return self._folder(above), name
