"""Findings about a cleaning: what left, and what it gained."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from bartizan.core.entry import FLAGGED
from bartizan.core.finding import Finding, Flagged, Measure, Severity, Taxonomy, Threshold
from bartizan.core.interval import mean_interval, paired_gap, score_gap, share_interval
from bartizan.core.verdict import judged
from bartizan.data.cleaning.study import Effect, Marked
from bartizan.data.cleaning.suspicion import Suspicion

POISONING = Taxonomy(
    atlas=("AML.T0020",),
    owasp_ml=("ML02:2023",),
    nist_ai_100_2=("Data poisoning",),
)
LEFT = 0.05
"""Success of a mark that may be left after cleaning: 5 points, since a model that never saw the
mark was measured to give up to 2 points by chance (`benchmarks/bench_repair.py`)."""
_LOST = 0.01
"""Accuracy that cleaning may cost: a point."""
_AT_ONCE = (
    "The mark that stands worst of {} decides. Its intervals are so wide that those of all marks "
    "hold at once in 95 of 100 cleanings (Bonferroni)."
)
_TITLES = {
    "clean.effect": "What training without the suspects changes",
    "clean.certificate": "What a vote of models withstands",
    "clean.repair": "What the repaired network still holds",
}
_PAIRS = (
    "Both models of a pair learn from the same kept rows; one learns from the suspects too. Rows "
    "that left are never judged by, for nobody knows their true labels."
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
    marks = _worst([_mark(one, tests=len(found.marked)) for one in found.marked])
    accuracies = _accuracies(found)
    measure, line = (marks[0], LEFT) if marks else (accuracies[0], _LOST)
    threshold = Threshold(measure=measure.name, op="<=", value=line, source="default")
    outcome, reason = judged(measure, threshold, unsure="inconclusive" if marks else "pass")
    severity: Severity = "high" if outcome == "fail" else "none"
    return Finding(
        id=f"clean.effect@{name}",
        entry="clean.effect",
        title=_TITLES["clean.effect"],
        subject=name,
        outcome=outcome,
        reason=reason,
        severity=severity,
        threshold=threshold,
        measures=(*marks, *accuracies, *fairness),
        taxonomy=POISONING,
        remarks=(
            _PAIRS,
            *((_AT_ONCE.format(len(found.marked)),) if len(found.marked) > 1 else ()),
            *_told(found.marked),
        ),
        fix="If a mark still works, more rows carry it: look at rows like those that left.",
    )


def unsettled_finding(entry: str, *, name: str, why: str) -> Finding:
    """What was to be measured with models, and could not be: no verdict, and why.

    Args:
        entry: Id of what was asked.
        name: Of the data set.
        why: What failed.
    """
    return Finding(
        id=f"{entry}@{name}",
        entry=entry,
        title=_TITLES[entry],
        subject=name,
        outcome="inconclusive",
        reason=f"it could not be measured: {why}",
        taxonomy=POISONING,
        fix="Mend what failed, undo the cleaning with --undo, and run it again.",
    )


def _worst(marks: Sequence[tuple[Measure, ...]]) -> tuple[Measure, ...]:
    """The mark that decides, so that no mark that is settled hides another one.

    First one that surely works, then one of which nothing is known, then the one that may do most.
    """

    def rank(one: tuple[Measure, ...]) -> tuple[bool, bool, float]:
        left = one[0]
        low, high = left.low or 0.0, 1.0 if left.high is None else left.high
        return low > LEFT, left.value is None, low if low > LEFT else high

    return max(marks, key=rank, default=())


def _mark(one: Marked, *, tests: int) -> tuple[Measure, ...]:
    """What a mark does beyond what ordinary values do, to models of after and of before."""
    if not one.n:
        why = "there is no row of another class to put the mark on"
        return (Measure(name="trigger-success-after", value=None, why=why),)
    limits = partial(share_interval, tests=tests)
    made = []
    for word, marked, usual in (
        ("after", one.after, one.usual_after),
        ("before", one.before, one.usual_before),
    ):
        value, low, high = paired_gap(marked, usual, limits=limits)
        made.append(
            Measure(name=f"trigger-success-{word}", value=value, low=low, high=high, n=one.n)
        )
    return tuple(made)


def _told(marked: Sequence[Marked]) -> tuple[str, ...]:
    """One sentence for each mark: what it does with the suspects and without, and the rest."""
    return tuple(_sentence(one) for one in marked if one.n)


def _sentence(one: Marked) -> str:
    marked = [float(said.mean()) for said in (one.before, one.after)]
    usual = [float(said.mean()) for said in (one.usual_before, one.usual_after)]
    was, left = (most - least for most, least in zip(marked, usual, strict=True))
    return (
        f"{one.trigger.trigger.text}: {marked[0]:.1%} of marked rows get the target from models "
        f"that learnt from the suspects ({usual[0]:.1%} with something ordinary in place of the "
        f"mark), {marked[1]:.1%} from models that did not ({usual[1]:.1%}). What the suspects did "
        f"is the difference, {100 * (was - left):.1f} points."
    )


def _accuracies(found: Effect) -> tuple[Measure, ...]:
    """Loss of accuracy, and balanced accuracy before and after."""
    n = len(found.y)
    loss, low, high = score_gap(found.before == found.y, found.after == found.y)
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
