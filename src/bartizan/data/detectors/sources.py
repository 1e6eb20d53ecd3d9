"""The detector of sources whose labels contradict their rows more often than others' do."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.entry import FLAGGED, CheckResult, ControlResult, DetectorResult, Entry, finished
from bartizan.core.finding import Flagged, Measure
from bartizan.core.interval import share_interval
from bartizan.data.detectors.evidence import learnt_by, probabilities, wanting
from bartizan.data.detectors.flips import flipped, sampled
from bartizan.data.detectors.taxonomy import WRONG_LABELS
from bartizan.data.labelled import Labelled
from bartizan.detect.discovery import adjusted
from bartizan.detect.mislabelled import Verdict, mislabelled
from bartizan.detect.source_test import Sources, source_test

_FEWEST = 20
"""Rows of a source below which it is not judged: 5 % of wrong labels would be one row."""
_EXCESS = 0.01
"""Share of contrary labels beyond the expected ones that matters, as for `poison.labels`. In much
data, less is significant and harmless."""
_FALSE = 0.01
"""Share of the sources named that are honest, on average; where all are honest, the chance of
naming one. One run in twenty would be too many false accusations of somebody."""
_PLANTED = 0.3
"""Share of one source's labels that a control makes wrong."""
_BLIND = (
    "A source that marks rows and gives all of them one label (a backdoor), or adds honest rows of "
    "one kind, does not contradict its rows and is not seen here. A source whose rows are of "
    "another kind than all others' may be named though its labels are right."
)


@dataclass(frozen=True)
class Params:
    """Settings."""

    false: float = _FALSE
    excess: float = _EXCESS


def applies(rows: Labelled) -> str:
    """Why nothing can be said of these rows; empty where it can."""
    if rows.sources is None:
        return "Nothing says who contributed which row; name the column of sources."
    large = int((np.bincount(rows.sources) >= _FEWEST).sum())
    if large < 2:
        return f"Fewer than two sources have {_FEWEST} rows, so there is nothing to compare."
    return wanting(rows)


def run(
    rows: Labelled, *, params: Params, rng: np.random.Generator
) -> Generator[float, None, DetectorResult]:
    """Test whether a source has more contrary labels than its rows explain.

    Args:
        rows: With sources.
        params: Which excess matters, and how many of the sources named may be honest.
        rng: Draws samples where there are very many rows.

    Yields:
        How far it is.

    Returns:
        The share of rows that come from sources named; the rows of those whose label is likelier
        wrong than right, with the class that fits better. `p` is that of the row's source, 1 where
        it is too small to be judged.
    """
    yield 0.0
    model = probabilities(rows)
    yield 0.8
    verdict = mislabelled((model,), rows.data.y, rng=rng)
    sources, count = _sources(rows), len(_names(rows))
    best = verdict.honest.argmax(axis=1)
    contrary = best != rows.data.y
    tested = source_test(contrary, _contrary(verdict, best), sources, count=count)
    named = _named(tested, params=params)
    wrong = np.isin(sources, named) & contrary & (_wrong(verdict, tested, rows) > 0.5)
    yield DONE
    return DetectorResult(
        check=_check(rows, tested, named, wrong=np.flatnonzero(wrong)),
        p=np.where(tested.rows >= _FEWEST, tested.p, 1.0)[sources],
        suggested=np.where(wrong, best, -1),
    )


DONE = 0.95
"""Of the work, when only the report is left."""


def _sources(rows: Labelled) -> Ints:
    if rows.sources is None:
        return np.zeros(len(rows.data.y), dtype=np.int64)
    return rows.sources


def _names(rows: Labelled) -> tuple[str, ...]:
    known = rows.source_names
    most = int(_sources(rows).max(initial=-1)) + 1
    return known + tuple(f"source {place}" for place in range(len(known), most))


def _contrary(verdict: Verdict, best: Ints) -> Array:
    """Chance of a contrary label in a source like the others, their wrong labels with them."""
    sure = verdict.honest[np.arange(len(best)), best]
    return np.clip(1 - sure + verdict.share * (2 * sure - 1), 0.0, 1.0)


