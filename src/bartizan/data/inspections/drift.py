"""The inspection for columns whose values are spread otherwise than in the reference."""

from dataclasses import dataclass

import numpy as np

from bartizan.adapt.batches.batch import Batch
from bartizan.core.arrays import Array
from bartizan.core.entry import FLAGGED, CheckResult, ControlResult, Entry
from bartizan.core.errors import ConfigError
from bartizan.core.finding import Flagged, Measure, Series, Taxonomy
from bartizan.data.binning import cell_counts, codes
from bartizan.data.inspection import Brief
from bartizan.data.inspections.drift_control import planted_drift
from bartizan.data.inspections.reference import FEWEST, cells_of, comparable, reference
from bartizan.detect.discovery import adjusted
from bartizan.detect.drift import Cells, p_value
from bartizan.detect.effect import intervals, stability_index, total_variation

applies = comparable


@dataclass(frozen=True)
class Params:
    """Settings."""

    rate: float = 0.05
    """Share of the columns found that may be false, on average; where nothing drifts, the share of
    data sets in which any column is found. 0..1."""
    effect: float = 0.01
    """Total variation above which a difference counts: at least this share of the rows would have
    to be other ones. A hundredth is what a poisoner of tables needs; common tools ask for a
    stability index of 0.1, a total variation of about 0.13, under which an eighth of the rows can
    be exchanged unseen."""
    dependent: bool = True
    """Whether the rate must hold however columns depend on each other (Benjamini-Yekutieli); no:
    if they depend positively (Benjamini-Hochberg)."""

    def __post_init__(self) -> None:
        """Refuse shares that are none."""
        if not (0 < self.rate < 1 and 0 <= self.effect < 1):
            message = f"rate and effect are shares, got {self.rate} and {self.effect}; use 0..1"
            raise ConfigError(message)


class _Drift:
    """Counts every row in the cells of the reference."""

    def __init__(self, brief: Brief, *, params: Params, rng: np.random.Generator) -> None:
        self._params = params
        self._rng = rng
        self._profile = reference(brief)
        self._cells = cells_of(brief)
        self._personal = {feature.name for feature in brief.schema.features if feature.personal}
        self._counts = {
            name: np.zeros(len(bins.counts) + 1, dtype=np.int64)
            for name, bins in self._cells.items()
        }
        self._nulls = {
            column.name: 0 for column in self._profile.columns if column.name not in self._cells
        }
        self._rows = 0

    def see(self, batch: Batch) -> None:
        """Look at the next rows."""
        self._rows += batch.rows
        for name, bins in self._cells.items():
            found = codes(batch.frame[name], bins=bins)
            self._counts[name] += np.bincount(found, minlength=len(bins.counts) + 1)
        for name in self._nulls:
            self._nulls[name] += batch.frame[name].null_count()

    def result(self) -> CheckResult:
        """Which columns drift."""
        if self._profile.rows < FEWEST or not self._rows:
            return _unmeasured(self._profile.rows, self._rows)
        tables = self._tables()
        p = np.array([p_value(table, rng=self._rng) for table in tables.values()])
        q = adjusted(p, dependent=self._params.dependent)
        far = np.array([total_variation(table) for table in tables.values()])
        drifts = (q <= self._params.rate) & (far > self._params.effect)
        order = np.lexsort((np.arange(len(q)), -far, ~drifts))
        names = list(tables)
        return CheckResult(
            measures=(
                Measure(name="drifting-columns", value=float(drifts.mean()), n=self._rows),
                Measure(name="largest-total-variation", value=float(far.max()), n=self._rows),
            ),
            severity="medium",
            series=_series(names, tables=tables, q=q),
            flagged=tuple(
                self._flagged(names[i], table=tables[names[i]], q=float(q[i]))
                for i in order[: min(FLAGGED, int(drifts.sum()))]
            ),
            remarks=self._remarks(q=q, far=far),
        )

    def _tables(self) -> dict[str, Cells]:
        """Counts of each column, in the order of the profile."""
        made = {}
        for column in self._profile.columns:
            if column.name in self._cells:
                bins = self._cells[column.name]
                in_order = len(bins.counts) if bins.scores else 0
                before, now = cell_counts(bins), self._counts[column.name]
                made[column.name] = Cells(before, now, ordered=in_order)
            else:
                nulls = self._nulls[column.name]
                before = np.array([column.rows - column.nulls, column.nulls])
                made[column.name] = Cells(before, np.array([self._rows - nulls, nulls]))
        return made

    def _flagged(self, name: str, *, table: Cells, q: float) -> Flagged:
        variation, stability = intervals(table, rng=self._rng)
        what = _moved(table) if name in self._cells else "missing values"
        value = self._worst(name, table=table) if name not in self._personal else ""
        return Flagged(
            column=name,
            value=value,
            why=(
                f"adjusted p {q:.2g}; total variation {variation.value:.3f} ({variation.low:.3f} "
                f"to {variation.high:.3f}); stability index {stability.value:.3f} "
                f"({stability.low:.3f} to {stability.high:.3f}); {what}"
            ),
        )

    def _worst(self, name: str, *, table: Cells) -> str:
        """The cell whose share grew most, in words."""
        bins = self._cells.get(name)
        cell = int(np.argmax(_growth(table)))
        if bins is None or cell == len(bins.counts):
            return "(missing)"
        if not bins.scores:
            return bins.categories[cell] if cell < len(bins.categories) else "(any other)"
        low = f"{bins.edges[cell - 1]:.6g}" if cell else "-inf"
        high = f"{bins.edges[cell]:.6g}" if cell < len(bins.edges) else "inf"
        return f"above {low} to {high}"

    def _remarks(self, *, q: Array, far: Array) -> tuple[str, ...]:
        params = self._params
        small = int(((q <= params.rate) & (far <= params.effect)).sum())
        counted = max((bins.rows for bins in self._cells.values()), default=self._profile.rows)
        method = "Benjamini-Yekutieli" if params.dependent else "Benjamini-Hochberg"
        first = (
            f"{len(q)} columns of {self._rows} rows were compared with {counted} rows of the "
            f"reference. A column drifts if its p-value, adjusted by {method}, is at most "
            f"{params.rate:g} and its total variation is above {params.effect:g}."
        )
        said = [first]
        if small:
            said.append(
                f"{small} columns differ beyond chance, but by no more than {params.effect:g}: "
                "with this many rows, differences show that mean nothing. They do not count."
            )
        if self._nulls:
            said.append(
                f"{len(self._nulls)} columns hold personal data or name rows. The reference holds "
                "none of their values, so that only their share of missing values was compared."
            )
        return tuple(said)


