"""The inspection of each class by itself: rare ones neither vanish nor multiply."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import betaincinv

from bartizan.adapt.batches.batch import Batch
from bartizan.adapt.names import listed
from bartizan.core.arrays import Array, Ints
from bartizan.core.entry import CheckResult, ControlResult, Entry
from bartizan.core.finding import Flagged, Measure, Taxonomy
from bartizan.data.codes import Coded
from bartizan.data.inspection import Brief
from bartizan.data.inspections import labels
from bartizan.data.inspections.known import as_named
from bartizan.data.inspections.planting import looked
from bartizan.data.profile import DataProfile

_MEASURE = "proven-change-of-a-class"
_LEVEL = 0.05
"""Chance of claiming too large a change of one class or more, at most."""
_LINE = 0.5
"""A class that halved or doubled. Shares of fraud move by a third with the season."""


@dataclass(frozen=True)
class Params:
    """No settings."""


def applies(brief: Brief) -> str:
    """Why there is nothing to say; empty = there is."""
    return labels.applies(brief)


def changes_proven(here: Ints, *, rows: int, there: Ints, other_rows: int) -> tuple[Array, Array]:
    """By how much each class surely shrank or grew, whatever chance did.

    Given how many rows of a class there are in both data sets, those in the first one are
    binomial; an exact interval of that share is one of the ratio of the two rates.

    Args:
        here: Rows of each class, shape (k,).
        rows: Rows with a label, >= 1.
        there: Rows of each class in the reference, shape (k,), >= 1.
        other_rows: Rows of the reference.

    Returns:
        Shape (k,), 0..1: one minus the ratio of the smaller rate to the larger one, at least, all
        classes together right in 95 % of samples; and the same had the class vanished.

    Source:
        Przyborowski and Wilenski (1940), Biometrika 31, with Clopper-Pearson limits and
        Bonferroni's correction. For shares instead of rates it is on the safe side.
    """
    tail = _LEVEL / 2 / len(here)
    scale = other_rows / rows

    def most(counts: Ints) -> Array:
        share: Array = betaincinv(counts + 1, there, 1 - tail)
        return share / (1 - share) * scale

    low = np.where(here > 0, betaincinv(np.maximum(here, 1), there + 1, tail), 0.0)
    least = low / (1 - low) * scale
    grown = 1 - 1 / np.maximum(least, 1.0)
    shrunk = 1 - np.minimum(most(here), 1.0)
    return np.maximum(grown, shrunk), 1 - np.minimum(most(np.zeros_like(here)), 1.0)


class ClassRates:
    """Counts labels: 4 bytes a row, and each different label once."""

    def __init__(self, brief: Brief) -> None:
        usual = {} if brief.profile is None else brief.profile.labels
        self._usual = {name: count for name, count in usual.items() if count}
        self._target = brief.target or ""
        self._labels = Coded()

    def see(self, batch: Batch) -> None:
        """Count the labels of the next rows."""
        self._labels.add(batch.frame[self._target])

    def result(self) -> CheckResult:
        """The largest change of a class that chance does not explain."""
        counts = as_named(self._labels.counts, usual=self._usual)
        rows, names = sum(counts.values()), [*self._usual]
        if not rows or not names:
            why = "no row has a label" if names else "the reference has no labels"
            return CheckResult(
                measures=(Measure(name=_MEASURE, value=None, why=why),), severity="high"
            )
        here = np.array([counts.get(name, 0) for name in names], dtype=np.int64)
        there = np.array([*self._usual.values()], dtype=np.int64)
        other = int(there.sum())
        proven, vanished = changes_proven(here, rows=rows, there=there, other_rows=other)
        seen = vanished > _LINE
        odd = [at for at in np.argsort(-proven, kind="stable") if proven[at] > _LINE]
        return CheckResult(
            measures=(_measure(proven, watched=bool(seen.any()), rows=rows),),
            severity="high",
            flagged=tuple(
                Flagged(column=self._target, value=names[at], why="the class halved or doubled")
                for at in odd[:5]
            ),
            remarks=(
                *(
                    f"Class {names[at]!r}: {here[at] / rows:.3%} of the rows, "
                    f"{there[at] / other:.3%} in the reference."
                    for at in odd[:5]
                ),
                *_unwatched([name for name, sees in zip(names, seen, strict=True) if not sees]),
            ),
        )


def _measure(proven: Array, *, watched: bool, rows: int) -> Measure:
    value = float(proven.max())
    if not watched and value <= _LINE:
        why = "with so few rows, even the loss of a whole class could be chance"
        return Measure(name=_MEASURE, value=None, why=why)
    return Measure(name=_MEASURE, value=value, n=rows)


def _unwatched(names: list[str]) -> tuple[str, ...]:
    if not names:
        return ()
    return (f"So rare that even their loss could be chance, and not watched: {listed(names)}.",)


def run(brief: Brief, *, params: Params, rng: np.random.Generator) -> ClassRates:
    """Compare the rate of each class with the reference, by its factor.

    Args:
        brief: The reference and the target.
        params: None.
        rng: Not used.

    Returns:
        An inspection; `proven-change-of-a-class` is 0..1, larger = worse: 0.5 means that a class
        surely halved or doubled.
    """
    del params, rng
    return ClassRates(brief)


def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
    """A class that was as frequent as all others together, and is gone, must be found."""
    seen = Coded()
    if brief.target is not None:
        seen.add(sample.frame[brief.target])
    counts = seen.counts
    if not counts:
        return ControlResult(passed=False, detail="no row with a label to plant a case in")
    rows = 1000 * sum(counts.values())
    many = {name: 1000 * count for name, count in counts.items()}
    same, gone = (
        looked(run(_beside(brief, usual), params=Params(), rng=rng), sample).measures[0].value
        for usual in (many, {**many, "planted": rows})
    )
    few = f" in {sum(counts.values())} rows with a label"
    return ControlResult(
        passed=(same or 0.0) <= _LINE and gone is not None and gone > _LINE,
        detail=f"a class of half the rows that is gone: {_shown(gone)} proven{few}; with the same "
        f"shares {_shown(same)}",
    )


def _beside(brief: Brief, usual: dict[str, int]) -> Brief:
    return replace(brief, profile=DataProfile(rows=sum(usual.values()), columns=(), labels=usual))


def _shown(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.0%}"


ENTRY = Entry(
    id="data.class-rates",
    kind="inspection",
    title="Rare classes neither halved nor doubled",
    run=run,
    params=Params(),
    needs=(),
    control=control,
    threshold=(_MEASURE, "<=", _LINE),
    taxonomy=Taxonomy(
        atlas=("AML.T0020",),
        owasp_ml=("ML02:2023",),
        nist_ai_100_2=("Availability poisoning", "Targeted poisoning"),
    ),
    references=("Przyborowski and Wilenski (1940), Biometrika 31, 313-323",),
    fix=(
        "Look for rows of this class that are gone, relabelled or new, by source and by day. Half "
        "of all fraud can vanish from the labels while hardly a row in a thousand changes."
    ),
)
