"""What is kept between runs: records, result arrays, and which block made which.

The database's library is loaded when a store is first asked for: a run that keeps nothing has none.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from bartizan.store.keeping import Forgetful, Keeping

if TYPE_CHECKING:
    from bartizan.store.store import Store

__all__ = ["Forgetful", "Keeping", "Store"]


def __getattr__(name: str) -> object:
    """Fetch the store from its module."""
    if name != "Store":
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return import_module("bartizan.store.store").Store
