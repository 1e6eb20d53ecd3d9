"""Reads one member of a zip archive, whatever its headers promise."""

import stat
import zlib
from collections.abc import Generator, Iterator

from bartizan.formats.archives.member_names import shown
from bartizan.formats.archives.unpacking import Unpacked
from bartizan.formats.archives.zip_data import STORED, method_name, packing_of_method
from bartizan.formats.archives.zip_facts import Member
from bartizan.formats.archives.zip_records import (
    ENCRYPTED,
    STREAMED,
    Entry,
    closings,
)
from bartizan.formats.content import CHUNK_BYTES, Budget, Content, Window, head
from bartizan.supply.scanners.archive_names import judged_link, judged_names
from bartizan.supply.scanners.inside import odd, unread
from bartizan.supply.scanners.notice import Notice

_TARGET_BYTES = 4096
"""Longest target of a link (PATH_MAX of Linux)."""


def member_content(window: Window, entry: Entry, *, budget: Budget) -> Content | None:
    """The bytes of a member; none if nobody here can unpack them."""
    if entry.method == STORED:
        return window.part(entry.data, max(entry.packed, entry.size))
    packed = window.part(entry.data, entry.packed)
    packing = packing_of_method(entry.method, head=packed.at(0, 16))
    return None if packing is None else Unpacked(packed, packing=packing, budget=budget)


def judged_header(entry: Entry, *, content: Content | None) -> Iterator[Notice]:
    """What is wrong with a member before its bytes are read."""
    where = shown(entry.name)
    yield from judged_names(entry.names(), family="zip")
    if content is None:
        why = f"it is packed by {method_name(entry.method)}, which is not read here"
        yield unread("zip.method", where=where, why=why)
    kind = stat.S_IFMT(entry.mode)
    if kind == stat.S_IFLNK and content is not None:
        target = head(content, _TARGET_BYTES).decode("utf-8", "replace")
        yield judged_link(entry.name, target=target, family="zip")
    elif kind in {stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK}:  # a pipe is how zip marks its input
        yield odd("zip.special", where=where, why="a device or a socket in an archive")


def judged_data(member: Member, content: Content) -> Generator[Notice, None, None]:
    """What is wrong with the bytes of a member, after they were read.

    Raises:
        LimitError: reading on to their end costs too much.
    """
    entry, where = member.entry, shown(member.entry.name)
    crc, size, packed, problem = _read_out(content)
    known = member.listed or not entry.flags & STREAMED
    whole = size == entry.size and crc == entry.crc
    if entry.flags & ENCRYPTED and not whole:
        why = "it is encrypted, or says so: it cannot be read"
        yield unread("zip.encrypted", where=where, why=why)
    elif entry.flags & ENCRYPTED:
        why = "it is marked as encrypted and is not: some readers refuse it, others load it"
        yield odd("zip.disagreement", where=where, why=why)
    elif problem and not whole:
        yield unread("zip.broken", where=where, why=f"what it holds cannot be unpacked: {problem}")
    elif size != entry.size:
        why = f"it holds {size:,} bytes and claims {entry.size:,}: readers see different contents"
        yield odd("zip.disagreement", where=where, why=why)
    elif crc != entry.crc and known:
        why = "its checksum is wrong: some readers refuse it, PyTorch loads it"
        yield odd("zip.crc", where=where, why=why)
    elif packed != entry.packed:
        why = f"{entry.packed - packed:,} bytes follow its packed content, which no reader unpacks"
        yield odd("zip.gap", where=where, why=why)


def _read_out(content: Content) -> tuple[int, int, int, str]:
    """Checksum, size, packed size and problem of a member."""
    if isinstance(content, Unpacked):
        ending = content.finish()
        return ending.crc, ending.unpacked_bytes, ending.packed_bytes, ending.problem
    stream, crc = content.open(), 0
    while piece := stream.read(CHUNK_BYTES):
        crc = zlib.crc32(piece, crc)
    return crc, stream.position, stream.position, ""


def hides_archive(tail: bytes, *, beginning: bytes) -> bool:
    """Whether the end of some content says that it is a zip archive, and its beginning does not.

    Args:
        tail: Its last bytes, as `Ending` has them.
        beginning: Its first bytes.
    """
    if beginning.startswith((b"PK\3\4", b"PK\5\6")):
        return False
    window = Window.of(tail)
    return any(
        record.entries
        and record.offset - record.directory_bytes >= 0
        and record.end == window.size
        and window.at(record.offset - record.directory_bytes, 4) == b"PK\1\2"
        for record in closings(window)
    )
