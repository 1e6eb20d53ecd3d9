"""Security for predictive machine learning.

Importing this does nothing and loads no library: every name is fetched when it is first used.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bartizan.adapt import load_dataset, load_model
    from bartizan.core.attacker import Attacker, Reach
    from bartizan.workspace import Workspace

__version__ = "0.1.0"
__all__ = ["Attacker", "Reach", "Workspace", "load_dataset", "load_model"]

_HOMES = {
    "Attacker": "bartizan.core.attacker",
    "Reach": "bartizan.core.attacker",
    "Workspace": "bartizan.workspace",
    "load_dataset": "bartizan.adapt",
    "load_model": "bartizan.adapt",
}


def __getattr__(name: str) -> object:
    """Fetch a public name from its room."""
    if name not in _HOMES:
        message = f"module 'bartizan' has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module  # noqa: PLC0415 - even importlib waits until it is needed

    return getattr(import_module(_HOMES[name]), name)
