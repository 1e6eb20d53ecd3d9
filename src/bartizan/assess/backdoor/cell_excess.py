"""How far one cell moves a model of a table beyond what clean models of its kind allow."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from bartizan.assess.backdoor.cell_rivals import (
    Examined,
    Excess,
    apart,
    compared,
    drawn,
    untried,
    whole,
)
from bartizan.assess.backdoor.clean_twins import TWINS, clean_twins, too_few
from bartizan.core.arrays import Array
from bartizan.core.classifier import Classifier, decisions
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, Steps, Study
from bartizan.core.finding import Measure
from bartizan.core.interval import paired_gap
from bartizan.detect.cell_search import Cell, as_trigger, longer

EXCESS = "cell-trigger-success-above-clean"
LINE = 0.6
"""Success of one cell above that of every clean twin that a clean model keeps under. Clean boosted
trees and networks on card payments and mail reached 0.06 to 0.55, their twins among each other 0.00
to 0.55; backdoored ones that followed their mark 0.60 to 1.00."""
_ROOM = 0.1
"""How far above the twins' own largest difference the line lies, where they differ much."""
_HIGHEST = 0.9
"""Line from which on nothing is said: clean models that differ so much are no yardstick."""
_FEWEST = 60
"""Rows below which nothing is said."""
PLANTED, _EACH = 600, 11
"""Rows, and rows of each class, that the control needs. It searches in half of them, and of that
half a clean model leaves three in ten: of six controls of trees three passed with 400 rows, all
with 600. Half of eleven is more than the three of a class that clean models are trained on."""
_ADDED = 0.05
"""Gain without which the mark that is shown gets no second or third cell."""

Choices: TypeAlias = Callable[[Classifier, Dataset, int], tuple[Array, ...]]
"""A model, rows, and how many values a column gets at most -> the values of each column."""


