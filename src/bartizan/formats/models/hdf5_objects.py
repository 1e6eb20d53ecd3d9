"""The structure of an HDF5 file: superblock, object headers, groups and their links."""

from collections.abc import Iterator
from dataclasses import dataclass

from bartizan.core.errors import InputError
from bartizan.formats.content import Budget, Window
from bartizan.formats.models.cursor import Cursor

SIGNATURE = b"\x89HDF\r\n\x1a\n"
UNDEFINED = (1 << 64) - 1
"""An address where there is nothing."""
_MAX_MESSAGES = 1 << 16
"""In one object header; real ones have some dozens."""
_MAX_MESSAGE_BYTES = 1 << 20
"""What a message takes at most in memory; the format itself allows 64 KiB in older headers."""
_COST = 50
"""Instructions of a pickle that a message or a link takes as long as: a million of them, where
networks of a thousand layers have a hundred thousand."""
_CONTINUATION = 0x10
_SOFT, _EXTERNAL = 1, 64


@dataclass(frozen=True, kw_only=True)
class Message:
    """One entry of an object header."""

    kind: int
    flags: int
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Link:
    """A name in a group."""

    name: str
    address: int
    """Of an object header; `UNDEFINED` for a name that leads to another name."""
    elsewhere: str = ""
    """The other file in which it lies; empty = this one."""


@dataclass(frozen=True, kw_only=True)
class Superblock:
    """Where everything begins."""

    base: int
    """Added to every address."""
    end: int
    """Offset after the last byte that belongs to the file."""
    root: int
    """Address of the root group's object header."""


class Objects:
    """Reads objects of one file."""

    def __init__(self, window: Window, *, budget: Budget) -> None:
        """Read the superblock.

        Args:
            window: The whole file, from its signature on.
            budget: Each message and each link costs 50 of its `opcodes`.

        Raises:
            InputError: it is no HDF5 file, or one with addresses of other than 8 bytes.

        Source: HDF5 File Format Specification 3.0, sections II.A, IV.A.1 and III.
        """
        self._budget = budget
        if window.at(0, 8) != SIGNATURE:
            message = f"expected the signature of HDF5, got {window.at(0, 8)!r}"
            raise InputError(message)
        self.superblock = _superblock(window)
        self._window = window

    def cursor(self, address: int) -> Cursor:
        """At an address.

        Raises:
            InputError: there is no such place.
        """
        offset = address + self.superblock.base
        if address == UNDEFINED or not 0 <= offset < self._window.size:
            message = f"an address points to byte {address:,} of {self._window.size:,}"
            raise InputError(message)
        return Cursor(self._window, position=offset)

    def messages(self, address: int) -> list[Message]:
        """All entries of an object's header, in either of its two versions.

        Raises:
            InputError: it is damaged.
        """
        cursor = self.cursor(address)
        newer = cursor.take(4) == b"OHDR"
        cursor.position -= 4
        found: list[Message] = []
        chunks = [_second(cursor) if newer else _first(cursor)]
        seen: set[int] = set()
        while chunks:
            cursor, size, tracked = chunks.pop()
            if cursor.position in seen or len(found) > _MAX_MESSAGES:
                text = f"the object at byte {address:,} has a header without end"
                raise InputError(text)
            seen.add(cursor.position)
            for message in _entries(cursor, size=size, newer=newer, tracked=tracked):
                self._budget.spend("opcodes", _COST)
                if message.kind == _CONTINUATION:
                    chunks.append(self._continued(message, newer=newer, tracked=tracked))
                found.append(message)
        return found

    def _continued(
        self, message: Message, *, newer: bool, tracked: bool
    ) -> tuple[Cursor, int, bool]:
        """The next part of a header."""
        place = Cursor(Window.of(message.body))
        address, size = place.number("<Q"), place.number("<Q")
        cursor = self.cursor(address)
        cursor.require(size)
        if newer:
            if cursor.take(4) != b"OCHK" or size < 8:
                text = f"expected the rest of a header at byte {address:,}"
                raise InputError(text)
            size -= 8  # the signature, and a checksum at the end
        return cursor, size, tracked

    def members(self, message: Message) -> Iterator[Link]:
        """Names in a group whose header holds a symbol table.

        Raises:
            InputError: it is damaged.
        """
        place = Cursor(Window.of(message.body))
        tree, heap = place.number("<Q"), place.number("<Q")
        names = self._heap(heap)
        waiting, seen = [tree], set()
        while waiting:
            address = waiting.pop()
            self._budget.spend("opcodes", _COST)
            if address in seen:
                text = f"the tree of a group comes back to byte {address:,}"
                raise InputError(text)
            seen.add(address)
            cursor = self.cursor(address)
            signature = cursor.take(4)
            if signature == b"TREE":
                kind, _, used = cursor.unpack("<BBH")
                _require(kind == 0, what=f"the tree at byte {address:,} is none of a group")
                cursor.skip(16 + 8)
                for _ in range(used):
                    waiting.append(cursor.number("<Q"))
                    cursor.skip(8)
            else:
                _require(signature == b"SNOD", what=f"byte {address:,} is no part of a group")
                yield from self._symbols(cursor, names=names)

    def _heap(self, address: int) -> Cursor:
        """Names of a group: a window over the heap that holds them."""
        cursor = self.cursor(address)
        _require(cursor.take(4) == b"HEAP", what=f"there are no names at byte {address:,}")
        cursor.skip(4)
        size, _, data = cursor.unpack("<QQQ")
        begin = self.cursor(data)
        begin.require(size)
        return Cursor(self._window.part(begin.position, size))

    def _symbols(self, cursor: Cursor, *, names: Cursor) -> Iterator[Link]:
        """Entries of a leaf of the tree."""
        _, _, count = cursor.unpack("<BBH")
        self._budget.spend("opcodes", _COST * count)
        for _ in range(count):
            name, address, cached = cursor.unpack("<QQI")
            cursor.skip(20)
            soft = cached == 2
            yield Link(name=_name_at(names, name), address=UNDEFINED if soft else address)


