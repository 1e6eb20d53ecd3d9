"""Which files lie in the folder of a log, and which of them are beyond its published size."""

from collections.abc import Callable, Iterator

from bartizan.core.errors import LedgerError
from bartizan.ledger import tile
from bartizan.ledger.disk import Disk
from bartizan.ledger.tile import WIDTH, Tile

TOP = "tile"
_DEEPEST = 2 + tile.GROUPS
"""Slashes in the longest path, the width included; deeper folders are not looked into."""


def files(
    disk: Disk, *, top: str = TOP, enter: Callable[[str], bool] | None = None
) -> Iterator[str]:
    """Walk through the files of a log, in the order of their names.

    Args:
        disk: The folder.
        top: Where to begin.
        enter: Which folders to look into; all, unless it is given.

    Raises:
        LedgerError: a folder is none.
    """
    try:
        names = disk.names(top)
    except FileNotFoundError:
        return
    except OSError as error:
        message = f"{top} of the log: expected a folder of its own; {error.strerror or error}"
        raise LedgerError(message) from error
    for name, is_folder in names:
        path = f"{top}/{name}"
        if not is_folder:
            yield path
        elif path.count("/") <= _DEEPEST and (enter is None or enter(path)):
            yield from files(disk, top=path, enter=enter)


def is_ahead(place: Tile, *, size: int) -> bool:
    """Whether a file holds more than a log of some size has."""
    return place.number * WIDTH + place.width > tile.count(place.level, size)


def ahead(disk: Disk, *, size: int) -> list[str]:
    """The files beyond a size: what a batch left that never got its checkpoint.

    Cost: lists only the folders that can hold such files, about three for each level.
    """
    found = []
    for path in files(disk, enter=lambda folder: _may_hold(folder, size=size)):
        place = tile.parse(path)
        if place is not None and is_ahead(place, size=size):
            found.append(path)
    return found


def _may_hold(folder: str, *, size: int) -> bool:
    """Whether a folder can hold tiles from the right edge onwards."""
    _, name, *groups = folder.split("/")
    if name != "entries" and not (name.isdecimal() and name.isascii() and len(name) == 1):
        return False
    level = tile.ENTRIES if name == "entries" else int(name)
    number = tile.count(level, size) // WIDTH
    if folder.endswith(".p"):
        place = tile.parse(folder.removesuffix(".p"))
        return place is not None and place.number >= number
    edge = Tile(level, number).folder.split("/")[2:]
    return groups >= edge[: len(groups)]
