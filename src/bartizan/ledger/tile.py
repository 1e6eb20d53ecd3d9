"""Where the hashes and entries of a log stand on disk, and how entries are bundled.

A *tile* holds up to 256 consecutive hashes of one level of the tree: those of the leaves on level
0, and above, each hash is the root over one full tile of the level below. An *entry bundle*
holds the 256 entries of one tile of level 0. Both never change once they are full, so any file
server can serve them and any cache may keep them.

Source: C2SP tlog-tiles (https://c2sp.org/tlog-tiles), sections "Merkle Tree", "Partial Tiles" and
"Log entries". Deviation: a level is at most 7, since sizes stay below 2**63.
"""

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple

from bartizan.core.errors import InputError, LedgerError
from bartizan.ledger.merkle import HASH_BYTES

WIDTH = 256
"""Hashes of a full tile, from the specification."""
HEIGHT = 8
"""Levels of the tree in a tile: 2**8 = 256."""
TILE_BYTES = WIDTH * HASH_BYTES
ENTRY_BYTES = 65_535
"""The longest entry: its length is written as an unsigned 16-bit number."""
BUNDLE_BYTES = WIDTH * (2 + ENTRY_BYTES)
"""The longest bundle, 16 MiB: what a reader will take into memory."""
ENTRIES = -1
"""The level that stands for entry bundles."""
GROUPS = 7
"""Of three digits each, at most: 2**63 leaves make 2**55 tiles, a number of 17 digits."""
_PATH = re.compile(
    r"tile/(?P<level>entries|[0-7])/(?P<groups>(?:x\d{3}/){0,6}\d{3})(?:\.p/(?P<width>[1-9]\d{0,2}))?",
    re.ASCII,
)


class Tile(NamedTuple):
    """The place of one file: a tile of hashes, or a bundle of entries."""

    level: int
    """From 0 (leaves); `ENTRIES` is a bundle."""
    number: int
    """From 0, counted within the level."""
    width: int = WIDTH
    """How many hashes or entries it holds; below 256 the tile is partial."""

    @property
    def folder(self) -> str:
        """The path that the full tile has, from the root of the log."""
        digits = f"{self.number:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        *above, last = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        level = "entries" if self.level == ENTRIES else str(self.level)
        return "/".join(["tile", level, *[f"x{group}" for group in above], last])

    @property
    def path(self) -> str:
        """Its path from the root of the log, such as ``tile/0/x001/x234/067.p/5``."""
        return self.folder if self.width == WIDTH else f"{self.folder}.p/{self.width}"

    @property
    def full(self) -> "Tile":
        """The same place once it holds all that fits."""
        return self._replace(width=WIDTH)

    @property
    def first(self) -> int:
        """Position of the first entry below it."""
        return self.number << (HEIGHT * (max(self.level, 0) + 1))


def parse(path: str) -> Tile | None:
    """The tile of a path, or none if no tile has that path."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    level = ENTRIES if found["level"] == "entries" else int(found["level"])
    index = int(found["groups"].replace("/", "").replace("x", ""))
    tile = Tile(level, index, int(found["width"] or WIDTH))
    written = tile.path == path and (found["width"] is None or tile.width < WIDTH)
    return tile if written else None


def count(level: int, size: int) -> int:
    """How many hashes (or entries) a level of a tree has in its tiles."""
    return size >> (HEIGHT * max(level, 0))


def levels(size: int) -> range:
    """The levels of tiles that a tree has, from 0."""
    return range(-(-size.bit_length() // HEIGHT))


def at(level: int, index: int, *, size: int) -> Tile:
    """The tile with a certain index, as wide as it is in a tree of a certain size.

    Raises:
        LedgerError: a tree of that size does not have it.
    """
    width = min(count(level, size) - index * WIDTH, WIDTH)
    if width <= 0 or index < 0:
        message = f"a log of {size} entries has no {Tile(level, max(index, 0)).folder}"
        raise LedgerError(message)
    return Tile(level, index, width)


def tiles(size: int) -> Iterator[Tile]:
    """All files of a log of a certain size: level by level, the bundles last."""
    for level in (*levels(size), ENTRIES):
        for index in range(-(-count(level, size) // WIDTH)):
            yield at(level, index, size=size)


def pack(entries: Sequence[bytes]) -> bytes:
    """Write entries one after the other, each after its length.

    Raises:
        InputError: an entry is too long.
    """
    for index, entry in enumerate(entries):
        if len(entry) > ENTRY_BYTES:
            message = (
                f"entry {index} of the batch has {len(entry)} bytes, a log takes at most "
                f"{ENTRY_BYTES}; write the digest of the content instead"
            )
            raise InputError(message)
    return b"".join([len(entry).to_bytes(2, "big") + entry for entry in entries])


def ends(raw: bytes, *, tile: Tile) -> list[int]:
    """Where each entry of a bundle ends.

    Args:
        raw: The bundle; entries after the first `tile.width` are not looked at.
        tile: Its place, for the width and for messages.

    Returns:
        `tile.width + 1` offsets: 0, and the end of each entry.

    Raises:
        LedgerError: an entry is cut off.
    """
    stops, end, size = [0], 0, len(raw)
    for number in range(tile.width):
        if end + 2 > size:
            raise _cut(tile, number=number)
        end += 2 + (raw[end] << 8 | raw[end + 1])
        if end > size:
            raise _cut(tile, number=number)
        stops.append(end)
    return stops


def leaves(raw: bytes, *, ends: list[int]) -> bytes:
    """The leaf hashes of a bundle, one after the other; for `ends` see there."""
    pairs = pairwise(ends)
    return b"".join([sha256(b"\x00" + raw[start + 2 : end]).digest() for start, end in pairs])


def _cut(tile: Tile, *, number: int) -> LedgerError:
    message = (
        f"{tile.path}: entry {tile.first + number} is cut off or missing; the file holds fewer "
        f"than the {tile.width} entries it must hold"
    )
    return LedgerError(message)
