"""Which files are beyond the published size, and that few folders are listed to find them."""

from pathlib import Path

import pytest

from bartizan.core.errors import LedgerError
from bartizan.ledger import listing, tile
from bartizan.ledger.disk import LocalDisk
from bartizan.ledger.tile import ENTRIES, Tile


def lay(root: Path, *places: Tile) -> None:
    for place in places:
        path = root / place.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


class Listing(LocalDisk):
    listed = 0

    def names(self, path: str) -> list[tuple[str, bool]]:
        self.listed += 1
        return super().names(path)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 1000 * 256, 1001 * 256 + 7])
def test_exactly_the_files_beyond_a_size_are_found(tmp_path: Path, size: int) -> None:
    later = size + 3 * 256 + 9
    now, then = set(tile.tiles(size)), set(tile.tiles(later))
    lay(tmp_path, *now, *then)
    found = listing.ahead(LocalDisk(tmp_path), size=size)
    assert set(found) == {place.path for place in then - now if listing.is_ahead(place, size=size)}
    assert {place.path for place in now}.isdisjoint(found)
    assert found


def test_old_folders_are_not_listed(tmp_path: Path) -> None:
    size = 3000 * 256
    lay(tmp_path, *(Tile(level, at) for level in (0, ENTRIES) for at in range(0, 3000, 250)))
    for level in (0, ENTRIES):
        lay(tmp_path, *(Tile(level, at, 7) for at in range(0, 3000, 50)))
        lay(tmp_path, Tile(level, 3000, 5))
    disk = Listing(tmp_path)
    assert listing.ahead(disk, size=size) == [
        "tile/0/x003/000.p/5",
        "tile/entries/x003/000.p/5",
    ]
    assert disk.listed < 12


def test_a_folder_without_tiles_has_no_files(tmp_path: Path) -> None:
    assert list(listing.files(LocalDisk(tmp_path))) == []
    assert listing.ahead(LocalDisk(tmp_path), size=0) == []


def test_files_that_are_no_tiles_are_left_alone(tmp_path: Path) -> None:
    for path in ("tile/0/notes.txt", "tile/x/000", "tile/\u0663/000", "tile/file", "tile/9/000"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"")
    assert listing.ahead(LocalDisk(tmp_path), size=0) == []
    assert len(list(listing.files(LocalDisk(tmp_path)))) == 5


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "tile").write_bytes(b"")
    with pytest.raises(LedgerError, match="tile of the log: expected a folder"):
        list(listing.files(LocalDisk(tmp_path)))


def test_folders_without_end_are_not_followed(tmp_path: Path) -> None:
    deep = tmp_path / "tile" / "0" / Path(*["x000"] * 60)
    deep.mkdir(parents=True)
    (deep / "000").write_bytes(b"")
    assert list(listing.files(LocalDisk(tmp_path))) == []
