"""A model as loaded, before it meets data."""

import re
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any, Literal

from bartizan.adapt.factory import call_factory
from bartizan.adapt.files import read_file
from bartizan.adapt.onnx import Session
from bartizan.adapt.skops import open_skops
from bartizan.adapt.threshold import require_threshold
from bartizan.adapt.unsafe import open_pickle
from bartizan.adapt.xgboost import open_booster
from bartizan.core.errors import ConfigError, InputError, UnsafeFormatError
from bartizan.core.record import digest
from bartizan.core.schema import Label
from bartizan.formats.boosted import checked_boosted
from bartizan.formats.sniff import sniff

_FACTORY = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_KNOWN = "skops, ONNX, XGBoost JSON or UBJ"


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model and where it came from. Can be pickled where the object can."""

    name: str
    path: str | None
    """The file, or ``module:factory``; none for an object of this process."""
    digest: str
    """`sha256:` of the file. Empty for `probe`: binding computes that from the answers."""
    digest_kind: Literal["sha256", "probe"]
    format: str
    """What it is: `skops`, `onnx`, `xgboost-json`, `xgboost-ubj`, `pickle`, `factory`,
    `scikit-learn`, `xgboost` or `callable`."""
    threshold: float | None = None
    """Probability of the second class from which on it is chosen; none = the model decides."""
    classes: tuple[Label, ...] | None = None
    """What the user calls the model's classes, in the model's order."""
    notes: tuple[str, ...] = ()
    directory: str = ""
    """Where a factory's module was looked for."""
    raw: Any = field(default=None, repr=False, compare=False)
    """The object, if it is in this process."""
    content: bytes | None = field(default=None, repr=False, compare=False)
    """What to open it from in another process."""

    def __getstate__(self) -> dict[str, Any]:
        """Everything but what can be made again."""
        again = self.content is not None or self.format == "factory"
        return {**self.__dict__, "raw": None if again else self.raw}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over a state as it is; a frozen class cannot set it name by name."""
        self.__dict__.update(state)

    def open(self) -> Any:
        """The object to ask: an estimator, a booster, a session or a function."""
        if self.raw is not None:
            return self.raw
        if self.format == "factory":
            made = call_factory(str(self.path), directory=self.directory)
        else:
            made = _opened(self.content or b"", kind=self.format, where=str(self.path))
        self.__dict__["raw"] = made
        return made


def load_model(
    source: Any,
    *,
    name: str | None = None,
    unsafe_load_pickle: bool = False,
    threshold: float | None = None,
    classes: tuple[Label, ...] | None = None,
) -> Model:
    """Load a model.

    Args:
        source: An estimator or pipeline of scikit-learn, a `Booster` or `XGBClassifier`, or any
            function of rows; the path of a skops, ONNX or XGBoost (JSON, UBJ) file; or
            ``"module:factory"``, a function without arguments that makes one of the former.
        name: What to call it; the file's name or the type unless said.
        unsafe_load_pickle: Open a pickle, which runs whatever code its author put there.
        threshold: Probability of the second class from which on a two-class model chooses it.
        classes: Names of the model's classes in the order of its scores, if it has none or
            others than the data.

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
    given = {"threshold": threshold, "classes": None if classes is None else tuple(classes)}
    if isinstance(source, str) and _FACTORY.fullmatch(source) and not Path(source).exists():
        return _from_factory(source, name=name, given=given)
    if isinstance(source, str | PathLike):
        return _from_file(Path(source), name=name, unsafe=unsafe_load_pickle, given=given)
    return Model(
        name=name or getattr(source, "__name__", type(source).__name__),
        path=None,
        digest="",
        digest_kind="probe",
        format=_kind(source),
        raw=source,
        **given,
    )


def _kind(source: Any) -> str:
    """What an object of this process is."""
    library = type(source).__module__.split(".")[0]
    if library == "xgboost":
        return "xgboost"
    if hasattr(source, "predict") or hasattr(source, "predict_proba"):
        return "scikit-learn"
    if callable(source):
        return "callable"
    message = (
        f"cannot use {type(source).__name__} as a model; expected a path, module:factory, an "
        "estimator with predict, an XGBoost booster, or a function of rows"
    )
    raise InputError(message)


def _from_factory(source: str, *, name: str | None, given: dict[str, Any]) -> Model:
    directory = str(Path.cwd())
    raw = call_factory(source, directory=directory)
    _kind(raw)
    return Model(
        name=name or source,
        path=source,
        digest="",
        digest_kind="probe",
        format="factory",
        directory=directory,
        raw=raw,
        **given,
    )


def _from_file(path: Path, *, name: str | None, unsafe: bool, given: dict[str, Any]) -> Model:
    content = read_file(path)
    kind: str = sniff(content)
    raw, notes, kept = None, [], None
    if kind == "pickle":
        raw, notes = _unpickled(content, path=path, unsafe=unsafe)
        _kind(raw)
    else:
        if kind.startswith("xgboost"):
            kept = _checked(content, path=path)
        kept = kept or content
        raw = _opened(kept, kind=kind, where=str(path))
        kept = None if kind == "skops" else kept
    return Model(
        name=name or path.stem,
        path=str(path),
        digest=digest(content),
        digest_kind="sha256",
        format=kind,
        raw=raw,
        content=kept,
        notes=tuple(notes),
        **given,
    )


def _unpickled(content: bytes, *, path: Path, unsafe: bool) -> tuple[Any, list[str]]:
    if not unsafe:
        message = (
            f"{path} is a pickle: opening it runs whatever code its author put there. Export the "
            "model with skops.io.dump or to ONNX; or pass --unsafe-load-pickle for a file that "
            "you made yourself"
        )
        raise UnsafeFormatError(message)
    return open_pickle(content, where=str(path))


def _checked(content: bytes, *, path: Path) -> bytes:
    try:
        return checked_boosted(content)
    except InputError as error:
        message = f"{path}: {error}"
        raise InputError(message) from error


def _opened(content: bytes, *, kind: str, where: str) -> Any:
    """Open checked bytes with the library that they are for."""
    if kind == "skops":
        return open_skops(content, where=where)
    if kind == "onnx":
        session = Session(content=content, where=where)
        _ = session.opened  # says at once if the file cannot be opened
        return session
    if kind.startswith("xgboost"):
        return open_booster(content, where=where)
    message = (
        f"{where} is no model file of a known kind ({_KNOWN}); its content looks like "
        f"{'nothing known' if kind == 'unknown' else kind}. Is it damaged, cut off or misnamed?"
    )
    raise InputError(message)
