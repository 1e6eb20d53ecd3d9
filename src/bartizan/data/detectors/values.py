"""The detector of rows that do harm to whoever learns from them."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.entry import FLAGGED, CheckResult, ControlResult, DetectorResult, Entry, finished
from bartizan.core.finding import Flagged, Measure
from bartizan.core.interval import share_interval
from bartizan.data.detectors.evidence import rare, wanting
from bartizan.data.detectors.flips import flipped, sampled
from bartizan.data.detectors.taxonomy import WRONG_LABELS
from bartizan.data.folds import folds
from bartizan.data.labelled import Labelled
from bartizan.detect.discovery import adjusted
from bartizan.detect.knn_shapley import Worth, knn_shapley

_MOST = 50_000
"""Rows above which values are not computed: 20,000 take 1.6 s, and time grows a little
faster than rows do."""
_TESTS = 1000
"""Rows of the other half that a value rests on; time grows with them."""
_FALSE = 0.05
"""Share of the rows named that do no harm, on average."""
_PLANTED = 0.05
"""Share of the rows that a control gives a wrong label."""
_LINE = 0.10
"""Share of harmful rows. Where classes overlap, honest rows on the wrong side do harm: 5 to 9 % in
samples of 1,000 to 4,000 rows of Adult and of German credit, less than 2 % in six other public
tables. Of 24 samples of Adult 17 failed at a line of 5 %, none does at this one. What reaches it is
gross: one label in five wrong in digits or card payments, not one in ten."""
_SURE = 2.0
"""Standard errors by which votes must be better than chance."""
_METHOD = (
    "Each half of the rows was judged by what it is worth to nearest neighbours that classify the "
    "other half: a Shapley value. Rows are named whose value is below zero, beyond chance."
)
_BLIND = (
    "Harm to nearest neighbours is measured, not to your model. A row that does harm need not be "
    "poison: honest rows in a region of another class do harm too. Marked rows of a backdoor "
    "do none as long as no row that is judged carries the mark."
)


@dataclass(frozen=True)
class Params:
    """Settings."""

    tests: int = _TESTS
    false: float = _FALSE


def applies(rows: Labelled) -> str:
    """Why nothing can be said of these rows; empty where it can."""
    n = len(rows.data.y)
    if n > _MOST:
        return f"{n:,} rows are too many to value each of them; {_MOST:,} can be."
    return wanting(rows)


def run(
    rows: Labelled, *, params: Params, rng: np.random.Generator
) -> Generator[float, None, DetectorResult]:
    """Value each row by what it does for the classification of others.

    Args:
        rows: At most 50,000.
        params: How many rows each value rests on.
        rng: Splits the rows, whole sources together, and draws those that are judged.

    Yields:
        How far it is.

    Returns:
        The share of rows that do harm, and these rows: 5 % of them, on average, do none. `p` is the
        chance that a row without harm seems to do as much.
    """
    yield 0.0
    n = len(rows.data.y)
    value, p = np.zeros(n), np.ones(n)
    right, asked = 0.0, 0
    for half, (inside, outside) in enumerate(
        folds(rows.data.y, rows.sources, count=2, rng=rng), start=1
    ):
        if len(inside) and len(outside):
            worth = _worth(rows, outside, asked=inside, params=params, rng=rng)
            value[outside], p[outside] = worth.value * len(outside), worth.harm_p
            right, asked = right + worth.tests * float(worth.value.sum()), asked + worth.tests
        yield half / 2.1
    if why := _uninformed(rows.data.y, right=right / max(asked, 1), asked=asked):
        return _nothing(n, why=why)
    p[rare(rows.data.y, classes=len(rows.data.classes))] = 1.0
    named = np.flatnonzero(adjusted(p, dependent=False) <= params.false)
    return DetectorResult(check=_check(rows, value, named), p=p)


def _uninformed(y: Ints, *, right: float, asked: int) -> str:
    """Why neighbours tell nothing of labels, so that no row does harm; empty where they do.

    Args:
        y: Labels.
        right: Share of the neighbours' votes that are right: the sum of all values.
        asked: Rows that were judged.
    """
    chance = float(((np.bincount(y) / len(y)) ** 2).sum())
    margin = _SURE * np.sqrt(chance * (1 - chance) / max(asked, 1))
    if right > chance + margin:
        return ""
    return (
        f"neighbours vote no better than rows drawn at random ({right:.2f} of their votes are "
        f"right, {chance:.2f} by chance), so that rows of a rare class would seem to do harm"
    )


def _nothing(n: int, *, why: str) -> DetectorResult:
    measure = Measure(name="harmful-rows", value=None, why=why, n=n)
    check = CheckResult(
        measures=(measure,), severity="medium", rows=np.zeros(0, dtype=np.int64), remarks=(_BLIND,)
    )
    return DetectorResult(check=check, p=np.ones(n))


def _worth(
    rows: Labelled, taught: Ints, *, asked: Ints, params: Params, rng: np.random.Generator
) -> Worth:
    """Of some rows, to others."""
    tests = rng.permutation(asked)[: params.tests]
    x, y = rows.standard, rows.data.y
    return knn_shapley(x[taught], y[taught], test_x=x[tests], test_y=y[tests])


def _check(rows: Labelled, value: Array, named: Ints) -> CheckResult:
    n, data = len(value), rows.data
    low, high = share_interval(len(named), n)
    order = named[np.argsort(value[named], kind="stable")][:FLAGGED]
    return CheckResult(
        measures=(Measure(name="harmful-rows", value=len(named) / n, low=low, high=high, n=n),),
        severity="medium",
        flagged=tuple(
            Flagged(
                row=int(data.ids[i]),
                why=f"as {str(data.classes[data.y[i]])!r} it costs {-value[i]:.1f} right answers "
                "of as many questions as rows teach, by its Shapley value",
            )
            for i in order
        ),
        rows=np.sort(np.asarray(data.ids)[named]),
        remarks=(_METHOD, _BLIND),
    )


def control(*, rows: Labelled, rng: np.random.Generator) -> ControlResult:
    """Give 5 % of a sample a wrong label: a quarter must be named, four times the share of others.

    Less would be little more than chance, where much of the data does harm by itself.
    """
    before = sampled(rows, rng=rng)
    n = len(before.data.y)
    chosen = np.sort(rng.permutation(n)[: max(round(_PLANTED * n), 1)])
    after = flipped(before, chosen, rng=rng)
    found = finished(run(after, params=Params(), rng=rng)).check.rows
    ids = np.asarray(after.data.ids)
    named = np.isin(ids, np.zeros(0) if found is None else found)
    planted = np.isin(np.arange(n), chosen)
    hits, others = int(named[planted].sum()), int(named[~planted].sum())
    return ControlResult(
        passed=4 * hits >= len(chosen) and hits * (n - len(chosen)) >= 4 * others * len(chosen),
        detail=(
            f"{len(chosen)} of {n} rows were given a wrong label; {hits} of them were named, and "
            f"{others} others"
        ),
    )


ENTRY = Entry(
    id="poison.values",
    kind="detector",
    title="Rows that do harm",
    run=run,
    params=Params(),
    needs=("labels",),
    control=control,
    threshold=("harmful-rows", "<=", _LINE),
    taxonomy=WRONG_LABELS,
    references=("Jia et al. (2019), PVLDB 12",),
    fix=(
        "Look at the rows named, the worst first, and leave out those that are wrong. Where honest "
        "rows do harm, the columns do not tell the classes apart there."
    ),
)
