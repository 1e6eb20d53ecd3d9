"""The inspection of size: not many more rows than the last registered version had."""

from dataclasses import dataclass, replace

import msgspec
import numpy as np

from bartizan.adapt.batches.batch import Batch
from bartizan.core.entry import CheckResult, ControlResult, Entry
from bartizan.core.finding import Taxonomy
from bartizan.data.inspection import Brief
from bartizan.data.inspections.counted import share
from bartizan.data.inspections.planting import looked


@dataclass(frozen=True)
class Params:
    """No settings."""


def applies(brief: Brief) -> str:
    """Why there is nothing to say; empty = there is."""
    if brief.rules.growth is None:
        return "No rule says how much the data may grow."
    return "" if brief.before_rows is not None else "No version was registered before this one."


class Growth:
    """Counts rows."""

    def __init__(self, *, before: int, growth: float) -> None:
        self._before, self._growth = before, growth
        self._rows = 0

    def see(self, batch: Batch) -> None:
        """Count."""
        self._rows += batch.rows

    def result(self) -> CheckResult:
        """The share of rows beyond the number that is allowed."""
        allowed = int(self._before * self._growth)
        beyond = max(self._rows - allowed, 0)
        fewer = max(self._before - self._rows, 0)
        told = (
            f"{self._rows} rows; the last registered version had {self._before}, and at most "
            f"{allowed} are allowed ({self._growth:g} times as many)."
        )
        shrunk = (
            f"{fewer} rows fewer than in the last registered version: whoever can remove rows "
            "decides what the model does not learn. Ask which ones are gone, and why."
        )
        return CheckResult(
            measures=(
                share("rows-beyond-growth", hits=beyond, rows=self._rows),
                share(
                    "rows-fewer", hits=fewer, rows=self._before, why="the last version had no rows"
                ),
            ),
            severity="medium",
            remarks=(told, shrunk) if fewer else (told,),
        )


def run(brief: Brief, *, params: Params, rng: np.random.Generator) -> Growth:
    """Compare the number of rows with that of the last registered version.

    Args:
        brief: Rows of the last version, and how many times as many there may be.
        params: None.
        rng: Not used.

    Returns:
        An inspection; `rows-beyond-growth` is 0..1, larger = worse. A loss of rows is told.
    """
    del params, rng
    return Growth(before=brief.before_rows or 0, growth=brief.rules.growth or 1.0)


def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
    """Data that grew to twice what is allowed must fail, data that did not grow must not."""
    if not sample.rows:
        return ControlResult(passed=False, detail="the data holds no row to plant a case in")
    growth = max(brief.rules.growth or 1.0, 1.0)
    rules = msgspec.structs.replace(brief.rules, growth=growth)
    values = []
    for before in (sample.rows, int(sample.rows / (2 * growth))):
        told = replace(brief, rules=rules, before_rows=before)
        made = looked(run(told, params=Params(), rng=rng), sample)
        values.append(made.measures[0].value or 0.0)
    return ControlResult(
        passed=values[0] == 0.0 and values[1] >= 0.5,
        detail=f"{sample.rows} rows after as many: {values[0]:.2%} too many; after less than "
        f"1 / {2 * growth:g} of them: {values[1]:.2%}",
    )


ENTRY = Entry(
    id="data.growth",
    kind="inspection",
    title="Growth since the last registered version",
    run=run,
    params=Params(),
    needs=(),
    control=control,
    threshold=("rows-beyond-growth", "<=", 0.0),
    taxonomy=Taxonomy(
        atlas=("AML.T0020",), owasp_ml=("ML02:2023",), nist_ai_100_2=("Availability poisoning",)
    ),
    references=("NIST AI 100-2 E2025, section 2.3, on poisoning of training data",),
    fix=(
        "Ask where the new rows come from. Poisoning needs rows: whoever can add as many as they "
        "like needs no skill. Where the growth is real, register the version and check the next "
        "one against it."
    ),
)
