"""Instructions that make tuples, lists, dicts and sets, and fill them."""

from collections.abc import Callable, Sequence

from bartizan.formats.pickles.memory.endings import Broken
from bartizan.formats.pickles.memory.unpickling import Unpickling
from bartizan.formats.pickles.memory.values import (
    FROZENSET,
    LIST,
    MOST_UNFOLDED,
    NESTED,
    PLAIN,
    SCALARS,
    Attributes,
    Container,
    Dtype,
    Run,
    Value,
    Wrapper,
    argument,
    as_tuple,
    load,
)
from bartizan.formats.pickles.trace import Made, Name, Opaque

_PAIR = 2
"""Of a key and its value, of which a dict may be made later."""
_SHOWN = 4
"""Items of a filling that are reported: no model is judged by what it puts into a queue."""
ATTRIBUTES = frozenset(
    ("subclass", "shape", "order", "dtype", "allow_mmap", "numpy_array_alignment_bytes")
)
"""Of `joblib.numpy_pickle.NumpyArrayWrapper`, versions 0.10 to 1.6."""

HOOK = "an attribute that changes what an object does"
_OWN = "__"
"""Around the names that Python itself looks for in objects."""
_VALUE_MAKERS = ("scalar",)
"""Make numbers of numpy, which are what vocabularies of texts count words with."""


def tell_hooks(it: Unpickling, items: Sequence[Value]) -> None:
    """Tell of a text such as ``__setstate__`` with something beside it that may be called.

    As an attribute of one object it is called or obeyed where nobody expects it: by the next
    BUILD, by a copy, by whoever pickles the object again. No pickler writes such a pair; words in
    a vocabulary stand beside numbers.
    """
    for place, one in enumerate(items[:-1]):
        if type(one) is str and one[:2] == _OWN == one[-2:] and _may_run(items[place + 1]):
            it.odd(HOOK, offset=it.tape.offset)


def _may_run(value: Value) -> bool:
    """Whether a value may be something that can be called."""
    if isinstance(value, Made):
        return value.by is None or value.by.name not in _VALUE_MAKERS
    return isinstance(value, Name)


def few(count: int) -> Callable[[Unpickling], None]:
    """TUPLE1, TUPLE2, TUPLE3."""

    def effect(it: Unpickling) -> None:
        items = it.stack.last(count)
        if count == _PAIR:
            tell_hooks(it, items)
        _pack(it, items)

    return effect


def many(it: Unpickling) -> None:
    """TUPLE."""
    items = it.stack.gather()
    if len(items) == _PAIR:
        tell_hooks(it, items)
    _pack(it, items)


def empty(kind: Opaque) -> Callable[[Unpickling], None]:
    """EMPTY_LIST, EMPTY_SET."""

    def effect(it: Unpickling) -> None:
        it.stack.push(Container(kind))

    return effect


def empty_dict(it: Unpickling) -> None:
    """EMPTY_DICT."""
    it.stack.push(Attributes(born=it.foreign))


def listed(it: Unpickling) -> None:
    """LIST."""
    items = it.stack.gather()
    if len(items) == _PAIR:
        tell_hooks(it, items)
    _contain(it, LIST, items)


def frozen_set(it: Unpickling) -> None:
    """FROZENSET."""
    _contain(it, FROZENSET, it.stack.gather())


def dictionary(it: Unpickling) -> None:
    """DICT."""
    items = it.stack.gather()
    it.stack.push(Attributes(born=it.foreign))
    _set(it, items)


def append(it: Unpickling) -> None:
    """APPEND."""
    _fill(it, it.stack.last(1), verb="append")


def appends(it: Unpickling) -> None:
    """APPENDS."""
    items = it.stack.gather()
    if len(items) == _PAIR:
        tell_hooks(it, items)
    _fill(it, items, verb="extend")


def additems(it: Unpickling) -> None:
    """ADDITEMS."""
    _fill(it, it.stack.gather(), verb="add")


