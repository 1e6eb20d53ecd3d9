"""Opens pickles of which every name and every call is on the allowlist, and no others.

Two locks, one key: the bytes are read first by the same machine and the same judgement as a scan
(`formats/pickles`), and only if nothing speaks against them are they opened, by an unpickler that
looks up nothing but what the machine saw.
"""

import io
import pickle
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

from bartizan.adapt.factory import named_object
from bartizan.adapt.files.raw_arrays import ArrayUnpickler
from bartizan.adapt.files.unpacked import unpacked
from bartizan.adapt.files.unsafe import opened_by
from bartizan.core.errors import UnsafeFormatError
from bartizan.formats.content import Budget, Window
from bartizan.formats.pickles.judged import Judged, judged
from bartizan.formats.pickles.names import shown
from bartizan.formats.pickles.objections import Objection, may_look_up
from bartizan.formats.pickles.trace import Name

_NAMES = 50
"""Unknown names in a message."""
LookUp: TypeAlias = Callable[[str, str], Any]

_EXPANDED_BYTES = 4 << 30
"""What a compressed file may unpack to: as much as is read of any model, and kept in memory."""


def open_allowed(
    content: bytes, *, where: str, allowed: frozenset[str] = frozenset()
) -> tuple[Any, list[str]]:
    """Open a pickle or joblib file through the allowlist.

    Args:
        content: The whole file.
        where: Its name, for messages.
        allowed: ``module.name`` of classes of the user's own; their modules are imported, from
            the current folder or the installed packages.

    Returns:
        The object, and notes on what its library warned about, such as another version.

    Raises:
        UnsafeFormatError: something speaks against it; nothing of it has run.
        MissingExtraError: a library that the object needs is not installed.
        UsageError: there is no such class of the user's own.
        InputError: it cannot be opened.
        LimitError: it unpacks to more than is kept.
    """
    plain = unpacked(content, where=where, limit_bytes=_EXPANDED_BYTES)
    found = judged(Window.of(plain), budget=Budget.for_file(len(plain)), allowed=allowed)
    if found.objections:
        raise UnsafeFormatError(_refusal(found.objections, where=where))
    look_up = _restricted(found, allowed=allowed)
    load = _with_arrays if found.arrays else _without_arrays
    return opened_by(lambda file: load(file, look_up), plain, where=where)


def _refusal(objections: tuple[Objection, ...], *, where: str) -> str:
    """What speaks against it, and what to do."""
    first = objections[0]
    what = f": {first.what}" if first.what else ""
    others = f" ({len(objections) - 1} more objections)" if len(objections) > 1 else ""
    return (
        f"{where} is a pickle, and pickles are opened through a list of what may run. Against "
        f"this one speaks{what}: {first.why}{others}. Export the model with skops.io.dump or to "
        "ONNX, one of XGBoost to JSON, one of LightGBM to text (booster_.save_model); name "
        f"classes of your own under [supply] allow in the project file{_unknown(objections)}; or, "
        "as a last resort, pass --unsafe-load-pickle for a file that you made yourself"
    )


def _unknown(objections: tuple[Objection, ...]) -> str:
    """All names that are on no list, as the project file spells them; empty = there are none."""
    names = dict.fromkeys(one.what for one in objections if one.rule == "import")
    listed = ", ".join(f'"{name}"' for name in list(names)[:_NAMES])
    return f" (unknown here: allow = [{listed}])" if names else ""


def _restricted(found: Judged, *, allowed: frozenset[str]) -> LookUp:
    """Looks up what the machine saw, and nothing else."""
    known = {(one.spelled.module, one.spelled.name): one.name for one in found.imports}

    def look_up(module: str, name: str) -> Any:
        seen = known.get((shown(module), shown(name)))
        if seen is None or not may_look_up(seen, allowed=allowed):
            message = f"{module}.{name} is looked up, which reading the file did not show"
            raise UnsafeFormatError(message)
        if str(seen) in allowed:
            return named_object(f"{seen.module}:{seen.name}", directory=str(Path.cwd()))
        return _resolved(seen)

    return look_up


def _resolved(name: Name) -> Any:
    """What a name stands for."""
    found = import_module(name.module)
    for part in name.name.split("."):
        found = getattr(found, part)
    return found


def _without_arrays(file: io.BytesIO, look_up: LookUp) -> Any:
    """Open a pickle as `pickle.load` would."""
    return _Restricted(file, look_up).load()


def _with_arrays(file: io.BytesIO, look_up: LookUp) -> Any:
    """Open a pickle as `joblib.load` would, with raw arrays between its instructions."""
    return ArrayUnpickler(file, look_up).load()


class _Restricted(pickle.Unpickler):
    """An unpickler that cannot look up what it likes; written in C, so that it is fast."""

    def __init__(self, file: io.BytesIO, look_up: LookUp) -> None:
        """Names are translated by the machine, not by the unpickler."""
        super().__init__(file, fix_imports=False)
        self._look_up = look_up

    def find_class(self, module: str, name: str, /) -> Any:
        """What a name stands for, if it may be used."""
        return self._look_up(module, name)

    def persistent_load(self, pid: Any, /) -> Any:
        """Refuse to make an object that the file only names.

        Raises:
            UnsafeFormatError: always.
        """
        message = f"the file asks for an object by an id ({type(pid).__name__})"
        raise UnsafeFormatError(message)
