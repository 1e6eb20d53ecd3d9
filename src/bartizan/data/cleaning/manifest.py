"""What a cleaning did, so that it can be undone and proven; and how rows become a root."""

from collections.abc import Sequence

from bartizan.adapt.rows.file import RowForm
from bartizan.core.record import Record
from bartizan.data.register.row_tree import commitments, root_of


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


def root(rows: Sequence[bytes], *, salt: bytes) -> str:
    """``sha256:<hex>`` of the tree over salted rows, in order.

    Args:
        rows: What each holds.
        salt: 16 bytes, secret as long as a guess of a row must not be testable.
    """
    return "sha256:" + root_of(commitments(rows, salts=salt * len(rows))).hex()
