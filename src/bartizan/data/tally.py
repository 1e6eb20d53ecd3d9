"""How often each name of a column occurs."""

from collections.abc import Iterable

import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.adapt.tables.roles import is_personal
from bartizan.core.errors import SchemaError
from bartizan.core.schema import Schema
from bartizan.data.rules import Rules

NAMES = 100_000
"""Different names counted at most: about 10 MB. A column with more names rows, not groups."""
OTHERS = ""
"""The name of all that are not named, and of rows without one."""


class Tally:
    """Counts rows by name."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self.full = False
        """Whether there were more names than are counted, so that counts are incomplete."""

    def see(self, values: pl.Series) -> None:
        """Look at the names of the next rows: texts, null where there is none."""
        found = values.rename("name").value_counts(name="rows")
        for name, rows in zip(found["name"].to_list(), found["rows"].to_list(), strict=True):
            key = OTHERS if name is None else name
            if key not in self._counts and len(self._counts) >= NAMES:
                self.full = True
                key = OTHERS
            self._counts[key] = self._counts.get(key, 0) + rows

    @property
    def counts(self) -> dict[str, int]:
        """Rows of each name, in the order of names."""
        return dict(sorted(self._counts.items()))

    def named(self, *, most: int | None, least: int) -> dict[str, int]:
        """Rows of the most frequent names of at least so many rows; of all others as `OTHERS`."""
        order = sorted(self._counts.items(), key=lambda pair: (-pair[1], pair[0]))
        kept = [pair for pair in order if pair[0] != OTHERS and pair[1] >= least][:most]
        others = sum(self._counts.values()) - sum(rows for _, rows in kept)
        return dict(sorted([*kept, (OTHERS, others)] if others else kept))


def source_of(batch: Batch, *, rules: Rules) -> pl.Series | None:
    """Who contributed each row, as the source spells it; none = no column says.

    Raises:
        SchemaError: the rules name a column that is not there.
    """
    if rules.source is None:
        return None
    for frame in (batch.raw, batch.frame):
        if rules.source in frame.columns:
            return frame[rules.source].cast(pl.String)
    message = (
        f"the rules say that column {rules.source!r} names the source of a row, but there is no "
        f"such column; there are {', '.join(map(repr, batch.raw.columns[:10]))}"
    )
    raise SchemaError(message)


def hidden(schema: Schema, *, column: str, names: Iterable[str]) -> bool:
    """Whether the names of sources are personal, by the schema or by what they look like."""
    declared = [one.personal for one in schema.features if one.name == column]
    if declared:
        return declared[0]
    shown = [name for name in names if name != OTHERS]
    return is_personal(pl.Series(column, shown, dtype=pl.String))
