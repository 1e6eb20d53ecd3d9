"""Arrays that joblib writes between the instructions of a pickle, as raw bytes.

`joblib.dump` puts down an object that describes an array, and as soon as its state is set (BUILD)
come the bytes: one that says how many bytes of padding follow (since 1.2), the padding, and the
items. An array of objects is a pickle of its own instead. Whoever loses count here reads numbers
as instructions, or passes over instructions as if they were numbers. So whatever is not exactly
as joblib writes it ends the walk.

Source:
    ``NumpyArrayWrapper.write_array`` and ``read_array`` of joblib's ``numpy_pickle.py``, 0.10 to
    1.6.
"""

from math import prod

from bartizan.formats.pickles.array_types import array_type
from bartizan.formats.pickles.attributes import GETATTR, attribute
from bartizan.formats.pickles.index_zones import KEYS, may_name_zone
from bartizan.formats.pickles.memory.endings import Broken
from bartizan.formats.pickles.memory.unpickling import Unpickling
from bartizan.formats.pickles.memory.values import (
    COMPUTED,
    Array,
    Attributes,
    Dtype,
    Value,
    Wrapper,
)
from bartizan.formats.pickles.trace import How, Name

ZONE = "an index of pandas in a time zone that is spelled out, which may be the path of a file"
_INSIDE = "NumpyArrayWrapper"
_OUTSIDE = ("NDArrayWrapper", "ZNDArrayWrapper")
"""Of joblib before 0.10: the array is in a file beside this one."""
_RECONSTRUCTOR = Name("copyreg", "_reconstructor")
_MAKERS = (
    _RECONSTRUCTOR,
    Name("copyreg", "__newobj__"),
    Name("copyreg", "__newobj_ex__"),
)
"""Make an object of the class that is their first argument."""
_ARRAY_MAKERS = frozenset(("_reconstruct", "_mareconstruct"))
"""Functions of numpy that make an array which its state fills."""
_OBJECT = Name("builtins", "object")
_MOST_BYTES = 1 << 62
"""Of one array. Beyond 2**63 numpy's own count of items turns around."""
_PADDING = 16
"""At most, of those that joblib writes."""


def result(it: Unpickling, callee: Name | None, values: Value, *, how: How, offset: int) -> Value:
    """What a call returns, where that says how the bytes after it are read.

    Args:
        it: The unpickling.
        callee: What is called; none = something computed.
        values: The tuple of arguments.
        how: How it is called.
        offset: Of the instruction.
    """
    if callee is None:
        return COMPUTED
    items = values if isinstance(values, tuple) else ()
    given = items[-1] if items else None
    if may_name_zone(callee, given.items if isinstance(given, Attributes) else None):
        it.odd(ZONE, offset=offset)
    if callee == GETATTR:
        found = attribute(items)
        return COMPUTED if found is None else it.record.fresh(found).by
    maker = _class_of(callee, items)
    if maker is None:
        return COMPUTED
    made = array_type(callee, items) or _made(it, callee, maker)
    if not it.raw_arrays:
        return made
    wrapper = callee if is_wrapper(callee) else _reconstructed(callee, items)
    if wrapper:
        it.stack.wary = True
        plain = wrapper is not callee or (how == "new" and values == ())
        return Wrapper(wrapper, {} if plain else None)
    if _hands_over(items):
        it.odd("the class of joblib's arrays is handed to something else", offset=offset)
        message = "what follows depends on a class of joblib that is handed to something else"
        raise Broken(message)
    return made


def _made(it: Unpickling, callee: Name, maker: Name) -> Value:
    """An object that was just made."""
    if callee.name in _ARRAY_MAKERS:
        return Array(it.record.made(callee))
    return it.record.fresh(maker)


