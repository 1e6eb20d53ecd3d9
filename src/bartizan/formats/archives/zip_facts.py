"""A zip archive as both of its descriptions have it, and where they differ."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from bartizan.formats.archives.zip_records import (
    STREAMED,
    Closing,
    Entry,
    central_entry,
    closings,
    local_entry,
)
from bartizan.formats.content import Window

Oddity: TypeAlias = Literal[
    "disagreement", "overlap", "gap", "prefix", "trailing", "flags", "broken", "spanned"
]
_USUAL_FLAGS = 0x0001 | 0x0006 | STREAMED | 0x0800
"""Encryption, effort of deflate or the end mark of lzma, descriptor, names in UTF-8."""
_ODD = 1_000
_COMPARED_FLAGS = 0xFFFF ^ 0x0006 ^ STREAMED
"""Those that change how a member is read."""


@dataclass(frozen=True, slots=True)
class Odd:
    """Something that no honest writer does."""

    kind: Oddity
    name: str
    """Of the member; empty = the archive."""
    offset: int
    why: str


@dataclass(frozen=True, slots=True)
class Member:
    """Bytes that some reader takes for a member. One member may come in two versions."""

    entry: Entry
    listed: bool
    """Whether the directory has it so."""


@dataclass(kw_only=True)
class ZipFacts:
    """Everything that lies in an archive."""

    members: list[Member] = field(default_factory=list)
    odd: list[Odd] = field(default_factory=list)
    heads: dict[int, Entry] = field(default_factory=dict)
    """Local headers that were read already, by their offset."""
    unread: int = 0
    """Bytes that belong to no member and no record."""
    listed: bool = True
    """Whether there is a directory; without one, nothing can differ from it."""
    cut: bool = False
    """Whether there are more members than were asked for."""

    def note(self, odd: Odd) -> None:
        """Keep what is odd, the first thousand times: they tell what is going on."""
        if len(self.odd) < _ODD:
            self.odd.append(odd)


def directories(window: Window, *, facts: ZipFacts, most: int) -> tuple[list[Entry], int, int]:
    """Read every directory that some reader may take for the one of this archive.

    Args:
        window: The archive.
        facts: What is odd is noted here.
        most: Entries to read, all together.

    Returns:
        The entries with the offsets of their local headers in the window, where the first
        directory begins, and where the archive ends.
    """
    found = closings(window)
    if not found:
        facts.note(Odd("broken", "", window.size, "it has no directory: it is cut off"))
        facts.listed = False
        return [], window.size, window.size
    main = found[0]
    if main.disks:
        facts.note(Odd("spanned", "", main.offset, "it claims to have several parts"))
    if main.odd:
        facts.note(Odd("disagreement", "", main.offset, main.odd))
    entries = list(_directory(window, main, facts=facts, most=most))
    begin = main.offset - main.directory_bytes
    for other in _rivals(window, main, found):
        why = "it has a second directory, which other readers take"
        facts.note(Odd("disagreement", "", other.offset, why))
        left = most - len(entries)
        entries += _directory(window, other, facts=facts, most=left)
    return entries, max(begin, 0), _end(window, main, facts=facts)


def _end(window: Window, main: Closing, *, facts: ZipFacts) -> int:
    """Where the archive ends; what comes after it is noted."""
    if main.end > window.size:
        facts.note(Odd("broken", "", main.offset, "its comment is cut off"))
    elif main.end < window.size:
        size = window.size - main.end
        facts.note(Odd("trailing", "", main.end, f"{size:,} bytes follow after its end"))
        facts.unread += size
    return min(main.end, window.size)


def _rivals(window: Window, main: Closing, found: tuple[Closing, ...]) -> Iterator[Closing]:
    """Closing records in the tail besides the one that counts, and the same one read otherwise."""
    shift = main.offset - main.directory_bytes - main.directory
    if shift and central_entry(window, main.directory) is not None:
        yield Closing(
            offset=main.directory + main.directory_bytes,
            end=main.end,
            entries=main.entries,
            directory=main.directory,
            directory_bytes=main.directory_bytes,
        )
    for other in found[1:]:
        # One that stands before the directory belongs to an archive inside of this one.
        if main.offset < other.offset < main.end or other.end == window.size:
            yield other


def _directory(window: Window, closing: Closing, *, facts: ZipFacts, most: int) -> Iterator[Entry]:
    """The entries of one directory, from where it must begin if it ends where it ends."""
    begin = closing.offset - closing.directory_bytes
    shift = begin - closing.directory
    at, count = begin, 0
    while at < closing.offset and (read := central_entry(window, at, shift=shift)) is not None:
        if count >= most:
            facts.cut = True
            return
        entry, at = read
        count += 1
        yield entry
    if at == closing.offset and count == closing.entries:
        return
    if count != closing.entries:
        why = f"its directory holds {count:,} members and claims {closing.entries:,}"
    else:
        why = "other bytes stand in its directory"
    facts.note(Odd("disagreement" if count else "broken", "", at, why))


def paired(window: Window, entry: Entry, *, facts: ZipFacts) -> Iterator[Member]:
    """A member of the directory, once for each version that its two headers give.

    Args:
        window: The archive.
        entry: As the directory has it.
        facts: What is odd is noted here.
    """
    local = local_entry(window, entry.offset) if entry.offset >= 0 else None
    if local is None:
        why = "the directory points to where no member begins"
        facts.note(Odd("disagreement", entry.name, entry.offset, why))
        return
    facts.heads[entry.offset] = local
    if (entry.flags | local.flags) & ~_USUAL_FLAGS:
        why = "a flag is set that some readers obey and others pass over"
        facts.note(Odd("flags", entry.name, entry.offset, why))
    yield Member(replace(entry, data=local.data), listed=True)
    differs = _differences(entry, local)
    if differs:
        why = f"its two headers give another {differs[0]}"
        facts.note(Odd("disagreement", entry.name, entry.offset, why))
    if {"name", "method", "size"} & set(differs):
        sizes = entry if local.flags & STREAMED and not local.packed else local
        own = replace(local, crc=sizes.crc, packed=sizes.packed, size=sizes.size)
        yield Member(own, listed=False)


def _differences(entry: Entry, local: Entry) -> list[str]:
    """In what two headers of one member differ."""
    found = []
    if entry.raw_name != local.raw_name:
        found.append("name")
    if entry.method != local.method:
        found.append("method")
    if (entry.flags ^ local.flags) & _COMPARED_FLAGS:
        found.append("set of flags")
    streamed = bool(local.flags & STREAMED)
    pairs = ((entry.crc, local.crc), (entry.packed, local.packed), (entry.size, local.size))
    names = ("checksum", "size", "size")
    for name, (listed, own) in zip(names, pairs, strict=True):
        if listed != own and not (streamed and own == 0):
            found.append(name)
    return found
