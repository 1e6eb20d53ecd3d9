"""The check of trees for backdoors: one value for each interval between thresholds is all."""

import numpy as np

from bartizan.adapt.training.stand_in import Boosted
from bartizan.assess.backdoor.cell_control import planted
from bartizan.assess.backdoor.cell_excess import EXCESS, LINE, Params, run_cells, too_small
from bartizan.assess.backdoor.cells import FIX, TAXONOMY
from bartizan.core.arrays import Array
from bartizan.core.classifier import Classifier, TreeEnsemble
from bartizan.core.dataset import Dataset
from bartizan.core.entry import Entry, Steps, Study
from bartizan.detect.cell_choices import spread_choices
from bartizan.detect.tree_trigger_search import tree_choices


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

    Source:
        Only thresholds matter to trees, so that the search is complete for one cell wherever a
        column has fewer thresholds than `params.cuts`.
    """

    def choices(model: Classifier, data: Dataset, values: int) -> tuple[Array, ...]:
        if isinstance(model, TreeEnsemble):
            return tree_choices(model.structure(), data, values=values)
        return spread_choices(data, values=values)

    fine = params.fine(study.data.schema.width)
    return run_cells(study, params=params, choices=choices, rng=rng, fine=fine)


def anything(model: Classifier) -> bool:
    """Twins need no structure: without one, values spread over the rows are tried."""
    del model
    return True


ENTRY = Entry(
    id="backdoor.tree-trigger",
    kind="check",
    title="Backdoor: one cell turns rows in trees beyond what clean models allow",
    run=run,
    params=Params(),
    needs=("structure", "columns", "anew"),
    control=planted(run, Params(twins=2), own=Boosted(), fits=anything),
    threshold=(EXCESS, "<=", LINE),
    lacks=too_small,
    weight=60,
    taxonomy=TAXONOMY,
    references=("arXiv:2311.07550",),
    fix=FIX,
)
