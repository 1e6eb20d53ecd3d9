"""Loads models: objects of this process, files, and factories."""

import re
from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bartizan.adapt.factory import call_factory
from bartizan.adapt.files.allowed import open_allowed
from bartizan.adapt.files.opening import opened
from bartizan.adapt.files.unsafe import open_module, open_pickle
from bartizan.adapt.files.whole import read_file
from bartizan.adapt.model import Model
from bartizan.adapt.networks.modules import is_module, take_weights
from bartizan.adapt.networks.weights import require_model
from bartizan.adapt.remote.endpoint import Endpoint, EndpointSettings
from bartizan.adapt.scoring.threshold import require_threshold
from bartizan.core.artifact import Vouched
from bartizan.core.errors import ConfigError, InputError, UnsafeFormatError
from bartizan.core.schema import Label
from bartizan.crypto.oms.manifest import Manifest
from bartizan.formats.boosted import checked_boosted
from bartizan.formats.lightgbm import checked_lightgbm
from bartizan.formats.sniff import sniff

_FACTORY = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


def load_model(
    source: Any,
    *,
    name: str | None = None,
    weights: str | PathLike[str] | None = None,
    unsafe_load_pickle: bool = False,
    allow: Sequence[str] = (),
    threshold: float | None = None,
    classes: tuple[Label, ...] | None = None,
    endpoint: EndpointSettings | None = None,
) -> Model:
    """Load a model.

    Args:
        source: An estimator or pipeline of scikit-learn, a `Booster` or classifier of XGBoost
            or LightGBM, a torch module, or any function of rows; the path of a skops, ONNX,
            XGBoost (JSON, UBJ), LightGBM (text), pickle or joblib file; such a file whose
            signature was checked (`Vouched`) or that was admitted (`Verified`), of which the
            checked bytes are loaded; the address
            of an HTTP endpoint; or ``"module:factory"``, a function without arguments that makes
            one of the former. Pickles are opened through the allowlist, and refused if anything
            in them is not on it.
        name: What to call it; the file's name or the type unless said.
        weights: A file of tensors, safetensors or a state dict, for the torch module that the
            factory makes. The model's digest is then that of this file.
        unsafe_load_pickle: Open a pickle without a look at the list, and modules that torch saved
            whole: this runs whatever code the author put there.
        allow: Classes of your own that a pickle may use, as ``"package.module.Class"``; their
            modules are imported, so only name what is yours.
        threshold: Probability of the second class from which on a two-class model chooses it.
        classes: Names of the model's classes in the order of its scores, if it has none or
            others than the data.
        endpoint: How to ask, where the source is an address.

    Raises:
        InputError: the file is missing, damaged or of no known kind.
        UnsafeFormatError: opening it could run code.
        MissingExtraError: the library that opens it is not installed.
        ConfigError: the threshold is no probability, or there are too few classes.
    """
    if threshold is not None:
        require_threshold(threshold)
    if classes is not None and len(set(classes)) < max(2, len(classes)):
        message = f"classes must be two or more different names, got {list(classes)}"
        raise ConfigError(message)
    if isinstance(source, str) and source.startswith(("http://", "https://")) and not weights:
        raw = Endpoint.at(source, endpoint)
        made = replace(_in_process(raw, name=_host(source), kind="endpoint"), path=source)
    elif isinstance(source, str) and _FACTORY.fullmatch(source) and not Path(source).exists():
        made = _from_factory(source, weights=None if weights is None else Path(weights))
    elif weights is not None:
        message = (
            f"weights go with a factory of a torch module, not with {_named(source)}; say "
            'load_model("module:factory", weights=...)'
        )
        raise ConfigError(message)
    elif isinstance(source, Vouched):
        made = _from_content(
            source.read(),
            path=source.artifact.path,
            unsafe=unsafe_load_pickle,
            allowed=frozenset(allow),
        )
    elif isinstance(source, str | PathLike):
        path = Path(source)
        made = _from_content(
            read_file(path), path=path, unsafe=unsafe_load_pickle, allowed=frozenset(allow)
        )
    else:
        title = str(getattr(source, "__name__", type(source).__name__))
        made = _in_process(source, name=title, kind=_kind(source))
    named = None if classes is None else tuple(classes)
    return replace(made, name=name or made.name, threshold=threshold, classes=named)


