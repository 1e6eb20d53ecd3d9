"""The inspection of classes: as frequent as in the reference."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from bartizan.adapt.batches.batch import Batch
from bartizan.adapt.names import listed
from bartizan.core.entry import CheckResult, ControlResult, Entry
from bartizan.core.finding import Flagged, Measure, Taxonomy
from bartizan.data.codes import Coded
from bartizan.data.inspection import Brief
from bartizan.data.inspections.counts_apart import Shift, likely, shift_of
from bartizan.data.inspections.known import as_named
from bartizan.data.inspections.planting import looked, part
from bartizan.data.profile import DataProfile
from bartizan.detect.discovery import holm
from bartizan.detect.exact import fisher

_LEVEL = 0.05
"""Chance of one false alarm or more among all classes of a clean data set, at most."""
_TOLD = 5
"""Classes that are told: those that changed most."""


@dataclass(frozen=True)
class Params:
    """No settings."""


def applies(brief: Brief) -> str:
    """Why there is nothing to say; empty = there is."""
    if brief.target is None:
        return "No target is named."
    if brief.profile is None or not brief.profile.labels:
        return "There is no reference that says how frequent each class is."
    return ""


class LabelShares:
    """Counts labels: 4 bytes a row, and each different label once."""

    def __init__(self, brief: Brief, *, rng: np.random.Generator) -> None:
        self._target = brief.target or ""
        self._usual = {} if brief.profile is None else dict(brief.profile.labels)
        self._labels = Coded(tuple(self._usual))
        self._rng = rng

    def see(self, batch: Batch) -> None:
        """Count the labels of the next rows."""
        self._labels.add(batch.frame[self._target])

    def result(self) -> CheckResult:
        """How far the shares of the classes are from those of the reference."""
        counts = as_named(self._labels.counts, usual=self._usual)
        classes = [*self._usual, *sorted(set(counts) - set(self._usual))]
        here = np.array([counts.get(name, 0) for name in classes], dtype=np.int64)
        there = np.array([self._usual.get(name, 0) for name in classes], dtype=np.int64)
        if not here.sum() or not there.sum():
            why = "no row has a label" if there.sum() else "the reference has no labels"
            return CheckResult(
                measures=(Measure(name="label-shift", value=None, why=why),), severity="high"
            )
        shift = shift_of(here, there)
        unknown = [name for name in classes if name not in self._usual and counts[name]]
        alien = sum(counts[name] for name in unknown) / int(here.sum())
        return CheckResult(
            measures=(_measure(shift, alien=alien), _alien(alien, rows=int(here.sum()))),
            severity="high",
            line=0.0 if unknown else None,
            flagged=tuple(
                Flagged(column=self._target, value=name, why="no class of the reference")
                for name in unknown[:_TOLD]
            ),
            remarks=(
                *_unknown_told(unknown, alien=alien),
                _test_told(likely(here, there, rng=self._rng)),
                *_classes_told(dict(zip(classes, zip(here, there, strict=True), strict=True))),
            ),
        )


def _measure(shift: Shift, *, alien: float) -> Measure:
    """A class that the reference does not have is no chance: the shift is at least its share."""
    return Measure(
        name="label-shift",
        value=shift.value,
        low=min(max(shift.low, alien), shift.value),
        high=shift.high,
        n=shift.rows,
    )


def _alien(share: float, *, rows: int) -> Measure:
    return Measure(name="rows-of-unknown-classes", value=share, n=rows)


def _unknown_told(unknown: list[str], *, alien: float) -> tuple[str, ...]:
    if not unknown:
        return ()
    return (
        (
            f"Classes that the reference does not have: {listed(unknown)}, {alien:.2%} of the "
            "rows. Any such row fails."
        ),
    )


def _test_told(value: float) -> str:
    return (
        f"Chance of shares that differ this much or more, if both data sets were drawn alike: "
        f"{value:.2g}. It does not decide: of millions of rows, every difference is significant."
    )


def _classes_told(counts: Mapping[str, tuple[int, int]]) -> tuple[str, ...]:
    """Classes whose share changed beyond chance, those first that changed by the largest factor."""
    here, there = (np.array(column) for column in zip(*counts.values(), strict=True))
    rows, other = int(here.sum()), int(there.sum())
    values = fisher(here, rows=rows, other=there, other_rows=np.full(len(here), other))
    odd = np.flatnonzero(holm(values, level=_LEVEL))
    p, q = here / rows, there / other
    ranked = sorted(odd, key=lambda at: (min(p[at], q[at]) / max(p[at], q[at]), at))
    names = [*counts]
    return tuple(
        f"Class {names[at]!r}: {p[at]:.3%} of the rows, {q[at]:.3%} in the reference; no chance "
        f"(Fisher's exact test with Holm's correction over {len(names)} classes)."
        for at in ranked[:_TOLD]
    )


def run(brief: Brief, *, params: Params, rng: np.random.Generator) -> LabelShares:
    """Compare how frequent each class is with the reference.

    Args:
        brief: The reference and the target.
        params: None.
        rng: For the exact test of small samples, which is told and does not decide.

    Returns:
        An inspection; `label-shift` is the total variation distance, 0..1, larger = worse: the
        smallest share of rows that would have to be of another class.
    """
    del params
    return LabelShares(brief, rng=rng)


def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
    """Labels of one class must fail against two classes, half each, and pass against themselves."""
    some = part(sample, 0, sample.rows)
    labels = Coded()
    if brief.target is not None:
        labels.add(some.frame[brief.target])
    counts = labels.counts
    if not counts:
        return ControlResult(passed=False, detail="no row with a label to plant a case in")
    rows = 10 * sum(counts.values())
    most = max(counts, key=lambda name: (counts[name], name))
    same = looked(_told(brief, counts, rng=rng), some)
    other = looked(_told(brief, {most: 1, "planted": rows}, rng=rng), some)
    near, far = same.measures[0], other.measures[0]
    old, new = near.value, far.value
    return ControlResult(
        passed=old == 0.0 and new is not None and new > 0.5,
        detail=f"against their own shares the labels are {_shown(old)} apart, against a reference "
        f"of another class {_shown(new)}",
    )


def _told(brief: Brief, labels: Mapping[str, int], *, rng: np.random.Generator) -> LabelShares:
    other = DataProfile(rows=sum(labels.values()), columns=(), labels=dict(labels))
    return run(replace(brief, profile=other), params=Params(), rng=rng)


def _shown(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.1%}"


ENTRY = Entry(
    id="data.labels",
    kind="inspection",
    title="Classes as frequent as in the reference",
    run=run,
    params=Params(),
    needs=(),
    control=control,
    threshold=("label-shift", "<=", 0.1),
    taxonomy=Taxonomy(
        atlas=("AML.T0020",), owasp_ml=("ML02:2023",), nist_ai_100_2=("Availability poisoning",)
    ),
    references=(
        "Lipton, Wang, Smola (2018), Detecting and correcting for label shift, ICML",
        "McDiarmid (1989), On the method of bounded differences",
    ),
    fix=(
        "Find out whether the world changed or the labels: compare with the sources of the rows "
        "and with data.label-changes. Where the world changed, profile a new reference and set "
        "the model's threshold anew."
    ),
)
