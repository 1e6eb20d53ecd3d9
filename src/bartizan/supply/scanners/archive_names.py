"""Judges the names and the links of members of archives."""

from collections.abc import Iterable, Iterator

from bartizan.formats.archives.member_names import Oddity, climbs, oddities, shown
from bartizan.supply.scanners.inside import hostile, odd
from bartizan.supply.scanners.notice import Notice

_WHY: dict[Oddity, str] = {
    "leaves": "unpacked under this name it is written outside of the folder it is unpacked into",
    "device": "this name means a device on Windows",
    "deceives": "the name has control or bidirectional characters: it is not what it looks like",
    "long": "the name is longer than a file's name can be",
}


def judged_names(names: Iterable[str], *, family: str) -> Iterator[Notice]:
    """What is wrong with the names that a member may go by.

    Args:
        names: Of one member.
        family: First part of the rule, such as `zip`.
    """
    told: set[Oddity] = set()
    for name in sorted(names):
        for oddity in oddities(name):
            if oddity in told:
                continue
            told.add(oddity)
            tell = hostile if oddity == "leaves" else odd
            yield tell(f"{family}.name", where=shown(name), why=_WHY[oddity])


def judged_link(name: str, *, target: str, family: str) -> Notice:
    """A link: one that leaves its folder lets a later member be written through it."""
    if climbs(target, of=name):
        why = "a link that leaves the folder it is unpacked into"
        return hostile(f"{family}.link", where=shown(name), what=shown(target), why=why)
    why = "a link: models hold none, and what is written through it lands elsewhere"
    return odd(f"{family}.link", where=shown(name), what=shown(target), why=why)