def run(brief: Brief, *, params: Params, rng: np.random.Generator) -> _Drift:
    """Compare each column with the reference profile.

    Args:
        brief: With a profile of the same columns.
        params: Rate and effect.
        rng: For shuffles, where a sample is small, and for intervals.

    Returns:
        The inspection; it keeps counts only.

    Raises:
        SchemaError: there is no profile, or it is of other columns.
    """
    return _Drift(brief, params=params, rng=rng)


def _growth(table: Cells) -> Array:
    before, now = table.reference, table.current
    return np.asarray(now / max(int(now.sum()), 1) - before / max(int(before.sum()), 1))


def _moved(table: Cells) -> str:
    """How much of the column the cell that grew most holds, before and now."""
    cell = int(np.argmax(_growth(table)))
    before = table.reference[cell] / max(int(table.reference.sum()), 1)
    now = table.current[cell] / max(int(table.current.sum()), 1)
    return f"{now:.1%} of the rows lie there, {before:.1%} in the reference"


def _series(names: list[str], *, tables: dict[str, Cells], q: Array) -> tuple[Series, ...]:
    """Every column, by position in the profile."""
    x = tuple(float(i + 1) for i in range(len(names)))
    curves = {
        "adjusted p-value": tuple(float(value) for value in q),
        "total variation": tuple(total_variation(tables[name]) for name in names),
        "stability index": tuple(stability_index(tables[name]) for name in names),
    }
    return tuple(
        Series(
            name=name,
            x_name="column",
            x_unit="position",
            y_name=name,
            x=x,
            y=y,
            chart=f"Drift: {name}",
        )
        for name, y in curves.items()
    )


def _unmeasured(before: int, now: int) -> CheckResult:
    why = f"the reference has {before} rows and the data {now}; {FEWEST} and 1 are needed"
    return CheckResult(
        measures=(Measure(name="drifting-columns", value=None, why=why),), severity="medium"
    )


def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
    """Plant drift in one column of the first batch."""
    return planted_drift(run, Params())(brief=brief, sample=sample, rng=rng)


ENTRY = Entry(
    id="data.drift",
    kind="inspection",
    title="Drift of single columns against the reference",
    run=run,
    params=Params(),
    needs=(),
    control=control,
    threshold=("drifting-columns", "<=", 0.0),
    taxonomy=Taxonomy(
        atlas=("AML.T0020",),
        owasp_ml=("ML02:2023",),
        nist_ai_100_2=("Data poisoning",),
    ),
    references=(
        "Benjamini and Yekutieli (2001), Annals of Statistics 29",
        "Pearson (1900), Philosophical Magazine 50",
        "Lehmann (1975), Nonparametrics",
    ),
    fix=(
        "Find out what changed at the source of the columns named: a unit, a default value, a new "
        "contributor, an attack. If the change is meant, register the data as the new reference; "
        "if not, leave out the rows that came since the last sound version."
    ),
)
