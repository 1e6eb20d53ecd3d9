"""The checks of a bias audit: groups of one column, and where two columns cross."""

from dataclasses import dataclass

import numpy as np

from bartizan.assess.fairness.control import planted
from bartizan.assess.fairness.judging import ALARMS, CAUGHT, SELECTION, judged
from bartizan.assess.fairness.partition import crossings, questions, told
from bartizan.assess.fairness.said import left_out, remarks
from bartizan.assess.fairness.widest import Widest
from bartizan.core.arrays import Ints
from bartizan.core.classifier import decisions
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, Entry, Steps, Study
from bartizan.core.finding import Measure, Severity, Taxonomy
from bartizan.core.groups import Grouping

_NAME = "error-rate-gap"
LINE = 0.10
"""Accepted: one wrong decision in ten more for one group than for another. No law names a number.
Published audits find gaps of 0.15 to 0.25 where harm was argued (COMPAS: 0.21), and with the few
hundred rows that the smallest group of most data has, no interval is narrower than about 0.1."""
_HIGH = 0.20
"""Surely twice as much as accepted: the gap that made COMPAS a case."""
_REFERENCES = (
    "Hardt, Price and Srebro (2016), NeurIPS, equality of opportunity and equalised odds",
    "Chouldechova (2017), Big Data 5, no model that errs can be fair in every sense",
    "Kearns et al. (2018), ICML, groups that cross",
    "Regulation (EU) 2024/1689 (AI Act), article 10(2)(f) and (g): examination for bias",
    "AI Act, article 4a, since 2026 in place of 10(5): sensitive data to find bias",
    "Regulation (EU) 2016/679 (GDPR), article 22: decisions by machine alone",
)


@dataclass(frozen=True)
class Params:
    """What is compared."""

    crossed: bool = False
    """Whether groups of two columns are compared where they cross, in place of those of one."""
    draws: int = 1000
    """Samples of the rows behind the intervals; their 95 % points move by about 0.01 in c."""


def run(study: Study, *, params: Params, rng: np.random.Generator) -> Steps:
    """Compare how often groups are selected, and how often they are wronged.

    Args:
        study: The model, and rows that it was not trained on, with their groups.
        params: What is compared.
        rng: For the intervals.

    Yields:
        How far it is.

    Returns:
        The widest gap between two groups in true-positive or false-positive rates (equalised
        odds), the other gaps, and the rates of every group.

    Cost:
        Every row sent to the model once; 1,000 draws of the cells, see `drawn_rates`.

    Source:
        Hardt, Price and Srebro (2016), NeurIPS. The interval is that of `widest`.
    """
    yield 0.0
    decided = decisions(study.model.scores(study.data.x))
    yield 0.5
    return judge(study.data, decided, protected=study.protected, params=params, rng=rng)


def judge(
    data: Dataset,
    decided: Ints,
    *,
    protected: tuple[int, ...],
    params: Params,
    rng: np.random.Generator,
) -> CheckResult:
    """Judge decisions on rows.

    Args:
        data: The rows, with their groups.
        decided: Classes, shape (n,).
        protected: Classes that the decision is about; empty = see `questions`.
        params: What is compared.
        rng: For the intervals.
    """
    parts, asked = _parts(data, params), questions(data.classes, protected)
    found = judged(parts, asked, y=data.y, decided=decided, draws=params.draws, rng=rng)
    gap, where = found.widest(CAUGHT, ALARMS)
    ratio = found.ratio()
    measures = (
        _measure(_NAME, gap, data),
        _measure("true-positive-rate-gap", found.widest(CAUGHT)[0], data),
        _measure("false-positive-rate-gap", found.widest(ALARMS)[0], data),
        _measure("selection-rate-gap", found.widest(SELECTION)[0], data),
        ratio,
    )
    left = left_out(parts, asked, data.y)
    return CheckResult(
        measures=measures,
        severity=severity(measures[0].low or 0.0),
        groups=found.records(),
        remarks=remarks(found, gap, where, ratio=ratio, left=left),
    )


def severity(low: float) -> Severity:
    """High where the gap is surely above 0.20, else medium; `low` is the end of its interval."""
    return "high" if low > _HIGH else "medium"


def _measure(name: str, gap: Widest | None, data: Dataset) -> Measure:
    if gap is None:
        why = "no two groups have enough rows to be compared"
        return Measure(name=name, value=None, why=why, n=len(data.y))
    return Measure(name=name, value=gap.value, low=gap.low, high=gap.high, n=len(data.y))


def _parts(data: Dataset, params: Params) -> tuple[Grouping, ...]:
    return crossings(data.groups) if params.crossed else data.groups


def _lacks(study: Study, *, params: Params) -> str:
    """Why nothing can be compared; empty if something can."""
    data = study.data
    if not data.groups:
        return "no column says who belongs to which group: name one with --audit or [[audit]]"
    if params.crossed and len(data.groups) < 2:
        return "groups cross where two columns are audited, and only one is"
    for part in _parts(data, params):
        for one in questions(data.classes, study.protected):
            counts = told(part, one.wanted[data.y])
            if ((counts >= part.least).sum(axis=0) > 1).any():
                return ""
    return "no two groups have enough rows of one class to be compared"


def _entry(name: str, title: str, params: Params) -> Entry:
    return Entry(
        id=f"fairness.{name}",
        kind="check",
        title=title,
        run=run,
        params=params,
        needs=("labels", "columns"),
        control=planted(judge, params, line=LINE),
        threshold=(_NAME, "<=", LINE),
        lacks=lambda study: _lacks(study, params=params),
        leaves=lambda study: left_out(
            _parts(study.data, params),
            questions(study.data.classes, study.protected),
            study.data.y,
        ),
        taxonomy=Taxonomy(),
        references=_REFERENCES,
        fix=(
            "Look at the rows behind the gap first: are the labels of that group right, and are "
            "there enough of them? Then collect more, correct labels, drop features that stand in "
            "for the group, or set thresholds with those who are concerned; and audit again."
        ),
    )


ENTRIES = (
    _entry("groups", "Bias audit: errors by group", Params()),
    _entry("crossed", "Bias audit: errors where groups cross", Params(crossed=True)),
)
