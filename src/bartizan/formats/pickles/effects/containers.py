"""Instructions that make tuples, lists, dicts and sets, and fill them."""

from collections.abc import Callable, Sequence

from bartizan.formats.pickles.array_types import put_fields
from bartizan.formats.pickles.effects.keys import (
    kept_keys,
    tell_hashes,
    tell_hooks,
)
from bartizan.formats.pickles.index_zones import KEYS
from bartizan.formats.pickles.memory.endings import Broken
from bartizan.formats.pickles.memory.grades import argument, grade_of
from bartizan.formats.pickles.memory.tuples import as_tuple
from bartizan.formats.pickles.memory.unpickling import Unpickling
from bartizan.formats.pickles.memory.values import (
    FROZENSET,
    LIST,
    MOST_UNFOLDED,
    NESTED,
    PLAIN,
    SCALARS,
    Array,
    Attributes,
    Container,
    Dtype,
    Fresh,
    Run,
    Value,
    Wrapper,
    each,
    load,
)
from bartizan.formats.pickles.trace import Grade, Made, Name, Opaque, Verb

_PAIR = 2
"""Of a key and its value, of which a dict may be made later."""
_SHOWN = 4
"""Items of a filling that are reported: no model is judged by what it puts into a queue."""
ATTRIBUTES = frozenset(
    ("subclass", "shape", "order", "dtype", "allow_mmap", "numpy_array_alignment_bytes")
)
"""Of `joblib.numpy_pickle.NumpyArrayWrapper`, versions 0.10 to 1.6."""
_KEPT = ATTRIBUTES | KEYS
"""Keys whose values are kept."""


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
    items = it.stack.gather()
    tell_hashes(it, items)
    _contain(it, FROZENSET, items)


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
    items = it.stack.gather()
    tell_hashes(it, items)
    _fill(it, items, verb="add")


def setitem(it: Unpickling) -> None:
    """SETITEM."""
    _set(it, it.stack.last(2))


def setitems(it: Unpickling) -> None:
    """SETITEMS."""
    _set(it, it.stack.gather())


def touched(it: Unpickling, target: Value, *, verb: Verb) -> Name | None:
    """Whose code runs when something is done to a value.

    Returns:
        What made the value. Of something that was looked up, such as the list `sys.path`, its
        own method, which no list of names holds: ``sys.path.append``.
    """
    match target:
        case Made():
            return target.by
        case Array():
            return target.made.by
        case Dtype() | Wrapper():
            return target.name
        case Name():
            return it.record.made(Name(target.module, f"{target.name}.{verb}")).by
        case _:
            return None


def _fill(it: Unpickling, items: Sequence[Value], *, verb: Verb) -> None:
    """Put items into whatever lies on top."""
    target = it.stack.top()
    if type(target) is Container:
        _hold(it, target, items, worst=grade_of(items))
        return
    offset = it.offset
    if isinstance(target, Opaque):  # forgotten, and perhaps held by something
        it.stirred = it.stirred or grade_of(items) > 0
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
            verb=verb,
            again=not isinstance(target, Fresh),
        )


def _set(it: Unpickling, items: Sequence[Value]) -> None:
    """Set items of whatever lies on top."""
    target = it.stack.top()
    kinds = set(map(type, items))
    flat = list(each(items)) if Run in kinds else items
    keys, worst = flat[::2], grade_of(items)
    if worst > 1:
        tell_hooks(it, items)
        tell_hashes(it, keys)
    if type(target) is Attributes:
        target.keys = kept_keys(target.keys, keys)
        if tuple in kinds:
            put_fields(target, items)
        _collect(it, target, items)
        _hold(it, target, items, worst=worst)
    else:
        _fill(it, items, verb="__setitem__")
    if len(flat) % 2:
        message = "a key without a value"
        raise Broken(message)


def _collect(it: Unpickling, target: Attributes, items: Sequence[Value]) -> None:
    """Keep items of a dict as long as they may be attributes of an array."""
    if target.items is not None:
        keys = items[::2]
        if all(type(key) is str and key in _KEPT for key in keys) and Run not in map(type, items):
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
    _hold(it, target, items, worst=grade_of(items))
    it.stack.push(target)


def _hold(
    it: Unpickling, target: Container | Attributes, items: Sequence[Value], *, worst: Grade
) -> None:
    """Know how much a container holds once these are in it, and how often each of them is met.

    Picklers finish what they put into something first, so that how much it holds says it all.
    Who does it the other way round, and fills what lies elsewhere twice with what is filled later,
    shows up in how often the last one is met.
    """
    if worst > target.grade:  # noqa: PLR1730 (half the time of max, once for each row)
        target.grade = worst
    if worst and target.copies:
        it.stirred = True
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
