"""What a face holds: the stages' verbs, with store, catalogue and clock behind them."""

from bartizan.workspace.assessed import Assessed
from bartizan.workspace.checked import Checked
from bartizan.workspace.datasets import DataInputs, dataset_inputs, declared_dataset
from bartizan.workspace.inputs import Inputs, gathered, proposed
from bartizan.workspace.project import from_project, other_data, require_allowed
from bartizan.workspace.workspace import Workspace

__all__ = [
    "Assessed",
    "Checked",
    "DataInputs",
    "Inputs",
    "Workspace",
    "dataset_inputs",
    "declared_dataset",
    "from_project",
    "gathered",
    "other_data",
    "proposed",
    "require_allowed",
]