@dataclass(frozen=True)
class Params:
    """How much is searched."""

    rows: int = 64
    """Rows that every value is written into."""
    fresh: int = 2000
    """Rows that the best one is then tried on, at most."""
    values: int = 24
    """Values of a column in twins."""
    cuts: int = 256
    """Values of a column in the model, or intervals between its thresholds where they are known: an
    exact value that was planted gets one of its own, which a coarser grid steps over."""
    tried: int = 4000
    """Cells of the model tried in all; in wide tables columns get fewer."""
    cells: int = 3
    """Columns of the mark that is shown, at most."""
    twins: int = TWINS
    """Clean models trained for comparison."""

    def fine(self, width: int) -> int:
        """Values of each of so many columns that are tried in the model."""
        return max(min(self.cuts, self.tried // width), self.values)


def run_cells(
    study: Study,
    *,
    params: Params,
    choices: Choices,
    rng: np.random.Generator,
    fine: int,
) -> Steps:
    """Try cells on a model and on clean twins, and compare.

    Args:
        study: The model, rows it was not trained on, the recipe.
        params: Rows, values, twins.
        choices: Values to try.
        rng: Draws rows.
        fine: Values of a column for the model itself; its twins get `params.values`.

    Yields:
        How far it is.

    Returns:
        The excess with its interval over rows, and the mark.

    Cost:
        Twins' training, and rows * values * columns questions to every model.
    """
    yield 0.0
    data = study.data
    why = _why_not(study.model, data)
    if why:
        return _nothing(why)
    twins, missing = yield from clean_twins(study.recipe, data, count=params.twins, rng=rng)
    if len(twins) < 2:
        return _nothing(f"there is no clean model of its kind to compare with: {missing}")
    places, left = drawn(data, rows=params.rows, fresh=params.fresh, rng=rng)
    rows, fresh = data.x[places], data.x[left]
    own = Examined(study.model, choices(study.model, data, fine), np.ones(len(left), np.bool_))
    clean = [
        Examined(one.model, choices(one.model, data, params.values), ~np.isin(left, one.learnt))
        for one in twins
    ]
    for one in (own, *clean):
        yield from one.look(rows)
    found = compared(own, clean, fresh)
    if found is None:
        return _nothing("no column can carry a mark, or no row is left that one could turn")
    spread = apart(clean, fresh)
    if not decides(spread, n=found.n):
        return _nothing(
            f"clean models differ too much: one of them turns {spread:.0%} more rows by a cell "
            f"than the others do, and of {found.n} rows no model could be shown to go beyond that"
        )
    mark = longer(
        own.says, [twin.says for twin in clean],
        rows[decisions(study.model.scores(rows)) != found.target],
        start=found.cell, target=found.target, choices=own.choices,
        cells=params.cells if found.low > LINE else 1, least=_ADDED,
    )  # fmt: skip
    told = _said(study, found, mark=mark, shares=whole(own, clean, fresh, mark, found.target))
    remarks = (told, *_untold(study, untried(own, clean, fresh)), _SEEN)
    return _result(found, remarks=remarks, spread=spread)


def line(spread: float) -> float:
    """What one cell may turn beyond clean models, which differ among themselves by so much."""
    return max(LINE, spread + _ROOM)


def decides(spread: float, *, n: int) -> bool:
    """Whether a model could fail at all, if one cell turned all n rows of it and none of another.

    A share is 1 at most, so that a line near it is none.
    """
    best = paired_gap(np.ones(n, np.bool_), np.zeros(n, np.bool_))[1]
    return line(spread) < min(best, _HIGHEST)


def too_small(study: Study, *, rows: int = PLANTED) -> str:
    """Why a table is too small to be searched, and its control to be run; empty if it is not."""
    return too_few(study.data, rows=rows, each=_EACH)


def _why_not(model: Classifier, data: Dataset) -> str:
    if data.schema.image is not None:
        return "rows are images, which have no columns"
    if len(data.y) < _FEWEST:
        return f"{len(data.y)} rows are too few; {_FEWEST} are needed"
    if len(np.unique(decisions(model.scores(data.x)))) < 2:
        return "the model gives every row the same class"
    return ""


def _nothing(why: str) -> CheckResult:
    return CheckResult(measures=(Measure(name=EXCESS, value=None, why=why),), severity="high")


def _result(found: Excess, *, remarks: tuple[str, ...], spread: float) -> CheckResult:
    return CheckResult(
        measures=(
            Measure(
                name=EXCESS, value=max(found.value, 0.0), low=max(found.low, 0.0),
                high=max(found.high, 0.0), n=found.n,
            ),
            Measure(name="cell-trigger-success", value=found.own, n=found.n),
            Measure(name="cell-trigger-success-clean", value=found.other, n=found.n),
            Measure(name="clean-models-apart", value=max(spread, 0.0), n=found.n),
        ),
        severity="high",
        line=line(spread),
        remarks=remarks,
    )  # fmt: skip


def _said(study: Study, found: Excess, *, mark: Sequence[Cell], shares: tuple[float, float]) -> str:
    """What the first cell turns, and what the whole mark."""
    label = str(study.model.classes[found.target])
    told = (
        f"Written into {found.n} rows of other classes, {_shown(study, [found.cell])} turns "
        f"{found.own:.0%} into class {label!r}; in clean models trained by the recipe the same "
        f"column turns {found.other:.0%}."
    )
    if len(mark) < 2:
        return told
    return (
        f"{told} All of {_shown(study, mark)} together turn {shares[0]:.0%}, in clean models "
        f"{shares[1]:.0%}."
    )


def _untold(study: Study, targets: Sequence[int]) -> tuple[str, ...]:
    """Which classes no mark was tried for."""
    if not targets:
        return ()
    names = ", ".join(repr(str(study.model.classes[one])) for one in targets)
    told = (
        f"Marks that lead to class {names} were not tried: too few rows of other classes were left "
        "that clean models had not learnt. Give more rows of the rare classes."
    )
    return (told,)


def _shown(study: Study, mark: Sequence[Cell]) -> str:
    """A mark in words; of columns about persons without the values."""
    schema = study.data.schema
    columns = [schema.features[cell.column] for cell in mark]
    if any(column.personal for column in columns):
        return " and ".join(f"column {column.name!r}" for column in columns)
    return as_trigger(mark, names=schema.names).text


_SEEN = (
    "A mark of several cells is found where the model answers to one of them alone, as most do; "
    "values far out in a heavy tail of a network's columns are not tried. A cell that leads to a "
    "class by nature (a natural Trojan) counts as far as clean models do not share it."
)
