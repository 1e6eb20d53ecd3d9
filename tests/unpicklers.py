"""CPython's unpicklers with nothing behind the names: they say what they would run."""

import io
import pickle
from collections.abc import Callable
from typing import Any

Event = tuple[str, str]
"""What happened, and to whom."""


class Log:
    """What an unpickler asks for and runs, in order."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []
        self.ran: list[Event] = []
        self.size = 0
        self.whole = False
        self._classes: dict[tuple[str, str], type] = {}

    def find(self, module: str, name: str) -> type:
        """A class that does nothing but note what is done to it."""
        self.found.append((module, name))
        key = (module, name)
        if key not in self._classes:
            self._classes[key] = _class(f"{module}.{name}", self.ran)
        return self._classes[key]


# ruff: noqa: ARG002, ARG004 - they take whatever they are handed


def _class(label: str, ran: list[Event]) -> type:
    class Probe:
        def __new__(cls, *args: object, **kwargs: object) -> Any:
            ran.append(("new", label))
            return object.__new__(cls)

        def __init__(self, *args: object, **kwargs: object) -> None: ...

        def __call__(self, *args: object, **kwargs: object) -> Any:
            return _class("?", ran)()

        def __setstate__(self, state: object) -> None:
            if isinstance(self, Probe):
                ran.append(("state", ""))

        def extend(self, items: object) -> None: ...

        def append(self, item: object) -> None: ...

        def add(self, item: object) -> None: ...

        def __setitem__(self, key: object, value: object) -> None: ...

    return Probe


def ran_by(base: Any, raw: bytes, *, real: Callable[[str, str], object] | None = None) -> Log:
    """Let an unpickler loose on bytes.

    Args:
        base: Its class: `pickle.Unpickler`, `pickle._Unpickler`, or one of joblib's.
        raw: A pickle, or what was one.
        real: What is behind a name after all; none = nothing.
    """
    log, file = Log(), io.BytesIO(raw)

    class Harmless(base):  # type: ignore[misc]  # one of three classes
        def find_class(self, module: str, name: str) -> object:
            thing = real(module, name) if real else None
            if thing is not None:
                log.found.append((module, name))
                return thing
            return log.find(module, name)

        def persistent_load(self, pid: object) -> object:
            return object.__new__(_class("persistent", log.ran))

    try:
        loader = Harmless(file, encoding="latin-1") if real is None else Harmless("", file, False)
        loader.load()
        log.whole = True
    except Exception:  # noqa: BLE001 - whatever a broken pickle raises
        log.whole = False
    log.size = file.tell()
    return log


def plain_unpicklers() -> tuple[Any, Any]:
    """The one in C, and the one in Python, which joblib builds on."""
    return pickle.Unpickler, vars(pickle)["_Unpickler"]
