"""The records of a zip archive, each as it stands in the file."""

import struct
from dataclasses import dataclass

from bartizan.formats.archives.member_names import NAME_BYTES
from bartizan.formats.content import Window

LOCAL, CENTRAL, CLOSING = b"PK\3\4", b"PK\1\2", b"PK\5\6"
_CLOSING64, _LOCATOR64, _DESCRIPTOR = b"PK\6\6", b"PK\6\7", b"PK\7\x08"
_LOCAL_FORM = struct.Struct("<4s2xHH4xLLLHH")
_CENTRAL_FORM = struct.Struct("<4s4xHH4xLLLHHHH2xLL")
_CLOSING_FORM = struct.Struct("<4sHHHHLLH")
_CLOSING64_FORM = struct.Struct("<4s12xLLQQQQ")
_LOCATOR64_FORM = struct.Struct("<4sLQL")
_TAIL_BYTES = _CLOSING_FORM.size + 0xFFFF
"""Within how many bytes of the end of a file the closing record of an archive begins."""
_CLOSINGS = 8
"""Closing records that are looked at: an archive has one, those inside of it theirs."""
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
_ZIP64, _UNICODE_NAME = 0x0001, 0x7075
STREAMED = 1 << 3
"""Flag: sizes stand in a descriptor after the data."""
ENCRYPTED = 1 << 0
_UTF8 = 1 << 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A member, as one of its two headers has it."""

    offset: int
    """Of the local header, in the window."""
    data: int
    """Offset of its bytes; -1 = the directory does not say."""
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    raw_name: bytes
    """Cut off after `NAME_BYTES`."""
    other_name: bytes
    """A second name in UTF-8, which some readers take instead; empty = none."""
    mode: int
    """Type and rights of Unix; 0 = it does not say."""

    @property
    def name(self) -> str:
        """As Python's zipfile has it."""
        return self.raw_name.decode("utf-8" if self.flags & _UTF8 else "cp437", "replace")

    def names(self) -> set[str]:
        """As any reader may have it."""
        found = {self.name, self.raw_name.decode("utf-8", "replace")}
        return found | {self.other_name.decode("utf-8", "replace")} if self.other_name else found


@dataclass(frozen=True, kw_only=True)
class Closing:
    """The record that says where the directory is."""

    offset: int
    """Of the first of its parts, where the directory ends."""
    end: int
    """Byte after the comment, as it declares it."""
    comment_bytes: int = 0
    entries: int
    directory: int
    """Offset of the directory, as it declares it."""
    directory_bytes: int
    disks: bool = False
    """Whether the archive claims to have several parts."""
    odd: str = ""
    """What its parts contradict each other in."""


def local_entry(window: Window, offset: int) -> Entry | None:
    """The header before the bytes of a member; none if there is none."""
    raw = window.at(offset, _LOCAL_FORM.size)
    if len(raw) < _LOCAL_FORM.size or not raw.startswith(LOCAL):
        return None
    _, flags, method, crc, packed, size, name_bytes, extra_bytes = _LOCAL_FORM.unpack(raw)
    name = window.at(offset + len(raw), min(name_bytes, NAME_BYTES))
    extra = window.at(offset + len(raw) + name_bytes, extra_bytes)
    size, packed, _, other = _extras(extra, size=size, packed=packed, offset=0)
    return Entry(
        offset=offset,
        data=offset + len(raw) + name_bytes + extra_bytes,
        flags=flags,
        method=method,
        crc=crc,
        packed=packed,
        size=size,
        raw_name=name,
        other_name=other,
        mode=0,
    )


def central_entry(window: Window, at: int, *, shift: int = 0) -> tuple[Entry, int] | None:
    """The entry of a directory at a place, and the place after it; none if there is none.

    Args:
        window: The archive.
        at: The place.
        shift: Bytes before the archive, by which it counts too little.
    """
    raw = window.at(at, _CENTRAL_FORM.size)
    if len(raw) < _CENTRAL_FORM.size or not raw.startswith(CENTRAL):
        return None
    _, flags, method, crc, packed, size, *lengths, _, attributes, offset = _CENTRAL_FORM.unpack(raw)
    name_bytes, extra_bytes, comment_bytes = lengths
    after = at + len(raw) + name_bytes
    extra = window.at(after, extra_bytes)
    size, packed, offset, other = _extras(extra, size=size, packed=packed, offset=offset)
    entry = Entry(
        offset=offset + shift,
        data=-1,
        flags=flags,
        method=method,
        crc=crc,
        packed=packed,
        size=size,
        raw_name=window.at(at + len(raw), min(name_bytes, NAME_BYTES)),
        other_name=other,
        mode=attributes >> 16,
    )
    return entry, after + extra_bytes + comment_bytes


