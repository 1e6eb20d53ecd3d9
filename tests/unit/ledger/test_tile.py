"""Places of tiles and the form of bundles, as tlog-tiles spells them."""

from itertools import pairwise

import pytest

from bartizan.core.errors import InputError, LedgerError
from bartizan.ledger import tile
from bartizan.ledger.merkle import leaf_hash
from bartizan.ledger.tile import ENTRIES, Tile


@pytest.mark.parametrize(
    ("place", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 999), "tile/0/999"),
        (Tile(0, 1000), "tile/0/x001/000"),
        (Tile(3, 1234067), "tile/3/x001/x234/067"),  # the example of the specification
        (Tile(ENTRIES, 1234067, 5), "tile/entries/x001/x234/067.p/5"),
        (Tile(1, 17, 255), "tile/1/017.p/255"),
    ],
)
def test_paths_are_those_of_the_specification(place: Tile, path: str) -> None:
    assert place.path == path
    assert tile.parse(path) == place


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/00",
        "tile/0/0000",
        "tile/8/000",
        "tile/00/000",
        "tile/0/x000/001",  # a longer way to say 1
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p",
        "tile/0/000.p/1/2",
        "tile/0/\u0660\u0660\u0661",  # digits, but not of ASCII
        "tile/entries/000\n",
        "/tile/0/000",
        "tile/-1/000",
        "tile/0/" + "x001/" * 2000 + "000",
        "checkpoint",
        "",
    ],
)
def test_a_path_has_one_spelling_only(path: str) -> None:
    assert tile.parse(path) is None


def test_a_tree_of_70000_has_the_tiles_of_the_specification() -> None:
    found = list(tile.tiles(70_000))
    widths = {
        level: [one.width for one in found if one.level == level] for level in (0, 1, 2, ENTRIES)
    }
    assert widths == {
        0: [256] * 273 + [112],
        1: [256, 17],
        2: [1],
        ENTRIES: [256] * 273 + [112],
    }
    assert len(found) == 274 + 2 + 1 + 274


@pytest.mark.parametrize(
    ("size", "paths"),
    [
        (0, set()),
        (1, {"tile/0/000.p/1", "tile/entries/000.p/1"}),
        (255, {"tile/0/000.p/255", "tile/entries/000.p/255"}),
        (256, {"tile/0/000", "tile/1/000.p/1", "tile/entries/000"}),
        (
            257,
            {"tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"}
            | {"tile/entries/000", "tile/entries/001.p/1"},
        ),
    ],
)
def test_small_trees_have_these_tiles(size: int, paths: set[str]) -> None:
    assert {one.path for one in tile.tiles(size)} == paths


@pytest.mark.parametrize(
    ("size", "count"), [(65_535, 2 * 256 + 1), (65_536, 2 * 256 + 2), (65_537, 2 * 257 + 2)]
)
def test_the_third_level_begins_at_65536(size: int, count: int) -> None:
    assert len(list(tile.tiles(size))) == count
    assert len(tile.levels(size)) == (2 if size < 65_536 else 3)


@pytest.mark.parametrize(("level", "index"), [(0, 2), (1, 1), (2, 0), (0, -1), (ENTRIES, 2)])
def test_a_tile_beyond_the_tree_is_refused(level: int, index: int) -> None:
    with pytest.raises(LedgerError, match="a log of 300 entries has no tile"):
        tile.at(level, index, size=300)


@pytest.mark.parametrize("entries", [[b""], [b"a", b"", b"bcd"], [b"x" * 65_535, b"y"]])
def test_bundles_come_back_as_they_were(entries: list[bytes]) -> None:
    raw = tile.pack(entries)
    stops = tile.ends(raw, tile=Tile(ENTRIES, 0, len(entries)))
    assert [raw[a + 2 : b] for a, b in pairwise(stops)] == entries
    assert stops[-1] == len(raw)
    assert tile.leaves(raw, ends=stops) == b"".join(map(leaf_hash, entries))


def test_lengths_are_written_big_endian() -> None:
    assert tile.pack([b"x" * 258, b""]) == b"\x01\x02" + b"x" * 258 + b"\x00\x00"


def test_an_entry_that_is_too_long_is_told() -> None:
    with pytest.raises(InputError, match=r"entry 1 of the batch has 65536 bytes.* at most 65535"):
        tile.pack([b"", b"x" * 65_536])


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_bundle_that_is_cut_names_its_entry(cut: int) -> None:
    raw = tile.pack([b"ab", b"cd"])
    number = 512 if cut > 4 else 513
    with pytest.raises(LedgerError, match=rf"^tile/entries/002.p/2: entry {number} is cut off"):
        tile.ends(raw[: len(raw) - cut], tile=Tile(ENTRIES, 2, 2))