def read(it: Unpickling, wrapper: Wrapper, state: Value, *, offset: int) -> None:
    """Set the state of what stands for an array, and read the array.

    Raises:
        Broken: nobody can tell where the array ends.
    """
    if wrapper.name.name.rpartition(".")[2] != _INSIDE:
        it.odd("an array in another file", offset=offset)
        it.stack.items[-1] = it.record.made(wrapper.name)
        return
    items = state.items if isinstance(state, Attributes) else None
    if isinstance(state, Attributes) and state.born != it.foreign:
        items = None  # the code that ran in between may have changed it
    if items is None or wrapper.attributes is None or KEYS & items.keys() - {"dtype"}:
        message = "an array of joblib whose description nobody can tell"
        raise Broken(message)
    attributes = wrapper.attributes | items
    wrapper.attributes = None
    dtype, size = _extent(attributes)
    if it.tape.frame_end is not None and it.tape.frame_end > it.tape.offset:
        it.odd("an array in the middle of a frame", offset=offset)
        message = "unpicklers disagree on where an array in the middle of a frame begins"
        raise Broken(message)
    it.record.arrays += 1
    it.tape.frame_end = None
    it.tape.settle()
    it.stack.items[-1] = it.record.made(wrapper.name)
    if dtype.objects:
        it.enter()
        return
    if attributes.get("numpy_array_alignment_bytes") is not None:
        padding = it.tape.number(1)
        if not 1 <= padding <= _PADDING:
            it.odd("an array with a padding that joblib does not write", offset=offset)
        it.tape.skip(padding)
    it.tape.skip(size)


def _extent(attributes: dict[str, Value]) -> tuple[Dtype, int]:
    """The type and the bytes of an array."""
    dtype, shape = attributes.get("dtype"), attributes.get("shape")
    alignment = attributes.get("numpy_array_alignment_bytes")
    if not isinstance(dtype, Dtype) or not isinstance(shape, tuple):
        message = "an array of joblib without a type or a shape"
        raise Broken(message)
    order, subclass = attributes.get("order", "C"), attributes.get("subclass", _OBJECT)
    if not isinstance(order, str) or not isinstance(subclass, Name):
        message = "an array of joblib of which the order is no text, or the class no name"
        raise Broken(message)
    if not (alignment is None or type(alignment) is int):
        message = "an array of joblib of which nobody can tell whether it is padded"
        raise Broken(message)
    counts = [item for item in shape if type(item) is int and item >= 0]
    if len(counts) < len(shape) or any(item >= _MOST_BYTES for item in counts):
        message = "an array of joblib with an impossible shape"
        raise Broken(message)
    if dtype.objects:
        return dtype, 0
    if not dtype.item_bytes or dtype.item_bytes < 0:
        message = "an array of joblib of which nobody can tell how long an item is"
        raise Broken(message)
    size = prod(counts) * dtype.item_bytes
    if prod(max(item, 1) for item in counts) * dtype.item_bytes >= _MOST_BYTES:
        message = f"an array of joblib of {size:,} bytes"
        raise Broken(message)
    return dtype, size


def is_wrapper(name: Name) -> bool:
    """Whether this is a class that stands for arrays, from wherever it is taken."""
    return name.name.rpartition(".")[2] in (_INSIDE, *_OUTSIDE)


def _class_of(callee: Name, items: tuple[Value, ...]) -> Name | None:
    """What makes an object, where a function of `copyreg` does it for a class."""
    if callee not in _MAKERS:
        return callee
    return items[0] if items and isinstance(items[0], Name) else None


def _reconstructed(callee: Name, items: tuple[Value, ...]) -> Name | None:
    """The class that stands for arrays, where protocols 0 and 1 make an object of it."""
    match items:
        case (Name() as wrapper, Name() as base, None):
            if callee == _RECONSTRUCTOR and base == _OBJECT and is_wrapper(wrapper):
                return wrapper
    return None


def _hands_over(items: tuple[Value, ...]) -> bool:
    """Whether the class that stands for arrays is among the arguments."""
    return any(
        _hands_over(item)
        if isinstance(item, tuple)
        else isinstance(item, Name) and is_wrapper(item)
        for item in items
    )
