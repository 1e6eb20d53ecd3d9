"""Findings about a cleaning: what left, what it gained, what is certified."""

from collections.abc import Sequence

import msgspec
import numpy as np

from bartizan.core.entry import FLAGGED
from bartizan.core.finding import Finding, Flagged, Measure, Series, Severity, Taxonomy, Threshold
from bartizan.core.interval import gap_interval, mean_interval
from bartizan.core.verdict import judged
from bartizan.data.cleaning.study import Effect, Marked
from bartizan.data.cleaning.suspicion import Suspicion
from bartizan.defend.certificate import Curve

POISONING = Taxonomy(
    atlas=("AML.T0020",),
    owasp_ml=("ML02:2023",),
    nist_ai_100_2=("Poisoning",),
)
LEFT = 0.05
"""Success of a mark that may be left after cleaning: 5 points, since a model that never saw the
mark was measured to give up to 2 points by chance (`benchmarks/bench_repair.py`)."""
_LOST = 0.01
"""Accuracy that cleaning may cost: a point."""
_CERTIFIES = (
    "A certificate counts training rows that were added or removed, whatever they hold; a changed "
    "row counts as two. It holds for the vote of these models, not for one model that is trained "
    "on all rows."
)
_PAIRS = (
    "Both models of a pair learn from the same kept rows; one learns from the suspects too. Rows "
    "that left are never judged by, for nobody knows their true labels."
)
_CONSTANT = (
    "A model that always says the most frequent class certifies constant-class for every number "
    "of rows: only what lies above says anything, and balanced figures say more."
)


def quarantine_finding(found: Suspicion, *, name: str, rows: int, changed: int) -> Finding:
    """Which rows left, and why.

    Args:
        found: The flagged rows.
        name: Of the data set.
        rows: In the source.
        changed: Rows that stay with a label that a person approved.
    """
    gone = len(found.rows) - changed
    share = Measure(name="quarantined-rows", value=gone / rows, n=rows)
    told = zip(found.rows.tolist(), found.detectors, found.p.tolist(), strict=True)
    return Finding(
        id=f"clean.quarantine@{name}",
        entry="clean.quarantine",
        title="Rows that left, and why",
        subject=name,
        outcome="pass",
        reason=f"{gone:,} of {rows:,} rows left, {changed:,} got a label that a person approved",
        measures=(share, Measure(name="relabelled-rows", value=changed / rows, n=rows)),
        taxonomy=POISONING,
        flagged=tuple(
            Flagged(row=row, why=", ".join(names) + ("" if np.isnan(p) else f", p = {p:.2g}"))
            for row, names, p in list(told)[:FLAGGED]
        ),
        fix="`bartizan data clean --undo` puts every row back where it was.",
    )


def effect_finding(found: Effect, *, name: str, fairness: Sequence[Measure] = ()) -> Finding:
    """What training without the suspects changes.

    The success of suspected marks decides where there are any, else the loss of accuracy.
    """
    worst = sorted(found.marked, key=lambda one: -(one.after - one.usual) / max(one.n, 1))[:1]
    marks = tuple(measure for one in worst for measure in _mark(one))
    accuracies = _accuracies(found)
    measure, line = (marks[0], LEFT) if marks else (accuracies[0], _LOST)
    threshold = Threshold(measure=measure.name, op="<=", value=line, source="default")
    outcome, reason = judged(measure, threshold, unsure="inconclusive" if marks else "pass")
    severity: Severity = "high" if outcome == "fail" else "none"
    return Finding(
        id=f"clean.effect@{name}",
        entry="clean.effect",
        title="What training without the suspects changes",
        subject=name,
        outcome=outcome,
        reason=reason,
        severity=severity,
        threshold=threshold,
        measures=(*marks, *accuracies, *fairness),
        taxonomy=POISONING,
        remarks=(
            _PAIRS,
            *_others(found.marked),
        ),
        fix="If a mark still works, more rows carry it: look at rows like those that left.",
    )


