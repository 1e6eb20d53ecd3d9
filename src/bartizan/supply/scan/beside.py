"""Files that belong together: what lies beside each, and which hold nothing but weights."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from bartizan.supply.scan.paths import Place
from bartizan.supply.scan.slot import Slot

_MOST = 2000
"""Names told beside each file: the shards of the largest models; a folder of data sets has more."""
_FORMLESS = "scan.unknown"
"""What is said of numbers in which no scanner sees a form."""


def beside(places: Sequence[Place]) -> Mapping[Place, tuple[str, ...]]:
    """By file in a folder, the files beside it and below, relative to its own folder.

    Files that were named alone are left out, and so is what has too many beside it, and names
    that no model spells.
    """
    below: defaultdict[Path, list[Path]] = defaultdict(list)
    inside = [place for place in places if place.inner]
    for place in inside:
        for folder in place.path.parents:
            below[folder].append(place.path)
            if folder == place.root:
                break
    found = {}
    for place in inside:
        folder = place.path.parent
        if len(below[folder]) <= _MOST:
            names = (path.relative_to(folder).as_posix() for path in below[folder])
            found[place] = tuple(name for name in names if name.isprintable())
    return found


def adopt_weights(slots: Iterable[Slot]) -> None:
    """Let files without form pass that a model beside them says are its weights.

    Numbers look like nothing, so that alone nobody could say what they are. A file that any
    scanner took for its own stays what it is, whoever claims it, and so does one of another size
    than the model gives. That no byte of it was read stays true, and is told.
    """
    slots = list(slots)
    claimed: dict[Path, tuple[str, int | None]] = {}
    for slot in slots:
        if slot.answer is not None and slot.answer.read.verdict == "clean":
            for one in slot.answer.weights:
                path = slot.place.path.parent / one.name
                claimed[path] = (slot.place.name, one.size_bytes)
    for slot in slots:
        owner, size = claimed.get(slot.place.path, ("", None))
        if not owner or slot.answer is None:
            continue
        read = slot.answer.read
        if [one.rule for one in read.notices] != [_FORMLESS]:
            continue
        if size not in (None, read.size_bytes):
            continue
        numbers = msgspec.structs.replace(read, notices=())
        slot.answer = msgspec.structs.replace(slot.answer, read=numbers)
        slot.owner = owner
