"""The inspection of categories and labels: only those that are known."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.adapt.names import listed
from bartizan.core.entry import CheckResult, ControlResult, Entry
from bartizan.core.finding import Taxonomy
from bartizan.data.codes import Coded
from bartizan.data.inspection import Brief
from bartizan.data.inspections.cellwise import Cellwise, Test, found_in
from bartizan.data.inspections.known import known_labels
from bartizan.data.inspections.places import hidden
from bartizan.data.inspections.planting import altered, found
from bartizan.data.inspections.spelling import Spelling, suspects

_DISTINCT = 1_000
"""Different unknown texts of a column that are counted one by one: more are no typos."""


@dataclass(frozen=True)
class Params:
    """No settings."""


def applies(brief: Brief) -> str:
    """Why there is nothing to say; empty = there is."""
    if brief.target is not None or _listed(brief):
        return ""
    if brief.assumed and brief.profile is None:
        return "Nobody declared categories, and no reference shows which there are."
    return "No column has categories, and no target is named."


def _listed(brief: Brief) -> dict[str, tuple[str, ...]]:
    """The known texts of each column that has any, the target last.

    Categories that were inferred from this data itself say nothing: they hold its typos too.
    """
    own = brief.assumed and brief.profile is None
    shown = () if own else brief.schema.features
    made = {one.name: one.categories for one in shown if one.categories}
    labels = known_labels(brief)
    return {**made, brief.target: labels} if brief.target is not None and labels else made


class Categories(Cellwise):
    """Sees texts that are none of the known ones."""

    def __init__(self, brief: Brief) -> None:
        known = _listed(brief)
        self._spelling = {name: Spelling(texts) for name, texts in known.items()}
        self._unknown: dict[str, Counter[str]] = {name: Counter() for name in known}
        self._hide = hidden(brief.schema)
        self._target = None if brief.target in known else brief.target
        self._labels = Coded()
        self._first: int | None = None
        tests = {name: _unlisted(texts) for name, texts in known.items()}

        def wrong(batch: Batch) -> Mapping[str, pl.Series]:
            return found_in(batch.frame, tests)

        super().__init__(
            brief,
            measure="rows-with-unknown-categories",
            what="hold what is no known category or label",
            wrong=lambda batch: self._counted(batch, wrong(batch)),
            why=self._why,
        )

    def see(self, batch: Batch) -> None:
        """Look for texts that are not known; count labels where none are."""
        super().see(batch)
        self._first = batch.start if self._first is None else self._first
        if self._target is not None:
            self._labels.add(batch.frame[self._target])

    def _counted(self, batch: Batch, wrong: Mapping[str, pl.Series]) -> Mapping[str, pl.Series]:
        """The same, after the unknown texts of each column were counted."""
        for name, mask in wrong.items():
            odd, known = batch.frame.select(name).filter(mask), self._unknown[name]
            for text, count in odd.group_by(name, maintain_order=True).len().rows():
                if text in known or len(known) < _DISTINCT:
                    known[text] += count
        return wrong

    def _why(self, column: str, value: str) -> str:
        """What was meant is not said of personal data: it would tell the value."""
        meant = "" if column in self._hide or not value else self._spelling[column].meant(value)
        return f"unknown; did you mean {meant!r}?" if meant else "unknown"

    def result(self) -> CheckResult:
        """The share of rows with an unknown text, or with a label that looks like a typo."""
        odd = suspects(self._labels.counts)
        for label, usual in odd.items():
            self._note(label, usual)
        made = super().result()
        remarks = (*made.remarks, *self._told(), *self._labels_told(odd))
        return CheckResult(
            measures=made.measures,
            severity=made.severity,
            flagged=made.flagged,
            rows=made.rows,
            remarks=remarks,
        )

    def _note(self, label: str, usual: str) -> None:
        target, rows = self._target or "", self._labels.rows(label) + (self._first or 0)
        self.places.rows(rows)
        self.places.by_column[target] += len(rows)
        for row in rows[:1]:
            why = f"label {label[:80]!r}; did you mean {usual[:80]!r}?"
            self.places.cell(int(row), column=target, why=why)

    def _told(self) -> Iterable[str]:
        """The most frequent unknown texts of each column, and what they may mean."""
        for name, counts in self._unknown.items():
            if not counts or name in self._hide:
                continue
            ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:5]
            words = [
                f"{text[:80]!r} {count} times{self._hint(name, text)}" for text, count in ranked
            ]
            more = f", and {len(counts) - 5} more" if len(counts) > 5 else ""
            yield f"Unknown in {name!r}: {'; '.join(words)}{more}."

    def _hint(self, name: str, text: str) -> str:
        meant = self._spelling[name].meant(text)
        return f" (did you mean {meant!r}?)" if meant else ""

    def _labels_told(self, odd: Mapping[str, str]) -> Iterable[str]:
        if self._target is None:
            return
        counts = self._labels.counts
        yield (
            "Nobody said which labels there are, and there is no reference: only labels that look "
            f"like a wrong spelling of another count as wrong. Seen: {listed(sorted(counts))}."
        )
        words = [
            f"{label[:80]!r} ({counts[label]} rows), did you mean {usual[:80]!r} ({counts[usual]})?"
            for label, usual in odd.items()
        ]
        if words:
            yield f"Suspect: {listed(words)}"


def _unlisted(texts: tuple[str, ...]) -> Test:
    """Finds texts that are none of those listed."""
    listed_ = pl.Enum(list(texts))

    def test(column: pl.Series) -> pl.Series | None:
        codes = column.cast(listed_, strict=False)
        if codes.null_count() == column.null_count():
            return None
        return codes.is_null() & column.is_not_null()

    return test


def run(brief: Brief, *, params: Params, rng: np.random.Generator) -> Categories:
    """Look for texts that are none of the categories, and labels that are none of the classes.

    Which labels there are is known from the reference profile or from the last registered
    version. Without either, labels are compared with each other.

    Args:
        brief: The schema, the target, the reference.
        params: None.
        rng: Not used.

    Returns:
        An inspection; `rows-with-unknown-categories` is 0..1, larger = worse.
    """
    del params, rng
    return Categories(brief)


def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
    """A category that nobody declared, or a label with a typo, must be found."""
    known = _listed(brief)
    column = next(iter(known), brief.target)
    if column is None:
        return ControlResult(passed=False, detail=applies(brief))
    usual = known[column][0] if column in known else _most(sample.frame[column])
    strange = f"{usual} ." if column not in known else _none_of(known[column])

    def fresh(told: Brief) -> Categories:
        return run(told, params=Params(), rng=rng)

    def plant(batch: Batch, row: int, told: Brief) -> Batch:
        del told
        return altered(batch, row=row, cells={column: strange}, raw=strange)

    return found(
        fresh, brief=brief, sample=sample, plant=plant, what=f"an unknown text in {column!r}"
    )


def _most(labels: pl.Series) -> str:
    """The most frequent label."""
    mode = labels.drop_nulls().mode().sort()
    return str(mode[0]) if len(mode) else "label"


def _none_of(known: tuple[str, ...]) -> str:
    """A text that is not known."""
    texts, made = set(known), f"{known[0]}?"
    while made in texts:
        made += "?"
    return made


ENTRY = Entry(
    id="data.categories",
    kind="inspection",
    title="Categories and labels that are known",
    run=run,
    params=Params(),
    needs=(),
    control=control,
    threshold=("rows-with-unknown-categories", "<=", 0.0),
    taxonomy=Taxonomy(
        atlas=("AML.T0020",), owasp_ml=("ML02:2023",), nist_ai_100_2=("Backdoor poisoning",)
    ),
    references=("Breck et al. (2019), Data Validation for Machine Learning, SysML",),
    fix=(
        "Correct the spelling at the source, or add the category to the schema where it is real. "
        "A category that nobody declared is also a handy trigger: see which labels its rows have."
    ),
)
