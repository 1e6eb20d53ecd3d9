"""Repairs a network that has learnt from poisoned rows, and says what is left."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bartizan.adapt.networks.tunable import Keepable
from bartizan.core.arrays import Ints, Mask
from bartizan.core.classifier import Classifier, Tunable, decisions
from bartizan.core.dataset import Dataset
from bartizan.core.entry import SuspectedTrigger
from bartizan.core.finding import Finding, Measure, Outcome, Severity, Threshold
from bartizan.core.interval import mean_interval, paired_gap
from bartizan.core.schema import Schema
from bartizan.core.streams import rng
from bartizan.core.trigger import Cells, Overlay
from bartizan.core.verdict import judged
from bartizan.data.cleaning.account import LEFT, POISONING
from bartizan.data.folds import folds
from bartizan.defend.fine_pruning import fine_pruned
from bartizan.defend.unlearning import stamped, unlearnt

ENTRY = "clean.repair"
_MARK = "network-trigger-success"
"""Marked rows that the network gives the target, less the same rows without the mark. What
`clean.effect` calls trigger-success is of models that are trained anew, beyond ordinary values."""
_JUDGED = 5
"""One row of so many says what the repair did, and teaches nothing."""
AGAIN = 20
"""Poisoned rows that the repaired network is shown to see whether its old answer comes back."""
_BESIDE = 10
"""Honest rows beside each of them: few poisoned rows among many honest ones, as in an update."""
_ROUNDS = 5
"""Times that they are shown."""
_AT_REST = (
    f"Re-activated: {AGAIN} poisoned rows among {_BESIDE} times as many honest ones were shown to "
    f"the repaired network {_ROUNDS} times. A network that forgets what it learnt is at rest, not "
    "clean: training anew on cleaned rows is the better repair."
)
_PRUNED = (
    "Pruning is the weakest repair there is here: where a mark was known, so that it could be "
    "measured, it left 62 % of marked pictures with the planted answer, of 88 % before "
    "(`benchmarks/bench_repair.py`, mean of five networks). Take the network for a backdoored one "
    "that is as accurate as before, and train anew on the cleaned rows."
)


@dataclass(frozen=True, kw_only=True)
class Repaired:
    """A repaired network, and what is left."""

    model: Keepable
    finding: Finding


def repaired(
    model: Keepable, data: Dataset, marks: Sequence[SuspectedTrigger], *, seed: int = 0
) -> Repaired:
    """Unlearn the strongest suspected mark; prune units where no mark is known.

    Args:
        model: The network; it stays as it is.
        data: Rows whose labels are believed.
        marks: Suspected marks over the columns of `data`, strongest first.
        seed: Of everything random.

    Raises:
        ModelError: the network cannot be trained further.
        UsageError: there are too few rows.
    """
    parts = folds(data.y, None, count=_JUDGED, rng=rng(seed, "repair", "folds"))
    inside, outside = next(parts)
    taught, asked = data.take(inside), data.take(outside)
    stream = rng(seed, "repair")
    if not marks:
        pruned = fine_pruned(model, taught, rng=stream)
        told = (
            f"{len(pruned.units)} of {pruned.width} units of the last hidden layer were taken out, "
            "which left most of a backdoor where it was measured"
        )
        made = pruned.model
    else:
        made = unlearnt(model, taught, marks[0].trigger, rng=stream)
        told = f"the mark {marks[0].trigger.text} was unlearnt"
    measures = _measures((model, made), asked, taught, marks=marks[:1], seed=seed)
    return Repaired(model=made, finding=_finding(measures, name=data.name, told=told))  # type: ignore[arg-type]  # a tuned Keepable is one


def among(
    marks: Sequence[SuspectedTrigger], *, seen: Schema, asked: Schema
) -> tuple[SuspectedTrigger, ...]:
    """Marks over other columns, found by name; those that cannot be carried over are left out.

    Args:
        marks: Over the columns that detectors looked at.
        seen: These columns.
        asked: The columns that the model takes.
    """
    found = []
    for one in marks:
        if isinstance(one.trigger, Overlay) and seen.image == asked.image:
            found.append(one)
        elif isinstance(one.trigger, Cells):
            names = [seen.features[place].name for place in one.trigger.columns.tolist()]
            places = [place for name in names if (place := _number(asked, name)) >= 0]
            if len(places) == len(names):
                moved = replace(one.trigger, columns=np.array(places, dtype=np.int64))
                found.append(replace(one, trigger=moved))
    return tuple(found)


def _number(schema: Schema, name: str) -> int:
    """Position of a column of numbers; -1 = there is none of that name."""
    kinds = ("number", "integer")
    return next(
        (at for at, one in enumerate(schema.features) if one.name == name and one.type in kinds), -1
    )


def _measures(
    models: tuple[Tunable, Tunable],
    asked: Dataset,
    taught: Dataset,
    *,
    marks: Sequence[SuspectedTrigger],
    seed: int,
) -> list[Measure]:
    """What marks do before and after, and when the poison comes back; accuracy before and after."""
    found = []
    for one in marks:
        old, new = (_net(model, asked, one, seed=seed) for model in models)
        found += [
            _share(f"{_MARK}-after", new),
            _share(f"{_MARK}-before", old),
            _share(f"{_MARK}-reactivated", _again(models[1], asked, taught, one, seed=seed)),
        ]
    for word, model in zip(("before", "after"), models, strict=True):
        right = decisions(model.scores(asked.x)) == asked.y
        parts = [
            (int(right[asked.y == one].sum()), int((asked.y == one).sum()))
            for one in np.unique(asked.y)
        ]
        value, low, high = mean_interval(parts)
        found.append(
            Measure(
                name=f"balanced-accuracy-{word}",
                value=value,
                low=low,
                high=high,
                n=len(asked.y),
                better="higher",
            )
        )
    return found


def _net(
    model: Classifier, asked: Dataset, one: SuspectedTrigger, *, seed: int
) -> tuple[Mask, Mask]:
    """Which rows of other classes get the target with the mark, and which without it."""
    rows = asked.x[asked.y != one.target]
    if not len(rows):
        return np.zeros(0, dtype=np.bool_), np.zeros(0, dtype=np.bool_)
    marked = one.trigger.stamp(rows, rng=rng(seed, "repair", "stamp"))
    there, bare = (np.asarray(decisions(model.scores(x)) == one.target) for x in (marked, rows))
    return there, bare


def _again(
    model: Tunable, asked: Dataset, taught: Dataset, one: SuspectedTrigger, *, seed: int
) -> tuple[Mask, Mask]:
    """The same after a few poisoned rows were shown to the repaired network."""
    stream = rng(seed, "repair", "again")
    others = stream.permutation(np.flatnonzero(taught.y != one.target))[:AGAIN]
    honest = stream.permutation(len(taught.y))[: _BESIDE * AGAIN]
    rows: Ints = np.concatenate([others, np.setdiff1d(honest, others)])
    shown = stamped(
        taught.take(rows),
        one.trigger,
        rows=np.arange(len(others)),
        rng=stream,
        target=one.target,
    )
    return _net(model.tuned(shown, stream, rounds=_ROUNDS), asked, one, seed=seed)


def _share(name: str, answers: tuple[Mask, Mask]) -> Measure:
    marked, bare = answers
    if not len(marked):
        return Measure(name=name, value=None, why="there is no row of another class to mark")
    value, low, high = paired_gap(marked, bare)
    return Measure(name=name, value=value, low=low, high=high, n=len(marked))


def _finding(measures: Sequence[Measure], *, name: str, told: str) -> Finding:
    """What is left of the mark decides; without one, nothing can be said."""
    threshold = None
    outcome: Outcome = "inconclusive"
    reason = f"{told}; no mark is known to see whether it still works"
    if measures[0].name == f"{_MARK}-after":
        threshold = Threshold(measure=measures[0].name, op="<=", value=LEFT, source="default")
        outcome, why = judged(measures[0], threshold, unsure="inconclusive")
        reason = f"{told}; {why}"
    severity: Severity = "high" if outcome == "fail" else "none"
    return Finding(
        id=f"{ENTRY}@{name}",
        entry=ENTRY,
        title="What the repaired network still holds",
        subject=name,
        outcome=outcome,
        reason=reason,
        severity=severity,
        threshold=threshold,
        measures=tuple(measures),
        taxonomy=POISONING,
        remarks=(_PRUNED if threshold is None else _AT_REST,),
        fix="Train the model anew on the cleaned rows.",
    )
