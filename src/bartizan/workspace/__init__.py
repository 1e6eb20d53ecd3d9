"""What a face holds: the stages' verbs, with store, ledger, catalogue and clock behind them."""

from bartizan.workspace.assessed import Assessed
from bartizan.workspace.checked import Checked
from bartizan.workspace.datasets import DataInputs, dataset_inputs, declared_dataset
from bartizan.workspace.deep_look import DeepLook
from bartizan.workspace.inputs import Inputs, gathered, proposed
from bartizan.workspace.ledger import Ledger, LedgerSettings
from bartizan.workspace.ledger_check import LedgerReport, Looked
from bartizan.workspace.project import from_project, ledger_settings, other_data, require_allowed
from bartizan.workspace.row_evidence import Shown, row_evidence, shown
from bartizan.workspace.scanned import Scanned
from bartizan.workspace.workspace import Workspace

__all__ = [
    "Assessed",
    "Checked",
    "DataInputs",
    "DeepLook",
    "Inputs",
    "Ledger",
    "LedgerReport",
    "LedgerSettings",
    "Looked",
    "Scanned",
    "Shown",
    "Workspace",
    "dataset_inputs",
    "declared_dataset",
    "from_project",
    "gathered",
    "ledger_settings",
    "other_data",
    "proposed",
    "require_allowed",
    "row_evidence",
    "shown",
]
