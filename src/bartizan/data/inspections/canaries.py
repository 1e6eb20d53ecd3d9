"""The inspection for known-answer rows that must come through unchanged."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.core.entry import FLAGGED, CheckResult, ControlResult, Entry
from bartizan.core.errors import ConfigError, SchemaError
from bartizan.core.finding import Flagged, Measure, Taxonomy
from bartizan.core.schema import Feature
from bartizan.data.inspection import Brief
from bartizan.data.inspections.canary_control import planted_loss
from bartizan.data.inspections.nearest_row import Near, NearestRow
from bartizan.data.profiling import features

_AT = "\0canary"
_ROW = "\0row"
"""Names of columns beside the data's own; no source can name a column so."""
_NAMED = 5
"""Changed columns that are named: with more, hardly anything of the row is left."""


@dataclass(frozen=True)
class Params:
    """Settings."""

    traced: int = 50
    """The first different canaries, for which the row they were changed into is looked for as long
    as they are missing. Each costs a comparison with every row: 0.1 s for 494,021 rows of 42
    columns."""

    def __post_init__(self) -> None:
        """Refuse a negative number."""
        if self.traced < 0:
            message = f"traced counts canaries, got {self.traced}; use 0 or more"
            raise ConfigError(message)


def applies(brief: Brief) -> str:
    """Why there is nothing to say; empty if there is."""
    if brief.canaries is None:
        return "No canary rows are named."
    if not brief.canaries.height or not brief.canaries.width:
        return "The file of canaries holds no row."
    return ""


class _Canaries:
    """Counts the rows that are equal to a canary in every column that canaries have."""

    def __init__(self, brief: Brief, *, params: Params) -> None:
        named = _typed(brief)
        self._columns = named.columns
        self._personal = {one.name for one in brief.schema.features if one.personal}
        numbered = named.with_row_index(_ROW)
        self._wanted = (
            numbered.group_by(self._columns, maintain_order=True)
            .agg(pl.len().alias("count"), pl.col(_ROW).first())
            .with_row_index(_AT)
        )
        self._counts = self._wanted["count"].to_numpy()
        self._places = self._wanted[_ROW].to_list()
        self._met = np.zeros(len(self._counts), dtype=np.int64)
        rows = self._wanted.select(self._columns).head(params.traced).to_dicts()
        self._near = [NearestRow(row) for row in rows]
        self._rows = 0

    def see(self, batch: Batch) -> None:
        """Look at the next rows."""
        frame = batch.frame.select(self._columns)
        keys = self._wanted.select(_AT, *self._columns)
        hits = frame.with_row_index(_ROW).join(keys, on=self._columns, nulls_equal=True)
        at = hits[_AT].to_numpy().astype(np.int64)
        self._met += np.bincount(at, minlength=len(self._met))
        same = np.zeros(batch.rows, dtype=bool)
        same[hits[_ROW].to_numpy()] = True
        for one, near in enumerate(self._near):
            if self._met[one] < self._counts[one]:
                near.see(frame, start=self._rows, skip=same)
        self._rows += batch.rows

    def result(self) -> CheckResult:
        """Which canaries are missing, and what became of them."""
        if not self._rows:
            measure = Measure(name="missing-canaries", value=None, why="there is no row")
            return CheckResult(measures=(measure,), severity="high")
        lost = np.maximum(self._counts - self._met, 0)
        wanted = int(self._counts.sum())
        missing = np.flatnonzero(lost).tolist()
        near = {at: self._near[at].found() for at in missing if at < len(self._near)}
        rows = sorted({one.row for one in near.values() if one is not None})
        return CheckResult(
            measures=(Measure(name="missing-canaries", value=int(lost.sum()) / wanted, n=wanted),),
            severity="high",
            flagged=tuple(
                self._flagged(at, lost=int(lost[at]), near=near.get(at)) for at in missing[:FLAGGED]
            ),
            rows=np.array(rows, dtype=np.int64) if rows else None,
            remarks=self._remarks(wanted=wanted, lost=int(lost.sum())),
        )

    def _flagged(self, at: int, *, lost: int, near: Near | None) -> Flagged:
        name = f"canary {self._places[at] + 1}"
        copies = (
            f"{lost} of {self._counts[at]} copies of {name} are"
            if self._counts[at] > 1
            else (f"{name} is")
        )
        if near is None:
            return Flagged(why=f"{copies} missing, and no row is like it")
        columns = ", ".join(near.differs[:_NAMED])
        more = f" and {len(near.differs) - _NAMED} more" if len(near.differs) > _NAMED else ""
        which = (
            "the row most like it" if near.ties == 1 else f"the first of {near.ties} most like it"
        )
        return Flagged(
            row=near.row,
            column=near.differs[0] if near.differs else "",
            why=f"{copies} missing; {which} differs in {columns}{more}",
        )

    def _remarks(self, *, wanted: int, lost: int) -> tuple[str, ...]:
        first = (
            f"{wanted} canaries were looked for in {self._rows} rows, in {len(self._columns)} "
            f"columns; {wanted - lost} are there unchanged."
        )
        said = [first]
        copies = int(np.maximum(self._met - self._counts, 0).sum())
        if copies:
            said.append(
                f"{copies} rows more than planted are equal to a canary: rows were repeated, or "
                "others look the same. A canary that nothing else equals says more."
            )
        return tuple(said)


