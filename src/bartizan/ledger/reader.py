"""Reading a log from its folder: hashes, entries and proofs by position.

What is read here is what the folder says; nothing is trusted for it. A proof made from the tiles
of a changed folder does not lead to the signed root, and whoever checks it will see that.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path

from bartizan.core.errors import LedgerError
from bartizan.ledger import ranges, tile
from bartizan.ledger.disk import Disk, LocalDisk
from bartizan.ledger.merkle import (
    EMPTY,
    HASH_BYTES,
    Head,
    leaf_hash,
    node_hash,
    subtree,
    verify_consistency,
)
from bartizan.ledger.tile import BUNDLE_BYTES, ENTRIES, HEIGHT, TILE_BYTES, WIDTH, Tile

CHECKPOINT = "checkpoint"
CHECKPOINT_BYTES = 1 << 20
"""A checkpoint has some hundred bytes, and some kilobytes for each signature it collects."""
CACHED = 64
"""Tiles kept in memory, half a megabyte: more than the four or five of any one proof."""
Read = Callable[[bytes], tuple[int, bytes]]
"""Checks a signed checkpoint and returns size and root; raises LedgerError."""


def published(disk: Disk, *, read: Read) -> tuple[bytes, Head]:
    """The checkpoint of a log: as it stands there, and what it says.

    Raises:
        LedgerError: there is none, or `read` refuses it.
    """
    try:
        raw = disk.read(CHECKPOINT, limit=CHECKPOINT_BYTES)
    except FileNotFoundError:
        message = "expected a log, but the folder has no file `checkpoint`"
        raise LedgerError(message) from None
    return raw, Head(*read(raw))


def refuse_older(known: Head, *, head: Head) -> None:
    """Refuse a log that has fewer entries than it was seen with.

    Raises:
        LedgerError: it was rolled back.
    """
    if known.size > head.size:
        message = (
            f"the log was rolled back: it had {known.size} entries before and shows "
            f"{head.size} now; restore the newer copy"
        )
        raise LedgerError(message)


class Tiles:
    """The files of a log, as far as its published size goes."""

    def __init__(self, root: Path, *, size: int, disk: Disk | None = None) -> None:
        """Read a folder.

        Args:
            root: The folder of the log.
            size: How many entries were published; nothing beyond is looked at.
            disk: The calls to the file system.
        """
        self.size = size
        self._disk = disk or LocalDisk(root)
        self._cache: OrderedDict[Tile, bytes] = OrderedDict()

    def read(self, place: Tile) -> tuple[Tile, bytes]:
        """The file of a tile or bundle, without looking into it.

        A partial tile may be gone once the full one is there, which begins with it.

        Returns:
            The place it was found in, `place` or the full one; and the content.

        Raises:
            LedgerError: it is missing, too long, or no ordinary file.
        """
        limit = BUNDLE_BYTES if place.level == ENTRIES else TILE_BYTES
        for one in dict.fromkeys((place, place.full)):
            try:
                return one, self._disk.read(one.path, limit=limit)
            except FileNotFoundError:
                continue
        message = f"{place.path} is missing from a log of {self.size} entries"
        raise LedgerError(message)

    def hashes(self, level: int, index: int) -> bytes:
        """The hashes of one tile, one after the other, as many as the published size has."""
        place = tile.at(level, index, size=self.size)
        if place in self._cache:
            self._cache.move_to_end(place)
            return self._cache[place]
        found, raw = self.read(place)
        if len(raw) != found.width * HASH_BYTES:
            message = (
                f"{found.path}: expected {found.width * HASH_BYTES} bytes, the file has {len(raw)}"
            )
            raise LedgerError(message)
        self._cache[place] = raw = raw[: place.width * HASH_BYTES]
        if len(self._cache) > CACHED:
            self._cache.popitem(last=False)
        return raw

    def bundle(self, index: int) -> tuple[bytes, list[int]]:
        """One bundle, and where its entries end, as many as the published size has.

        Raises:
            LedgerError: it is missing, or does not hold exactly its entries.
        """
        place = tile.at(ENTRIES, index, size=self.size)
        found, raw = self.read(place)
        ends = tile.ends(raw, tile=found)
        if ends[-1] != len(raw):
            message = f"{found.path}: {len(raw) - ends[-1]} bytes follow after its last entry"
            raise LedgerError(message)
        return raw, ends[: place.width + 1]

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Entries by position, each compared with its leaf hash.

        Raises:
            LedgerError: the positions are not in the log, or an entry was changed.
        """
        stop = self.size if stop is None else stop
        if not 0 <= start <= stop <= self.size:
            message = f"entries {start} to {stop} are not in a log of {self.size}"
            raise LedgerError(message)
        for index in range(start // WIDTH, -(-stop // WIDTH)):
            first = index * WIDTH
            (raw, ends), hashes = self.bundle(index), self.hashes(0, index)
            for position in range(max(start, first), min(stop, first + WIDTH)):
                entry = raw[ends[position - first] + 2 : ends[position - first + 1]]
                at = (position - first) * HASH_BYTES
                if leaf_hash(entry) != hashes[at : at + HASH_BYTES]:
                    message = f"entry {position} in {Tile(ENTRIES, index).folder} was changed"
                    raise LedgerError(message)
                yield entry

    def entry(self, index: int) -> bytes:
        """The entry at a position, compared with its leaf hash."""
        return next(self.entries(index, index + 1))

    def leaf(self, index: int) -> bytes:
        """The leaf hash at a position."""
        return self._node(0, index)

    def root(self, size: int | None = None) -> bytes:
        """The root over the first leaves, from the tiles."""
        size = self._within(self.size if size is None else size)
        return self._over(0, size) if size else EMPTY

    def inclusion_path(self, index: int, size: int | None = None) -> list[bytes]:
        """The proof that an entry stands at a position of the tree of a certain size.

        Cost: at most two tiles for each level of tiles, some hundred hashes.

        Raises:
            LedgerError: the position or the size is beyond what was published.
        """
        size = self._within(self.size if size is None else size)
        if not 0 <= index < size:
            message = f"position {index} is not in a tree of {size} leaves"
            raise LedgerError(message)
        return [self._over(*one) for one in ranges.inclusion(index, size)]

    def consistency_path(self, old: int, new: int | None = None) -> list[bytes]:
        """The proof that the tree of one size begins with that of an earlier one."""
        new = self._within(self.size if new is None else new)
        if not 0 <= old <= new:
            message = f"a tree of {new} leaves cannot have grown from one of {old}"
            raise LedgerError(message)
        return [self._over(*one) for one in ranges.consistency(old, new)]

    def check_grown(self, known: Head, *, head: Head) -> None:
        """Check that the log still begins with what was seen of it earlier.

        Args:
            known: Size and root that somebody remembered.
            head: Size and root that are published now.

        Raises:
            LedgerError: it was rolled back, or its history was rewritten.
        """
        refuse_older(known, head=head)
        verify_consistency(
            old=known.size,
            new=head.size,
            path=self.consistency_path(known.size, head.size),
            old_root=known.root,
            new_root=head.root,
        )

    def _within(self, size: int) -> int:
        if not 0 <= size <= self.size:
            message = f"expected a size from 0 to the published {self.size}, got {size}"
            raise LedgerError(message)
        return size

    def _over(self, low: int, high: int) -> bytes:
        """The root over a range of leaves that `ranges` named."""
        roots = [self._node(height, index) for height, index in ranges.subtrees(low, high)]
        got = roots.pop()
        while roots:
            got = node_hash(roots.pop(), got)
        return got

    def _node(self, height: int, index: int) -> bytes:
        """One complete subtree: a hash of a tile, or the root over several."""
        level, above = divmod(height, HEIGHT)
        where, first = divmod(index << above, WIDTH)
        hashes = self.hashes(level, where)
        return subtree(hashes[first * HASH_BYTES : (first + (1 << above)) * HASH_BYTES])
