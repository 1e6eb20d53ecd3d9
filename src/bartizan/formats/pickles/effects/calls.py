"""Instructions that look names up and call them."""

from collections.abc import Callable

from bartizan.formats.pickles import arrays
from bartizan.formats.pickles.array_types import HARMLESS, set_state
from bartizan.formats.pickles.attributes import GETATTR
from bartizan.formats.pickles.effects.containers import touched
from bartizan.formats.pickles.memory.endings import Broken
from bartizan.formats.pickles.memory.grades import REST_OF_ANY, argument, grade, unsure
from bartizan.formats.pickles.memory.tape import LINE_BYTES
from bartizan.formats.pickles.memory.tuples import as_tuple
from bartizan.formats.pickles.memory.unpickling import Unpickling
from bartizan.formats.pickles.memory.values import (
    ASKED,
    ASKING,
    BYTES,
    COMPUTED,
    FLOAT,
    INT,
    PLAIN,
    SCALARS,
    TEXT,
    TEXT_CHARACTERS,
    Array,
    Attributes,
    Cut,
    Dtype,
    Fresh,
    Value,
    Wrapper,
)
from bartizan.formats.pickles.names import UNKNOWN, looked_up, shown
from bartizan.formats.pickles.trace import Argument, How, Made, Name

_PATH_BYTES = 4096
"""Of the longest path that Linux opens, so that no module has a longer name. A text of one long
line that begins with the letter of an instruction names none."""


def named(it: Unpickling) -> None:
    """GLOBAL: two lines."""
    offset = it.offset
    module = _module(it, encoding="utf-8")
    name = _line(it, encoding="utf-8")
    it.stack.push(_import(it, module, name, offset=offset))


def stack_global(it: Unpickling) -> None:
    """STACK_GLOBAL: two texts of the stack, wherever they come from."""
    offset = it.offset
    module, name = it.stack.last(2)
    for text in (module, name):
        if not (isinstance(text, str | Made) or text is TEXT):
            message = "a name that is no text"
            raise Broken(message)
        it.memo.rescue(text)
    it.stack.push(_import(it, _known(module), _known(name), offset=offset))


def instance(it: Unpickling) -> None:
    """INST: looks up a class, and calls it with what lies above the mark.

    Unpicklers written in Python look it up even if there is no mark.
    """
    offset = it.offset
    module = _module(it, encoding="ascii")
    name = _line(it, encoding="ascii")
    callee = _import(it, module, name, offset=offset)
    _call(it, callee, as_tuple(it.stack.gather()), how="call", offset=offset)


def obj(it: Unpickling) -> None:
    """OBJ: calls the first thing above the mark with the others."""
    callee, *items = as_tuple(it.stack.gather()) or (None,)
    _call(it, callee, tuple(items), how="call", offset=it.offset)


def reduce(it: Unpickling) -> None:
    """REDUCE."""
    callee, values = it.stack.last(2)
    _call(it, callee, values, how="call", offset=it.offset)


def newobj(it: Unpickling) -> None:
    """NEWOBJ: ``cls.__new__(cls, *args)``."""
    callee, values = it.stack.last(2)
    _call(it, callee, values, how="new", offset=it.offset)


def newobj_ex(it: Unpickling) -> None:
    """NEWOBJ_EX: ``cls.__new__(cls, *args, **kwargs)``; the last argument is the dict."""
    callee, values, keywords = it.stack.last(3)
    if isinstance(values, tuple):
        values = (*values, keywords)
    _call(it, callee, values, how="new", offset=it.offset)


def build(it: Unpickling) -> None:
    """BUILD: sets the state of what lies on top."""
    offset, state, target = it.offset, it.stack.pop(), it.stack.top()
    if isinstance(target, (*PLAIN, Attributes)):
        return  # these have neither `__setstate__` nor attributes
    callee = touched(it, target, verb="__setstate__")
    it.record.called(
        callee,
        how="state",
        arguments=_reported(it, (state,)),
        offset=offset,
        verb="__setstate__",
        again=_settle(it, target),
    )
    it.foreign += not isinstance(target, Dtype | Wrapper)
    if isinstance(target, Dtype) and (lie := set_state(target, state)):
        it.odd(lie, offset=offset)
    if isinstance(target, Array):
        target.grade = grade(state)
    if isinstance(target, Wrapper):
        arrays.read(it, target, state, offset=offset)


