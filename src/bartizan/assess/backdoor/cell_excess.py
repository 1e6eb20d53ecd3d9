"""How far one cell moves a model of a table beyond what clean models of its kind allow."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from bartizan.assess.backdoor.clean_twins import TWINS, clean_twins, too_few
from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.classifier import Classifier, decisions
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, Steps, Study
from bartizan.core.finding import Measure
from bartizan.core.interval import paired_gap
from bartizan.core.trigger import Cells
from bartizan.detect.cell_search import Cell, Reach, as_trigger, longer, reach
from bartizan.detect.strip import probabilities

EXCESS = "cell-trigger-success-above-clean"
LINE = 0.6
"""Success of one cell above that of every clean twin that a clean model keeps under. Clean boosted
trees and networks on card payments and mail reached 0.06 to 0.55, their twins among each other 0.00
to 0.55; backdoored ones that followed their mark 0.60 to 1.00."""
_ROOM = 0.1
"""How far above the twins' own largest difference the line lies, where they differ much."""
_FEWEST = 60
"""Rows below which nothing is said."""
PLANTED, _EACH = 5 * _FEWEST, 11
"""Rows, and rows of each class, that the control needs: it searches in about a quarter of them, and
a quarter of eleven is three, the fewest of a class that clean twins are trained on."""
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
    """Values of a column, where no thresholds say which matter, and in twins."""
    cuts: int = 256
    """Intervals between thresholds of a column: an exact value that was planted gets one of its
    own, which a coarser grid steps over."""
    tried: int = 4000
    """Cells of the model tried in all; in wide tables columns get fewer."""
    cells: int = 3
    """Columns of the mark that is shown, at most."""
    twins: int = TWINS
    """Clean models trained for comparison."""


@dataclass(frozen=True, kw_only=True)
class Excess:
    """The cell that moves a model most beyond others, tried on fresh rows."""

    cell: Cell
    target: int
    own: int
    """Fresh rows that it turns."""
    other: int
    """Fresh rows that the same column turns in the clean model that it turns most in, whatever
    the value there."""
    value: float
    low: float
    high: float
    n: int


@dataclass
class Examined:
    """A model, and what cells do to it on the rows searched."""

    model: Classifier
    choices: tuple[Array, ...]
    reached: Reach = field(init=False)

    def says(self, x: Array) -> Array:
        """Probabilities, (n, d) -> (n, k)."""
        return probabilities(self.model, x)

    def look(self, rows: Array) -> Generator[float, None, None]:
        """Try every value."""
        decided = decisions(self.model.scores(rows))
        self.reached = yield from reach(self.says, rows, decided, self.choices)

    def turned(self, fresh: Array, cell: Cell, target: int) -> Mask:
        """Which rows a cell gives the target, shape (n,)."""
        made = fresh.copy()
        made[:, cell.column] = cell.value
        return decisions(self.model.scores(made)) == target


def compared(own: Examined, twins: Sequence[Examined], fresh: Array) -> Excess | None:
    """Which column moves a model most beyond clean ones; none where no row can be turned.

    Each clean model chooses the value itself: a column that leads somewhere by nature does so in
    all of them, if not at the same value.
    """
    width = fresh.shape[1]
    mine, places = own.reached.best(width)
    theirs = np.max([twin.reached.best(width)[0] for twin in twins], axis=0)
    apart = np.where(places < 0, -np.inf, mine - theirs)
    column, target = np.unravel_index(int(apart.argmax()), mine.shape)
    if places[column, target] < 0:
        return None
    cell = own.reached.cells[places[column, target]]
    others = fresh[decisions(own.model.scores(fresh)) != target]
    if not len(others):
        return None
    hits = own.turned(others, cell, int(target))
    rival = max((_turned(twin, cell, int(target), others) for twin in twins), key=np.sum)
    value, low, high = paired_gap(hits, rival)
    return Excess(
        cell=cell, target=int(target), own=int(hits.sum()), other=int(rival.sum()),
        value=value, low=low, high=high, n=len(others),
    )  # fmt: skip


