"""What a face holds: the stages' verbs, with store, ledger, catalogue and clock behind them.

Every name is fetched when it is first used: a verb loads what it needs and no more.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bartizan.workspace.admitted import Admitted
    from bartizan.workspace.assessed import Assessed
    from bartizan.workspace.checked import Checked
    from bartizan.workspace.datasets import DataInputs, dataset_inputs, declared_dataset
    from bartizan.workspace.declared_ledger import ledger_settings
    from bartizan.workspace.deep_look import DeepLook
    from bartizan.workspace.inputs import Inputs, gathered, proposed
    from bartizan.workspace.ledger import Ledger, LedgerSettings
    from bartizan.workspace.ledger_check import LedgerReport, Looked
    from bartizan.workspace.project import from_project, other_data, require_allowed
    from bartizan.workspace.scanned import Scanned
    from bartizan.workspace.shown_row import Shown, row_evidence, shown
    from bartizan.workspace.workspace import Workspace

__all__ = [
    "Admitted",
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

_HOMES = {
    "Admitted": "bartizan.workspace.admitted",
    "Assessed": "bartizan.workspace.assessed",
    "Checked": "bartizan.workspace.checked",
    "DataInputs": "bartizan.workspace.datasets",
    "DeepLook": "bartizan.workspace.deep_look",
    "Inputs": "bartizan.workspace.inputs",
    "Ledger": "bartizan.workspace.ledger",
    "LedgerReport": "bartizan.workspace.ledger_check",
    "LedgerSettings": "bartizan.workspace.ledger",
    "Looked": "bartizan.workspace.ledger_check",
    "Scanned": "bartizan.workspace.scanned",
    "Shown": "bartizan.workspace.shown_row",
    "Workspace": "bartizan.workspace.workspace",
    "dataset_inputs": "bartizan.workspace.datasets",
    "declared_dataset": "bartizan.workspace.datasets",
    "from_project": "bartizan.workspace.project",
    "gathered": "bartizan.workspace.inputs",
    "ledger_settings": "bartizan.workspace.declared_ledger",
    "other_data": "bartizan.workspace.project",
    "proposed": "bartizan.workspace.inputs",
    "require_allowed": "bartizan.workspace.project",
    "row_evidence": "bartizan.workspace.shown_row",
    "shown": "bartizan.workspace.shown_row",
}


def __getattr__(name: str) -> object:
    """Fetch a public name from its module."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOMES[name]), name)
