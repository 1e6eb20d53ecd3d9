"""The inspection for contributors whose share is larger than it may be."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.core.entry import FLAGGED, CheckResult, ControlResult, Entry
from bartizan.core.errors import ConfigError
from bartizan.core.finding import Flagged, Measure, Series, Taxonomy
from bartizan.data.inspection import Brief
from bartizan.data.inspections.source_classes import OneSided, one_sided
from bartizan.data.inspections.source_control import planted_flood
from bartizan.data.inspections.source_limits import Source, judged
from bartizan.data.tally import NAMES, Tally, hidden, source_of

_CURVE = 200
"""Sources in the chart, the largest first: more cannot be told apart."""
_CLASSES = 200
"""Classes told apart by source: 200 x 100,000 counts are the most there can be."""


@dataclass(frozen=True)
class Params:
    """Settings."""

    rate: float = 0.05
    """Chance that the growth of any source is called too fast by chance; and the share of sources
    named for a class that may be wrong. 0..1."""
    gap: float = 0.2
    """By how much the share of a class must be larger in a source than in all others before the
    source is named for it: below a fifth, honest sources differ that much."""

    def __post_init__(self) -> None:
        """Refuse shares that are none."""
        if not (0 < self.rate < 1 and 0 <= self.gap <= 1):
            message = f"rate and gap are shares, got {self.rate} and {self.gap}; use 0..1"
            raise ConfigError(message)


def applies(brief: Brief) -> str:
    """Why there is nothing to say; empty if there is."""
    rules = brief.rules
    if rules.source is None:
        return "The rules name no column that says who contributed a row."
    if rules.quota is None and rules.rate is None:
        return "The rules set neither a quota nor a rate for sources."
    if rules.quota is None and brief.profile is None:
        return "The rules limit the growth of sources, and no reference says how large they were."
    return ""


class _Sources:
    """Counts rows by source, and by source and class: about 100 bytes for each pair that occurs."""

    def __init__(self, brief: Brief, *, params: Params) -> None:
        self._brief = brief
        self._params = params
        self._tally = Tally()
        self._classes: dict[str, Tally] = {}
        self._rows = 0

    def see(self, batch: Batch) -> None:
        """Look at the next rows."""
        found = source_of(batch, rules=self._brief.rules)
        if found is None:
            return
        self._rows += batch.rows
        self._tally.see(found)
        if self._brief.target is None or self._tally.full:
            return
        pairs = pl.DataFrame({"source": found, "label": batch.frame[self._brief.target]})
        for (label,), part in pairs.drop_nulls().group_by("label", maintain_order=True):
            if len(self._classes) < _CLASSES or label in self._classes:
                self._classes.setdefault(str(label), Tally()).see(part["source"])

    def result(self) -> CheckResult:
        """Which sources are over their limit."""
        if self._tally.full or not self._rows:
            return self._unmeasured()
        found = judged(
            self._tally.counts,
            rules=self._brief.rules,
            profile=self._brief.profile,
            chance=self._params.rate,
        )
        sided = one_sided(
            {label: tally.counts for label, tally in self._classes.items()},
            rate=self._params.rate,
            gap=self._params.gap,
        )
        return CheckResult(
            measures=(
                self._over(found),
                self._share("largest-source", found[0].rows),
                self._share("rows-of-new-sources", sum(one.rows for one in found if one.new)),
                self._share("rows-of-one-sided-sources", sum(one.rows for one in sided)),
            ),
            severity="medium",
            series=_series(found),
            flagged=self._flagged(found, sided=sided),
            remarks=self._remarks(found, sided=sided),
        )

    def _over(self, found: Sequence[Source]) -> Measure:
        """What decides: rows of sources over a limit, unless a limit could not be looked at."""
        rows = sum(one.rows for one in found if one.over)
        if not rows and self._brief.rules.rate is not None and found[0].growth is None:
            why = (
                "the rules limit how fast sources grow, and no reference says how large they were; "
                "none of them is above its quota"
            )
            return Measure(name="rows-over-limit", value=None, why=why)
        return self._share("rows-over-limit", rows)

    def _share(self, name: str, rows: int) -> Measure:
        return Measure(name=name, value=rows / self._rows, n=self._rows)

    def _flagged(
        self, found: Sequence[Source], *, sided: Sequence[OneSided]
    ) -> tuple[Flagged, ...]:
        """Sources over a limit, then new ones, then one-sided ones; each with its reasons."""
        column = self._brief.rules.source or ""
        quiet = hidden(self._brief.schema, column=column, names=self._tally.counts)
        why: dict[str, list[str]] = {}
        for one in sorted(found, key=lambda one: (not one.over, -one.rows)):
            said = f"{one.rows} rows, {one.share:.1%} of all"
            if one.over:
                why[one.name] = [said, *one.over]
            elif one.new:
                why[one.name] = [said, "not in the reference"]
        for lean in sided:
            reason = (
                f"{lean.share:.0%} of its {lean.rows} rows are of class {lean.label!r}, and "
                f"{lean.others:.0%} of all others"
            )
            why.setdefault(lean.source, []).append(reason)
        return tuple(
            Flagged(
                column=column,
                value="" if quiet else name or "(no source)",
                why="; ".join(reasons),
            )
            for name, reasons in list(why.items())[:FLAGGED]
        )

    def _remarks(self, found: Sequence[Source], *, sided: Sequence[OneSided]) -> tuple[str, ...]:
        said = [f"{self._rows} rows came from {len(found)} sources."]
        if sided:
            said.append(
                f"{len(sided)} sources lean to one class. That is no failure: some only ever see "
                "one. Look at the largest of them first."
            )
        return tuple(said)

    def _unmeasured(self) -> CheckResult:
        why = "the data has no rows"
        if self._tally.full:
            why = (
                f"column {self._brief.rules.source!r} holds more than {NAMES} different names, so "
                "it names rows and not sources"
            )
        measure = Measure(name="rows-over-limit", value=None, why=why)
        return CheckResult(measures=(measure,), severity="medium")


def run(brief: Brief, *, params: Params, rng: np.random.Generator) -> _Sources:
    """Compare the share of each source with its limits.

    Args:
        brief: Its rules name the column of sources, and a quota or a rate.
        params: How sure to be.
        rng: Not used.

    Returns:
        The inspection; it keeps counts by source and class.
    """
    del rng
    return _Sources(brief, params=params)


def _series(found: Sequence[Source]) -> tuple[Series, ...]:
    shown = found[:_CURVE]
    return (
        Series(
            name="share of rows",
            x_name="source",
            x_unit="rank",
            y_name="share of rows",
            x=tuple(float(i + 1) for i in range(len(shown))),
            y=tuple(one.share for one in shown),
            chart="Share of each source",
        ),
    )


def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
    """Plant a source that floods the first batch."""
    return planted_flood(run, Params())(brief=brief, sample=sample, rng=rng)


ENTRY = Entry(
    id="data.sources",
    kind="inspection",
    title="Sources: quotas, growth, newcomers",
    run=run,
    params=Params(),
    needs=(),
    control=control,
    threshold=("rows-over-limit", "<=", 0.0),
    taxonomy=Taxonomy(
        atlas=("AML.T0020",),
        owasp_ml=("ML02:2023",),
        nist_ai_100_2=("Data poisoning",),
    ),
    references=(
        "Przyborowski and Wilenski (1940), Biometrika 31",
        "arXiv:2302.10149",
    ),
    fix=(
        "Ask the sources named why they contribute more than they may. Until that is known, leave "
        "out their rows above the quota, or all since they grew."
    ),
)
