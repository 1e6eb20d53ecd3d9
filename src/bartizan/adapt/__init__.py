"""The only door to models of ML frameworks, and to tables and images.

Importing this loads no framework: every name is fetched when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bartizan.adapt.binding import bind
    from bartizan.adapt.bound import Bound
    from bartizan.adapt.files.skops import save_skops
    from bartizan.adapt.images.codec import ImageCodec
    from bartizan.adapt.images.reading import FOLDER_TARGET
    from bartizan.adapt.loading import load_model
    from bartizan.adapt.model import Model
    from bartizan.adapt.remote.endpoint import EndpointSettings
    from bartizan.adapt.remote.transport import Limits
    from bartizan.adapt.table import Table, load_dataset
    from bartizan.adapt.tables.codec import Codec
    from bartizan.adapt.tables.inference import Inferred, infer
    from bartizan.adapt.tables.reading import Source, read_table
    from bartizan.adapt.training.recipe import load_recipe

__all__ = [
    "FOLDER_TARGET",
    "Bound",
    "Codec",
    "EndpointSettings",
    "ImageCodec",
    "Inferred",
    "Limits",
    "Model",
    "Source",
    "Table",
    "bind",
    "infer",
    "load_dataset",
    "load_model",
    "load_recipe",
    "read_table",
    "save_skops",
]

_HOMES = {
    "FOLDER_TARGET": "images.reading",
    "Bound": "bound",
    "Codec": "tables.codec",
    "EndpointSettings": "remote.endpoint",
    "ImageCodec": "images.codec",
    "Inferred": "tables.inference",
    "Limits": "remote.transport",
    "Model": "model",
    "Source": "tables.reading",
    "Table": "table",
    "bind": "binding",
    "infer": "tables.inference",
    "load_dataset": "table",
    "load_model": "loading",
    "load_recipe": "training.recipe",
    "read_table": "tables.reading",
    "save_skops": "files.skops",
}
"""Which module each public name lives in."""


def __getattr__(name: str) -> Any:
    """Fetch a public name from its module, once."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
