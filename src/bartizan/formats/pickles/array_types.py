"""Types of numpy's arrays: how many bytes an item takes, and whether items are objects.

Source:
    ``arraydescr_reduce`` and ``arraydescr_setstate`` of numpy's ``descriptor.c``, 1.7 to 2.4.
"""

import re
from collections.abc import Sequence

from bartizan.formats.pickles.memory.values import Attributes, Dtype, Value
from bartizan.formats.pickles.trace import Name

HIDES = "a type of arrays that hides that its items are objects"
_DTYPES = tuple(
    Name(module, "dtype") for module in ("numpy", "numpy.core.multiarray", "numpy._core.multiarray")
)
_CODE = re.compile(r"[<>=|]?([biufcmMSUVO])([0-9]{1,9})")
_WIDTHS = {
    "b": (1,),
    "i": (1, 2, 4, 8),
    "u": (1, 2, 4, 8),
    "f": (2, 4, 8, 12, 16),
    "c": (8, 16, 24, 32),
    "m": (8,),
    "M": (8,),
    "O": (4, 8),
}
"""Bytes of an item by the letter of numpy's array protocol, which always gives them."""
_FLEXIBLE = {"S": 1, "U": 4, "V": 1}
"""Bytes of a character, where the number counts characters."""
_TEXTS = (
    Name("numpy.dtypes", "StringDType"),
    Name("numpy._core._internal", "_convert_to_stringdtype_kwargs"),
)
"""Make the type of texts of any length, which counts as one of objects."""
HARMLESS = frozenset((*_DTYPES, *_TEXTS, Name("_codecs", "encode"), Name("builtins", "bytes")))
"""What picklers call while they describe an array; it changes nothing that exists."""
_STATE_VERSIONS = (3, 4)
"""Of the state of a type."""
_HAS_OBJECTS = 1
"""Flag of a type: ``NPY_ITEM_HASOBJECT``."""
_OBJECTS = 3
"""With ``NPY_LIST_PICKLE``, by which the items come as a list and not as their addresses."""
_BEFORE = 1 << 62
"""A field before its item counts as one far behind it."""


def array_type(callee: Name, items: tuple[Value, ...]) -> Dtype | None:
    """A type of arrays, if a call makes one.

    Args:
        callee: What is called.
        items: Its arguments; numpy writes a code such as ``f8``, ``False`` and ``True``.
    """
    if callee in _TEXTS:
        return Dtype(callee, None, objects=True)
    if callee not in _DTYPES:
        return None
    match items:
        case (str(code), False | 0, True | 1) if found := _CODE.fullmatch(code):
            return _coded(callee, found[1], int(found[2]))
        case _:
            return Dtype(callee, None)


def set_state(dtype: Dtype, state: Value) -> str:
    """Set the state of a type of arrays, as numpy does.

    Returns:
        How the state lies about its items, which numpy believes: bytes of a file would be taken
        for addresses of objects, or items for larger than they are. Empty = it does not.
    """
    match state:
        case (int(version), str(), inner, _, fields, int(item_bytes), int(), int(flags), *_) if (
            version in _STATE_VERSIONS
        ):
            lie = _lie(dtype, inner, fields, item_bytes=item_bytes, flags=flags)
            dtype.objects = bool(flags & _HAS_OBJECTS)
            if dtype.flexible:
                dtype.item_bytes = item_bytes
            return lie
        case _:
            dtype.item_bytes = None
            return ""


def put_fields(target: Attributes, items: Sequence[Value]) -> None:
    """Remember of a dict what fields it describes, each a type and an offset."""
    for item in items:
        match item:
            case (Dtype() as kind, int(offset), *_):
                target.field_objects = target.field_objects or _may_be_objects(kind)
                end = offset + (kind.item_bytes or 0)
                target.field_end = max(target.field_end, end, -_BEFORE * min(offset, 0))


def _may_be_objects(kind: Dtype) -> bool:
    """Whether items of a type may be objects, as those of unknown codes."""
    return kind.objects or kind.item_bytes is None


def _lie(dtype: Dtype, inner: Value, fields: Value, *, item_bytes: int, flags: int) -> str:
    """How flags and sizes contradict the fields of a type."""
    known = fields if isinstance(fields, Attributes) else Attributes()
    parts = [one for one in inner if isinstance(one, Dtype)] if isinstance(inner, tuple) else []
    if dtype.item_bytes is None and not dtype.objects:
        return "a type of arrays with a code that numpy does not write"
    within = any(map(_may_be_objects, parts))
    if (dtype.objects or known.field_objects or within) and flags & _OBJECTS != _OBJECTS:
        return HIDES
    if dtype.flexible and (item_bytes < 0 or known.field_end > item_bytes):
        return "a type of arrays of which the fields lie outside of an item"
    return ""


def _coded(callee: Name, letter: str, number: int) -> Dtype:
    """A type by its code."""
    if letter in _FLEXIBLE:
        return Dtype(callee, number * _FLEXIBLE[letter], flexible=True)
    if number not in _WIDTHS[letter]:
        return Dtype(callee, None)
    objects = letter == "O"
    return Dtype(callee, None if objects else number, objects=objects)
