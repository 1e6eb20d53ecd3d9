"""The project file as text, and how an error in it is told."""

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any, NoReturn

from bartizan.config.position import Path, positions
from bartizan.config.toml_words import told
from bartizan.core.errors import ConfigError

_MAX_BYTES = 5_000_000
"""A schema of 10,000 columns, written out, is half of that; more is no project file."""
_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Source:
    """One project file."""

    file: str
    """As the user named it."""
    text: str

    @classmethod
    def read(cls, path: FilePath) -> "Source":
        """Read the file, whatever it is.

        Raises:
            ConfigError: no such file, not a file, too large, empty, or not UTF-8.
        """
        try:
            raw = _bytes(path)
        except OSError as error:
            message = f"{path}: cannot read the project file: {error.strerror or error}"
            raise ConfigError(message) from error
        try:
            text = raw.decode("utf-8-sig")  # Windows editors write the mark
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            message = f"{path}:{line}: expected UTF-8 text, got the byte 0x{raw[error.start]:02x}"
            raise ConfigError(message) from error
        if not text.strip():
            message = f"{path}: the project file is empty; `bartizan init` writes one"
            raise ConfigError(message)
        return cls(file=str(path), text=text)

    def document(self) -> dict[str, Any]:
        """The parsed text.

        Raises:
            ConfigError: not TOML; the message names the line.
        """
        try:
            return tomllib.loads(self.text)
        except RecursionError as error:
            message = f"{self.file}: lists or tables are nested too deeply to be read"
            raise ConfigError(message) from error
        except ValueError as error:  # also raised by int() for thousands of digits
            line, why = told(error, text=self.text)
            message = f"{self.file}{'' if line is None else f':{line}'}: {why}"
            raise ConfigError(message) from error

    @cached_property
    def lines(self) -> dict[Path, int]:
        """The line of each key; only for text that `document` has accepted."""
        return positions(self.text)

    def refuse(self, path: Path, why: str, *, cause: Exception | None = None) -> NoReturn:
        """Raise the error for one place.

        Args:
            path: The key at fault; where the text does not have it, what is nearest above.
            why: What was expected, what was got, what to do.
            cause: The error that told us.

        Raises:
            ConfigError: always.
        """
        depth = next((n for n in range(len(path), 0, -1) if path[:n] in self.lines), 0)
        line = self.lines[path[:depth]] if depth else 1
        place = ": ".join((f"{self.file}:{line}", *([dotted(path)] if path else [])))
        message = f"{place}: {why}"
        raise ConfigError(message) from cause


def _bytes(path: FilePath) -> bytes:
    if not path.exists():
        message = f"{path}: no such project file; `bartizan init` writes one"
        raise ConfigError(message)
    if not path.is_file():
        message = f"{path}: expected a project file, got a folder or a device"
        raise ConfigError(message)
    with path.open("rb") as file:
        raw = file.read(_MAX_BYTES + 1)
    if len(raw) > _MAX_BYTES:
        message = f"{path}: a project file has at most {_MAX_BYTES:,} bytes; this one is larger"
        raise ConfigError(message)
    return raw


def dotted(path: Path) -> str:
    """A path as a person writes it.

    Example:
        >>> dotted(("schema", "train", "net income", "min")), dotted(("attacker", 0, "eps"))
        ('schema.train."net income".min', 'attacker[0].eps')
    """
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            name = part if _BARE.fullmatch(part) else '"' + part.replace('"', '\\"') + '"'
            text += f".{name}" if text else name
    return text