def _host(url: str) -> str:
    """What to call an endpoint: the last part of its address, or the host."""
    parts = urlsplit(url)
    words = [word for word in parts.path.split("/") if word and word != "infer"]
    return words[-1] if words else str(parts.hostname)


def _in_process(source: Any, *, name: str, kind: str) -> Model:
    return Model(name=name, path=None, digest="", digest_kind="probe", format=kind, raw=source)


def _kind(source: Any) -> str:
    """What an object of this process is."""
    if is_module(source):
        return "torch"
    library = type(source).__module__.split(".")[0]
    if library in ("xgboost", "lightgbm"):
        return library
    if hasattr(source, "predict") or hasattr(source, "predict_proba"):
        return "scikit-learn"
    if callable(source):
        return "callable"
    message = (
        f"cannot use {type(source).__name__} as a model; expected a path, module:factory, an "
        "estimator with predict, a booster of XGBoost or LightGBM, a torch module, or a function "
        "of rows"
    )
    raise InputError(message)


def _named(source: Any) -> str:
    """How a message calls what was given."""
    return str(source) if isinstance(source, str | PathLike) else f"a {type(source).__name__}"


def _from_factory(source: str, *, weights: Path | None) -> Model:
    directory = str(Path.cwd())
    content = None if weights is None else read_file(weights)
    raw = call_factory(source, directory=directory)
    _kind(raw)
    made = replace(_in_process(raw, name=source, kind="factory"), path=source, directory=directory)
    if content is None:
        return made
    take_weights(raw, content, where=str(weights))
    return replace(
        made,
        content=content,
        weights=str(weights),
        digest=Manifest.of_content(content).root,
        digest_kind="oms-root",
    )


def _from_content(content: bytes, *, path: Path, unsafe: bool, allowed: frozenset[str]) -> Model:
    kind: str = sniff(content)
    notes: list[str] = []
    kept: bytes | None = None
    if kind == "pickle" or (kind == "torch" and unsafe):
        raw, notes = _unpickled(content, path=path, unsafe=unsafe, allowed=allowed)
        _kind(raw)
    else:
        require_model(content, kind=kind, where=str(path))
        usable = _checked(content, kind=kind, path=path)
        raw = opened(usable, kind=kind, where=str(path))
        kept = None if kind == "skops" else usable
    return Model(
        name=path.stem,
        path=str(path),
        digest=Manifest.of_content(content).root,
        digest_kind="oms-root",
        format=kind,
        raw=raw,
        content=kept,
        notes=tuple(notes),
    )


def _unpickled(
    content: bytes, *, path: Path, unsafe: bool, allowed: frozenset[str]
) -> tuple[Any, list[str]]:
    if content.startswith(b"PK") and not unsafe:
        message = (
            f"{path} is an archive with pickles in it, of no kind that is opened here; export the "
            "model with skops.io.dump or to ONNX, or save it as one pickle or joblib file"
        )
        raise UnsafeFormatError(message)
    if not unsafe:
        raw, notes = open_allowed(content, where=str(path), allowed=allowed)
        return raw, [f"{path.name} was opened as a pickle, through the allowlist", *notes]
    opener = open_module if sniff(content) == "torch" else open_pickle
    raw, notes = opener(content, where=str(path))
    return raw, [f"{path.name} was opened as a pickle: whatever code is in it has run", *notes]


def _checked(content: bytes, *, kind: str, path: Path) -> bytes:
    """What the library may open, where it would trust the file too much."""
    try:
        if kind == "lightgbm":
            return checked_lightgbm(content)
        return checked_boosted(content) if kind.startswith("xgboost") else content
    except InputError as error:
        message = f"{path}: {error}"
        raise InputError(message) from error