def closings(window: Window) -> tuple[Closing, ...]:
    """Closing records in the tail of a file, the last one first: that is the one that counts."""
    begin = max(window.size - _TAIL_BYTES, 0)
    tail = window.at(begin, _TAIL_BYTES)
    found: list[Closing] = []
    place = tail.rfind(CLOSING)
    while place >= 0 and len(found) < _CLOSINGS:
        if place + _CLOSING_FORM.size <= len(tail):
            found.append(_closing(window, begin + place))
        place = tail.rfind(CLOSING, 0, place + len(CLOSING) - 1)
    return tuple(found)


def descriptor_bytes(window: Window, at: int, *, entry: Entry) -> int | None:
    """Length of the descriptor after the bytes of a member; none if none there fits it."""
    raw = window.at(at, 24)
    for magic in (_DESCRIPTOR, b""):
        for form in ("<LLL", "<LQQ"):
            length = len(magic) + struct.calcsize(form)
            values = struct.pack(form, entry.crc, *_fit(entry, form))
            if raw[:length] == magic + values:
                return length
    return None


def _fit(entry: Entry, form: str) -> tuple[int, int]:
    """Sizes of a member, as far as they fit in."""
    most = _FULL32 if form == "<LLL" else (1 << 64) - 1
    return entry.packed & most, entry.size & most


def _extras(extra: bytes, *, size: int, packed: int, offset: int) -> tuple[int, int, int, bytes]:
    """Sizes and offset beyond 32 bits, and a second name."""
    at, values, other = 0, [size, packed, offset], b""
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        body = extra[at + 4 : at + 4 + length]
        if kind == _ZIP64:
            for number, value in enumerate(values):
                if value == _FULL32 and len(body) >= 8:
                    values[number] = int.from_bytes(body[:8], "little")
                    body = body[8:]
        elif kind == _UNICODE_NAME:
            other = body[5 : 5 + NAME_BYTES]
        at += 4 + length
    return values[0], values[1], values[2], other


def _closing(window: Window, offset: int) -> Closing:
    """The closing record at an offset, with its larger twin before it if there is one."""
    fields = _CLOSING_FORM.unpack(window.at(offset, _CLOSING_FORM.size))
    _, disk, first, here, entries, size, directory, comment = fields
    end = offset + _CLOSING_FORM.size + comment
    spread = (disk, first) not in {(0, 0), (_FULL16, _FULL16)} or here != entries
    locator = window.at(offset - _LOCATOR64_FORM.size, _LOCATOR64_FORM.size)
    begin = offset - _LOCATOR64_FORM.size - _CLOSING64_FORM.size
    raw = window.at(begin, _CLOSING64_FORM.size) if begin >= 0 else b""
    if not locator.startswith(_LOCATOR64) or not raw.startswith(_CLOSING64):
        odd = "it names a larger twin that is not there" if locator[:4] == _LOCATOR64 else ""
        return Closing(
            offset=offset,
            end=end,
            comment_bytes=comment,
            entries=entries,
            # The command zip leaves it open when it writes into a pipe (-fz).
            directory=offset - size if directory == _FULL32 else directory,
            directory_bytes=size,
            disks=spread,
            odd=odd,
        )
    _, disk64, first64, here64, *large = _CLOSING64_FORM.unpack(raw)
    small = ((entries, _FULL16), (size, _FULL32), (directory, _FULL32))
    odd = ""
    if any(mine not in {full, other} for (mine, full), other in zip(small, large, strict=True)):
        odd = "its two closing records differ"
    elif _LOCATOR64_FORM.unpack(locator)[2] + (begin - large[1] - large[2]) != begin:
        odd = "its locator points elsewhere"
    return Closing(
        offset=begin,
        end=end,
        comment_bytes=comment,
        entries=large[0],
        directory=large[2],
        directory_bytes=large[1],
        disks=spread or (disk64, first64) != (0, 0) or here64 != large[0],
        odd=odd,
    )
