"""Files of one folder, read whole, and no others: a file that includes another may name any."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from bartizan.core.errors import InputError
from bartizan.supply.advisories.reading import plain, read_regular


@dataclass(frozen=True)
class Tree:
    """A folder, and what lies in it."""

    root: Path
    """Resolved: no link in it."""
    digests: dict[str, str] = field(default_factory=dict, compare=False)
    """By name, ``sha256:<hex>`` of every file that was read: what evidence refers to."""

    @classmethod
    def of(cls, folder: Path) -> "Tree":
        """The folder and everything below it.

        Raises:
            InputError: it is no folder.
        """
        root = folder.resolve()
        if not root.is_dir():
            message = f"expected a folder of dependency files, but {folder} is none"
            raise InputError(message)
        return cls(root)

    def inside(self, path: Path) -> Path:
        """The path without links.

        Raises:
            InputError: it lies outside of the tree, or there is nothing.
        """
        try:
            found = path.resolve(strict=True)
        except (OSError, RuntimeError, ValueError) as error:
            message = f"there is no file {plain(str(path.name))} where it was looked for"
            raise InputError(message) from error
        if not found.is_relative_to(self.root):
            message = f"{plain(str(path.name))} lies outside of the folder that is scanned"
            raise InputError(message)
        return found

    def named(self, path: Path) -> str:
        """The path below the root, with ``/``."""
        return path.relative_to(self.root).as_posix()

    def text(self, path: Path) -> str:
        """A text file.

        Raises:
            InputError: it is outside, no regular file, unreadable, or no text in UTF-8.
            LimitError: it is too large.
        """
        found = self.inside(path)
        raw = read_regular(found)
        self.digests[self.named(found)] = f"sha256:{hashlib.sha256(raw).hexdigest()}"
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            message = f"{plain(found.name)} is no text in UTF-8; convert it"
            raise InputError(message) from error
