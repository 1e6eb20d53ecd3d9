"""Whether an advisory is about a version.

Source: OSV schema, "Evaluation": a version is affected if the list of versions has it, or if a
range does. Versions are compared as PEP 440 says, without their local part: ``2.1+cpu`` is 2.1
built in another way.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, TypeAlias

from packaging.version import InvalidVersion, Version

from bartizan.supply.advisories.advisory import Affected, Event, Range

Answer: TypeAlias = Literal["affected", "not affected", "unclear"]
"""`unclear`: a version in the advisory, or of the package, is none that can be compared."""


def is_affected(version: str, affected: Affected) -> Answer:
    """Whether a version of the package is among those.

    An advisory with neither versions nor ranges that can be compared names no version that is
    safe, so that each is affected; one with commits only (GIT) is unclear.
    """
    listed = affected.versions or ()
    if version in listed:
        return "affected"
    ranges = [one for one in affected.ranges or () if one.type != "GIT"]
    if not ranges and not listed:
        return "unclear" if affected.ranges else "affected"
    number = parsed(version)
    if number is None:
        return "unclear"
    same = any(parsed(one) == number for one in listed)
    answers = ["affected" if same else "not affected", *(_in(number, one) for one in ranges)]
    if "affected" in answers:
        return "affected"
    return "unclear" if "unclear" in answers else "not affected"


def fixed_in(version: str, affected: Iterable[Affected]) -> tuple[str, ...]:
    """Versions that mend it and are newer than this one, ascending."""
    number = parsed(version)
    found = {
        event.fixed
        for one in affected
        for stretch in one.ranges or ()
        if stretch.type != "GIT"
        for event in stretch.events or ()
        if event.fixed is not None
    }
    numbers = ((parsed(text), text) for text in found)
    newer = [
        (one, text) for one, text in numbers if one is not None and (number is None or one > number)
    ]
    return tuple(text for _, text in sorted(newer))


@lru_cache(maxsize=65_536)  # advisories repeat versions: 20 MB at most, a third of the time
def parsed(text: str) -> Version | None:
    """A version without its local part; None where it is none of PEP 440."""
    try:
        return Version(Version(text).public)
    except ValueError:  # InvalidVersion is one, and numbers of more than 4,300 digits
        return None


def _in(number: Version, stretch: Range) -> Answer:
    """Whether a range holds a version: the events are gone through in order of version."""
    told = stretch.events or ()
    try:
        events = sorted(_placed(told), key=lambda one: one[0])
        limits = [_at(one.limit) for one in told if one.limit is not None]
    except InvalidVersion:
        return "unclear"
    if not any(event.introduced is not None for _, event in events):
        return "unclear"
    if limits and not any(number < limit for limit in limits):
        return "not affected"
    inside = False
    for (version, _), event in events:
        if event.introduced is not None and number >= version:
            inside = True
        elif (event.fixed is not None and number >= version) or (
            event.last_affected is not None and number > version
        ):
            inside = False
    return "affected" if inside else "not affected"


def _placed(events: Iterable[Event]) -> Iterable[tuple[tuple[Version, int], Event]]:
    """Events with where they stand; of two at one version, the one that ends comes first.

    What is mended and introduced at one version is affected there.
    """
    for event in events:
        for turn, key in enumerate(("fixed", "introduced", "last_affected")):
            if (text := getattr(event, key)) is not None:
                yield (_at(text), turn), event


_BEGIN = Version("0.dev0")
"""``0`` stands for the very first version, whatever its number."""
_END = Version("9999999!0")
"""``*``, as a limit: none."""


def _at(text: str) -> Version:
    """The version of an event.

    Raises:
        InvalidVersion: it is none.
    """
    if text == "0":
        return _BEGIN
    if text == "*":
        return _END
    version = parsed(text)
    if version is None:
        raise InvalidVersion(text)
    return version
