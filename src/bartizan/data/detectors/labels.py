"""The detector of wrong labels: which, how many, and what they should be."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.entry import FLAGGED, CheckResult, ControlResult, DetectorResult, Entry, finished
from bartizan.core.finding import Flagged, Measure, Severity, Taxonomy
from bartizan.core.interval import share_interval
from bartizan.data.detectors.evidence import learnt_by, probabilities, rare, uninformed, wanting
from bartizan.data.detectors.flips import flipped, sampled
from bartizan.data.labelled import Labelled
from bartizan.detect.discrete_discovery import discrete_step_up
from bartizan.detect.label_neighbours import Votes, votes
from bartizan.detect.mislabelled import Verdict, mislabelled

_LINE = 0.01
"""Share of wrong labels. Of seven tables as they are, six were judged to hold none and Spambase
0.4 %, 0.7 % at most."""
_PLANTED = 0.05
"""Share of the rows that a control gives a wrong label: five times the line."""
_FALSE = 0.05
"""Share of the rows named that is not mislabelled, on average, by the p-values. Of nine flipped
tables (means of seeds 100 to 104) it was 0.01 to 0.06 on eight, and 0.09 on ULB cards with 5 %
flipped, which has one honest row that looks wholly like another class for ten flips."""
_BLIND = (
    "Marked rows that all lead to one class (a backdoor) are learnt like any other rule and are "
    "not seen here, nor are wrong labels that are wrong in one consistent way wherever a kind "
    "of row occurs."
)
_HARD = (
    "Where classes overlap, a wrong label looks like an honest label of a hard row: such rows are "
    "counted only as far as the clear rows tell, and are not named. An honest row that looks "
    "wholly like another class cannot be told from a wrong label, and is named."
)


@dataclass(frozen=True)
class Params:
    """Settings."""

    false: float = _FALSE


def applies(rows: Labelled) -> str:
    """Why nothing can be said of these rows; empty where it can."""
    return wanting(rows)


def run(
    rows: Labelled, *, params: Params, rng: np.random.Generator
) -> Generator[float, None, DetectorResult]:
    """Judge each label by a model and by neighbours that have not seen it.

    Args:
        rows: Of two classes or more.
        params: How many of the rows named may be honest.
        rng: Draws samples where there are very many rows.

    Yields:
        How far it is.

    Returns:
        The share of wrong labels with its interval, the rows believed to be mislabelled, each
        with the class that fits better; no row where there may be no wrong label at all. `p` is
        the chance that an honest label is as unlikely on such a row. By these p-values, with the
        procedure of Benjamini and Hochberg, 5 % of the rows named are labels that such rows
        honestly have now and then, on average.
    """
    yield 0.0
    model = probabilities(rows)
    yield 0.6
    data = rows.data
    if why := uninformed(model, data.y):
        return _nothing(rows, why=why)
    asked = votes(rows.standard, data.y, classes=len(data.classes), rng=rng)
    yield 0.8
    verdict = mislabelled((model, asked.shares), data.y, rng=rng)
    few = rare(data.y, classes=len(data.classes))
    p = np.where(few, 1.0, verdict.p)
    named = _named(verdict, p, level=params.false)
    suggested = np.full(len(p), -1, dtype=np.int64)
    suggested[named] = verdict.honest[named].argmax(axis=1)
    return DetectorResult(
        check=CheckResult(
            measures=_measures(verdict, named=len(named)),
            severity=_severity(verdict.low),
            flagged=_flagged(rows, verdict, named),
            rows=np.sort(np.asarray(data.ids)[named]),
            remarks=_remarks(rows, asked, few=int(few.sum())),
        ),
        p=p,
        suggested=suggested,
    )


def _named(verdict: Verdict, p: Array, *, level: float) -> Ints:
    """Positions of rows believed to be mislabelled; none where there may be no wrong label."""
    if verdict.low <= 0:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(discrete_step_up(p, chances=verdict.honest, level=level))


def _nothing(rows: Labelled, *, why: str) -> DetectorResult:
    n = len(rows.data.y)
    return DetectorResult(
        check=CheckResult(
            measures=(Measure(name="mislabelled-rows", value=None, why=why, n=n),),
            severity="medium",
            rows=np.zeros(0, dtype=np.int64),
            remarks=(learnt_by(rows), _HARD, _BLIND),
        ),
        p=np.ones(n),
        suggested=np.full(n, -1, dtype=np.int64),
    )


def _measures(verdict: Verdict, *, named: int) -> tuple[Measure, ...]:
    n = len(verdict.p)
    low, high = share_interval(named, n)
    return (
        Measure(
            name="mislabelled-rows",
            value=verdict.share,
            low=verdict.low,
            high=verdict.high,
            n=n,
        ),
        Measure(name="named-rows", value=named / n, low=low, high=high, n=n),
    )


def _severity(share: float) -> Severity:
    """A tenth of wrong labels moves what a model learns; fewer cost it some of its accuracy."""
    return "high" if share > 0.1 else "medium"


def _flagged(rows: Labelled, verdict: Verdict, named: Ints) -> tuple[Flagged, ...]:
    order = named[np.argsort(-verdict.against[named], kind="stable")][:FLAGGED]
    classes, data = rows.data.classes, rows.data
    return tuple(
        Flagged(
            row=int(data.ids[i]),
            why=(
                f"labelled {str(classes[data.y[i]])!r}, but looks like "
                f"{str(classes[verdict.honest[i].argmax()])!r} "
                f"(wrong with a chance of {min(verdict.wrong[i], 0.999):.1%})"
            ),
        )
        for i in order
    )


def _remarks(rows: Labelled, asked: Votes, *, few: int) -> tuple[str, ...]:
    told = [learnt_by(rows), f"{asked.asked} neighbours voted on each row; copies count once."]
    if asked.among < 1:
        told.append(f"Neighbours were looked for in {asked.among:.0%} of the rows, at random.")
    if few:
        told.append(f"{few} rows are of classes with fewer than five rows and were not judged.")
    return (*told, _HARD, _BLIND)


def control(*, rows: Labelled, rng: np.random.Generator) -> ControlResult:
    """Give 5 % of a sample of the rows a wrong label: half of the rise must be seen."""
    before = sampled(rows, rng=rng)
    n = len(before.data.y)
    chosen = np.sort(rng.permutation(n)[: max(round(_PLANTED * n), 1)])
    after = flipped(before, chosen, rng=rng)
    first, second = (finished(run(one, params=Params(), rng=rng)) for one in (before, after))
    shares = [one.check.measures[0].value or 0.0 for one in (first, second)]
    ids = np.asarray(after.data.ids)[chosen]
    hits = 0 if second.check.rows is None else int(np.isin(ids, second.check.rows).sum())
    return ControlResult(
        passed=shares[1] - shares[0] >= len(chosen) / n / 2,
        detail=(
            f"{len(chosen)} of {n} rows were given a wrong label; the share rose from "
            f"{shares[0]:.1%} to {shares[1]:.1%}, and {hits} of them were named"
        ),
    )


ENTRY = Entry(
    id="poison.labels",
    kind="detector",
    title="Wrong labels",
    run=run,
    params=Params(),
    needs=("labels",),
    control=control,
    threshold=("mislabelled-rows", "<=", _LINE),
    taxonomy=Taxonomy(
        atlas=("AML.T0020",),
        owasp_ml=("ML02:2023",),
        nist_ai_100_2=("Availability poisoning", "Data poisoning"),
    ),
    references=(
        "Northcutt, Jiang and Chuang (2021), JAIR 70",
        "Copas (1988), JRSS B 50",
        "Wilson (1972), IEEE Trans. SMC 2",
        "Doehler, Durand and Roquain (2018), EJS 12",
    ),
    fix=(
        "Look at the rows named, beginning with the first. Give them the suggested label where a "
        "person agrees, leave out the others, and train anew; ask who labelled them."
    ),
)
