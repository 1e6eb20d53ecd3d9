"""The inspection of missing values: none where none are declared, elsewhere as many as usual."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import msgspec
import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.core.entry import CheckResult, ControlResult, Entry
from bartizan.core.finding import Measure, Taxonomy
from bartizan.data.inspection import Brief
from bartizan.data.inspections.cellwise import Cellwise
from bartizan.data.inspections.counted import tables_only
from bartizan.data.inspections.planting import altered, found, looked, part
from bartizan.detect.discovery import holm
from bartizan.detect.exact import fisher


@dataclass(frozen=True)
class Params:
    """When a share of missing values is not the usual one."""

    level: float = 0.05
    """Chance of one false alarm or more among all columns of a clean data set, at most."""
    tolerance: float = 0.05
    """Difference of shares that never counts: with millions of rows, every one is significant."""


def applies(brief: Brief) -> str:
    """Why there is nothing to say; empty = there is."""
    return tables_only(brief)


class Missing(Cellwise):
    """Counts what is missing, column by column."""

    def __init__(self, brief: Brief, *, params: Params) -> None:
        self._params, self._reference = params, brief.profile
        self._target = brief.target
        self._counts: Counter[str] = Counter()
        self._strict = frozenset(one.name for one in brief.schema.features if not one.missing)
        super().__init__(
            brief,
            measure="rows-with-undeclared-gaps",
            what="are missing where no missing values are declared",
            wrong=self._undeclared,
            why=lambda _, __: "missing, and the schema says that it never is",
        )

    def _undeclared(self, batch: Batch) -> Mapping[str, pl.Series]:
        """Cells that are empty, not unfit, in columns that declare no missing values."""
        if not batch.rows:
            return {}
        nulls = dict(zip(batch.frame.columns, batch.frame.null_count().row(0), strict=True))
        self._counts.update({name: count for name, count in nulls.items() if count})
        wrong = {}
        for name, count in nulls.items():
            if count and name in self._strict:
                empty = batch.frame[name].is_null()
                wrong[name] = empty & ~batch.unfit[name] if name in batch.unfit else empty
        return wrong

    def result(self) -> CheckResult:
        """The share of rows with a gap that nobody declared, or of gaps that are not usual."""
        made = super().result()
        apart, told = self._against_reference()
        undeclared = made.measures[0]
        largest = max(apart.values(), default=0.0)
        worst = undeclared.value
        unexpected = Measure(
            name="unexpected-missing",
            value=None if worst is None else max(worst, largest),
            why=undeclared.why,
            n=self.rows,
        )
        moved = Measure(
            name="largest-unusual-difference",
            value=None if self._reference is None or not self.rows else largest,
            why="there is no reference" if self._reference is None else undeclared.why,
            n=self.rows,
        )
        for name in apart:
            self.places.cell(None, column=name, why="not the usual share of missing values")
        return CheckResult(
            measures=(unexpected, undeclared, moved),
            severity=made.severity,
            flagged=self.places.flagged,
            rows=made.rows,
            remarks=(*made.remarks, *told, *self._labels_told()),
        )

    def _against_reference(self) -> tuple[dict[str, float], tuple[str, ...]]:
        """Columns whose share of gaps is unusual, by how much, and what is said of it."""
        usual = {} if self._reference is None else {c.name: c for c in self._reference.columns}
        names = [name for name in usual if usual[name].rows]
        if not names or not self.rows:
            return {}, ()
        here = np.array([self._counts[name] for name in names])
        there = np.array([usual[name].nulls for name in names])
        rows = np.array([usual[name].rows for name in names])
        values = fisher(here, rows=self.rows, other=there, other_rows=rows)
        apart = here / self.rows - there / rows
        odd = holm(values, level=self._params.level) & (np.abs(apart) > self._params.tolerance)
        told = [
            f"{names[at]!r}: {here[at] / self.rows:.1%} missing or unfit, "
            f"{there[at] / rows[at]:.1%} in the reference."
            for at in np.flatnonzero(odd)[:5]
        ]
        return {names[at]: float(abs(apart[at])) for at in np.flatnonzero(odd)}, (
            (
                f"Compared with the reference: {len(names)} columns by Fisher's exact test at "
                f"{self._params.level:.0%} with Holm's correction; differences up to "
                f"{self._params.tolerance:.0%} of the rows never count."
            ),
            *told,
        )

    def _labels_told(self) -> Iterable[str]:
        if self._target is not None and self._counts[self._target]:
            yield f"{self._counts[self._target]} rows have no label."


def run(brief: Brief, *, params: Params, rng: np.random.Generator) -> Missing:
    """Look for missing values where none are declared, or not as many as in the reference.

    A share that differs from that of the reference counts by its difference, if Fisher's exact
    test with Holm's correction over all columns says that it is no chance and it is above the
    tolerance. Both directions count: gaps that vanish were filled by somebody.

    Args:
        brief: The schema and the reference.
        params: Level of the test, and the difference that never counts.
        rng: Not used.

    Returns:
        An inspection; `unexpected-missing` is 0..1, larger = worse: the larger of the share of
        rows with an undeclared gap and of the largest unusual difference.

    Source:
        Holm (1979), Scandinavian Journal of Statistics 6.
    """
    del rng
    return Missing(brief, params=params)


def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
    """A gap that nobody declared must be found, or, where all may be missing, an empty column."""
    strict = [one.name for one in brief.schema.features if not one.missing]

    def fresh(told: Brief) -> Missing:
        return run(told, params=Params(), rng=rng)

    def plant(batch: Batch, row: int, told: Brief) -> Batch:
        del told
        return altered(batch, row=row, cells={strict[0]: None}, raw="")

    if strict:
        what = f"a gap in {strict[0]!r}"
        return found(fresh, brief=brief, sample=sample, plant=plant, what=what)
    return _all_may_be_missing(brief, sample=part(sample, 0, 1), rng=rng)


def _all_may_be_missing(brief: Brief, *, sample: Batch, rng: np.random.Generator) -> ControlResult:
    """With nothing to break, the first column is declared complete and then emptied."""
    first = brief.schema.features[0]
    schema = _replaced(brief, first.name)
    emptied = altered(sample, row=0, cells={first.name: None}, raw="") if sample.rows else sample
    after = looked(run(schema, params=Params(), rng=rng), emptied)
    value = after.measures[0].value or 0.0
    return ControlResult(
        passed=value > 0 and after.rows is not None,
        detail=f"a gap in {first.name!r}, had it none declared: {value:.2%} of the rows found",
    )


def _replaced(brief: Brief, name: str) -> Brief:
    """The brief with one column that may not be missing."""
    features = tuple(
        msgspec.structs.replace(one, missing=False) if one.name == name else one
        for one in brief.schema.features
    )
    schema = msgspec.structs.replace(brief.schema, features=features)
    return replace(brief, schema=schema)


ENTRY = Entry(
    id="data.missing",
    kind="inspection",
    title="Missing values where they are declared, and as many as usual",
    run=run,
    params=Params(),
    needs=(),
    control=control,
    threshold=("unexpected-missing", "<=", 0.0),
    taxonomy=Taxonomy(
        atlas=("AML.T0020",), owasp_ml=("ML02:2023",), nist_ai_100_2=("Availability poisoning",)
    ),
    references=(
        "Holm (1979), Scandinavian Journal of Statistics 6, 65-70",
        "Breck et al. (2019), Data Validation for Machine Learning, SysML",
    ),
    fix=(
        "Find the step that lost the values, or declare `missing = true` where gaps are real. "
        "Where the share of gaps left that of the reference, ask what changed upstream: a sensor "
        "that is silent, a join that finds nothing, a default that fills what was empty."
    ),
)
