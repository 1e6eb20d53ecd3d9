"""What a configuration of Keras asks for: classes, functions, code and files, by name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from bartizan.formats.models.json_text import objects

Asked: TypeAlias = Literal["class", "function", "code", "file"]

_PLAIN = {
    "__keras_tensor__",
    "__tensor__",
    "__numpy__",
    "__bytes__",
    "__ellipsis__",
    "__slice__",
    "__tuple__",
    "__typespec__",
}
"""Names of classes that stand for a value (keras.saving, serialization_lib)."""
_CODE = {"Lambda", "__lambda__"}
_BUILT = {"config", "registered_name", "build_config"}
"""What else an object of Keras holds: a dictionary without them is left as it is."""
_FILE_KEYS = {"vocabulary", "filepath", "idf_weights", "preprocessor_file", "merges", "proto"}
"""Arguments of layers that are read as files if they are a text and no list: the vocabularies of
StringLookup, TextVectorization and IntegerLookup among them (CVE-2025-12058)."""
_BYTECODE = re.compile(r"4[wyx][A-Za-z0-9+/=\s]{20,}")
"""How marshalled code begins in base64: a type byte of 0xE3."""
_MAX_NAME = 300
"""Characters of a name that are kept."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One thing that Keras would look up, build or run."""

    kind: Asked
    """`code`: Python inside of the file; `file`: a layer reads a file or an address."""
    module: str
    """Where it is looked up; empty = among Keras's own and what was registered."""
    name: str
    registered: str
    """The name under which somebody registered it; empty = nobody did."""
    where: str
    """The way to it, such as `config/layers/3`."""


def asks(config: Any) -> Iterator[Ask]:
    """Walk a decoded configuration, in the format of Keras 3 or an older one.

    Args:
        config: JSON of `config.json`, of the attribute `model_config` of an HDF5 file, or of the
            description of one layer.

    Source: keras.saving, serialization_lib of Keras 3.15, and the legacy format of Keras 2.
    """
    for where, found in objects(config):
        yield from _files(found, where=where)
        name = _word(found.get("class_name"))
        if name and (_BUILT & set(found) or name in _CODE):
            yield from _object(found, where=where)
        for key in ("function", "output_shape", "mask", "call_fn"):
            yield from _marshalled(found.get(key), where=f"{where}/{key}")


def _object(found: dict[str, Any], *, where: str) -> Iterator[Ask]:
    """A class, or a function by name."""
    name, module = _word(found["class_name"]), _word(found.get("module"))
    registered = _word(found.get("registered_name"))
    if name in _CODE:
        yield Ask(kind="code", module=module, name=name, registered=registered, where=where)
        return
    if name in _PLAIN:
        return
    if name == "function":
        wanted = found.get("config")
        name = _word(wanted)
        yield Ask(kind="function", module=module, name=name, registered=registered, where=where)
        return
    registered = "" if registered == name else registered
    yield Ask(kind="class", module=module, name=name, registered=registered, where=where)


def _marshalled(value: Any, *, where: str) -> Iterator[Ask]:
    """Code of a function, as Keras 2 keeps it: bytecode in base64, defaults, closure."""
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, dict) and first.get("class_name") == "__lambda__":
        return  # told by itself
    if isinstance(first, str) and _BYTECODE.match(first):
        yield Ask(kind="code", module="", name="bytecode", registered="", where=where)


def _files(found: dict[str, Any], *, where: str) -> Iterator[Ask]:
    for key in _FILE_KEYS & set(found):
        value = found[key]
        if isinstance(value, str) and value:
            yield Ask(
                kind="file", module="", name=_word(value), registered="", where=f"{where}/{key}"
            )


def _word(value: Any) -> str:
    """A name as text; what is none is told as what it is."""
    if value is None:
        return ""
    return value[:_MAX_NAME] if isinstance(value, str) else f"({type(value).__name__})"
