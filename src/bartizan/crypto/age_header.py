"""The head of an age file, read without a key: who it is for, in kinds.

Source: the age format, https://c2sp.org/age (version 1).
"""

from dataclasses import dataclass
from typing import Protocol

from bartizan.core.errors import InputError, TrustError

_INTRO = b"age-encryption.org/v1\n"
_ANY_VERSION = b"age-encryption.org/"
_ARMOR = b"-----BEGIN AGE ENCRYPTED FILE-----"
_LARGEST = 1 << 20
"""Bytes of a header at most: about 8,000 recipients; a hostile one may not fill the memory."""


class Readable(Protocol):
    """What can be read, from the start once more if need be."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes; none at the end."""
        ...

    def readline(self, size: int = -1, /) -> bytes:
        """The next bytes up to a line break."""
        ...

    def seek(self, place: int, /) -> int:
        """Go to a place."""
        ...


@dataclass(frozen=True, kw_only=True)
class Header:
    """What stands before the encrypted part."""

    stanzas: tuple[tuple[str, ...], ...]
    """Words of each recipient's first line; the first word is its kind. A kind that ends in
    ``-grease`` is for nobody."""
    bodies: tuple[bytes, ...]
    """The text below each first line, base64 without line breaks."""
    signed: bytes
    """What the header's MAC is about."""
    mac: bytes
    """Base64 of the MAC."""
    size_bytes: int
    """Where the encrypted part begins."""

    @property
    def by_passphrase(self) -> bool:
        """Whether a passphrase opens it, and no identity does."""
        return any(words[0] == "scrypt" for words in self.stanzas)


def read_header(file: Readable, *, name: str) -> Header:
    """Read the header of an age file and go back to its start.

    Args:
        file: At its start; it must be able to go back.
        name: For messages.

    Raises:
        InputError: it is no age file, armoured, or of another version.
        TrustError: it is an age file whose header was changed or cut off.
    """
    start = file.readline(len(_INTRO) + 40)
    _refuse_others(start, name=name)
    lines = [start]
    total = len(start)
    while not lines[-1].startswith(b"---"):
        line = file.readline(_LARGEST)
        total += len(line)
        if not line.endswith(b"\n") or total > _LARGEST:
            raise changed(name)
        lines.append(line)
    file.seek(0)
    return _parsed(lines, name=name)


def changed(name: str) -> TrustError:
    """The error of a file that is no longer what was sealed."""
    message = (
        f"{name}: this sealed file was changed or cut off after it was sealed; nothing was "
        "written. Get a good copy"
    )
    return TrustError(message)


def _refuse_others(start: bytes, *, name: str) -> None:
    if start == _INTRO:
        return
    if start.startswith(_ARMOR):
        message = (
            f"{name}: expected a binary age file, got an armoured (text) one; turn it into the "
            "binary form: sed '/^-----/d' FILE | base64 -d > FILE.age"
        )
        raise InputError(message)
    if start.startswith(_ANY_VERSION):
        message = f"{name}: expected an age file of version 1, got {start[:60]!r}"
        raise InputError(message)
    message = f"{name}: expected a file that was sealed (age format), got something else"
    raise InputError(message)


def _parsed(lines: list[bytes], *, name: str) -> Header:
    stanzas: list[tuple[str, ...]] = []
    bodies: list[bytes] = []
    try:
        for line in lines[1:-1]:
            text = line[:-1].decode("ascii")
            if text.startswith("-> "):
                stanzas.append(tuple(text[3:].split(" ")))
                bodies.append(b"")
            else:
                bodies[-1] += line[:-1]
    except (UnicodeDecodeError, IndexError) as error:
        raise changed(name) from error
    if not stanzas or not lines[-1].startswith(b"--- "):
        raise changed(name)
    return Header(
        stanzas=tuple(stanzas),
        bodies=tuple(bodies),
        signed=b"".join(lines[:-1]) + b"---",
        mac=lines[-1][4:-1],
        size_bytes=sum(map(len, lines)),
    )
