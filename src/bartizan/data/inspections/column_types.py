"""The inspection of columns: all of them, no others, and in each what its type can hold."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.adapt.names import listed, nearest
from bartizan.core.entry import CheckResult, ControlResult, Entry
from bartizan.core.finding import Taxonomy
from bartizan.data.inspection import Brief
from bartizan.data.inspections.counted import columns_told, of_schema, share, tables_only
from bartizan.data.inspections.places import Places, hidden
from bartizan.data.inspections.planting import found, put


@dataclass(frozen=True)
class Params:
    """No settings."""


def applies(brief: Brief) -> str:
    """Why there is nothing to say; empty = there is."""
    return tables_only(brief)


class Types:
    """Sees which columns there are, and which cells do not fit them."""

    def __init__(self, brief: Brief) -> None:
        self._brief = brief
        self._places = Places(hide=hidden(brief.schema))
        self._rows = 0
        self._lacking: dict[str, None] = {}
        self._unknown: dict[str, None] = {}
        target = () if brief.target is None else (brief.target,)
        self._wanted = dict.fromkeys((*brief.schema.names, *target))
        self._known = {*self._wanted, *_named_by_rules(brief)}
        self._types = {one.name: one.type for one in brief.schema.features}

    def see(self, batch: Batch) -> None:
        """Compare names, and count cells that do not fit."""
        self._rows += batch.rows
        have = dict.fromkeys(batch.raw.columns)
        self._lacking |= dict.fromkeys(name for name in self._wanted if name not in have)
        self._unknown |= dict.fromkeys(name for name in have if name not in self._known)
        self._places.add(batch, batch.unfit, why=self._why)

    def _why(self, column: str, value: str) -> str:
        del value
        return f"no value of type {self._types.get(column, 'label')}"

    def result(self) -> CheckResult:
        """The share of rows that lack something, hold too much, or hold what does not fit."""
        odd = bool(self._lacking or self._unknown)
        cells = self._places.wrong_rows
        for name in self._lacking:
            self._places.cell(None, column=name, why="the column is missing")
        for name in self._unknown:
            self._places.cell(None, column=name, why="the schema does not declare this column")
        return CheckResult(
            measures=(
                share("rows-not-of-the-schema", hits=self._rows if odd else cells, rows=self._rows),
                share("rows-with-unfit-cells", hits=cells, rows=self._rows),
                share("missing-columns", hits=len(self._lacking), rows=len(self._wanted)),
            ),
            severity=of_schema(self._brief),
            flagged=self._places.flagged,
            rows=self._places.ids,
            remarks=(
                *self._names_told(),
                *columns_told(
                    self._places.by_column, what="do not fit their type", rows=self._rows
                ),
            ),
        )

    def _names_told(self) -> Iterable[str]:
        """What is said of columns that are missing or unknown: all rows are wrong then."""
        if self._lacking:
            known = [*self._unknown] or [*self._known - set(self._lacking)]
            hint = nearest(next(iter(self._lacking)), known)
            yield f"Missing: {listed([*self._lacking])}{hint}. Every row counts as wrong."
        if self._unknown:
            hint = nearest(next(iter(self._unknown)), self._wanted)
            yield (
                f"Not declared: {listed([*self._unknown])}{hint}. Every row counts as wrong: what "
                "nobody declared, nobody looked at."
            )


def _named_by_rules(brief: Brief) -> Iterable[str]:
    """Columns that a person named in a rule are known, even if the schema has no type for them."""
    rules = brief.rules
    named = (rules.time, rules.source, *(name for columns in rules.unique for name in columns))
    return (name for name in named if name is not None)


def run(brief: Brief, *, params: Params, rng: np.random.Generator) -> Types:
    """Look for columns and cells that the schema has no place for.

    Args:
        brief: The schema and the target.
        params: None.
        rng: Not used.

    Returns:
        An inspection; `rows-not-of-the-schema` is 0..1, larger = worse.
    """
    del params, rng
    return Types(brief)


def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
    """A cell that does not fit must be found."""

    def fresh(told: Brief) -> Types:
        return run(told, params=Params(), rng=rng)

    def plant(batch: Batch, row: int, told: Brief) -> Batch:
        name = told.schema.names[0]
        empty = pl.Series(name, np.zeros(batch.rows, dtype=np.bool_))
        return replace(
            batch,
            frame=batch.frame.with_columns(put(batch.frame[name], row=row, value=None)),
            unfit={**batch.unfit, name: put(batch.unfit.get(name, empty), row=row, value=True)},
        )

    return found(
        fresh, brief=brief, sample=sample, plant=plant, what="a cell that its type cannot hold"
    )


ENTRY = Entry(
    id="data.types",
    kind="inspection",
    title="Columns and types: those of the schema, and no others",
    run=run,
    params=Params(),
    needs=(),
    control=control,
    threshold=("rows-not-of-the-schema", "<=", 0.0),
    taxonomy=Taxonomy(
        atlas=("AML.T0020",), owasp_ml=("ML02:2023",), nist_ai_100_2=("Availability poisoning",)
    ),
    references=(
        "Breck et al. (2019), Data Validation for Machine Learning, SysML",
        "NIST AI 100-2 E2025, section 2.3",
    ),
    fix=(
        "Correct the rows that are listed, or the step of the pipeline that wrote them. A column "
        "that is new on purpose goes into the schema first; one that is missing has to come back."
    ),
)