def _settle(it: Unpickling, target: Value) -> bool:
    """What lies on top gets its state. Returns: whether it might have had one before."""
    fresh = isinstance(target, Fresh | Wrapper)
    if isinstance(target, Dtype | Array):
        fresh = not target.settled
    it.stack.settle()
    return not fresh


def extension(size: int) -> Callable[[Unpickling], None]:
    """EXT1, EXT2, EXT4: a name by its number; four bytes have a sign."""

    def effect(it: Unpickling) -> None:
        code = int.from_bytes(it.tape.take(size), "little", signed=size == 4)
        if code <= 0:
            message = "an extension without a number"
            raise Broken(message)
        it.record.extended(code)
        it.stack.push(COMPUTED)

    return effect


def persistent(it: Unpickling) -> None:
    """PERSID: whoever opens the pickle makes an object of a line."""
    offset = it.offset
    _line(it, encoding="ascii")
    it.record.asked(offset)
    it.stack.push(ASKED)


def binpersistent(it: Unpickling) -> None:
    """BINPERSID: the same, of any value.

    PyTorch writes an id out and calls methods of its parts, those of the file's own objects too.
    """
    it.record.asked(it.offset)
    if not _is_plain_id(it.stack.pop()):
        it.odd(ASKING, offset=it.offset)
    it.stack.push(ASKED)


def _is_plain_id(value: Value) -> bool:
    """Whether an id is made of constants and names, as those of tensors and layers are."""
    if isinstance(value, tuple):
        return all(map(_is_plain_id, value))
    return isinstance(value, (*SCALARS, str, Name)) or value in (FLOAT, INT, TEXT, BYTES)


def _module(it: Unpickling, *, encoding: str) -> str:
    """A line that is the name of a module."""
    module = _line(it, encoding=encoding)
    if it.tape.line_bytes > _PATH_BYTES:
        message = "the name of a module is longer than any path"
        raise Broken(message)
    return module


def _line(it: Unpickling, *, encoding: str) -> str:
    """A line that is a name."""
    line = it.tape.line()
    if len(line) > LINE_BYTES:
        return UNKNOWN
    try:
        text = line.decode(encoding)
    except UnicodeDecodeError as error:
        message = "a name in no known encoding"
        raise Broken(message) from error
    return text if len(text) <= TEXT_CHARACTERS else UNKNOWN


def _known(text: Value) -> str:
    """A text of the stack that is whole."""
    return text if isinstance(text, str) and not isinstance(text, Cut) else UNKNOWN


def _import(it: Unpickling, module: str, name: str, *, offset: int) -> Name:
    """Look a name up."""
    spelled = Name(shown(module), shown(name))
    protocol = min([it.protocol, *(around[2] for around in it.outer)])
    found = looked_up(spelled, protocol=protocol)
    it.lookups += found == GETATTR
    return it.record.imported(found, spelled=spelled, offset=offset)


def _call(it: Unpickling, callee: Value, values: Value, *, how: How, offset: int) -> None:
    """Call something, and put down what it returns."""
    if isinstance(callee, (*PLAIN, Attributes, Dtype)):
        message = "something is called that cannot be called"
        raise Broken(message)
    if isinstance(values, SCALARS):
        message = "a call without arguments"
        raise Broken(message)
    name = callee if isinstance(callee, Name) else None
    it.lookups -= name == GETATTR
    arguments = _reported(it, values) if isinstance(values, tuple) else (REST_OF_ANY,)
    it.foreign += name not in HARMLESS
    it.ran += len(arguments) + sum(len(item) for item in arguments if type(item) is tuple)
    it.record.called(name, how=how, arguments=arguments, offset=offset)
    it.stack.push(arrays.result(it, name, values, how=how, offset=offset))


def _reported(it: Unpickling, values: tuple[Value, ...]) -> tuple[Argument, ...]:
    """What something is handed."""
    found = tuple(map(argument, values))
    return tuple(map(unsure, found)) if it.stirred else found