def _require(holds: object, *, what: str) -> None:
    if not holds:
        message = f"expected an HDF5 file, but {what}; it is damaged or forged"
        raise InputError(message)


def _superblock(window: Window) -> Superblock:
    cursor = Cursor(window, position=8)
    version = cursor.number("<B")
    _require(version <= 3, what=f"its version is {version}")
    if version < 2:
        cursor.skip(4)
        widths = cursor.unpack("<BB")
        cursor.skip(9 if version == 0 else 13)
        base, _, end, _ = cursor.unpack("<QQQQ")
        _, root = cursor.unpack("<QQ")
    else:
        widths = cursor.unpack("<BB")
        cursor.skip(1)
        base, _, end, root = cursor.unpack("<QQQQ")
    _require(widths == (8, 8), what=f"its addresses and lengths have {widths} bytes, not 8")
    _require(base == 0, what="its addresses begin somewhere else")
    return Superblock(base=base, end=end, root=root)


def _first(cursor: Cursor) -> tuple[Cursor, int, bool]:
    """The beginning of a header of version 1."""
    version, _, _, _, size = cursor.unpack("<BBHII")
    _require(version == 1, what=f"byte {cursor.position:,} is no object")
    cursor.skip(4)
    return cursor, size, False


def _second(cursor: Cursor) -> tuple[Cursor, int, bool]:
    """The beginning of a header of version 2."""
    cursor.skip(4)
    version, flags = cursor.unpack("<BB")
    _require(version == 2, what=f"byte {cursor.position:,} is no object")
    cursor.skip((16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0))
    size = cursor.number(("<B", "<H", "<I", "<Q")[flags & 3])
    return cursor, size, bool(flags & 4)


def _entries(cursor: Cursor, *, size: int, newer: bool, tracked: bool) -> Iterator[Message]:
    """Entries of one part of a header."""
    cursor.require(size)
    end = cursor.position + size
    head = (6 if tracked else 4) if newer else 8
    while end - cursor.position >= head:
        if newer:
            kind, length, flags = cursor.unpack("<BHB")
            cursor.skip(2 if tracked else 0)
        else:
            kind, length, flags = cursor.unpack("<HHB")
            cursor.skip(3)
        _require(length <= end - cursor.position, what="an entry of a header has no end")
        yield Message(kind=kind, flags=flags, body=cursor.take(length, limit=_MAX_MESSAGE_BYTES))


def _name_at(names: Cursor, offset: int) -> str:
    names.position = min(offset, names.window.size)
    raw = names.window.at(names.position, 1024)
    return raw.partition(b"\x00")[0].decode(errors="replace")


def link_of(message: Message) -> Link:
    """The link in a message of a newer group.

    Raises:
        InputError: it is damaged.

    Source: HDF5 File Format Specification 3.0, IV.A.2.g.
    """
    cursor = Cursor(Window.of(message.body))
    version, flags = cursor.unpack("<BB")
    _require(version == 1, what="a link is of an unknown version")
    kind = cursor.number("<B") if flags & 8 else 0
    cursor.skip((8 if flags & 4 else 0) + (1 if flags & 16 else 0))
    name = cursor.take(cursor.number(("<B", "<H", "<I", "<Q")[flags & 3])).decode(errors="replace")
    if kind == 0:
        return Link(name=name, address=cursor.number("<Q"))
    value = cursor.take(cursor.number("<H"))
    if kind == _EXTERNAL:
        return Link(
            name=name,
            address=UNDEFINED,
            elsewhere=value[1:].partition(b"\x00")[0].decode(errors="replace") or "(no name)",
        )
    _require(kind == _SOFT, what=f"a link is of the unknown kind {kind}")
    return Link(name=name, address=UNDEFINED)
