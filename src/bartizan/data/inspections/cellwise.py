"""Inspections that judge every cell for itself."""

from collections.abc import Callable, Mapping

import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.core.entry import CheckResult
from bartizan.data.inspection import Brief
from bartizan.data.inspections.counted import columns_told, of_schema, share
from bartizan.data.inspections.places import Places, hidden

Wrong = Callable[[Batch], Mapping[str, pl.Series]]
"""By column, which cells of a batch are wrong; columns without such a cell may be left out."""

Test = Callable[[pl.Series], pl.Series | None]
"""Which cells of a column are wrong, Boolean of shape (n,); none = not one."""


class Cellwise:
    """Counts rows with at least one wrong cell. Memory: 8 bytes for each wrong row."""

    def __init__(
        self,
        brief: Brief,
        *,
        measure: str,
        what: str,
        wrong: Wrong,
        why: Callable[[str, str], str],
    ) -> None:
        self._brief, self._measure, self._what = brief, measure, what
        self._wrong, self._why = wrong, why
        self.places = Places(hide=hidden(brief.schema))
        self.rows = 0

    def see(self, batch: Batch) -> None:
        """Judge the cells of the next rows."""
        self.rows += batch.rows
        self.places.add(batch, self._wrong(batch), why=self._why)

    def result(self) -> CheckResult:
        """The share of rows with a wrong cell, and where the first ones are."""
        return CheckResult(
            measures=(share(self._measure, hits=self.places.wrong_rows, rows=self.rows),),
            severity=of_schema(self._brief),
            flagged=self.places.flagged,
            rows=self.places.ids,
            remarks=columns_told(self.places.by_column, what=self._what, rows=self.rows),
        )


def found_in(frame: pl.DataFrame, tests: Mapping[str, Test]) -> dict[str, pl.Series]:
    """The cells that tests are against, by column; columns without such a cell are left out."""
    found = {}
    for column in frame.iter_columns():  # by name each would be looked for among all others
        test = tests.get(column.name)
        wrong = None if test is None else test(column)
        if wrong is not None and wrong.any():
            found[column.name] = wrong
    return found
