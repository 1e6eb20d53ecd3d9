"""The right edge of a tree in tiles: what one must hold to append to a log.

These are the tiles that are not full, one on each level at most, and the last bundle. They hold
the frontier of the tree (`bartizan.ledger.merkle`), and 256 hashes for each level at most.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from bartizan.core.errors import LedgerError
from bartizan.ledger import tile
from bartizan.ledger.merkle import HASH_BYTES, Frontier, Head, subtree
from bartizan.ledger.reader import Tiles
from bartizan.ledger.tile import ENTRIES, TILE_BYTES, WIDTH, Tile

Files = list[tuple[Tile, bytes]]


@dataclass(frozen=True)
class Edge:
    """The right edge at one size.

    Attributes:
        size: How many entries the log has.
        levels: For each level, the hashes of its tile that is not full, one after the other.
        bundle: The last bundle, if it is not full, else nothing.
    """

    size: int = 0
    levels: tuple[bytes, ...] = ()
    bundle: bytes = b""

    @property
    def head(self) -> Head:
        """Size and root of the tree.

        A tile of w hashes holds one complete subtree for each bit of w that is set.
        """
        roots: list[bytes] = []
        for hashes in reversed(self.levels):
            start, width = 0, len(hashes) // HASH_BYTES
            for bit in range(tile.HEIGHT - 1, -1, -1):
                if width >> bit & 1:
                    end = start + (HASH_BYTES << bit)
                    roots.append(subtree(hashes[start:end]))
                    start = end
        return Frontier.of(self.size, roots).head

    def grown(self, entries: Sequence[bytes]) -> tuple["Edge", Files]:
        """The edge after a batch, and all files in which the two trees differ.

        Args:
            entries: At least one, each of at most 65,535 bytes.

        Returns:
            The new edge; and the full and partial tiles and bundles to write.

        Raises:
            InputError: an entry is too long.
        """
        bundle, files = self._bundles(entries)
        fresh = b"".join([sha256(b"\x00" + entry).digest() for entry in entries])
        levels = list(self.levels)
        level = 0
        while fresh:
            if level == len(levels):
                levels.append(b"")
            first = tile.count(level, self.size) // WIDTH
            full, rest = _cut(levels[level] + fresh)
            files += [(Tile(level, first + n), hashes) for n, hashes in enumerate(full)]
            if rest:
                width = len(rest) // HASH_BYTES
                files.append((Tile(level, first + len(full), width), rest))
            levels[level] = rest
            fresh = b"".join([subtree(hashes) for hashes in full])
            level += 1
        return Edge(self.size + len(entries), tuple(levels), bundle), files

    def _bundles(self, entries: Sequence[bytes]) -> tuple[bytes, Files]:
        """What is left over for the last bundle, and the bundles to write."""
        index, have = divmod(self.size, WIDTH)
        files: Files = []
        raw, start = self.bundle, 0
        while start < len(entries):
            taken = entries[start : start + WIDTH - have]
            raw += tile.pack(taken)
            have += len(taken)
            start += len(taken)
            files.append((Tile(ENTRIES, index, have), raw))
            if have == WIDTH:
                index, have, raw = index + 1, 0, b""
        return raw, files


def _cut(hashes: bytes) -> tuple[list[bytes], bytes]:
    """Full tiles, and what is left."""
    end = len(hashes) // TILE_BYTES * TILE_BYTES
    full = [hashes[at : at + TILE_BYTES] for at in range(0, end, TILE_BYTES)]
    return full, hashes[end:]


def load(tiles: Tiles, *, head: Head) -> Edge:
    """Read the right edge of a published log, and check it against the published root.

    Beside the root, the last bundle is compared with its leaf hashes, and the last full tile of
    each level with its hash in the level above. So what is appended to is whole; that everything
    before it is whole too, only `bartizan.ledger.fsck` says.

    Raises:
        LedgerError: a file is missing or was changed.

    Cost: two tiles for each level, and one bundle.
    """
    size, levels = head.size, list[bytes]()
    for level in tile.levels(size):
        full, width = divmod(tile.count(level, size), WIDTH)
        levels.append(tiles.hashes(level, full) if width else b"")
    if Edge(size, tuple(levels)).head != head:
        message = (
            f"the tiles at the right edge of the log do not lead to the root of its checkpoint "
            f"({size} entries): a tile was changed, or the checkpoint belongs to another log"
        )
        raise LedgerError(message)
    for level in reversed(tile.levels(size)):  # from the top: what is above is known to be whole
        if full := tile.count(level, size) // WIDTH:
            above, at = tiles.hashes(level + 1, (full - 1) // WIDTH), (full - 1) % WIDTH
            check_tile(tiles, Tile(level, full - 1), root=above[HASH_BYTES * at :][:HASH_BYTES])
    return Edge(size, tuple(levels), _last(tiles) if size else b"")


def check_tile(tiles: Tiles, place: Tile, *, root: bytes) -> bytes:
    """The hashes of a full tile whose root is known.

    Raises:
        LedgerError: the file is missing or was changed.
    """
    hashes = tiles.hashes(place.level, place.number)
    if subtree(hashes) != root:
        message = f"{place.path} was changed: its hashes do not lead to its root in the level above"
        raise LedgerError(message)
    return hashes


def check_bundle(tiles: Tiles, index: int) -> bytes:
    """A bundle whose entries fit their leaf hashes.

    Raises:
        LedgerError: an entry was changed; the message names the first.
    """
    (raw, ends), hashes = tiles.bundle(index), tiles.hashes(0, index)
    got = tile.leaves(raw, ends=ends)
    if got != hashes:
        starts = range(0, len(hashes), HASH_BYTES)
        wrong = next(at for at in starts if got[at : at + HASH_BYTES] != hashes[at:][:HASH_BYTES])
        message = (
            f"{tile.at(ENTRIES, index, size=tiles.size).path}: entry "
            f"{index * WIDTH + wrong // HASH_BYTES} was changed: it does not fit its leaf hash"
        )
        raise LedgerError(message)
    return raw[: ends[-1]]


def _last(tiles: Tiles) -> bytes:
    """The last bundle, if it is not full; checked in either case."""
    raw = check_bundle(tiles, (tiles.size - 1) // WIDTH)
    return raw if tiles.size % WIDTH else b""
