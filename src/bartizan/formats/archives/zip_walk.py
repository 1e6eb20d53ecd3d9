"""A zip archive walked from the front, as readers do that never look at its directory."""

from bisect import bisect_right
from dataclasses import dataclass, replace

from bartizan.core.errors import InputError
from bartizan.formats.archives.unpacking import Unpacked
from bartizan.formats.archives.zip_data import packing_of_method
from bartizan.formats.archives.zip_facts import Member, Odd, ZipFacts, directories, paired
from bartizan.formats.archives.zip_records import (
    LOCAL,
    STREAMED,
    Entry,
    descriptor_bytes,
    local_entry,
)
from bartizan.formats.content import CHUNK_BYTES, Budget, Window


@dataclass(kw_only=True)
class _Walk:
    """Where a walk stands."""

    window: Window
    facts: ZipFacts
    known: dict[int, Entry]
    """Entries of the directory by the offset of their header."""
    stops: list[int]
    end: int
    """Where the directory begins."""
    most: int
    budget: Budget


def zip_facts(window: Window, *, budget: Budget, most: int) -> ZipFacts:
    """Read the directory and the headers from the front, and compare them.

    Args:
        window: The archive.
        budget: Pays for members that have to be unpacked to find their end.
        most: Members to read.

    Raises:
        InputError: there is nothing of a zip archive in it.
        LimitError: finding the end of a member that no directory lists costs too much.

    Cost:
        About 20 microseconds a member.

    Source:
        PKWARE, APPNOTE.TXT 6.3.10, sections 4.3 to 4.5.
    """
    facts = ZipFacts()
    entries, end, _ = directories(window, facts=facts, most=most)
    for entry in entries:
        facts.members.extend(paired(window, entry, facts=facts))
    _note_overlaps(facts, end=end)
    known = {member.entry.offset: member.entry for member in facts.members if member.listed}
    stops = sorted(known)
    start = 0 if window.at(0, 4) == LOCAL or not stops else stops[0]
    if not stops and start == 0 and end and window.at(0, 4) != LOCAL:
        message = "it has neither a directory nor a member at its front"
        raise InputError(message)
    if start:
        facts.note(Odd("prefix", "", 0, f"{start:,} bytes stand before the archive"))
        facts.unread += start
    walk = _Walk(
        window=window,
        facts=facts,
        known=known,
        stops=stops,
        end=end,
        most=most,
        budget=budget,
    )
    if not facts.cut:
        _walk(walk, start)
    return facts


def _walk(walk: _Walk, at: int) -> None:
    """Go from header to header, and over what lies between them."""
    facts, steps = walk.facts, 0
    while at < walk.end:
        steps += 1
        if steps > walk.most:
            facts.cut = True
            return
        own = facts.heads.get(at) or local_entry(walk.window, at)
        if own is not None:
            at = _after(walk, own)
            continue
        following = _next(walk, at)
        if facts.listed:
            why = f"{following - at:,} bytes between members belong to none"
            facts.note(Odd("gap", "", at, why))
        facts.unread += following - at
        at = following


def _after(walk: _Walk, own: Entry) -> int:
    """Where a member ends that begins here; it is kept if no directory lists it."""
    listed = walk.known.get(own.offset)
    if listed is not None:
        entry = listed
    else:
        if walk.facts.listed:
            why = "it stands in the file, but not in the directory"
            walk.facts.note(Odd("disagreement", own.name, own.offset, why))
        entry = _measured(walk, own)
        walk.facts.members.append(Member(entry, listed=False))
    end = entry.data + entry.packed
    if own.flags & STREAMED and end <= walk.end:
        length = descriptor_bytes(walk.window, end, entry=entry)
        if length is None and listed is not None:
            why = "the sizes after its bytes are not those of the directory"
            walk.facts.note(Odd("disagreement", entry.name, own.offset, why))
        end += length or 0
    if end > walk.end:
        why = "its bytes reach into the directory or beyond the end"
        walk.facts.note(Odd("broken", entry.name, own.offset, why))
    return end


def _measured(walk: _Walk, own: Entry) -> Entry:
    """A member that only its own header knows, with its size found out if it follows later."""
    if not own.flags & STREAMED or own.packed:
        return own
    rest = walk.window.part(own.data, walk.end - own.data)
    packing = packing_of_method(own.method, head=rest.at(0, 16))
    packed = size = 0
    if packing is None:
        packed = size = max(_next(walk, own.data) - own.data, 0)
    else:
        ending = Unpacked(rest, packing=packing, budget=walk.budget).finish()
        packed, size = ending.packed_bytes, ending.unpacked_bytes
    return replace(own, packed=packed, size=size)


def _next(walk: _Walk, at: int) -> int:
    """The next place after this one where a member begins, listed or not."""
    place = bisect_right(walk.stops, at)
    end = min(walk.stops[place] if place < len(walk.stops) else walk.end, walk.end)
    at += 1
    while at < end:
        chunk = walk.window.at(at, min(CHUNK_BYTES, end - at) + len(LOCAL) - 1)
        found = chunk.find(LOCAL)
        if found >= 0:
            return min(at + found, end)
        at += CHUNK_BYTES
    return end


def _note_overlaps(facts: ZipFacts, *, end: int) -> None:
    """Members of the directory that share bytes: a bomb, or two readers who see different ones."""
    listed = sorted(
        ((member.entry.offset, member.entry) for member in facts.members if member.listed),
        key=lambda pair: pair[0],
    )
    reached = 0
    for offset, entry in listed:
        if offset < reached or offset >= end:
            why = "it shares bytes with another member or with the directory"
            facts.note(Odd("overlap", entry.name, offset, why))
        reached = max(reached, entry.data + entry.packed)
