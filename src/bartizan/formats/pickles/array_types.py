"""Types of numpy's arrays: how many bytes an item takes, and whether items are objects.

Source:
    ``arraydescr_reduce`` and ``arraydescr_setstate`` of numpy's ``descriptor.c``, 1.7 to 2.4.
"""

import re

from bartizan.formats.pickles.memory.values import Dtype, Value
from bartizan.formats.pickles.trace import Name

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


def set_state(dtype: Dtype, state: Value) -> None:
    """Set the state of a type of arrays, as numpy does."""
    match state:
        case (int(version), str(), _, _, _, int(item_bytes), int(), int(flags), *_) if (
            version in _STATE_VERSIONS
        ):
            dtype.objects = bool(flags & _HAS_OBJECTS)
            if dtype.flexible:
                dtype.item_bytes = item_bytes
        case _:
            dtype.item_bytes = None


def _coded(callee: Name, letter: str, number: int) -> Dtype:
    """A type by its code."""
    if letter in _FLEXIBLE:
        return Dtype(callee, number * _FLEXIBLE[letter], flexible=True)
    if number not in _WIDTHS[letter]:
        return Dtype(callee, None)
    objects = letter == "O"
    return Dtype(callee, None if objects else number, objects=objects)
