"""What a file of safetensors says of itself, and whether it can be true."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any, Literal, TypeAlias

from bartizan.core.errors import InputError
from bartizan.formats.content import Window
from bartizan.formats.models import json_text

MAX_HEADER_BYTES = 100_000_000
"""The library refuses longer headers."""
_MAX_FAULTS = 100
"""Told of one file; more say nothing new."""
_MAX_SHAPE = 64
"""Dimensions of a tensor; PyTorch allows 64."""
_BITS = {
    "BOOL": 8,
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "U8": 8,
    "I8": 8,
    "F8_E5M2": 8,
    "F8_E4M3": 8,
    "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8,
    "I16": 16,
    "U16": 16,
    "F16": 16,
    "BF16": 16,
    "I32": 32,
    "U32": 32,
    "F32": 32,
    "C64": 64,
    "F64": 64,
    "I64": 64,
    "U64": 64,
}
"""Bits of a number of each type (safetensors 0.8)."""
_BYTE = 8
_OWN = {"dtype", "shape", "data_offsets"}

Kind: TypeAlias = Literal["header", "metadata", "tensor", "overlap", "hole", "trailing", "beyond"]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is not as the format promises."""

    kind: Kind
    """`header`, `metadata` and `tensor`: the library refuses it; `overlap`, `hole` and `trailing`:
    bytes that belong to two tensors, to none, or come after the last; `beyond`: to a tensor that
    ends after the file does."""
    tensor: str
    """Its name; empty = the fault is of the whole file."""
    why: str


@dataclass(frozen=True, kw_only=True)
class Safetensors:
    """What the header says."""

    tensors: int
    size_bytes: int
    """Of the header and of all tensors."""
    faults: tuple[Fault, ...]
    texts: tuple[tuple[str, str], ...] = ()
    """Of the metadata, by name."""


@dataclass(frozen=True, kw_only=True)
class _Stretch:
    begin: int
    end: int
    name: str


def read_safetensors(window: Window) -> Safetensors:
    """Check the header against the file.

    Args:
        window: The whole file.

    Raises:
        InputError: there is no header, or it is no JSON object.
        LimitError: the header takes too much memory to decode.

    Source: the format's description in the safetensors repository (0.8), and what its reader
    refuses: a header beyond 100 MB, holes, overlaps, sizes that are not those of shape and type,
    bytes after the last tensor.
    """
    length = _header_bytes(window)
    entries = json_text.loads(window.at(8, length))
    if not isinstance(entries, dict):
        message = f"expected a JSON object as header, got {type(entries).__name__}"
        raise InputError(message)
    metadata = entries.pop("__metadata__", {})
    faults, stretches = list(_odd_metadata(metadata)), []
    for name, entry in entries.items():
        try:
            stretches.append(_stretch(name, entry))
        except (TypeError, ValueError, LookupError) as error:
            faults.append(Fault(kind="tensor", tensor=name, why=str(error)))
        if len(faults) >= _MAX_FAULTS:
            break
    if len(stretches) == len(entries):  # else nobody knows whose the bytes are
        faults += _odd_stretches(stretches, size=window.size - 8 - length)
    return Safetensors(
        tensors=len(entries),
        size_bytes=window.size,
        faults=tuple(faults[:_MAX_FAULTS]),
        texts=tuple(_texts(metadata)),
    )


def _header_bytes(window: Window) -> int:
    """How long the header says it is."""
    first = window.at(0, 9)
    length = int.from_bytes(first[:8], "little")
    if len(first) < 9 or length > MAX_HEADER_BYTES or length > window.size - 8:
        message = (
            f"expected a header of at most {min(MAX_HEADER_BYTES, max(window.size - 8, 0)):,} "
            f"bytes, it says {length:,}"
        )
        raise InputError(message)
    if first[8:] != b"{":
        message = f"expected a header that begins with a brace, got {first[8:]!r}"
        raise InputError(message)
    return length


def _odd_metadata(metadata: Any) -> Iterator[Fault]:
    """Texts under names, and nothing else."""
    if not isinstance(metadata, Mapping):
        yield Fault(kind="metadata", tensor="", why="expected texts under names, got another thing")
    elif not all(isinstance(value, str) for value in metadata.values()):
        yield Fault(kind="metadata", tensor="", why="a value of the metadata is not a text")


def _texts(metadata: Any) -> Iterator[tuple[str, str]]:
    """The texts among the metadata."""
    if isinstance(metadata, Mapping):
        yield from ((name, text) for name, text in metadata.items() if isinstance(text, str))


def _stretch(name: str, entry: Any) -> _Stretch:
    """Where a tensor lies.

    Raises:
        TypeError, ValueError, LookupError: its type, shape and place do not fit each other.
    """
    if not isinstance(entry, dict) or not set(entry) >= _OWN:
        message = "expected dtype, shape and data_offsets"
        raise ValueError(message)
    shape, (begin, end) = entry["shape"], entry["data_offsets"]
    if not all(type(value) is int and value >= 0 for value in (*shape, begin, end)):
        message = "expected whole numbers >= 0 as shape and offsets"
        raise ValueError(message)
    if len(shape) > _MAX_SHAPE or entry["dtype"] not in _BITS:
        message = f"expected a known type and at most {_MAX_SHAPE} dimensions"
        raise ValueError(message)
    bits = prod(shape) * _BITS[entry["dtype"]]
    if bits % _BYTE or bits // _BYTE != end - begin:
        message = f"shape and type take {bits / _BYTE:g} bytes, the offsets hold {end - begin}"
        raise ValueError(message)
    return _Stretch(begin=begin, end=end, name=name)


def _odd_stretches(stretches: list[_Stretch], *, size: int) -> Iterator[Fault]:
    """Every byte of the file belongs to one tensor."""
    ordered = sorted(stretches, key=lambda stretch: (stretch.begin, stretch.end))
    first = _Stretch(begin=0, end=0, name="")
    for before, after in pairwise((first, *ordered)):
        if after.begin < before.end:
            why = f"begins at byte {after.begin}, inside of {before.name[:80]!r}"
            yield Fault(kind="overlap", tensor=after.name, why=why)
        elif after.begin > before.end:
            why = f"{after.begin - before.end} bytes before it belong to no tensor"
            yield Fault(kind="hole", tensor=after.name, why=why)
    last = max(ordered, key=lambda stretch: stretch.end, default=first)
    if last.end > size:
        why = f"ends at byte {last.end} of the {size} that there are"
        yield Fault(kind="beyond", tensor=last.name, why=why)
    elif last.end < size:
        why = f"{size - last.end} bytes after the last tensor"
        yield Fault(kind="trailing", tensor="", why=why)
