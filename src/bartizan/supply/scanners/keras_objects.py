"""Which of the things that a configuration of Keras asks for belong into a model."""

import sys
from collections.abc import Iterator
from typing import Any

from bartizan.core.errors import InputError, LimitError
from bartizan.formats.models.json_text import documents
from bartizan.formats.models.keras_config import Ask, asks
from bartizan.supply.scanners.held import plain
from bartizan.supply.scanners.inside import unread
from bartizan.supply.scanners.json_documents import doubled
from bartizan.supply.scanners.notice import Notice, Verdict

_KERAS = {"keras", "tf_keras", "keras_core", "keras_hub", "keras_nlp", "keras_cv"}
"""Packages in which Keras looks for its own things."""
_ROOMS = {
    "activations",
    "applications",
    "constraints",
    "distribution",
    "dtype_policies",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "ops",
    "optimizers",
    "quantizers",
    "random",
    "regularizers",
    "tree",
}
"""Modules of Keras whose functions are part of models: all that its own files name."""
_REACHING = {
    "audio_dataset_from_directory",
    "clear_session",
    "deserialize",
    "deserialize_keras_object",
    "disable_interactive_logging",
    "enable_unsafe_deserialization",
    "func_load",
    "get_file",
    "image_dataset_from_directory",
    "legacy_h5_format",
    "load_img",
    "load_model",
    "load_weights",
    "model_from_json",
    "save_img",
    "save_model",
    "save_weights",
    "text_dataset_from_directory",
}
"""Functions of Keras that read, write, fetch, load or switch protection off (CVE-2025-8747,
CVE-2025-9906; Keras 3.15 itself refuses most of them)."""
_LOADING: dict[str, Verdict] = {
    "TorchModuleWrapper": "malicious",
    "TFSMLayer": "suspicious",
    "JaxLayer": "suspicious",
    "FlaxLayer": "suspicious",
}
"""Layers of Keras that bring other files or code: the first unpickles (CVE-2025-49655)."""
_RUNNING = {
    "__build_class__",
    "__import__",
    "breakpoint",
    "compile",
    "delattr",
    "eval",
    "exec",
    "getattr",
    "globals",
    "input",
    "locals",
    "open",
    "print",
    "setattr",
    "vars",
}
"""Built-in functions of Python that no network computes with. A function of the user's own is
listed under `builtins` too, so only these names are told (CVE-2025-1550)."""
_LIBRARIES = {
    *("cffi", "cloudpickle", "dill", "distutils", "fsspec", "IPython", "joblib", "nt", "numpy"),
    *("pandas", "pip", "pkg_resources", "posix", "requests", "scipy", "setuptools", "sklearn"),
    *("skops", "torch", "urllib3", "yaml", "os", "__builtin__"),
}
"""Libraries in which no layer lies, and from which a configuration can only want a gadget."""


def notices(config: Any, *, where: str, allowed: frozenset[str]) -> Iterator[Notice]:
    """Judge all that a configuration asks for.

    Args:
        config: The decoded JSON.
        where: Place of the configuration in the file; empty = it is the file.
        allowed: ``module.name`` of classes that the user allows.
    """
    for ask in asks(config):
        if f"{ask.module}.{ask.name}" not in allowed:
            yield from _of(ask, where=f"{where}, {ask.where}" if where else ask.where)


def described_notices(raw: bytes, *, where: str, allowed: frozenset[str]) -> Iterator[Notice]:
    """Judge a configuration that lies as JSON in a file of another format.

    Args:
        raw: The JSON.
        where: Place of it in the file.
        allowed: ``module.name`` of classes that the user allows.
    """
    try:
        found = documents(raw)
    except (InputError, LimitError) as error:
        why = f"The configuration cannot be read: {plain(str(error))}."
        yield unread("keras.unread", where=plain(where), why=why)
        return
    yield from doubled(found, where=plain(where))
    for config in found.values:
        yield from notices(config, where=plain(where), allowed=allowed)


def _of(ask: Ask, *, where: str) -> Iterator[Notice]:
    if ask.kind == "code":
        yield _notice(
            ask,
            "malicious",
            "lambda",
            where,
            "Python code in the file runs when the "
            "model is loaded or asked; readers of .h5 files run it in safe mode too.",
        )
    elif ask.kind == "file":
        yield _notice(
            ask,
            "suspicious",
            "file",
            where,
            "A layer reads a file or an address that "
            "the model names, on the machine that loads it.",
        )
    elif ask.name in _LOADING:
        yield _notice(
            ask,
            _LOADING[ask.name],
            "layer",
            where,
            "This layer loads code or weights of another framework, past the checks of Keras.",
        )
    else:
        yield from _looked_up(ask, where=where)


def _looked_up(ask: Ask, *, where: str) -> Iterator[Notice]:
    """Classes and functions, by where they are looked up."""
    root = ask.module.partition(".")[0]
    if ask.name in _REACHING:
        yield _notice(
            ask,
            "malicious",
            "function",
            where,
            "This function of Keras reads, writes, "
            "fetches or loads something, or switches protection off.",
        )
    elif root == "builtins" and ask.kind == "function":
        if ask.name in _RUNNING:
            yield _notice(
                ask,
                "malicious",
                "module",
                where,
                "This function of Python runs code or reaches files.",
            )
    elif root in _KERAS or (root == "tensorflow" and ".keras" in ask.module):
        called = ask.kind == "function" or ask.name[:1].islower()
        if called and not _ROOMS & set(ask.module.split(".")):
            yield _notice(
                ask,
                "suspicious",
                "function",
                where,
                "This function of Keras is none that models are made of.",
            )
    elif root in sys.stdlib_module_names | _LIBRARIES:
        yield _notice(
            ask,
            "malicious",
            "module",
            where,
            "Looking this up imports a module that "
            "has nothing to do with Keras, and calls what it finds there.",
        )
    elif root:
        verdict: Verdict = "malicious" if ask.kind == "function" else "suspicious"
        yield _notice(
            ask,
            verdict,
            "module",
            where,
            "This is no part of Keras: code of somebody "
            "else is imported and called. Allow it in the policy if it is yours.",
        )


def _notice(ask: Ask, verdict: Verdict, rule: str, where: str, why: str) -> Notice:
    what = f"{ask.module}.{ask.name}" if ask.module else ask.name
    return Notice(
        verdict=verdict, rule=f"keras.{rule}", where=plain(where), what=plain(what), why=why
    )
