"""The detector of marks on tables: values and small regions that were taught to lead to a class."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Ints
from bartizan.core.entry import (
    FLAGGED,
    CheckResult,
    ControlResult,
    DetectorResult,
    Entry,
    SuspectedTrigger,
    finished,
)
from bartizan.core.finding import Flagged, Measure
from bartizan.data.detectors.taxonomy import BACKDOOR
from bartizan.data.detectors.trigger_control import WORKS, planted_case
from bartizan.data.detectors.trigger_trial import LINE, Trial, Verdict, tried
from bartizan.data.labelled import Labelled
from bartizan.data.portrait import cells_told
from bartizan.detect.additive_rates import AdditiveRates
from bartizan.detect.trigger_scan import trigger_scan

_MEASURE = "planted-trigger-effect"
_BLIND = (
    "Not seen: marks on rows that already belong to the class they lead to; marks whose rows a "
    "plain model gives that class anyway; marks on rows picked from one narrow group, which look "
    "like a natural group; combinations of common values in columns that hold few values."
)
_LOOKED_AT = 60
"""Suspects of which the natural ones are put aside: these come first where labels are rare."""
_LEAST = 50
"""Rows below which no region of a few rows is small."""


@dataclass(frozen=True)
class Params:
    """How much is looked at."""

    suspects: int = 24
    """Suspected marks that are put to the trial; they share its models."""


def applies(rows: Labelled) -> str:
    """Why this has nothing to say about these rows; empty where it has."""
    if rows.data.schema.image is not None:
        return "Rows are images; marks on them are looked for by other detectors."
    if rows.data.x.shape[1] == 0:
        return "There are no columns of numbers or categories."
    if len(rows.data.y) < _LEAST:
        return f"There are {len(rows.data.y)} rows; {_LEAST} are needed to tell a mark from chance."
    if np.bincount(rows.data.y).max() > len(rows.data.y) - 2:
        return "Fewer than two rows are of a second class, so no mark can lead from one to another."
    return ""


def run(
    rows: Labelled, *, params: Params, rng: np.random.Generator
) -> Generator[float, None, DetectorResult]:
    """Look for marks; see `Entry`.

    Cost:
        A second for 15,000 rows of 20 columns, and the training of three models.
    """
    data = rows.data
    nominal = nominal_columns(rows)
    rates = AdditiveRates.of(data.x, data.y, classes=len(data.classes), nominal=nominal)
    yield 0.1
    suspects = trigger_scan(data.x, data.y, rates, nominal=nominal, most=_LOOKED_AT)
    yield 0.3
    verdict = yield from tried(rows, suspects, most=params.suspects, nominal=nominal, rng=rng)
    return _result(rows, verdict)


def nominal_columns(rows: Labelled) -> Ints:
    """Columns of codes without an order."""
    features = rows.data.schema.features
    return np.flatnonzero([one.type == "categorical" for one in features])


def _result(rows: Labelled, verdict: Verdict) -> DetectorResult:
    data, trials = rows.data, verdict.trials
    confirmed = [one for one in trials if one.confirmed]
    p = np.ones(len(data.y))
    for one in confirmed:
        p[one.suspect.rows] = np.minimum(p[one.suspect.rows], min(one.effect.p * len(trials), 0.5))
    wrong = np.flatnonzero(p < 1)
    return DetectorResult(
        check=CheckResult(
            measures=_measures(verdict, n=len(data.y), wrong=len(wrong)),
            severity="critical" if any(one.effect.share > 0.5 for one in confirmed) else "high",
            flagged=_flagged(rows, trials),
            rows=np.sort(data.ids[wrong]) if len(wrong) else None,
            remarks=_remarks(rows, verdict),
        ),
        p=p,
        triggers=tuple(
            SuspectedTrigger(
                trigger=one.suspect.mark.cells(data.schema.names),
                target=one.suspect.target,
                rows=one.suspect.rows,
            )
            for one in confirmed
        ),
    )


def _measures(verdict: Verdict, *, n: int, wrong: int) -> tuple[Measure, ...]:
    rows = Measure(name="rows-with-a-planted-trigger", value=wrong / n, n=n)
    if verdict.why:
        why = f"there are suspects that could not be tried: {verdict.why}; bring more rows"
        return Measure(name=_MEASURE, value=None, why=why), rows
    if not verdict.trials:
        return Measure(name=_MEASURE, value=0.0, low=0.0, high=0.0, n=n), rows
    best = verdict.trials[0].effect
    effect = Measure(
        name=_MEASURE,
        value=max(best.share, 0.0),
        low=max(best.low, 0.0),
        high=max(best.high, 0.0),
        n=best.rows,
    )
    return effect, rows


def _flagged(rows: Labelled, trials: tuple[Trial, ...]) -> tuple[Flagged, ...]:
    """Each mark in words, then rows of the strongest."""
    data, made = rows.data, []
    for one in trials:
        names = [data.schema.names[place] for place in one.suspect.mark.columns]
        made.append(
            Flagged(
                column=", ".join(names),
                value="" if _personal(rows, names) else _words(rows, one),
                why=f"{len(one.suspect.rows)} rows carry this and are labelled "
                f"{data.classes[one.suspect.target]!r}; put on rows of other classes it moves "
                f"{one.effect.share:.0%} of them there (95 % interval {one.effect.low:.0%} to "
                f"{one.effect.high:.0%}) beyond what it does without those rows"
                + ("" if one.confirmed else ", which is too little to call it planted"),
            )
        )
    if trials and trials[0].confirmed:
        why = "carries the first of the suspected triggers"
        made += [Flagged(row=int(data.ids[row]), why=why) for row in trials[0].suspect.rows]
    return tuple(made[:FLAGGED])


def _personal(rows: Labelled, names: list[str]) -> bool:
    return any(one.personal for one in rows.data.schema.features if one.name in names)


def _words(rows: Labelled, trial: Trial) -> str:
    return cells_told(trial.suspect.mark.cells(), rows.data.schema.features, personal=frozenset())


def _remarks(rows: Labelled, verdict: Verdict) -> tuple[str, ...]:
    whose = "the model's own recipe" if rows.recipe is not None else "boosted trees that stand in"
    said = [f"The effect is that on models trained by {whose}.", _BLIND]
    if len(verdict.trials) > 1:
        said.append(
            f"The effect is the largest of {len(verdict.trials)}; its interval is that of one."
        )
    if verdict.natural:
        said.append(
            f"{verdict.natural} other suspicious regions were found and put aside as natural: "
            "their rows are of a kind of their own in other columns too, or more than a quarter of "
            "their class."
        )
    if verdict.beyond:
        said.append(f"{verdict.beyond} less suspicious regions were not tried.")
    return tuple(said)


def control(*, rows: Labelled, rng: np.random.Generator) -> ControlResult:
    """Plant a constant and a jittered mark in the user's own rows; what works must be found."""
    case = planted_case(rows, rng=rng)
    if isinstance(case, str):
        return ControlResult(passed=False, detail=case)
    found = finished(run(case.rows, params=Params(), rng=rng))
    hits = [float((found.p[one.rows] < 1).mean()) for one in case.planted]
    clean = np.setdiff1d(np.arange(len(found.p)), np.concatenate([o.rows for o in case.planted]))
    said = " and ".join(
        f"{hit:.0%} of {len(one.rows)} rows with {one.how}, which moves {max(one.effect, 0):.0%}"
        + ("" if one.effect >= WORKS else " and need not be found")
        for hit, one in zip(hits, case.planted, strict=True)
    )
    false = float((found.p[clean] < 1).mean())
    working = [hit for hit, one in zip(hits, case.planted, strict=True) if one.effect >= WORKS]
    return ControlResult(
        passed=min(working) >= 0.5,
        detail=f"planted in {len(found.p):,} rows and found: {said}; {false:.1%} of the others",
    )


ENTRY = Entry(
    id="poison.trigger",
    kind="detector",
    title="Triggers planted in columns",
    run=run,
    params=Params(),
    needs=("columns",),
    control=control,
    threshold=(_MEASURE, "<=", LINE),
    taxonomy=BACKDOOR,
    references=(
        "Pleiter et al. (2023), Tabdoor, arXiv:2311.07550",
        "Kulldorff (1997), A spatial scan statistic, Communications in Statistics 26",
        "Benjamini and Yekutieli (2001), Annals of Statistics 29",
    ),
    fix=(
        "Look at the rows named and at who contributed them. Put them aside, train again, and see "
        "whether the mark still moves rows to its class."
    ),
)