def setitem(it: Unpickling) -> None:
    """SETITEM."""
    _set(it, it.stack.last(2))


def setitems(it: Unpickling) -> None:
    """SETITEMS."""
    _set(it, it.stack.gather())


def touched(it: Unpickling, target: Value, *, verb: str) -> Name | None:
    """Whose code runs when something is done to a value.

    Returns:
        What made the value. Of something that was looked up, such as the list `sys.path`, its
        own method, which no list of names holds: ``sys.path.append``.
    """
    match target:
        case Made():
            return target.by
        case Dtype() | Wrapper():
            return target.name
        case Name():
            return it.record.made(Name(target.module, f"{target.name}.{verb}")).by
        case _:
            return None


def _fill(it: Unpickling, items: Sequence[Value], *, verb: str) -> None:
    """Put items into whatever lies on top."""
    target = it.stack.top()
    if type(target) is Container:
        _hold(it, target, items)
        return
    offset = it.offset
    if isinstance(target, (*SCALARS, str, tuple)):
        if not items:
            return  # nothing is done, so that nothing fails
        message = "something is put into a value that holds nothing"
        raise Broken(message)
    if not isinstance(target, (*PLAIN, Attributes)):
        it.foreign += 1
        it.record.called(
            touched(it, target, verb=verb),
            how="fill",
            arguments=tuple(argument(item) for item in as_tuple(list(items[:_SHOWN]))[:_SHOWN]),
            offset=offset,
        )


def _set(it: Unpickling, items: Sequence[Value]) -> None:
    """Set items of whatever lies on top."""
    target = it.stack.top()
    tell_hooks(it, items)
    if type(target) is Attributes:
        _collect(it, target, items)
        _hold(it, target, items)
    else:
        _fill(it, items, verb="__setitem__")
    if sum(item.count if type(item) is Run else 1 for item in items) % 2:
        message = "a key without a value"
        raise Broken(message)


def _collect(it: Unpickling, target: Attributes, items: Sequence[Value]) -> None:
    """Keep items of a dict as long as they may be attributes of an array."""
    if target.items is not None:
        keys = items[::2]
        if all(type(key) is str and key in ATTRIBUTES for key in keys) and Run not in map(
            type, items
        ):
            target.items.update(zip(map(str, keys), items[1::2], strict=False))
            return
        it.memo.forget(target)


def _pack(it: Unpickling, items: list[Value]) -> None:
    """Put down a tuple."""
    if not NESTED.isdisjoint(map(type, items)):
        _note(it, 1 + load(items))
    it.stack.push(as_tuple(items))


def _contain(it: Unpickling, kind: Opaque, items: list[Value]) -> None:
    """Put down a list or a set that is filled at once."""
    target = Container(kind)
    _hold(it, target, items)
    it.stack.push(target)


def _hold(it: Unpickling, target: Container | Attributes, items: Sequence[Value]) -> None:
    """Know how much a container holds once these are in it, and how often each of them is met.

    Picklers finish what they put into something first, so that how much it holds says it all.
    Who does it the other way round, and fills what lies elsewhere twice with what is filled later,
    shows up in how often the last one is met.
    """
    unfolds = target.unfolds + load(items)
    target.unfolds = min(unfolds, MOST_UNFOLDED)
    if target.copies > 1:
        _copy(it, items, target.copies)
    if unfolds > it.record.unfolds:  # noqa: PLR1730 (half the time of max, once for each row)
        it.record.unfolds = unfolds


def _copy(it: Unpickling, items: Sequence[Value], times: int) -> None:
    """Values lie in something that is met so many times. Tuples are kept two deep."""
    for item in items:
        if type(item) is tuple:
            _copy(it, item, times)
        elif isinstance(item, Container | Attributes):
            item.copies = min(item.copies + times, MOST_UNFOLDED)
            _note(it, item.copies)


def _note(it: Unpickling, unfolds: int) -> None:
    """Remember the largest."""
    it.record.unfolds = max(it.record.unfolds, unfolds)
