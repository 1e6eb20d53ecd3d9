"""What a pickle would call, by a reader that calls nothing: it hands out names without contents."""

import io
import pickle
import pickletools
import struct
from collections.abc import Callable
from typing import Any, ClassVar

_WRAPPER = "joblib.numpy_pickle.NumpyArrayWrapper"
"""After its state, joblib writes a byte that says how many follow for alignment, and the array."""


class _Names(type):
    """Makes classes that only write down what is asked of them."""

    said: ClassVar[list[str]]
    label: str

    def __call__(cls, *_args: Any, **_keywords: Any) -> Any:
        cls.said.append(f"call {cls.label}")
        return _named(f"{cls.label}()", cls.said)

    def __getattr__(cls, name: str) -> Any:
        if name in ("append", "extend", "add", "__setstate__"):
            return lambda *_: cls.said.append(f"{name} {cls.label}")
        raise AttributeError(name)

    def __setitem__(cls, _key: Any, _value: Any) -> None:
        cls.said.append(f"set item of {cls.label}")


class _Recorder(metaclass=_Names):
    """Stands for anything that a pickle names."""

    def __new__(cls, *_args: Any, **_keywords: Any) -> Any:
        cls.said.append(f"new {cls.label}")
        return _named(f"{cls.label}()", cls.said)


def _named(label: str, said: list[str]) -> Any:
    return _Names(label, (_Recorder,), {"said": said, "label": label})


_IN_PYTHON: Any = vars(pickle)["_Unpickler"]
"""The reader that is written in Python: every instruction of it can be replaced."""


class _Reader(_IN_PYTHON):  # type: ignore[misc]  # the library does not declare it
    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = dict(_IN_PYTHON.dispatch)

    def __init__(self, stream: bytes) -> None:
        super().__init__(io.BytesIO(stream))
        self.said: list[str] = []

    def find_class(self, module: str, name: str) -> Any:
        return _named(f"{module}.{name}", self.said)

    def persistent_load(self, _pid: Any) -> Any:
        return _named("persistent", self.said)

    def get_extension(self, code: int) -> None:
        self.append(_named(f"extension {code}", self.said))

    def load_frame(self) -> None:
        """Frames are hints: the reader that people use runs on across their ends."""
        self.read(8)

    def load_build(self) -> None:
        state = self.stack[-1]
        wrapped = getattr(self.stack[-2], "label", "").startswith(_WRAPPER)
        super().load_build()
        if wrapped:
            count = 1
            for side in state["shape"]:
                count *= side
            self.read(self.read(1)[0] + 8 * count)

    dispatch[pickle.FRAME[0]] = load_frame
    dispatch[pickle.BUILD[0]] = load_build


def calls_of(stream: bytes) -> list[str]:
    """What a pickle calls until it ends or breaks, in order.

    Arrays of joblib between the instructions must have elements of 8 bytes.
    """
    reader = _Reader(stream)
    try:
        reader.load()
    except (pickle.UnpicklingError, EOFError, ValueError, LookupError, TypeError, AttributeError):
        pass
    except (struct.error, UnicodeError, RecursionError):
        pass
    return reader.said


def instructions_of(stream: bytes) -> int:
    """How many there are up to the first STOP.

    Raises:
        ValueError: it cannot be taken apart.
    """
    return sum(1 for _ in pickletools.genops(stream))
