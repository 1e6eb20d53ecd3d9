"""HDF5 files, in which older Keras keeps models: code in them runs in safe mode too."""

from collections.abc import Iterator
from itertools import takewhile

from bartizan.core.errors import InputError, LimitError
from bartizan.formats.content import Window
from bartizan.formats.models.hdf5 import Hdf5, collect
from bartizan.formats.models.hdf5_objects import SIGNATURE
from bartizan.supply.scanners.held import held, plain
from bartizan.supply.scanners.keras_objects import described_notices
from bartizan.supply.scanners.notice import Notice
from bartizan.supply.scanners.scanner import Item, NotMineError, Reading, Scanner, Situation

_WANTED = frozenset({"model_config", "training_config", "layer_config"})
"""Attributes that Keras reads as a configuration (CVE-2025-9905)."""
_PLACES = (0, 512, 1024, 2048)
_SUFFIXES = (".h5", ".hdf5", ".keras.h5")


def _plausible(head: bytes, item: Item) -> bool:
    """A reader also looks for the signature at 512, 1024, 2048 ... bytes."""
    placed = any(head.startswith(SIGNATURE, place) for place in _PLACES)
    return placed or item.path.lower().endswith(_SUFFIXES)


def _scan(item: Item, situation: Situation) -> Reading:
    window = held(item)
    if window.at(0, 8) != SIGNATURE:
        message = "expected the signature of HDF5 at the beginning; what stands before is not read"
        raise InputError(message) if _is_placed(window) else NotMineError(message)
    found, fault = Hdf5(), None
    try:
        collect(window, found, wanted=_WANTED, budget=situation.budget)
    except (InputError, LimitError) as error:
        fault = error
    for where, name, raw in found.texts:
        place = f"{where}, {name}"
        yield from described_notices(raw, where=place, allowed=situation.allowed)
    yield from _outside(found)
    for where, what in found.unread:
        yield Notice(
            verdict="inconclusive",
            rule="hdf5.unread",
            where=plain(where),
            what="",
            why=f"Something was not read: {plain(what)}.",
        )
    if fault:
        raise fault
    return min(max(found.end, 0), window.size)


def _is_placed(window: Window) -> bool:
    """Whether a reader finds a signature: at 512 bytes, and at every further power of two."""
    places = takewhile(lambda place: place < window.size, (512 << power for power in range(56)))
    return any(window.at(place, len(SIGNATURE)) == SIGNATURE for place in places)


def _outside(found: Hdf5) -> Iterator[Notice]:
    """Other files that a reader opens along with this one."""
    for where, what in (*found.links, *found.storage):
        yield Notice(
            verdict="suspicious",
            rule="hdf5.external",
            where=plain(where),
            what=plain(what),
            why="Its content is read from another file, whose name stands in this one.",
        )


SCANNER = Scanner(name="hdf5", plausible=_plausible, scan=_scan)