def certificate_finding(curve: Curve, *, name: str, count: int, n: int, balanced: bool) -> Finding:
    """What a vote of so many models withstands, beside the constant answer."""
    first = curve.points[0]
    measures = [
        *(_standing("certified", one.radius, one.share, n=n) for one in curve.points),
        *(_standing("balanced-certified", one.radius, one.balanced, n=n) for one in curve.points),
        Measure(name="constant-class", value=curve.constant, n=n, better="higher"),
        Measure(
            name="constant-class-balanced", value=curve.constant_balanced, n=n, better="higher"
        ),
    ]
    theatre = [one.radius for one in curve.points if one.share[0] <= curve.constant]
    remarks = [_CERTIFIES, _CONSTANT]
    if theatre:
        remarks.append(
            f"From {theatre[0]:,} rows on, the vote certifies no more than the constant answer."
        )
    return Finding(
        id=f"clean.certificate@{name}",
        entry="clean.certificate",
        title=f"What a vote of {count} models withstands" + (" (balanced)" if balanced else ""),
        subject=name,
        outcome="pass",
        reason=f"right on {first.share[0]:.1%} of {n:,} rows that no model had seen",
        measures=tuple(measures),
        series=_curves(curve),
        taxonomy=POISONING,
        remarks=tuple(remarks),
    )


def _mark(one: Marked) -> tuple[Measure, ...]:
    """What is left of a mark beyond what ordinary values do, and what suspects made it do."""
    if not one.n:
        why = "there is no row of another class to put the mark on"
        return (Measure(name="trigger-success-after", value=None, why=why),)
    left, left_low, left_high = gap_interval((one.after, one.n), (one.usual, one.n))
    was, was_low, was_high = gap_interval((one.before, one.n), (one.after, one.n))
    return (
        Measure(name="trigger-success-after", value=left, low=left_low, high=left_high, n=one.n),
        Measure(name="trigger-success-before", value=was, low=was_low, high=was_high, n=one.n),
    )


def _others(marked: Sequence[Marked]) -> tuple[str, ...]:
    """One sentence for each mark, net of what happens without."""
    return tuple(
        f"{one.trigger.trigger.text}: {(one.before - one.after) / one.n:.1%} more marked rows got "
        f"the target with the suspects than without. Without, {one.after / one.n:.1%} still do, "
        f"and {one.usual / one.n:.1%} with something ordinary in place of the mark."
        for one in marked
        if one.n
    )


def _accuracies(found: Effect) -> tuple[Measure, ...]:
    """Loss of accuracy, and balanced accuracy before and after."""
    n = len(found.y)
    right = [int((decided == found.y).sum()) for decided in (found.before, found.after)]
    loss, low, high = gap_interval((right[0], n), (right[1], n))
    made = [Measure(name="accuracy-loss", value=loss, low=low, high=high, n=n)]
    for word, decided in (("before", found.before), ("after", found.after)):
        parts = [
            (int((decided[found.y == one] == one).sum()), int((found.y == one).sum()))
            for one in np.unique(found.y)
        ]
        mean, low, high = mean_interval(parts)
        made.append(
            Measure(
                name=f"balanced-accuracy-{word}",
                value=mean,
                low=low,
                high=high,
                n=n,
                better="higher",
            )
        )
    return tuple(made)


def _standing(name: str, radius: int, share: tuple[float, float, float], *, n: int) -> Measure:
    value, low, high = share
    return Measure(
        name=f"{name}-at-{radius}", value=value, low=low, high=high, n=n, better="higher"
    )


def _curves(curve: Curve) -> tuple[Series, ...]:
    radii = tuple(float(one.radius) for one in curve.points)
    drawn = (
        ("certified", tuple(one.share[0] for one in curve.points)),
        ("constant class", (curve.constant,) * len(radii)),
        ("balanced", tuple(one.balanced[0] for one in curve.points)),
        ("constant class, balanced", (curve.constant_balanced,) * len(radii)),
    )
    blank = Series(
        name="",
        x_name="training rows added or removed",
        x_unit="rows",
        y_name="share of rows that is right and certified",
        x=radii,
        y=radii,
    )
    return tuple(msgspec.structs.replace(blank, name=name, y=y) for name, y in drawn)
