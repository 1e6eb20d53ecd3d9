"""Proofs and entries read from the folder, against the definitions of RFC 6962."""

from itertools import pairwise
from pathlib import Path

import pytest

from bartizan.core.errors import LedgerError
from bartizan.ledger import ranges
from bartizan.ledger.disk import LocalDisk
from bartizan.ledger.log import Log
from bartizan.ledger.merkle import EMPTY, Frontier, leaf_hash, verify_consistency, verify_inclusion
from bartizan.ledger.reader import Tiles, published
from unit.ledger.crashing import CrashingDisk
from unit.ledger.signing import publish, read
from unit.ledger.trees import audit_path, consistency, numbered, tree_hash

ENTRIES = numbered(65_537)
SIZES = [1, 2, 3, 7, 8, 9, 31, 64, 65, 255, 256, 257]
LARGE = [65_535, 65_536, 65_537]


def filled(size: int) -> Tiles:
    disk = CrashingDisk()
    with Log.open(Path("memory"), publish=publish, read=read, disk=disk) as log:
        log.append(ENTRIES[:size])
        return log.tiles()


@pytest.fixture(scope="module")
def large() -> Tiles:
    return filled(65_537)


@pytest.mark.parametrize("size", SIZES)
def test_every_proof_is_that_of_the_definition(size: int) -> None:
    tiles, entries = filled(size), ENTRIES[:size]
    assert tiles.root() == tree_hash(entries)
    for index in {0, 1, size // 2, size - 2, size - 1} & set(range(size)):
        assert tiles.inclusion_path(index) == audit_path(index, entries)
        assert tiles.leaf(index) == leaf_hash(entries[index])
    for old in {1, 2, size // 2, size - 1, size} & set(range(1, size + 1)):
        assert tiles.consistency_path(old) == consistency(old, entries)
        assert tiles.root(old) == tree_hash(entries[:old])
    assert list(tiles.entries()) == entries


@pytest.mark.parametrize("size", LARGE)
def test_proofs_hold_across_three_levels_of_tiles(size: int, large: Tiles) -> None:
    frontier = Frontier()
    for entry in ENTRIES[:size]:
        frontier.append(leaf_hash(entry))
    root = large.root(size)
    assert root == frontier.root()
    for index in (0, 255, 256, 40_000, size - 2, size - 1):
        path = large.inclusion_path(index, size)
        verify_inclusion(leaf_hash(ENTRIES[index]), index=index, size=size, path=path, root=root)
    for old in (0, 1, 255, 256, 257, 32_768, 40_000, 65_535, size):
        path = large.consistency_path(old, size)
        verify_consistency(old=old, new=size, path=path, old_root=large.root(old), new_root=root)


def test_proofs_of_every_earlier_size_come_from_the_newest_tiles(large: Tiles) -> None:
    for size in SIZES:
        assert large.inclusion_path(size - 1, size) == audit_path(size - 1, ENTRIES[:size])
        assert large.consistency_path(1, size) == consistency(1, ENTRIES[:size])


def test_a_proof_reads_a_handful_of_tiles() -> None:
    class Counting(CrashingDisk):
        reads = 0

        def read(self, path: str, *, limit: int) -> bytes:
            self.reads += 1
            return super().read(path, limit=limit)

    disk = Counting()
    with Log.open(Path("memory"), publish=publish, read=read, disk=disk) as log:
        log.append(ENTRIES)
        for index in (0, 40_000, 65_536):
            tiles = log.tiles()
            disk.reads = 0
            tiles.inclusion_path(index)
            assert disk.reads <= 6
            tiles.inclusion_path(index)
            assert disk.reads <= 6


def test_the_empty_log_has_the_empty_root() -> None:
    tiles = filled(0)
    assert tiles.root() == EMPTY
    assert list(tiles.entries()) == []
    assert tiles.consistency_path(0) == []
    with pytest.raises(LedgerError, match="position 0 is not in a tree of 0"):
        tiles.inclusion_path(0)


def test_what_was_not_published_is_not_shown(large: Tiles) -> None:
    for wrong in (-1, 65_538):
        with pytest.raises(LedgerError, match="published 65537"):
            large.root(wrong)
        with pytest.raises(LedgerError, match="published 65537"):
            large.inclusion_path(0, wrong)
        with pytest.raises(LedgerError, match="published 65537"):
            large.consistency_path(0, wrong)
    for index in (-1, 5, 6):
        with pytest.raises(LedgerError, match="is not in a tree of 5"):
            large.inclusion_path(index, 5)
    for old in (-1, 6):
        with pytest.raises(LedgerError, match="cannot have grown"):
            large.consistency_path(old, 5)
    for start, stop in ((-1, 3), (4, 3), (0, 65_538)):
        with pytest.raises(LedgerError, match="are not in a log of 65537"):
            list(large.entries(start, stop))


def test_entries_are_read_by_position(large: Tiles) -> None:
    assert large.entry(300) == ENTRIES[300]
    assert list(large.entries(250, 520)) == ENTRIES[250:520]
    assert list(large.entries(65_536)) == ENTRIES[65_536:]


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 7), (8, 13), (16, 32), (0, 256)])
def test_a_range_is_cut_into_its_largest_subtrees(low: int, high: int) -> None:
    parts = [
        (index << height, (index + 1) << height) for height, index in ranges.subtrees(low, high)
    ]
    assert parts[0][0] == low
    assert parts[-1][1] == high
    assert all(a[1] == b[0] for a, b in pairwise(parts))
    assert len(parts) == (high - low).bit_count()


def test_a_folder_without_a_checkpoint_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="no file `checkpoint`"):
        published(LocalDisk(tmp_path), read=read)
