"""The headers of a tar archive."""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bartizan.core.errors import InputError

BLOCK = 512
TarKind: TypeAlias = Literal[
    "file", "hard link", "symbolic link", "device", "folder", "pipe", "sparse", "unknown"
]
_KINDS: dict[bytes, TarKind] = {
    b"0": "file",
    b"\0": "file",
    b"7": "file",
    b"1": "hard link",
    b"2": "symbolic link",
    b"3": "device",
    b"4": "device",
    b"5": "folder",
    b"6": "pipe",
    b"S": "sparse",
}
_RECORD = re.compile(rb"([0-9]{1,9}) ")
EMPTY = bytes(BLOCK)


@dataclass(frozen=True, slots=True, kw_only=True)
class TarHeader:
    """One block of 512 bytes before the bytes of a member."""

    name: bytes
    size: int
    kind: bytes
    """Type flag: a digit, or a letter for what belongs to the next member."""
    target: bytes
    """Of a link."""

    @property
    def member_kind(self) -> TarKind:
        """What the member is."""
        return _KINDS.get(self.kind, "unknown")


def is_tar(raw: bytes) -> bool:
    """Whether a block is a header, by its checksum."""
    return len(raw) == BLOCK and raw[0] != 0 and _checksum_holds(raw)


def tar_header(raw: bytes) -> TarHeader:
    """Read a header.

    Args:
        raw: 512 bytes.

    Raises:
        InputError: it is none, or its numbers are none.

    Source:
        POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format", for
        numbers in base 256.
    """
    if not _checksum_holds(raw):
        message = "the checksum of a header of the tar archive is wrong"
        raise InputError(message)
    name, prefix = raw[:100].split(b"\0", 1)[0], raw[345:500].split(b"\0", 1)[0]
    if raw[257:263] == b"ustar\0" and prefix:
        name = prefix + b"/" + name
    return TarHeader(
        name=name,
        size=_number(raw[124:136]),
        kind=raw[156:157],
        target=raw[157:257].split(b"\0", 1)[0],
    )


def pax_records(raw: bytes) -> dict[str, bytes]:
    """Keys and values of an extended header, as far as they make sense.

    Raises:
        InputError: a record is not as long as it says.
    """
    found: dict[str, bytes] = {}
    at = 0
    while at < len(raw) and raw[at]:
        match = _RECORD.match(raw, at)
        length = int(match.group(1)) if match else 0
        body = raw[match.end() : at + length] if match else b""
        if not body.endswith(b"\n") or b"=" not in body or at + length > len(raw):
            message = "an extended header of the tar archive is broken"
            raise InputError(message)
        key, _, value = body[:-1].partition(b"=")
        found[key.decode("utf-8", "replace")] = value
        at += length
    return found


def _checksum_holds(raw: bytes) -> bool:
    """The sum of all bytes, its own taken as blanks; some writers add them as signed numbers."""
    if len(raw) != BLOCK:
        return False
    try:
        stated = _number(raw[148:156])
    except InputError:
        return False
    rest = raw[:148] + b" " * 8 + raw[156:]
    total = sum(rest)
    return stated in {total, total - 256 * sum(byte > 127 for byte in rest)}


def _number(field: bytes) -> int:
    """Octal digits, or bytes in base 256 after a first one of 0x80."""
    if field[0] in {0x80, 0xFF}:
        value = int.from_bytes(field[1:], "big")
        if field[0] == 0x80:
            return value
        message = "a size in the tar archive is negative"
        raise InputError(message)
    text = field.split(b"\0", 1)[0].strip(b" ")
    if not re.fullmatch(rb"[0-7]*", text):
        message = "a number in the tar archive is none"
        raise InputError(message)
    return int(text or b"0", 8)