def _typed(brief: Brief) -> pl.DataFrame:
    """The canaries in the types of the data's frame.

    Raises:
        SchemaError: there are none, or a column or a value is not of the schema.
    """
    here = {one.name: one for one in features(brief.schema, target=brief.target)}
    if brief.canaries is None or not brief.canaries.height or not brief.canaries.width:
        message = "there are no canary rows to look for; name a file that holds some"
        raise SchemaError(message)
    strange = [name for name in brief.canaries.columns if name not in here]
    if strange:
        message = (
            f"canaries have a column {strange[0]!r}, and the data has none; they must be rows of "
            "the same table, of which columns may be left out"
        )
        raise SchemaError(message)
    return pl.DataFrame([_cast(column, feature=here[column.name]) for column in brief.canaries])


def _cast(column: pl.Series, *, feature: Feature) -> pl.Series:
    dtype: type[pl.DataType] = {"number": pl.Float64, "integer": pl.Int64}.get(
        feature.type, pl.String
    )
    made = column.fill_nan(None) if column.dtype.is_float() else column
    try:
        return made.cast(dtype)
    except pl.exceptions.PolarsError as error:
        message = (
            f"canaries: column {column.name!r} holds a value that is no {feature.type}; canaries "
            "must be rows that the schema allows"
        )
        raise SchemaError(message) from error


def run(brief: Brief, *, params: Params, rng: np.random.Generator) -> _Canaries:
    """Look for every canary row.

    Args:
        brief: With canaries, in some or all columns of the data.
        params: How many missing ones to trace.
        rng: Not used.

    Returns:
        The inspection; it keeps a count and the nearest row for each canary.

    Raises:
        SchemaError: the canaries do not fit the data.
    """
    del rng
    return _Canaries(brief, params=params)


def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
    """Plant a lost and a changed canary in the first batch."""
    return planted_loss(run, Params())(brief=brief, sample=sample, rng=rng)


ENTRY = Entry(
    id="data.canaries",
    kind="inspection",
    title="Canaries: known rows came through unchanged",
    run=run,
    params=Params(),
    needs=(),
    control=control,
    threshold=("missing-canaries", "<=", 0.0),
    taxonomy=Taxonomy(
        atlas=("AML.T0020",),
        owasp_ml=("ML02:2023",),
        nist_ai_100_2=("Data poisoning",),
    ),
    references=("Thinkst Canary and honeytokens: Spitzner (2003), SecurityFocus",),
    fix=(
        "Follow the canaries named through the pipeline, step by step, to where they were dropped "
        "or changed; whatever did it did it to other rows as well. Do not use the data until then."
    ),
)
