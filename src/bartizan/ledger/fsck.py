"""A full check of a log: every entry and every hash, from the signed root down to the bytes.

The tiles are checked from the top: the right edge leads to the signed root, and every full tile to
its hash in the tile above. So the first file that does not fit is the one that was changed, and
not another one that was compared with it. Entries come in their order.
"""

from dataclasses import dataclass
from pathlib import Path

from bartizan.core.errors import LedgerError
from bartizan.ledger import edge as right
from bartizan.ledger import listing, tile
from bartizan.ledger.disk import Disk, LocalDisk
from bartizan.ledger.merkle import HASH_BYTES, Head
from bartizan.ledger.reader import Read, Tiles, published, refuse_older
from bartizan.ledger.tile import ENTRIES, WIDTH, Tile

NAMED = 20
"""Strange files are listed up to this number: enough to see what they are."""


@dataclass(frozen=True)
class Checked:
    """What a full check saw. That it came back means that the log is whole.

    Attributes:
        head: Size and root.
        checkpoint: The signed checkpoint, as it stands in the folder.
        partial: Older partial tiles and bundles that are still there; each fits.
        ahead: Files beyond the checkpoint. After a crash there are some, until the log is opened
            for writing again; otherwise the checkpoint may have been put back.
        strange: The first files below `tile/` that no log has. They mean nothing.
    """

    head: Head
    checkpoint: bytes
    partial: int = 0
    ahead: int = 0
    strange: tuple[str, ...] = ()


def fsck(root: Path, *, read: Read, disk: Disk | None = None, known: Head | None = None) -> Checked:
    """Hash everything anew, without writing anything.

    Args:
        root: The folder of the log.
        read: Checks a signed checkpoint, and returns its size and root.
        disk: The calls to the file system.
        known: What was seen of this log before; without it, a log that was rolled back to an
            older checkpoint of its own looks whole.

    Raises:
        LedgerError: the first thing that does not fit; names the file, and the entry if it is one.

    Cost: about 2.5 µs for each entry, and memory for some tiles and one bundle.
    """
    disk = disk or LocalDisk(root)
    raw, head = published(disk, read=read)
    if known is not None:
        refuse_older(known, head=head)
    tiles = Tiles(root, size=head.size, disk=disk)
    edge = right.load(tiles, head=head)
    for level in range(len(edge.levels) - 1, -1, -1):
        if edge.levels[level]:
            place = Tile(level, tile.count(level, head.size) // WIDTH)
            _below(tiles, place, hashes=edge.levels[level])
    if known is not None:
        tiles.check_grown(known, head=head)
    return _others(disk, tiles, checked=Checked(head=head, checkpoint=raw))


def _below(tiles: Tiles, place: Tile, *, hashes: bytes) -> None:
    """Check what lies below a tile that fits: full tiles, or on the lowest level a bundle."""
    if place.level == 0:
        right.check_bundle(tiles, place.number)
        return
    for at in range(0, len(hashes), HASH_BYTES):
        child = Tile(place.level - 1, place.number * WIDTH + at // HASH_BYTES)
        found = right.check_tile(tiles, child, root=hashes[at : at + HASH_BYTES])
        _below(tiles, child, hashes=found)


def _others(disk: Disk, tiles: Tiles, *, checked: Checked) -> Checked:
    """Look at the files that are not needed: older partial ones must be parts of the full ones."""
    partial = ahead = 0
    strange: list[str] = []
    for path in listing.files(disk):
        place = tile.parse(path)
        if place is None:
            strange.append(path)
        elif listing.is_ahead(place, size=tiles.size):
            ahead += 1
        elif place.width < WIDTH:
            partial += place != tile.at(place.level, place.number, size=tiles.size)
            _check_part(disk, tiles, place)
    return Checked(
        head=checked.head,
        checkpoint=checked.checkpoint,
        partial=partial,
        ahead=ahead,
        strange=tuple(strange[:NAMED]),
    )


def _check_part(disk: Disk, tiles: Tiles, place: Tile) -> None:
    if place.level == ENTRIES:
        raw, ends = tiles.bundle(place.number)
        expected = raw[: ends[place.width]]
    else:
        expected = tiles.hashes(place.level, place.number)[: place.width * HASH_BYTES]
    if disk.read(place.path, limit=len(expected)) != expected:
        message = f"{place.path} was changed: it is not the beginning of {place.folder}"
        raise LedgerError(message)
