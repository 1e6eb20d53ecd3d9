"""Measures that are counted over all rows, and how bad it is when they fail."""

from collections.abc import Mapping

from bartizan.adapt.names import listed
from bartizan.core.finding import Measure, Severity
from bartizan.data.inspection import Brief

_NO_ROWS = "the data holds no rows"


def share(name: str, *, hits: int, rows: int, why: str = _NO_ROWS) -> Measure:
    """A share of rows that were all counted, so that it has no interval.

    Args:
        name: Of the measure.
        hits: Rows that are wrong, 0 <= hits <= rows.
        rows: Rows that could be looked at.
        why: What to say where there are none: then nothing is known, and nothing passes.
    """
    if not rows:
        return Measure(name=name, value=None, why=why)
    return Measure(name=name, value=hits / rows, n=rows)


def of_schema(brief: Brief) -> Severity:
    """How bad it is to break the schema: less where nobody declared it."""
    return "medium" if brief.assumed else "high"


def columns_told(counts: Mapping[str, int], *, what: str, rows: int) -> tuple[str, ...]:
    """One sentence on the columns with most wrong cells, or none where all is well.

    Example:
        >>> columns_told({"age": 2, "sex": 1}, what="are out of range", rows=8)
        ("3 cells are out of range, by column: 'age' 2, 'sex' 1 (8 rows).",)
    """
    if not counts:
        return ()
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    total = sum(counts.values())
    shown = listed([f"{name!r} {count}" for name, count in ranked])
    return (f"{total} cells {what}, by column: {shown} ({rows} rows).",)


def tables_only(brief: Brief) -> str:
    """Why there is nothing to say of columns, or nothing where there are some."""
    if brief.schema.image is not None:
        return "Rows are images: there are no columns to look at."
    return "" if brief.schema.features else "The schema names no column."
