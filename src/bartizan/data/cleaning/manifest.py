"""What a cleaning did, so that it can be undone and proven; and how rows become a root."""

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from bartizan.adapt.rows.file import RowForm
from bartizan.core.errors import InputError
from bartizan.core.record import Record
from bartizan.data.register.row_tree import SALT_BYTES, commitments, root_of

_SALT = re.compile(f"[0-9a-f]{{{2 * SALT_BYTES}}}")


class Relabel(Record, frozen=True, kw_only=True):
    """Another label for one row."""

    row: int
    """Id in the source."""
    before: str
    after: str


class QuarantinedRow(Record, frozen=True, kw_only=True):
    """A row that was flagged; it left, or has another label now."""

    row: int
    """Id in the source."""
    label: str
    """As the source spells it."""
    detectors: tuple[str, ...]
    p: float | None
    """Chance that an honest row looks as odd; none = it was not told."""
    suggested: str = ""
    """The label that fits better; empty = none."""


class Manifest(Record, frozen=True, kw_only=True, tag_field="schema", tag="manifest/1"):
    """What was left out and relabelled. It names rows and labels: it is as private as they are."""

    data: str
    """Name of the data set."""
    file: str
    """Name of the source, and of the cleaned copy."""
    aside: str
    """Name of the file that holds the original rows that left or changed, in order."""
    form: RowForm
    target: str
    header: bool
    rows: int
    """Of the source."""
    flagged: tuple[QuarantinedRow, ...]
    """Every row that was flagged, ascending."""
    quarantined: tuple[int, ...]
    """Ids of rows that left, ascending."""
    relabelled: tuple[Relabel, ...]
    """Ascending."""
    salt: str
    """Hex; the roots are over salted rows, so that nobody without it can test a guess."""
    before: str
    """Root over the rows of the source."""
    after: str
    """Root over the rows of the copy."""
    source_digest: str
    """Of the source's bytes."""
    cleaned_digest: str
    """Of the copy's bytes."""
    aside_digest: str
    suggestions: str = ""
    """Digest of the file of suggestions that a person approved; empty = there was none."""
    by: str
    when: str
    """UTC, RFC 3339."""

    def __post_init__(self) -> None:
        """Refuse what no cleaning writes: rows are put back by these numbers."""
        for wrong in (_misnamed(self), _misplaced(self)):
            if wrong:
                message = f"{wrong}; the manifest was changed since it was written"
                raise InputError(message)


def _misnamed(manifest: Manifest) -> str:
    """What is wrong with its names and its salt; empty = nothing."""
    for name in ("file", "aside"):
        if not _plain(value := getattr(manifest, name)):
            return f"{name} names a file in another folder, {value!r}"
    if not _SALT.fullmatch(manifest.salt):
        return f"salt must be {2 * SALT_BYTES} digits of 0-9 and a-f"
    return ""


def _misplaced(manifest: Manifest) -> str:
    """What is wrong with its rows; empty = nothing."""
    told = {
        "flagged": [one.row for one in manifest.flagged],
        "quarantined": manifest.quarantined,
        "relabelled": [one.row for one in manifest.relabelled],
    }
    for name, rows in told.items():
        if not _ascending(rows, most=manifest.rows):
            return f"{name} must be rows from 0 to {manifest.rows - 1}, ascending"
    if not set(told["relabelled"]).isdisjoint(manifest.quarantined):
        return "a row that left has another label"
    if any(one.p is not None and not 0.0 <= one.p <= 1.0 for one in manifest.flagged):
        return "p must be from 0 to 1"
    return ""


def _plain(name: str) -> bool:
    """Whether it names a file in the same folder."""
    return name not in ("", ".", "..") and "\0" not in name and name == Path(name).name


def _ascending(rows: Sequence[int], *, most: int) -> bool:
    """Whether they are distinct positions of so many rows, in order."""
    inside = not rows or 0 <= rows[0] <= rows[-1] < most
    return inside and all(one < other for one, other in pairwise(rows))


def root(rows: Sequence[bytes], *, salt: bytes) -> str:
    """``sha256:<hex>`` of the tree over salted rows, in order.

    Args:
        rows: What each holds.
        salt: 16 bytes, secret as long as a guess of a row must not be testable.
    """
    return "sha256:" + root_of(commitments(rows, salts=salt * len(rows))).hex()
