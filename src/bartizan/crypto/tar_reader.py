"""Takes a tar stream apart, believing nothing: files and folders below one place, no more.

Whoever knows a recipient can seal whatever they like to it, so that a stream which was opened with
the right key is untrusted all the same. Links, devices, sparse files and names that lead elsewhere
are refused; nothing is kept in memory but one header and the names of one file.

Source: POSIX.1-2024, pax, "ustar interchange format" and "pax interchange format"; of GNU's
additions the long names (``L``) and the sizes in base 256. Compression is for the age file's maker.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bartizan.core.errors import TrustError
from bartizan.crypto.oms.names import require_name
from bartizan.crypto.safe_file import PRIVATE, STEPS, Steps

BLOCK = 512
_PIECE_BYTES = 1 << 20
_SAID_BYTES = 1 << 16
"""What one member may say of itself, its path for instance: Linux knows no path beyond 4 KiB."""
_DIGITS = 18
"""Of a size: an exabyte."""
_MEMBERS = 1_000_000
_FILE, _FOLDER, _PAX, _GLOBAL, _LONG = (b"0", b"\0"), b"5", b"x", b"g", b"L"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, kw_only=True)
class Member:
    """What a header says."""

    name: str
    folder: bool
    size_bytes: int


def unpack(stream: BinaryIO, *, into: Path, steps: Steps = STEPS) -> int:
    """Write what a tar stream holds, for its owner alone; what stands behind its end is refused.

    Args:
        stream: From its start.
        into: An empty folder that nobody else writes to.
        steps: How files are written.

    Returns:
        How many files there were.

    Raises:
        TrustError: it is no tar stream, is cut off, or holds what is refused.
        OSError: it cannot be written.
    """
    count = 0
    for member in _members(stream):
        place = into / member.name
        parent = place if member.folder else place.parent
        try:
            parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if member.folder:
                continue
            handle = os.open(place, _NEW, PRIVATE)
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            message = f"the archive holds {member.name[:80]!a} twice, as different things"
            raise TrustError(message) from error
        try:
            _copy(stream, handle, size=member.size_bytes, steps=steps)
            steps.sync(handle)
        finally:
            os.close(handle)
        count += 1
    return count


def _copy(stream: BinaryIO, handle: int, *, size: int, steps: Steps) -> None:
    left = size
    while left:
        piece = _exactly(stream, min(left, _PIECE_BYTES))
        steps.write(handle, piece)
        left -= len(piece)
    _exactly(stream, -size % BLOCK)


def _members(stream: BinaryIO) -> Iterator[Member]:
    """Headers, one by one; the caller reads each file's content before it asks for the next."""
    said: dict[str, str] = {}
    count = 0
    while any(header := _exactly(stream, BLOCK)):
        count += 1
        if count > _MEMBERS:
            message = f"the archive holds more than {_MEMBERS:,} members, which no model does"
            raise TrustError(message)
        _require_sum(header)
        kind, size = header[156:157], _number(header[124:136])
        if kind in (_PAX, _GLOBAL, _LONG):
            raw = _extra(stream, size)
            said |= _said(kind, raw)
            continue
        yield from _member(header, kind=kind, said=said)
        said = {}
    _require_nothing(stream)


def _member(header: bytes, *, kind: bytes, said: dict[str, str]) -> Iterator[Member]:
    name = said.get("path") or _name(header)
    if kind not in _FILE and kind != _FOLDER:
        message = (
            f"the archive holds {name[:80]!a}, which is a link or another special thing; only "
            "files and folders are unpacked"
        )
        raise TrustError(message)
    size = _decimal(said["size"]) if "size" in said else _number(header[124:136])
    plain = name.removeprefix("./").rstrip("/") if kind == _FOLDER else name.removeprefix("./")
    if plain in ("", ".") and kind == _FOLDER:
        return
    folder = kind == _FOLDER
    yield Member(name=require_name(plain), folder=folder, size_bytes=0 if folder else size)


def _extra(stream: BinaryIO, size: int) -> bytes:
    if size > _SAID_BYTES:
        message = f"a member of the archive says {size} bytes of itself, more than {_SAID_BYTES}"
        raise TrustError(message)
    raw = _exactly(stream, size)
    _exactly(stream, -size % BLOCK)
    return raw


def _said(kind: bytes, raw: bytes) -> dict[str, str]:
    """What stands before a header and is about it; nothing that is about all is believed."""
    if kind == _GLOBAL:
        return {}
    if kind == _LONG:
        return {"path": _text(raw.rstrip(b"\0"))}
    found = {}
    while raw:
        length, _, _ = raw.partition(b" ")
        size = int(length) if length.isdigit() and len(length) < _DIGITS else 0
        record = raw[:size]
        key, equals, value = record[len(length) + 1 : -1].partition(b"=")
        if not equals or not record.endswith(b"\n"):
            message = "a pax header of the archive is broken"
            raise TrustError(message)
        if key.startswith(b"GNU.sparse"):
            message = "the archive holds a sparse file; pack it without --sparse"
            raise TrustError(message)
        found[_text(key)] = _text(value)
        raw = raw[size:]
    return found


def _name(header: bytes) -> str:
    name = _text(header[:100].split(b"\0")[0])
    prefix = _text(header[345:500].split(b"\0")[0]) if header[257:263] == b"ustar\0" else ""
    return f"{prefix}/{name}" if prefix else name


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")  # what is not UTF-8, `require_name` refuses


def _number(field: bytes) -> int:
    """Octal digits, or a number to the base 256 after a byte 0x80."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:])
    digits = field.strip(b" \0")
    if not digits.isdigit() or b"8" in digits or b"9" in digits:
        message = "a header of the archive holds a size that is no number"
        raise TrustError(message)
    return int(digits, 8)


def _decimal(text: str) -> int:
    if not text.isdecimal() or len(text) > _DIGITS:
        message = "a pax header of the archive holds a size that is no number"
        raise TrustError(message)
    return int(text)


def _require_sum(header: bytes) -> None:
    """The header's own checksum: the sum of its bytes, the checksum itself counted as blanks."""
    expected = sum(header) - sum(header[148:156]) + 8 * 0x20
    if _number(header[148:156]) != expected:
        message = "what was sealed is no tar archive, or a header of it is broken"
        raise TrustError(message)


def _exactly(stream: BinaryIO, size: int) -> bytes:
    parts, left = [], size
    while left:
        piece = stream.read(left)
        if not piece:
            message = "the archive ends too early"
            raise TrustError(message)
        parts.append(piece)
        left -= len(piece)
    return b"".join(parts)


def _require_nothing(stream: BinaryIO) -> None:
    """Behind the end there are blocks of zeros, and nothing that another reader might find."""
    while piece := stream.read(_PIECE_BYTES):
        if any(piece):
            message = "something stands behind the end of the archive"
            raise TrustError(message)
