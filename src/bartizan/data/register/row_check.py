"""The data of today against what was registered, with every hash made anew from the data."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bartizan.adapt.batches.reading import Batches
from bartizan.adapt.rows.canonical import canonical_batch
from bartizan.adapt.rows.layout import row_layout
from bartizan.core.arrays import Ints
from bartizan.core.errors import LedgerError
from bartizan.core.fact import Registered
from bartizan.data.register.change import RowsDifferError, column_changes, described
from bartizan.data.register.comparison import Comparison
from bartizan.data.register.versions import Version


@dataclass(frozen=True, kw_only=True)
class Verified:
    """Data that is what was registered."""

    fact: Registered
    erased: Ints
    """Rows that cannot be shown; their commitments are kept."""
    present: Ints
    """Erased rows in whose place the data has a row still: nothing can be said of it."""


def verify_rows(
    version: Version,
    batches: Batches,
    *,
    root: str | None = None,
    erased: Iterable[int] | None = None,
) -> Verified:
    """Check every row.

    Args:
        version: The version, loaded.
        batches: The data of today.
        root: Root of that version as the ledger has it; none = the workspace is believed.
        erased: Rows whose erasure stands in the ledger; none = the workspace is believed.

    Returns:
        What was verified.

    Raises:
        RowsDifferError: rows differ, are missing or are more than were registered; the message
            names the first, the error has all.
        LedgerError: the columns are others, or the workspace does not say what the ledger says.

    Cost: about 6 microseconds of one core for each row of 42 columns, beside reading it.
    """
    fact = version.fact
    what = f"{fact.data!r} version {fact.version}"
    _require_ledgered(version, root=root, erased=erased, what=what)
    times = [column.name for column in version.kept.layout.columns if column.type == "time"]
    layout = row_layout(batches.schema, target=batches.target, times=times)
    if layout != version.kept.layout or batches.target != version.kept.target:
        changes = column_changes(version.kept.layout, layout) or "another target"
        message = (
            f"{what}: the data has other columns than were registered: {changes}. Open it with the "
            "schema and the target that were registered"
        )
        raise LedgerError(message)
    comparison = Comparison(version)
    for batch in batches:
        comparison.see(batch, canonical_batch(batch, layout=layout))
    difference = comparison.difference(growing=False)
    if difference.weight:
        message = f"{what}: the data is not what was registered: {described(difference)}"
        raise RowsDifferError(message, difference=difference)
    return Verified(fact=fact, erased=version.erased, present=difference.present)


def _require_ledgered(
    version: Version, *, root: str | None, erased: Iterable[int] | None, what: str
) -> None:
    """Refuse a workspace that says something else than the ledger."""
    if root is not None and root != version.fact.root:
        message = (
            f"{what}: the workspace has the root {version.fact.root}, the ledger {root}: the "
            "workspace was changed"
        )
        raise LedgerError(message)
    if erased is None:
        return
    unknown = np.setdiff1d(version.erased, np.fromiter(erased, np.int64))
    if len(unknown):
        some = ", ".join(map(str, unknown[:20].tolist()))
        message = (
            f"{what}: {len(unknown)} rows are marked as erased, and the ledger does not say so "
            f"(row ids {some}): the workspace was changed"
        )
        raise LedgerError(message)
