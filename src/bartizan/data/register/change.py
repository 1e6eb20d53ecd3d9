"""What became of the version before, and whether that may be registered."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bartizan.adapt.rows.layout import RowLayout
from bartizan.core.arrays import Ints
from bartizan.core.errors import LedgerError
from bartizan.core.fact import Change
from bartizan.data.register.comparison import Difference
from bartizan.data.register.versions import Version

SHOWN = 20
"""Row ids in a message: a line or two; all of them are in the error."""

Allowed: TypeAlias = Literal["relabelled", "rewritten"]
"""Changes that must be asked for: rows of the version before are not what they were."""


class RowsDifferError(LedgerError):
    """Rows that are not what was registered; `difference` holds all of them."""

    def __init__(self, message: str, *, difference: Difference) -> None:
        """Keep the difference beside the message."""
        super().__init__(message)
        self.difference = difference


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A change and how many rows it is about."""

    change: Change
    rows: int


def judge(before: Version | None, difference: Difference | None, *, count: int) -> Judged:
    """Name the change.

    Args:
        before: The version before, if there is one.
        difference: From it; none where its columns are others, and so no row is the same.
        count: Rows of today.
    """
    if before is None:
        return Judged(change="first", rows=0)
    if difference is None:
        return Judged(change="rewritten", rows=max(before.rows, count))
    changed = difference.weight
    if not changed:
        return Judged(change="same", rows=0)
    if len(difference.missing) or len(difference.relabelled) < len(difference.other):
        return Judged(change="rewritten", rows=changed)
    return Judged(change="relabelled" if len(difference.other) else "appended", rows=changed)


def require_allowed(
    judged: Judged,
    *,
    allow: Collection[Allowed],
    before: Version | None,
    difference: Difference | None,
    layout: RowLayout,
) -> None:
    """Refuse a change of rows that nobody asked for.

    Raises:
        LedgerError: the change is not allowed; the message says how many rows changed. Rows that
            stand where rows were erased are never allowed: they would be in no commitment.
    """
    if difference is not None and len(difference.present):
        some = _some(difference.present)
        message = (
            f"{_rows(len(difference.present))} in the data where rows were erased ({some}): delete "
            "them, or leave an empty row, and register again; nothing was registered"
        )
        raise RowsDifferError(message, difference=difference)
    if judged.change not in ("relabelled", "rewritten") or judged.change in allow:
        return
    if before is None or difference is None:
        what = f"all rows, because the columns are others: {_columns(before, layout=layout)}"
        message = _refusal(before, judged=judged, what=what)
        raise LedgerError(message)
    message = _refusal(before, judged=judged, what=described(difference))
    raise RowsDifferError(message, difference=difference)


def described(difference: Difference) -> str:
    """How many rows differ and in what way, and the first of them."""
    rewritten = sorted({*difference.other.tolist()} - {*difference.relabelled.tolist()})
    parts = []
    if rewritten:
        parts.append(f"{_rows(len(rewritten))} rewritten ({_some(rewritten)})")
    if len(difference.relabelled):
        moves = ", ".join(f"{old!r} to {new!r} {n} x" for old, new, n in difference.moves[:SHOWN])
        some = _some(difference.relabelled.tolist())
        parts.append(f"{_rows(len(difference.relabelled))} relabelled ({moves}; {some})")
    if len(difference.missing):
        some = _some(difference.missing.tolist())
        parts.append(f"{_rows(len(difference.missing))} missing ({some})")
    if difference.extra:
        parts.append(f"{_rows(difference.extra)} more than were registered")
    return "; ".join(parts)


def column_changes(old: RowLayout, new: RowLayout) -> str:
    """Which columns are gone, new, or of another type."""
    was = {column.name: column.type for column in old.columns}
    now = {column.name: column.type for column in new.columns}
    gone = [name for name in was if name not in now]
    added = [name for name in now if name not in was]
    retyped = [f"{n} ({was[n]} to {now[n]})" for n in was if n in now and was[n] != now[n]]
    named = (("gone", gone), ("new", added), ("of another type", retyped))
    return "; ".join(f"{what}: {', '.join(names[:SHOWN])}" for what, names in named if names)


def _refusal(before: Version | None, *, judged: Judged, what: str) -> str:
    name = "" if before is None else f"version {before.fact.version} of {before.fact.data!r}: "
    return (
        f"{name}{what}. If that is meant, allow {judged.change!r} rows and register again; "
        "nothing was registered"
    )


def _columns(before: Version | None, *, layout: RowLayout) -> str:
    changes = "" if before is None else column_changes(before.kept.layout, layout)
    return changes or "another column is the target"


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def _some(ids: Iterable[int] | Ints) -> str:
    listed = [int(one) for one in ids]
    more = f" and {len(listed) - SHOWN:,} more" if len(listed) > SHOWN else ""
    return f"row ids {', '.join(map(str, listed[:SHOWN]))}{more}"
