"""Zip archives whose records say two things, and pickles where an archive has room besides members.

Every one of these is read in two ways by two programs that are in use.
"""

import struct
import zlib
from collections.abc import Iterator

from hostile_artifacts.archives import ENCRYPTED, Entry, deflated, zipped
from hostile_artifacts.case import CONTAINER, Build, Case, Least
from hostile_artifacts.opcodes import BENIGN, payload, whole

_MEMBER = "archive/data.pkl"
_HARMLESS = whole(BENIGN)
_END = b"PK\x05\x06"


def _torch(*entries: Entry) -> bytes:
    return zipped((*entries, Entry(name="archive/version", raw=b"3\n")))


def _commented(comment: bytes) -> bytes:
    """An archive with a comment of this text."""
    raw = _torch(Entry(name=_MEMBER, raw=_HARMLESS))
    return raw[:-2] + struct.pack("<H", len(comment)) + comment


def _two_directories() -> bytes:
    """In the comment of a harmless archive lies the end of another one, with its own directory."""
    first = _torch(Entry(name=_MEMBER, raw=_HARMLESS))
    second = zipped((Entry(name=_MEMBER, raw=payload()),))
    at = second.rindex(_END)
    directory, end = second[second.index(b"PK\x01\x02") : at], second[at:]
    member = second[: second.index(b"PK\x01\x02")]
    start = first.index(b"PK\x01\x02")
    line = bytearray(directory)
    line[42:46] = struct.pack("<I", start)
    place = start + len(member)
    shifted = bytes(line)
    moved = bytearray(end)
    moved[16:20] = struct.pack("<I", place)
    inner = first[:start] + member + shifted
    again = first[start:-22]
    last = bytearray(first[-22:])
    last[16:20] = struct.pack("<I", len(inner))
    last[20:22] = struct.pack("<H", len(moved))
    return inner + again + bytes(last) + bytes(moved)


def _between() -> bytes:
    """A gap between two members, which no directory speaks of."""
    raw = payload()
    first, second = Entry(name=_MEMBER, raw=_HARMLESS), Entry(name="archive/version", raw=b"3\n")
    front, line = first.headers(0)
    start = len(front) + len(first.raw) + len(raw)
    other, other_line = second.headers(start)
    parts = front + first.raw + raw + other + second.raw
    lines = line + other_line
    end = _END + struct.pack("<HHHHIIH", 0, 0, 2, 2, len(lines), len(parts), 0)
    return parts + lines + end


def _unicode_name(name: str, *, hidden: str, raw: bytes) -> bytes:
    """A second name in an extra field, which newer readers prefer (0x7075)."""
    entry = Entry(name=name, raw=raw)
    front, line = entry.headers(0)
    path = hidden.encode()
    extra = struct.pack("<HHBI", 0x7075, 5 + len(path), 1, zlib.crc32(name.encode())) + path
    line = line[:30] + struct.pack("<H", len(extra)) + line[32:] + extra
    body = front + raw
    end = _END + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(line), len(body), 0)
    return body + line + end


def _counted(count: int) -> bytes:
    """The end says that there are fewer members than the directory has."""
    raw = bytearray(
        zipped((Entry(name="readme", raw=b"hello\n"), Entry(name=_MEMBER, raw=payload())))
    )
    at = raw.rindex(_END)
    raw[at + 8 : at + 12] = struct.pack("<HH", count, count)
    return bytes(raw)


def _wide() -> bytes:
    """A zip64 end with another directory: what the plain end says is harmless."""
    plain = zipped((Entry(name="readme", raw=b"hello\n"),))
    at = plain.rindex(_END)
    hidden = zipped((Entry(name=_MEMBER, raw=payload()),))
    split, stop = hidden.index(b"PK\x01\x02"), hidden.rindex(_END)
    start = at
    line = bytearray(hidden[split:stop])
    line[42:46] = struct.pack("<I", start)
    place = start + split
    record = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1, 1, len(line), place)
    where = place + len(line)
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, where, 1)
    return plain[:at] + hidden[:split] + bytes(line) + record + locator + plain[at:]


def _streamed(raw: bytes) -> bytes:
    """Sizes follow the member, and its header says nothing; the directory says less."""
    name = _MEMBER.encode()
    facts = struct.pack("<HHHIII", 8, 0, 0x21, 0, 0, 0)
    front = b"PK\x03\x04" + struct.pack("<HH", 20, 8) + facts + struct.pack("<HH", len(name), 0)
    packed = deflated(raw)
    sizes = struct.pack("<III", zlib.crc32(raw), len(packed), len(raw))
    body = front + name + packed + b"PK\x07\x08" + sizes
    line = b"PK\x01\x02" + struct.pack("<HHH", 20, 20, 8) + struct.pack("<HHH", 8, 0, 0x21) + sizes
    line += struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0) + name
    return body + line + _END + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(line), len(body), 0)


def _linked() -> bytes:
    """A symbolic link out of the folder, and a file that is written through it."""
    link = Entry(name="archive/data", raw=b"../../nonexistent")
    front, line = link.headers(0)
    marked = line[:5] + b"\x03" + line[6:38] + struct.pack("<I", 0o120777 << 16) + line[42:]
    through = Entry(name="archive/data/0", raw=b"1234")
    second, second_line = through.headers(len(front) + len(link.raw))
    body = front + link.raw + second + through.raw
    lines = marked + second_line
    return body + lines + _END + struct.pack("<HHHHIIH", 0, 0, 2, 2, len(lines), len(body), 0)


