"""Unpickles files of joblib, where the bytes of arrays stand between the instructions."""

import io
import pickle
from collections.abc import Callable
from math import prod
from typing import Any, ClassVar

import numpy as np

from bartizan.core.errors import InputError, UnsafeFormatError

_WRAPPER = "NumpyArrayWrapper"


_InPython: Any = pickle._Unpickler  # noqa: SLF001 (the one that can be told what BUILD does)


class ArrayUnpickler(_InPython):  # type: ignore[misc]  # typeshed hides its parts
    """Opens what `joblib.load` opens, by names that somebody else looks up.

    joblib's own unpickler is not used: what it does with a wrapper depends on its version, up to
    1.5 it opens arrays of objects with an unpickler that nobody restricts, and it maps files.
    """

    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = dict(_InPython.dispatch)

    def __init__(self, file: io.BytesIO, look_up: Callable[[str, str], Any]) -> None:
        """Names are translated by the machine, not by the unpickler."""
        super().__init__(file, fix_imports=False)
        self._file = file
        self._look_up = look_up

    def find_class(self, module: str, name: str) -> Any:
        """What a name stands for, if it may be used."""
        return self._look_up(module, name)

    def persistent_load(self, pid: Any) -> Any:
        """Refuse to make an object that the file only names.

        Raises:
            UnsafeFormatError: always.
        """
        message = f"the file asks for an object by an id ({type(pid).__name__})"
        raise UnsafeFormatError(message)

    def get_extension(self, code: int) -> None:
        """Refuse a name that stands behind a number.

        Raises:
            UnsafeFormatError: always.
        """
        message = f"the file hides a name behind the number {code}"
        raise UnsafeFormatError(message)

    def load_build(self) -> None:
        """BUILD: where the state of an array is set, its bytes follow."""
        super().load_build()
        top = self.stack[-1]
        if type(top).__name__ == _WRAPPER:
            self.stack[-1] = self._array(vars(top))

    dispatch[pickle.BUILD[0]] = load_build

    def _array(self, facts: dict[str, Any]) -> Any:
        """Read an array.

        Raises:
            InputError: it cannot be as the file says.

        Source:
            ``NumpyArrayWrapper.read_array`` of joblib 0.10 to 1.6. Differs in that nothing is
            allocated before the bytes are there, and arrays of objects are restricted as the
            rest is.
        """
        kind, shape = np.dtype(facts["dtype"]), tuple(facts["shape"])
        if kind.hasobject:
            return ArrayUnpickler(self._file, self._look_up).load()
        if facts.get("numpy_array_alignment_bytes") is not None:
            self._file.read(self._file.read(1)[0])
        size = prod(shape) * kind.itemsize
        raw = self._file.read(size)
        if len(raw) != size:
            message = f"an array of {size:,} bytes is cut off after {len(raw):,}"
            raise InputError(message)
        flat = np.frombuffer(bytearray(raw), dtype=kind)  # of a bytearray, so that it can change
        array = flat.reshape(shape[::-1]).T if facts["order"] == "F" else flat.reshape(shape)
        return array if kind.isnative else array.astype(kind.newbyteorder("="))
