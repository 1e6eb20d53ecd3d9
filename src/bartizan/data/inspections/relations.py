"""The inspection of rules between columns: they hold in every row."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.core.arrays import Array, Mask
from bartizan.core.entry import FLAGGED, CheckResult, ControlResult, Entry
from bartizan.core.finding import Measure, Taxonomy
from bartizan.core.relation import Relation, parse
from bartizan.core.schema import Feature, Schema
from bartizan.data.inspection import Brief
from bartizan.data.inspections.counted import of_schema, share
from bartizan.data.inspections.places import Places
from bartizan.data.inspections.planting import altered, found


@dataclass(frozen=True)
class Params:
    """No settings."""


def applies(brief: Brief) -> str:
    """Why there is nothing to say; empty = there is."""
    return "" if brief.schema.relations else "The schema has no relation between columns."


@dataclass(frozen=True)
class Rule:
    """A relation, compiled against the few columns that it names."""

    relation: Relation
    columns: tuple[Feature, ...]

    def judged(self, frame: pl.DataFrame) -> tuple[Mask, Mask]:
        """Which rows break the rule, and of which rows that can be said; shape (n,) both."""
        x = np.empty((frame.height, len(self.columns)))
        for at, feature in enumerate(self.columns):
            x[:, at] = _numbers(frame[feature.name], feature)
        known = ~np.asarray(np.isnan(x).any(axis=1))
        return ~self.relation.holds(x) & known, known


def _numbers(column: pl.Series, feature: Feature) -> Array:
    """Numbers as they are, categories as their codes, NaN where missing or unknown."""
    if column.dtype == pl.String:
        column = column.cast(pl.Enum(list(feature.categories)), strict=False).to_physical()
    return column.cast(pl.Float64).fill_null(np.nan).to_numpy()


def rules_of(schema: Schema) -> tuple[Rule, ...]:
    """The schema's relations, each over its own columns.

    Raises:
        ConfigError: a relation is not in the language, or names a column that is not there.
    """
    made = []
    for text in schema.relations:
        wide = parse(text, names=schema.names)
        columns = [schema.features[at] for at in sorted(wide.left.mentions | wide.right.mentions)]
        narrow = parse(text, names=tuple(one.name for one in columns))
        made.append(Rule(relation=narrow, columns=tuple(columns)))
    return tuple(made)


class Relations:
    """Judges every rule on every row, over the columns that it names."""

    def __init__(self, brief: Brief) -> None:
        self._brief = brief
        self._rules = rules_of(brief.schema)
        self._places = Places()
        self._rows = 0
        self._broken: Counter[str] = Counter()
        self._unknown: Counter[str] = Counter()

    def see(self, batch: Batch) -> None:
        """Judge the next rows."""
        self._rows += batch.rows
        odd = np.zeros(batch.rows, dtype=np.bool_)
        for rule in self._rules:
            broken, known = rule.judged(batch.frame)
            text = rule.relation.text
            self._unknown[text] += int((~known).sum())
            self._broken[text] += int(broken.sum())
            for at in np.flatnonzero(broken)[:FLAGGED]:
                self._places.cell(int(at) + batch.start, why=f"breaks `{text}`")
            odd |= broken
        self._places.rows(np.flatnonzero(odd) + batch.start)

    def result(self) -> CheckResult:
        """The share of rows that break a rule; unknown where a rule could be judged nowhere."""
        blind = [text for text, count in self._unknown.items() if count == self._rows]
        broken = share("rows-that-break-a-rule", hits=self._places.wrong_rows, rows=self._rows)
        if blind and self._rows and not self._places.wrong_rows:
            why = f"{blind[0]!r} names a column without a value in any row"
            broken = Measure(name=broken.name, value=None, why=why)
        return CheckResult(
            measures=(broken,),
            severity=of_schema(self._brief),
            flagged=self._places.flagged,
            rows=self._places.ids,
            remarks=tuple(self._told(rule.relation.text) for rule in self._rules),
        )

    def _told(self, text: str) -> str:
        unknown = self._unknown[text]
        more = f"; not to be judged in {unknown}, for a value is missing" if unknown else ""
        return f"`{text}`: broken in {self._broken[text]} of {self._rows} rows{more}."


def run(brief: Brief, *, params: Params, rng: np.random.Generator) -> Relations:
    """Look for rows that break a rule of the schema, such as ``n_failed <= n_total``.

    Args:
        brief: The schema.
        params: None.
        rng: Not used.

    Returns:
        An inspection; `rows-that-break-a-rule` is 0..1, larger = worse. A row with a missing
        value in a rule does not break it, and is counted apart.

    Raises:
        ConfigError: a relation is not in the language, or names a column that is not there.
    """
    del params, rng
    return Relations(brief)


_AWAY = (0.0, 1.0, -1.0, 1e3, -1e3, 1e6, -1e6)
"""Numbers that are tried to break a rule: one of them does, unless the rule always holds."""


def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
    """A row that breaks the first rule that can be broken must be found."""
    cells = _breaking(rules_of(brief.schema), rng=rng)
    if not cells:
        return ControlResult(passed=False, detail="no values were found that break a rule")

    def fresh(told: Brief) -> Relations:
        return run(told, params=Params(), rng=rng)

    def plant(batch: Batch, row: int, told: Brief) -> Batch:
        del told
        return altered(batch, row=row, cells=cells, raw="?")

    return found(fresh, brief=brief, sample=sample, plant=plant, what="a row that breaks a rule")


def _breaking(rules: tuple[Rule, ...], *, rng: np.random.Generator) -> dict[str, object]:
    """Values of some columns that break a rule, by trying."""
    for rule in rules:
        tried = rng.choice(_AWAY, size=(500, len(rule.columns)))
        for at, feature in enumerate(rule.columns):
            if feature.categories:
                tried[:, at] = rng.integers(0, len(feature.categories), len(tried))
        broken = np.flatnonzero(~rule.relation.holds(tried))
        if len(broken):
            row = tried[broken[0]]
            return {
                one.name: _cell(one, value) for one, value in zip(rule.columns, row, strict=True)
            }
    return {}


def _cell(feature: Feature, value: float) -> object:
    if feature.categories:
        return feature.categories[int(value)]
    return int(value) if feature.type == "integer" else float(value)


ENTRY = Entry(
    id="data.relations",
    kind="inspection",
    title="Rules between columns",
    run=run,
    params=Params(),
    needs=(),
    control=control,
    threshold=("rows-that-break-a-rule", "<=", 0.0),
    taxonomy=Taxonomy(
        atlas=("AML.T0020",), owasp_ml=("ML02:2023",), nist_ai_100_2=("Backdoor poisoning",)
    ),
    references=("Breck et al. (2019), Data Validation for Machine Learning, SysML",),
    fix=(
        "Correct the rows that are listed: values that cannot occur together were not measured. "
        "Where the rule is wrong, change it under `[[relation]]`."
    ),
)