def _shared() -> bytes:
    """Two lines of the directory that stand for one member, under two names."""
    entry = Entry(name=_MEMBER, raw=payload())
    front, line = entry.headers(0)
    other = Entry(name="archive/text.txt", raw=payload()).headers(0)[1]
    body = front + entry.raw
    lines = other + line
    return body + lines + _END + struct.pack("<HHHHIIH", 0, 0, 2, 2, len(lines), len(body), 0)


def _method(local: int, central: int) -> bytes:
    """Stored by one header, deflated by the other."""
    raw = payload()
    packed = deflated(raw)
    entry = Entry(name=_MEMBER, raw=packed, size=len(raw), crc=zlib.crc32(raw), method=central)
    built = bytearray(_torch(entry))
    built[8:10] = struct.pack("<H", local)
    return bytes(built)


def _names() -> dict[str, tuple[str, Build]]:
    """Names that one reader takes for another."""
    raw = payload()
    return {
        "zip-name-with-backslashes": (
            "name-mismatch",
            lambda: _torch(Entry(name="archive\\data.pkl", raw=raw)),
        ),
        "zip-name-with-a-zero": (
            "name-mismatch",
            lambda: _torch(Entry(name="archive/data.txt\0.pkl", raw=raw)),
        ),
        "zip-name-in-capitals-too": (
            "hidden-entry",
            lambda: _torch(
                Entry(name=_MEMBER, raw=_HARMLESS), Entry(name="archive/DATA.PKL", raw=raw)
            ),
        ),
        "zip-second-folder": (
            "hidden-entry",
            lambda: _torch(
                Entry(name=_MEMBER, raw=_HARMLESS), Entry(name="other/data.pkl", raw=raw)
            ),
        ),
        "zip-second-name-in-unicode": (
            "name-mismatch",
            lambda: _unicode_name("archive/a.txt", hidden=_MEMBER, raw=raw),
        ),
        "zip-folder-with-content": (
            "hidden-entry",
            lambda: _torch(Entry(name="archive/data.pkl/", raw=raw)),
        ),
        "zip-pickle-for-a-version": (
            "hidden-entry",
            lambda: zipped(
                (Entry(name=_MEMBER, raw=_HARMLESS), Entry(name="archive/version", raw=raw))
            ),
        ),
        "zip-pickle-for-a-tensor": (
            "hidden-entry",
            lambda: _torch(
                Entry(name=_MEMBER, raw=_HARMLESS), Entry(name="archive/data/0", raw=raw)
            ),
        ),
        "zip-pickle-of-constants": (
            "hidden-entry",
            lambda: _torch(
                Entry(name=_MEMBER, raw=_HARMLESS), Entry(name="archive/constants.pkl", raw=raw)
            ),
        ),
    }


def _records() -> dict[str, tuple[str, Build]]:
    """Records that contradict each other."""
    raw = payload()
    return {
        "zip-with-a-second-end-in-its-comment": ("hidden-entry", _two_directories),
        "zip-with-another-directory-in-zip64": ("hidden-entry", _wide),
        "zip-with-fewer-members-than-lines": ("hidden-entry", lambda: _counted(1)),
        "zip-with-no-members-by-its-end": ("hidden-entry", lambda: _counted(0)),
        "zip-member-under-two-names": ("hidden-entry", _shared),
        "zip-stored-or-deflated": ("bad-crc", lambda: _method(0, 8)),
        "zip-sizes-behind-the-member": ("bad-crc", lambda: _streamed(raw)),
        "zip-marked-as-encrypted-and-deflated": (
            "flag-bits",
            lambda: _torch(
                Entry(
                    name=_MEMBER,
                    raw=deflated(raw),
                    method=8,
                    size=len(raw),
                    crc=zlib.crc32(raw),
                    central_flags=ENCRYPTED,
                )
            ),
        ),
        "zip-marked-as-a-patch": (
            "flag-bits",
            lambda: _torch(Entry(name=_MEMBER, raw=raw, central_flags=0x20, local_flags=0x20)),
        ),
        "zip-marked-as-masked": (
            "flag-bits",
            lambda: _torch(Entry(name=_MEMBER, raw=raw, local_flags=0x2000)),
        ),
        "zip-bad-crc-of-zero": ("bad-crc", lambda: _torch(Entry(name=_MEMBER, raw=raw, crc=0))),
        "zip-behind-a-mark-of-parts": (
            "prepended",
            lambda: b"PK00" + _torch(Entry(name=_MEMBER, raw=raw)),
        ),
    }


def _rooms() -> dict[str, tuple[str, Build]]:
    """Where an archive has room for a pickle that no member is."""
    raw = payload()
    return {
        "zip-pickle-in-its-comment": ("hidden-entry", lambda: _commented(raw)),
        "zip-pickle-between-members": ("hidden-entry", _between),
        "zip-pickle-behind-its-end": (
            "hidden-entry",
            lambda: _torch(Entry(name=_MEMBER, raw=_HARMLESS)) + raw,
        ),
    }


def cases() -> Iterator[Case]:
    """Every archive."""
    for name, (weakness, build) in {**_names(), **_records()}.items():
        yield _case(name, weakness, build)
    for name, (weakness, build) in _rooms().items():
        yield _case(name, weakness, build, least=_LEAST.get(name, "malicious"))
    yield _case("zip-link-and-a-file-through-it", "link", _linked, pickled=False)


_LEAST: dict[str, Least] = {
    "zip-pickle-in-its-comment": "suspicious",
    "zip-pickle-between-members": "suspicious",
}
"""No loader comes to it by itself."""


def _case(
    name: str, weakness: str, build: Build, *, least: Least = "malicious", pickled: bool = True
) -> Case:
    return Case(
        name=name,
        family=CONTAINER,
        weakness=weakness,
        ending=".pt",
        content=build,
        least=least,
        pickle=payload if pickled else None,
    )
