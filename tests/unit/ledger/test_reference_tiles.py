"""Roots, proofs, tiles and their paths, against Go's code: golang.org/x/mod/sumdb/tlog."""

from pathlib import Path

import pytest

from bartizan.ledger import tile
from bartizan.ledger.log import Log
from bartizan.ledger.merkle import leaf_hash
from bartizan.ledger.reader import Tiles
from reference_log import Reference, Refused
from unit.ledger.crashing import CrashingDisk
from unit.ledger.signing import publish, read
from unit.ledger.trees import numbered

SIZES = [1, 2, 3, 5, 7, 8, 9, 100, 255, 256, 257, 511, 512, 513, 1000]
TALL = 257 * 1024 + 5
"""More than 1,000 tiles on the lowest level, so that paths have two groups of digits."""
ENTRIES = numbered(TALL)


def filled(disk: CrashingDisk, size: int) -> Tiles:
    """A log that grew in two batches."""
    with Log.open(Path("memory"), publish=publish, read=read, disk=disk) as log:
        log.append(ENTRIES[: size // 3])
        log.append(ENTRIES[size // 3 : size])
        return log.tiles()


def places(index: int, size: int) -> list[tile.Tile]:
    """All tiles above one leaf, and the right edge."""
    found = set[tile.Tile]()
    for level in tile.levels(size):
        last = (tile.count(level, size) - 1) // tile.WIDTH
        for number in (min(index >> 8 * (level + 1), last), last):
            found.add(tile.at(level, number, size=size))
    return sorted(found)


@pytest.mark.parametrize("size", SIZES)
def test_roots_and_proofs_are_the_same(size: int, reference: Reference) -> None:
    tiles, leaves = filled(CrashingDisk(), size), ENTRIES[:size]
    assert reference.ask("tree_hash", leaves=leaves)["hash"] == tiles.root()
    for index in {0, size // 3, size - 1}:
        proof = reference.ask("prove_record", leaves=leaves, index=index)["proof"]
        assert proof == tiles.inclusion_path(index)
    for old in {1, max(1, size // 3), size}:
        proof = reference.ask("prove_tree", leaves=leaves, old_size=old)["proof"]
        assert proof == tiles.consistency_path(old)


@pytest.mark.parametrize("size", [*SIZES, 65_535, 65_536, 65_537, TALL])
def test_the_reference_finds_leaves_in_our_tiles(size: int, reference: Reference) -> None:
    disk = CrashingDisk()
    tiles = filled(disk, size)
    for index in {0, size // 3, size - 1}:
        served = {
            place.path: disk.read(place.path, limit=tile.TILE_BYTES)
            for place in places(index, size)
        }
        found = reference.ask("check_tile", size=size, root=tiles.root(), index=index, tiles=served)
        assert found["hash"] == leaf_hash(ENTRIES[index])


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, TALL])
def test_the_reference_accepts_proofs_of_large_trees(size: int, reference: Reference) -> None:
    tiles = filled(CrashingDisk(), size)
    root = tiles.root()
    for index in (0, 256, size - 1):
        reference.ask(
            "check_record",
            proof=tiles.inclusion_path(index),
            size=size,
            root=root,
            index=index,
            leaf=ENTRIES[index],
        )
    for old in (1, 255, 32_769, size - 1):
        reference.ask(
            "check_tree",
            proof=tiles.consistency_path(old),
            size=size,
            root=root,
            old_size=old,
            old_root=tiles.root(old),
        )


def test_the_reference_refuses_a_changed_tile(reference: Reference) -> None:
    """The control: the reference does look at the tiles."""
    disk = CrashingDisk()
    tiles = filled(disk, 513)
    served = {
        place.path: disk.read(place.path, limit=tile.TILE_BYTES) for place in places(300, 513)
    }
    raw = bytearray(served["tile/0/001"])
    raw[0] ^= 1
    with pytest.raises(Refused):
        reference.ask(
            "check_tile",
            size=513,
            root=tiles.root(),
            index=300,
            tiles=served | {"tile/0/001": bytes(raw)},
        )
