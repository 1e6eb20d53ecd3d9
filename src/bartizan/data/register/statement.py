"""What is said of a data set in the ledger."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bartizan.adapt.batches.reading import Batches
from bartizan.adapt.rows.layout import RowLayout, row_layout
from bartizan.core.errors import InputError
from bartizan.core.fact import Registered
from bartizan.core.occasion import moment
from bartizan.data.register.change import Judged
from bartizan.data.register.gathering import Rows
from bartizan.data.register.row_tree import root_of
from bartizan.data.register.versions import Version
from bartizan.ledger.merkle import HASH_BYTES


@dataclass(frozen=True, kw_only=True)
class About:
    """What a person says of the data, and the data."""

    name: str
    source: str
    by: str
    profile: str
    """Digest of the stored profile, or empty."""
    rules: str
    """Digest of the stored rules, or empty."""
    layout: RowLayout
    batches: Batches


def registered(
    about: About, *, before: Version | None, judged: Judged, rows: Rows, when: datetime
) -> Registered:
    """The fact of a version.

    Args:
        about: What is said of it; its batches have been read.
        before: The version before.
        judged: What became of that.
        rows: What the version keeps.
        when: With a time zone.
    """
    last = 0 if before is None else before.fact.version
    return Registered(
        data=about.name,
        version=last if judged.change == "same" else last + 1,
        rows=len(rows.leaves) // HASH_BYTES,
        root=f"sha256:{root_of(rows.leaves).hex()}",
        columns=about.layout.digest,
        profile=about.profile,
        rules=about.rules,
        file=about.batches.digest or "",
        source=about.source,
        change=judged.change,
        changed=judged.rows,
        before="" if before is None else before.fact.root,
        by=about.by,
        when=moment(when),
    )


def layout_of(batches: Batches, *, times: Iterable[str]) -> RowLayout:
    """The columns of canonical rows of a data set.

    Args:
        batches: The data set.
        times: Columns that are moments.

    Raises:
        InputError: its rows are images.
    """
    if batches.schema.image is not None:
        message = "images cannot be registered row by row; register a table of their digests"
        raise InputError(message)
    return row_layout(batches.schema, target=batches.target, times=times)
