"""Fits a table to a schema that was declared before."""

import polars as pl

from bartizan.adapt.names import listed, nearest
from bartizan.core.arrays import Array, Ints
from bartizan.core.errors import SchemaError
from bartizan.core.schema import Schema


def conform(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """Bring the columns into the schema's order.

    Raises:
        SchemaError: a column is missing or not in the schema; the message names the nearest.
    """
    have, want = set(frame.columns), set(schema.names)
    missing = [name for name in schema.names if name not in have]
    extra = [name for name in frame.columns if name not in want]
    if missing:
        hint = nearest(missing[0], extra or frame.columns)
        message = f"the schema declares {listed(missing)}, which the table does not have{hint}"
        raise SchemaError(message)
    if extra:
        hint = nearest(extra[0], schema.names)
        message = f"the table has {listed(extra)}, which the schema does not declare{hint}"
        raise SchemaError(message)
    return frame.select(schema.names)


def departures(x: Array, schema: Schema, *, rows: Ints) -> list[str]:
    """Notes on values outside the declared range, on undeclared gaps and fractions.

    They do not stop an assessment: a test set may hold what the training set did not.

    Args:
        x: Rows, shape (n, d).
        schema: What was declared.
        rows: What the rows are called, shape (n,).
    """
    notes = []
    for position, feature in enumerate(schema.features):
        values = x[:, position]
        low = -float("inf") if feature.min is None else feature.min
        high = float("inf") if feature.max is None else feature.max
        outside = ((values < low) | (values > high)).nonzero()[0]
        if len(outside):
            notes.append(
                f"column {feature.name!r}: {len(outside)} values outside {low:g} to {high:g} "
                f"(first {values[outside[0]]:g} in row {rows[outside[0]]})"
            )
        gaps = (values != values).nonzero()[0]  # noqa: PLR0124 (NaN differs from itself)
        if len(gaps) and not feature.missing:
            notes.append(f"column {feature.name!r}: {len(gaps)} missing values, none were declared")
        odd = ((feature.type == "integer") & (values % 1 > 0)).nonzero()[0]
        if len(odd):
            notes.append(
                f"column {feature.name!r}: {len(odd)} fractions in a column of whole numbers "
                f"(first {values[odd[0]]:g} in row {rows[odd[0]]})"
            )
    return notes
