"""7z archives: read where libarchive is installed, inconclusive where it is not."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

from bartizan.core.errors import MissingExtraError
from bartizan.formats.archives.member_names import shown
from bartizan.formats.archives.seven_zip import (
    MAGIC,
    SevenZipMember,
    seven_zip_end,
    seven_zip_members,
)
from bartizan.formats.archives.spending import spend_unpacked
from bartizan.formats.content import Budget, Expanded, Stream, Window, windowed
from bartizan.supply.scanners.archive_names import judged_link, judged_names
from bartizan.supply.scanners.inside import inner, odd, unread
from bartizan.supply.scanners.notice import Notice
from bartizan.supply.scanners.scanner import Item, Reading, Scanner, Situation

_KEPT_BYTES = 8 << 20
"""Of a member, kept in memory; for larger ones, everything before them is unpacked once more."""
_LIMIT_BYTES = 64 << 20
"""Of an archive inside of something compressed, kept in memory."""


def _plausible(beginning: bytes, item: Item) -> bool:
    """By the magic number."""
    del item
    return beginning.startswith(MAGIC)


def _scan(item: Item, situation: Situation) -> Reading:
    situation.budget.require_depth(item.depth + 1)
    window = windowed(item.content, limit_bytes=_LIMIT_BYTES >> item.depth)
    spend_unpacked(situation.budget, unpacked=0, packed=window.size)
    try:
        for member in seven_zip_members(window, budget=situation.budget):
            yield from _judged(member)
            if member.kind in {"file", "other"}:
                yield _item(item, situation, window=window, member=member)
    except MissingExtraError as error:
        yield unread("archive.unread", what="a 7z archive", why=str(error))
        return 0
    end = seven_zip_end(window)
    yield from _after(item, situation, window=window, end=end)
    return min(end, window.size)


def _after(
    item: Item, situation: Situation, *, window: Window, end: int
) -> Generator[Notice | Item, None, None]:
    """Whatever follows after the end."""
    if end >= window.size:
        return
    yield odd("7z.trailing", where=f"byte {end}", why="bytes follow after the end of the archive")
    rest = window.part(end, window.size - end)
    yield inner(item, situation, content=rest, name="(after its end)")


def _judged(member: SevenZipMember) -> Iterator[Notice]:
    """What is wrong with a member before its bytes are read."""
    yield from judged_names({member.name}, family="7z")
    if member.kind == "link":
        yield judged_link(member.name, target=member.target, family="7z")
    elif member.kind == "other":
        why = "a device, a pipe or a socket in an archive"
        yield odd("7z.special", where=shown(member.name), why=why)


def _item(item: Item, situation: Situation, *, window: Window, member: SevenZipMember) -> Item:
    """A member, with its bytes if they are few."""
    parts: list[bytes] = []
    kept = 0
    for piece in member.data:
        parts.append(piece)
        kept += len(piece)
        if kept > _KEPT_BYTES:
            break
    if kept <= _KEPT_BYTES:
        return inner(item, situation, content=Window.of(b"".join(parts)), name=member.name)

    def opened() -> Stream:
        return _Pieces(_anew(window, member.number, budget=situation.budget))

    found = inner(item, situation, content=Expanded(opened), name=member.name)
    return replace(found, size_bytes=member.size)


def _anew(window: Window, number: int, *, budget: Budget) -> Iterator[bytes]:
    """The bytes of one member, from a new reader."""
    for member in seven_zip_members(window, budget=budget):
        if member.number == number:
            yield from member.data
            return


@dataclass
class _Pieces:
    """Pieces as a stream."""

    pieces: Iterator[bytes]
    position: int = 0
    held: bytes = b""

    def read(self, size: int) -> bytes:
        """The next bytes."""
        parts: list[bytes] = []
        wanted = size
        while wanted > 0 and (self.held or self._more()):
            piece, self.held = self.held[:wanted], self.held[wanted:]
            parts.append(piece)
            wanted -= len(piece)
        self.position += size - wanted
        return b"".join(parts)

    def skip(self, size: int) -> int:
        """Pass over bytes, which have to be unpacked all the same."""
        passed = 0
        while passed < size and (piece := self.read(min(size - passed, 1 << 18))):
            passed += len(piece)
        return passed

    def _more(self) -> bool:
        self.held = next(self.pieces, b"")
        return bool(self.held)


SCANNER = Scanner(name="7z", plausible=_plausible, scan=_scan)