def _turned(twin: Examined, cell: Cell, target: int, rows: Array) -> Mask:
    """What the same column turns in a clean model: at its own best value, or at this one."""
    place = int(twin.reached.best(rows.shape[1])[1][cell.column, target])
    tried = [cell] if place < 0 else [cell, twin.reached.cells[place]]
    return max((twin.turned(rows, one, target) for one in tried), key=np.sum)


def run_cells(
    study: Study,
    *,
    params: Params,
    choices: Choices,
    rng: np.random.Generator,
    fine: int | None = None,
) -> Steps:
    """Try cells on a model and on clean twins, and compare.

    Args:
        study: The model, rows it was not trained on, the recipe.
        params: Rows, values, twins.
        choices: Values to try.
        rng: Draws rows.
        fine: Values of a column for the model itself; none = as for its twins.

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
    models, missing = yield from clean_twins(study.recipe, data, count=params.twins, rng=rng)
    if len(models) < 2:
        return _nothing(f"there is no clean model of its kind to compare with: {missing}")
    rows, fresh = _rows(data, params, rng=rng)
    own = Examined(study.model, choices(study.model, data, fine or params.values))
    twins = [Examined(twin, choices(twin, data, params.values)) for twin in models]
    for one in (own, *twins):
        yield from one.look(rows)
    found = compared(own, twins, fresh)
    if found is None:
        return _nothing("there is no column that a mark could be written into")
    null = [
        compared(twin, [other for other in twins if other is not twin], fresh) for twin in twins
    ]
    spread = max((one.value for one in null if one is not None), default=0.0)
    mark = longer(
        own.says, [twin.says for twin in twins],
        rows[decisions(study.model.scores(rows)) != found.target],
        start=found.cell, target=found.target, choices=own.choices,
        cells=params.cells if found.low > LINE else 1, least=_ADDED,
    )  # fmt: skip
    return _result(study, found, trigger=as_trigger(mark, names=data.schema.names), spread=spread)


def too_small(study: Study, *, rows: int = PLANTED) -> str:
    """Why a table is too small to be searched, and its control to be run; empty if it is not."""
    return too_few(study.data, rows=rows, each=_EACH)


def _rows(data: Dataset, params: Params, *, rng: np.random.Generator) -> tuple[Array, Array]:
    """Rows to search on, as many of each class as its half allows, and fresh ones."""
    quota = -(-params.rows // max(len(np.unique(data.y)), 1))
    found = []
    for label in np.unique(data.y):
        own = rng.permutation(np.flatnonzero(data.y == label))
        found.append(own[: min(quota, -(-len(own) // 2))])
    rows: Ints = np.sort(np.concatenate(found))
    left = rng.permutation(np.setdiff1d(np.arange(len(data.y)), rows))
    return data.x[rows], data.x[left[: params.fresh]]


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


def _result(study: Study, found: Excess, *, trigger: Cells, spread: float) -> CheckResult:
    share, rival = found.own / found.n, found.other / found.n
    column = study.data.schema.features[found.cell.column]
    shown = f"column {column.name!r}" if column.personal else trigger.text
    label = str(study.model.classes[found.target])
    return CheckResult(
        measures=(
            Measure(
                name=EXCESS, value=max(found.value, 0.0), low=max(found.low, 0.0),
                high=max(found.high, 0.0), n=found.n,
            ),
            Measure(name="cell-trigger-success", value=share, n=found.n),
            Measure(name="cell-trigger-success-clean", value=rival, n=found.n),
            Measure(name="clean-models-apart", value=max(spread, 0.0), n=found.n),
        ),
        severity="high",
        line=min(max(LINE, spread + _ROOM), 1.0),
        remarks=(
            (
                f"Written into {found.n} rows of other classes, {shown} turns {share:.0%} into "
                f"class {label!r}; in clean models trained by the recipe the same column turns "
                f"{rival:.0%}."
            ),
            _SEEN,
        ),
    )  # fmt: skip


_SEEN = (
    "A mark of several cells is found where the model answers to one of them alone, as most do; "
    "values far out in a heavy tail of a network's columns are not tried. A cell that leads to a "
    "class by nature (a natural Trojan) counts as far as clean models do not share it."
)
