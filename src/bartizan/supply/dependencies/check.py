"""Looks dependencies up in a snapshot of advisories, and says what is wrong with which line."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bartizan.core.errors import InputError, LimitError
from bartizan.core.finding import SEVERITIES
from bartizan.supply.advisories.advisory import Advisory, Affected
from bartizan.supply.advisories.affected import fixed_in, is_affected, parsed
from bartizan.supply.advisories.reading import plain
from bartizan.supply.advisories.severity import severity_of
from bartizan.supply.advisories.snapshot import MAX_AGE_DAYS, Snapshot, read_snapshot
from bartizan.supply.dependencies.dependency import Concern, Dependency, Listing, concern

SNAPSHOT = "dependency.snapshot"
VULNERABLE = "dependency.vulnerable"
MALICIOUS = "dependency.malicious"
UNPINNED = "dependency.unpinned"
UNREAD = "dependency.unread"
UNCLEAR = "dependency.unclear"


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a look at dependencies came to."""

    concerns: tuple[Concern, ...]
    """In order of file and line. None at all = every dependency was looked up, and none is known
    to be vulnerable on the date of the snapshot."""
    snapshot: Snapshot | None
    """None = there was none to rely on, which is one of the concerns."""
    looked_up: int
    """Dependencies with a version that were compared with the snapshot."""


def check_dependencies(
    listing: Listing, *, place: Path | None, now: datetime, max_age_days: float = MAX_AGE_DAYS
) -> Checked:
    """Look up what a project depends on.

    Nothing is asked of a network. Without a snapshot to rely on nothing is said of versions, and
    that is a concern too: a scan that could not look is not a scan that found nothing.

    Args:
        listing: What the project depends on.
        place: Of the snapshot; None = nobody named one.
        now: With a time zone.
        max_age_days: A snapshot may be so old.
    """
    names = {one.name for one in listing.dependencies if one.version}
    found = [*_unread(listing)]
    snapshot = None
    try:
        snapshot = _snapshot(place, names=names, now=now, max_age_days=max_age_days)
    except (InputError, LimitError) as error:
        file = "" if place is None else plain(str(place))
        found.append(concern(SNAPSHOT, verdict="inconclusive", file=file, why=str(error)))
    if snapshot is not None:
        found += _damaged(snapshot)
        for one in listing.dependencies:
            found += _looked_up(one, snapshot) if one.version else ()
    pinned = sum(bool(one.version) for one in listing.dependencies)
    return Checked(
        concerns=tuple(sorted(found, key=_order)),
        snapshot=snapshot,
        looked_up=pinned if snapshot is not None else 0,
    )


def _snapshot(
    place: Path | None, *, names: set[str], now: datetime, max_age_days: float
) -> Snapshot:
    if place is None:
        message = "no snapshot of advisories was named, so that no dependency was looked up"
        raise InputError(message)
    return read_snapshot(place, names=names, now=now, max_age_days=max_age_days)


def _unread(listing: Listing) -> Iterator[Concern]:
    """What cannot be looked up, whatever the snapshot."""
    for one in listing.unread:
        yield concern(
            UNREAD, verdict="inconclusive", file=one.file, line=one.line, what=one.what, why=one.why
        )
    for asked in listing.dependencies:
        if not asked.version:
            why = "no version is fixed, so that nobody knows what is installed; pin it with =="
            yield concern(
                UNPINNED,
                verdict="inconclusive",
                file=asked.file,
                line=asked.line,
                what=plain(asked.name),
                why=why,
            )


def _damaged(snapshot: Snapshot) -> Iterator[Concern]:
    """A record that is none may be about anything."""
    if snapshot.unreadable:
        several = f"{len(snapshot.unreadable):,} records of the snapshot cannot be read, such as "
        why = several + snapshot.unreadable[0]
        yield concern(SNAPSHOT, verdict="inconclusive", file=plain(snapshot.place), why=why)


def _looked_up(one: Dependency, snapshot: Snapshot) -> Iterator[Concern]:
    """What the advisories say of one dependency: one concern for each that applies.

    Advisories that are aliases of one another are told as one, the first by id.
    """
    told: set[str] = set()
    by_id: dict[str, list[tuple[Advisory, Affected]]] = {}
    for advisory, affected in snapshot.about.get(one.name, ()):
        by_id.setdefault(advisory.id, []).append((advisory, affected))
    if not by_id and parsed(one.version) is None:
        yield _unclear(one, "its version is none of PEP 440, which cannot be compared")
    for _, parts in sorted(by_id.items()):
        advisory = parts[0][0]
        names = {advisory.id, *(advisory.aliases or ())}
        answers = [(is_affected(one.version, affected), affected) for _, affected in parts]
        hit = next((affected for answer, affected in answers if answer == "affected"), None)
        if hit is not None and not names & told:
            told |= names
            yield _concern(one, advisory, hit, every=tuple(part for _, part in parts))
        elif hit is None and any(answer == "unclear" for answer, _ in answers):
            yield _unclear(one, f"{plain(advisory.id)} names versions that cannot be compared")


def _concern(
    one: Dependency, advisory: Advisory, hit: Affected, *, every: tuple[Affected, ...]
) -> Concern:
    """A dependency that an advisory is about."""
    ids = (advisory.id, *sorted(set(advisory.aliases or ()) - {advisory.id}))
    what = plain(f"{one.name} {one.version}")
    if advisory.malicious:
        return concern(
            MALICIOUS,
            verdict="malicious",
            file=one.file,
            line=one.line,
            what=what,
            why=f"{plain(advisory.id)}: the package is known to be malicious; remove it, and "
            "treat what it ran on as taken over",
            severity="critical",
            ids=ids,
        )
    severity, source = severity_of(advisory, hit)
    fixed = fixed_in(one.version, every)
    remedy = f"fixed in {', '.join(map(plain, fixed))}" if fixed else "no fixed version is known"
    about = f": {plain(advisory.summary)}" if advisory.summary else ""
    return concern(
        VULNERABLE,
        verdict="suspicious",
        file=one.file,
        line=one.line,
        what=what,
        why=f"{', '.join(map(plain, ids[:3]))}{about} ({severity}, {source}); {remedy}",
        severity=severity,
        ids=ids,
        fixed=fixed,
    )


def _unclear(one: Dependency, why: str) -> Concern:
    return concern(
        UNCLEAR,
        verdict="inconclusive",
        file=one.file,
        line=one.line,
        what=plain(f"{one.name} {one.version}"),
        why=why,
    )


def _order(one: Concern) -> tuple[str, int, int, str, str, tuple[str, ...]]:
    """By place, and the worst of a line first."""
    worst = -SEVERITIES.index(one.severity)
    return (one.file, one.line, worst, one.notice.rule, one.notice.what, one.ids)
