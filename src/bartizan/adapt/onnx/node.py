"""One node of an ONNX graph as the functions see it that make torch of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import prod
from typing import Any, TypeAlias

import numpy as np

from bartizan.core.arrays import AnyArray
from bartizan.core.errors import Error, ModelError
from bartizan.formats.onnx_graph import OnnxTensor, Value

Function: TypeAlias = Callable[..., Any]
"""Tensors, none for an optional one that is left out -> a tensor, or a tuple of them."""
MOST = 1 << 26
"""Numbers in one value, for each row: 256 MiB in single precision, several times what networks
for large photographs hold."""
_NUMPY = {
    1: np.float32,
    2: np.uint8,
    3: np.int8,
    5: np.int16,
    6: np.int32,
    7: np.int64,
    9: np.bool_,
    10: np.float16,
    11: np.float64,
}
"""Types of tensors (onnx.proto, TensorProto.DataType) that torch has as well."""


HALF = 10
"""That of half precision."""


def array_of(tensor: OnnxTensor) -> AnyArray:
    """The numbers, half precision in single.

    Raises:
        ModelError: numbers of a type that torch does not have.
    """
    if tensor.kind not in _NUMPY:
        message = f"it holds numbers of type {tensor.kind} (of TensorProto), which are not known"
        raise ModelError(message)
    made: AnyArray = np.frombuffer(tensor.content, dtype=_NUMPY[tensor.kind]).reshape(tensor.dims)
    return made.astype(np.float32) if tensor.kind == HALF else made.copy()


def listed(values: Any) -> list[int]:
    """A tensor of whole numbers as a list."""
    return [int(value) for value in values.reshape(-1).tolist()]


@contextmanager
def naming(label: str) -> Iterator[None]:
    """Whatever goes wrong inside is a `ModelError` that says where."""
    try:
        yield
    except Exception as error:
        kind = "" if isinstance(error, Error) else f"{type(error).__name__}: "
        message = f"{label}: {kind}{' '.join(str(error).split())[:200]}"
        raise ModelError(message) from error


@dataclass(kw_only=True)
class Room:
    """What the steps of a program share: above all, how large values may be."""

    rows: int = 1
    """How many rows are under way."""
    half: bool = False
    """Whether numbers in half precision were met, which are counted in single."""

    def require(self, sizes: Iterable[int]) -> list[int]:
        """Hand the shape of a value back, unless it would be too large.

        Raises:
            ModelError: no real network has such values.
        """
        made = [int(size) for size in sizes]
        if min(made, default=0) < 0 or prod(made) > MOST * self.rows:
            message = f"a value of shape {made} is no size; expected at most {MOST} numbers a row"
            raise ModelError(message)
        return made


@dataclass(kw_only=True)
class Node:
    """What a node says of itself. Attributes that nobody asks for are a reason to refuse it."""

    operator: str
    opset: int
    """Version of the operators that it is one of."""
    attributes: Mapping[str, Value]
    made: int = 1
    """How many values it makes."""
    torch: Any
    """The library, which is an extra; loaded by whoever translates."""
    room: Room = field(default_factory=Room)
    """How large the values may be that it makes."""
    _taken: set[str] = field(default_factory=set)

    def number(self, name: str, default: float = 0.0) -> float:
        """An attribute that is one number."""
        return float(self._take(name, default, kinds=(int, float)))

    def whole(self, name: str, default: int = 0) -> int:
        """An attribute that is one whole number."""
        return int(self._take(name, default, kinds=(int,)))

    def word(self, name: str, default: str = "") -> str:
        """An attribute that is a text."""
        found = self._take(name, default.encode(), kinds=(bytes,))
        return str(found.decode(errors="replace"))

    def wholes(self, name: str) -> list[int] | None:
        """An attribute that is a list of whole numbers; none if it is not there."""
        found = self._take(name, None, kinds=(list,))
        return None if found is None else [int(value) for value in found]

    def values(self, name: str) -> list[Any]:
        """An attribute that is a list; empty if it is not there."""
        return list(self._take(name, [], kinds=(list,)))

    def tensor(self, name: str) -> Any:
        """An attribute that is a tensor; none if it is not there."""
        found = self._take(name, None, kinds=(OnnxTensor,))
        if found is None:
            return None
        self.room.half |= found.kind == HALF
        return self.torch.from_numpy(array_of(found))

    def only(self, name: str, *known: int | str) -> None:
        """Refuse an attribute that says anything but one of these, the first of which is usual."""
        found = self._take(name, known[0], kinds=(int, bytes))
        said = found.decode(errors="replace") if isinstance(found, bytes) else found
        if said not in known:
            message = f"{name}={said!r} is not known"
            raise ModelError(message)

    def require_read(self) -> None:
        """Refuse a node with attributes that nobody asked for: they may change what it does."""
        left = sorted(set(self.attributes) - self._taken)
        if left:
            message = f"attribute {left[0]!r} is not known"
            raise ModelError(message)

    def dtype(self, kind: int) -> Any:
        """The type of torch for one of ONNX; half precision is counted in single.

        Raises:
            ModelError: torch has none.
        """
        self.room.half |= kind == HALF
        names = {1: "float32", HALF: "float32", 11: "float64", 9: "bool", 7: "int64", 6: "int32"}
        if kind not in names:
            message = f"type {kind} (of TensorProto) is not known"
            raise ModelError(message)
        return getattr(self.torch, names[kind])

    def _take(self, name: str, default: Any, *, kinds: tuple[type, ...]) -> Any:
        self._taken.add(name)
        found = self.attributes.get(name, default)
        if found is not default and not isinstance(found, kinds):
            message = f"attribute {name!r} has an unexpected type, {type(found).__name__}"
            raise ModelError(message)
        return found


Builder: TypeAlias = Callable[[Node], Function]
"""Reads the attributes of a node, and gives the function that it stands for."""
