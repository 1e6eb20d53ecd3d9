"""The only door to models of ML frameworks, and to tables and images.

Importing this loads no framework: every name is fetched when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bartizan.adapt.binding import bind
    from bartizan.adapt.bound import Bound
    from bartizan.adapt.codec import Codec
    from bartizan.adapt.endpoint import EndpointSettings
    from bartizan.adapt.image_codec import ImageCodec
    from bartizan.adapt.image_data import FOLDER_TARGET
    from bartizan.adapt.inference import Inferred, infer
    from bartizan.adapt.loading import load_model
    from bartizan.adapt.model import Model
    from bartizan.adapt.recipe import load_recipe
    from bartizan.adapt.skops import save_skops
    from bartizan.adapt.table import Table, load_dataset
    from bartizan.adapt.tables import Source, read_table
    from bartizan.adapt.transport import Limits

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
    "FOLDER_TARGET": "image_data",
    "Bound": "bound",
    "Codec": "codec",
    "EndpointSettings": "endpoint",
    "ImageCodec": "image_codec",
    "Inferred": "inference",
    "Limits": "transport",
    "Model": "model",
    "Source": "tables",
    "Table": "table",
    "bind": "binding",
    "infer": "inference",
    "load_dataset": "table",
    "load_model": "loading",
    "load_recipe": "recipe",
    "read_table": "tables",
    "save_skops": "skops",
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