def _named(tested: Sources, *, params: Params) -> Ints:
    """Sources with too many contrary labels, significantly and by enough."""
    judged = np.flatnonzero(tested.rows >= _FEWEST)
    p = adjusted(tested.p[judged], dependent=False)
    return judged[(p <= params.false) & (tested.excess[judged] >= params.excess)]


def _wrong(verdict: Verdict, tested: Sources, rows: Labelled) -> Array:
    """Chance that a label is wrong, given what share of them is in its source."""
    own = verdict.honest[np.arange(len(rows.data.y)), rows.data.y]
    share = np.clip(tested.excess + verdict.share, 0.0, 0.9)[_sources(rows)]
    return np.asarray(share * (1 - own) / (share * (1 - own) + (1 - share) * own + 1e-12))


def _check(rows: Labelled, tested: Sources, named: Ints, *, wrong: Ints) -> CheckResult:
    inside, n = int(tested.rows[named].sum()), len(rows.data.y)
    low, high = share_interval(inside, n) if inside else (0.0, 0.0)
    names, order = _names(rows), named[np.argsort(tested.p[named], kind="stable")][:FLAGGED]
    return CheckResult(
        measures=(
            Measure(name="rows-of-suspect-sources", value=inside / n, low=low, high=high, n=n),
            Measure(
                name="suspect-sources",
                value=len(named) / max(int((tested.rows >= _FEWEST).sum()), 1),
                n=int((tested.rows >= _FEWEST).sum()),
            ),
        ),
        severity="high",
        flagged=tuple(Flagged(value=names[s], why=_why(tested, int(s))) for s in order),
        rows=np.sort(np.asarray(rows.data.ids)[wrong]),
        remarks=_remarks(rows, tested),
    )


def _why(tested: Sources, place: int) -> str:
    found, rows = int(tested.contrary[place]), int(tested.rows[place])
    return (
        f"{found} of {rows} labels contradict their rows, {tested.expected[place]:.1f} were "
        f"expected (p = {tested.p[place]:.1g})"
    )


def _remarks(rows: Labelled, tested: Sources) -> tuple[str, ...]:
    told = [learnt_by(rows)]
    few = int(((tested.rows > 0) & (tested.rows < _FEWEST)).sum())
    if few:
        told.append(f"{few} sources with fewer than {_FEWEST} rows were not judged.")
    if tested.spread > 1:
        told.append(
            f"Honest sources differ {tested.spread:.1f} times as much as chance alone would make "
            "them (variance); that is allowed for."
        )
    return (*told, _BLIND)


def control(*, rows: Labelled, rng: np.random.Generator) -> ControlResult:
    """Make 30 % of one source's labels wrong: it must be named."""
    before = sampled(rows, rng=rng)
    sources = _sources(before)
    sizes = np.bincount(sources)
    large = np.flatnonzero(sizes >= _FEWEST)
    if len(large) < 2:
        detail = f"a sample of {len(sources)} rows holds fewer than two sources of {_FEWEST} rows"
        return ControlResult(passed=False, detail=detail)
    chosen = int(large[np.argsort(sizes[large], kind="stable")[len(large) // 2 - 1]])
    own = np.flatnonzero(sources == chosen)
    planted = rng.permutation(own)[: max(round(_PLANTED * len(own)), 1)]
    after = flipped(before, np.sort(planted), rng=rng)
    found = finished(run(after, params=Params(), rng=rng)).check
    name = _names(after)[chosen]
    named = [one.value for one in found.flagged]
    return ControlResult(
        passed=name in named,
        detail=(
            f"{len(planted)} of {len(own)} labels of {name!r} were made wrong; named were "
            f"{', '.join(map(repr, named)) or 'no sources'}"
        ),
    )


ENTRY = Entry(
    id="poison.sources",
    kind="detector",
    title="Sources with wrong labels",
    run=run,
    params=Params(),
    needs=("labels",),
    control=control,
    threshold=("rows-of-suspect-sources", "<=", 0.0),
    taxonomy=WRONG_LABELS,
    references=(
        "Hong (2013), CSDA 59",
        "Benjamini and Hochberg (1995), JRSS B 57",
        "Baracaldo et al. (2017), AISec (provenance)",
    ),
    fix=(
        "Ask the source how it labels. Train without its rows and see whether the model gets "
        "better on rows of the others; keep its rows out until somebody has looked at them."
    ),
)
