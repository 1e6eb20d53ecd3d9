"""The right edge: however a log is cut into batches, the same tree and the same files arise."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.core.errors import InputError
from bartizan.ledger import edge as right
from bartizan.ledger import tile
from bartizan.ledger.edge import Edge
from bartizan.ledger.log import Log
from bartizan.ledger.merkle import EMPTY, Frontier, leaf_hash
from bartizan.ledger.tile import Tile
from unit.ledger.crashing import CrashingDisk
from unit.ledger.signing import publish, read
from unit.ledger.trees import numbered, tree_hash

ENTRIES = numbered(1400)
CUTS = st.lists(st.integers(1, 520), min_size=1, max_size=6)


def grown(cuts: list[int]) -> tuple[Edge, dict[Tile, bytes]]:
    """An edge that grew batch by batch, and the newest content of each place."""
    edge, found = Edge(), dict[Tile, bytes]()
    for count in cuts:
        batch = ENTRIES[edge.size : edge.size + count]
        if batch:
            edge, files = edge.grown(batch)
            found.update(files)
    return edge, found


def test_the_empty_edge_is_the_empty_tree() -> None:
    assert Edge().head == (0, EMPTY)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(cuts=CUTS)
def test_the_batches_do_not_show_in_the_files(cuts: list[int]) -> None:
    edge, files = grown(cuts)
    once, expected = grown([edge.size])
    assert edge == once
    needed = set(tile.tiles(edge.size))
    assert needed == set(expected)
    assert {place: files[place] for place in needed} == expected
    assert edge.head == (edge.size, tree_hash(ENTRIES[: edge.size]))


@settings(max_examples=30, derandomize=True, deadline=None)
@given(cuts=CUTS)
def test_no_file_but_a_partial_one_is_written_twice(cuts: list[int]) -> None:
    edge, seen = Edge(), set[Tile]()
    for count in cuts:
        batch = ENTRIES[edge.size : edge.size + count]
        if not batch:
            break
        edge, files = edge.grown(batch)
        places = [place for place, _ in files]
        assert len(set(places)) == len(places)
        assert seen.isdisjoint(places)
        seen.update(places)


@settings(max_examples=20, derandomize=True, deadline=None)
@given(size=st.integers(0, 1400))
def test_the_edge_is_read_back_from_the_files(size: int) -> None:
    disk = CrashingDisk()
    with Log.open(Path("memory"), publish=publish, read=read, disk=disk) as log:
        log.append(ENTRIES[:size])
        found = right.load(log.tiles(), head=log.head)
    assert found == (grown([size])[0] if size else Edge())


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537])
def test_the_root_is_that_of_the_frontier_across_levels(size: int) -> None:
    entries, frontier = numbered(size), Frontier()
    for entry in entries:
        frontier.append(leaf_hash(entry))
    edge, _ = Edge().grown(entries[:40_000])
    edge, _ = edge.grown(entries[40_000:])
    assert edge.head == frontier.head


def test_an_entry_that_is_too_long_changes_nothing() -> None:
    edge, _ = Edge().grown([b"a"])
    with pytest.raises(InputError):
        edge.grown([b"b", b"x" * 65_536])
    assert edge == Edge().grown([b"a"])[0]
