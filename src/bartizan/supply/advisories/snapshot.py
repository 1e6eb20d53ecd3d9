"""A copy of the OSV database on this machine: what it says of the packages that matter.

It is read once, from its first record to its last. What is kept is what was asked for, so that its
size costs time and no memory. Anything that keeps it from being read, or makes it too old to rely
on, is an error and never an empty answer.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bartizan.core.errors import InputError
from bartizan.supply.advisories.advisory import Advisory, Affected, read_advisory
from bartizan.supply.advisories.reading import plain
from bartizan.supply.advisories.snapshot_files import records_of, stated_date

MAX_AGE_DAYS = 30
"""Security fixes of libraries are commonly asked for within a month of their publication (PCI DSS
4.0, requirement 6.3.3, for the critical ones); a copy that is older cannot show that they were."""
_AHEAD = timedelta(days=1)
"""Clocks of two machines, and their time zones, differ by no more."""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What a copy of the database says."""

    place: str
    digest: str
    """``sha256:<hex>`` of the zip file, or of the names and digests of all records in a folder."""
    date: datetime
    dated_by: str
    """Where the date comes from."""
    records: int
    """Read, those about other packages included."""
    about: Mapping[str, tuple[tuple[Advisory, Affected], ...]]
    """By normalised name: only packages that were asked for."""
    unreadable: tuple[str, ...] = ()
    """Names of records that are none; not empty = it is not whole."""


@dataclass
class _Index:
    names: Collection[str]
    records: int = 0
    of_pypi: int = 0
    newest: datetime | None = None
    about: dict[str, list[tuple[Advisory, Affected]]] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)

    def take(self, name: str, raw: bytes) -> None:
        """Look at one record."""
        try:
            advisory = read_advisory(raw)
            changed = moment(advisory.modified)
        except InputError:
            self.unreadable.append(plain(name))
            return
        self.records += 1
        self.newest = changed if self.newest is None else max(self.newest, changed)
        ours = tuple(advisory.of_pypi())
        self.of_pypi += bool(ours)
        if advisory.withdrawn is None:
            for package, affected in ours:
                if package in self.names:
                    self.about.setdefault(package, []).append((advisory, affected))


def read_snapshot(
    place: Path, *, names: Collection[str], now: datetime, max_age_days: float = MAX_AGE_DAYS
) -> Snapshot:
    """Read a copy of the database.

    Args:
        place: A folder of ``*.json``, a folder with ``all.zip`` or ``PyPI/all.zip`` in it, or the
            zip file itself, as OSV publishes it for PyPI.
        names: Normalised names of the packages to keep advisories about.
        now: With a time zone.
        max_age_days: A copy may be so old.

    Raises:
        InputError: it is absent, cannot be read, holds nothing of PyPI, is too old or of a day
            that has not come.
        LimitError: it is larger than any such copy is.

    Cost:
        Linear in its size; memory for one record, and for what is kept.
    """
    index = _Index(names)
    digest = hashlib.sha256()
    for name, raw in records_of(place, digest=digest):
        index.take(name, raw)
    if not index.of_pypi or index.newest is None:
        message = f"{plain(str(place))} holds no advisory about packages of PyPI; {_FETCH}"
        raise InputError(message)
    date, dated_by = _dated(place, index.newest)
    _require_fresh(date, now=now, max_age_days=max_age_days)
    return Snapshot(
        place=str(place),
        digest=f"sha256:{digest.hexdigest()}",
        date=date,
        dated_by=dated_by,
        records=index.records,
        about={name: tuple(found) for name, found in index.about.items()},
        unreadable=tuple(index.unreadable),
    )


_FETCH = (
    "fetch https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip where there is a network"
)


def moment(text: str) -> datetime:
    """A day, or a time as RFC 3339 writes it, in UTC.

    Raises:
        InputError: it is none.
    """
    try:
        found = datetime.fromisoformat(text.strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        message = f"expected a date such as 2026-11-21, got {plain(text)}"
        raise InputError(message) from error


def _dated(place: Path, newest: datetime) -> tuple[datetime, str]:
    """When the copy was made. Times of files are not asked: copying a file changes them."""
    if text := stated_date(place):
        return moment(text), "its file SNAPSHOT"
    return newest, "the newest change of a record in it"


def _require_fresh(date: datetime, *, now: datetime, max_age_days: float) -> None:
    """Refuse what is too old, or of a day that has not come.

    Raises:
        InputError: it is.
    """
    if date > now + _AHEAD:
        message = f"the snapshot is of {date:%Y-%m-%d}, which has not come; check both clocks"
        raise InputError(message)
    age = (now - date) / timedelta(days=1)
    if age > max_age_days:
        message = (
            f"the snapshot is of {date:%Y-%m-%d}, {age:.0f} days old; at most {max_age_days:g} are "
            f"allowed; {_FETCH}"
        )
        raise InputError(message)
