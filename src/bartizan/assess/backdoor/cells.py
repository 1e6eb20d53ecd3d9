"""The check of networks and other models of tables: does one cell decide beyond clean models?"""

import numpy as np

from bartizan.adapt.training.stand_in import Network
from bartizan.assess.backdoor.cell_control import planted
from bartizan.assess.backdoor.cell_excess import EXCESS, LINE, Params, run_cells, too_small
from bartizan.core.arrays import Array
from bartizan.core.classifier import Classifier, TreeEnsemble
from bartizan.core.dataset import Dataset
from bartizan.core.entry import Entry, Steps, Study
from bartizan.core.finding import Taxonomy
from bartizan.detect.cell_choices import spread_choices

_FEWEST = 1000
"""Rows below which networks learn the mark of the control too weakly, or too few are left to try it
on: of six controls two passed with 600 rows, five with 800, all with 1,000."""


def run(study: Study, *, params: Params, rng: np.random.Generator) -> Steps:
    """Search one cell that turns rows into a class, beyond what it does in clean models.

    Args:
        study: The model, rows it was not trained on, the recipe.
        params: Rows, values, twins.
        rng: Draws rows.

    Yields:
        How far it is.

    Returns:
        See `run_cells`.

    Cost:
        See `run_cells`: at most 4,000 cells in 64 rows of the model, since trees that do not show
        themselves learn a value so narrowly that a coarse grid steps over it: of 24 values of a
        column none came near the one planted in the boosted trees of `bartizan demo`.

    Source:
        The search that Neural Cleanse makes by gradients (Wang et al. 2019), on cells: gradients
        lead out of the data, where networks answer anything. The comparison with clean models is
        that of net success (Pleiter et al. 2023, arXiv:2311.07550).
    """

    def choices(model: Classifier, data: Dataset, values: int) -> tuple[Array, ...]:
        del model
        return spread_choices(data, values=values)

    fine = params.fine(study.data.schema.width)
    return run_cells(study, params=params, choices=choices, rng=rng, fine=fine)


def lacks(study: Study) -> str:
    """Why nothing can be said of such rows; empty if something can."""
    return too_small(study, rows=_FEWEST)


def no_trees(model: Classifier) -> bool:
    """Whether a model is examined here."""
    return not isinstance(model, TreeEnsemble)


TAXONOMY = Taxonomy(
    atlas=("AML.T0018.000", "AML.T0020"),
    owasp_ml=("ML02:2023", "ML10:2023"),
    nist_ai_100_2=("Backdoor poisoning",),
)
FIX = (
    "Look at the rows that carry the mark (`bartizan data check --deep`), ask where they came "
    "from, take them out and train anew; do not use the model until then."
)

ENTRY = Entry(
    id="backdoor.cells",
    kind="check",
    title="Backdoor: one cell turns rows of a table beyond what clean models allow",
    run=run,
    params=Params(),
    needs=("labels", "columns", "opaque", "anew"),
    control=planted(run, Params(twins=2), own=Network(), fits=no_trees),
    threshold=(EXCESS, "<=", LINE),
    lacks=lacks,
    weight=60,
    taxonomy=TAXONOMY,
    references=("arXiv:2311.07550", "Wang et al. (2019), IEEE S&P, Neural Cleanse"),
    fix=FIX,
)
