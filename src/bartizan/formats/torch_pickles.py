"""Where the pickles of PyTorch end, and which tensors they ask for: no more than that is read.

What the pickles would do is another reader's question (`bartizan.formats.pickles`).
"""

import pickletools
from dataclasses import dataclass, field

from bartizan.core.errors import InputError
from bartizan.formats.content import CHUNK_BYTES, Budget, Stream

_OPCODES = {ord(opcode.code): opcode for opcode in pickletools.opcodes}
_TEXTS = frozenset(
    [
        "BINUNICODE",
        "SHORT_BINUNICODE",
        "BINUNICODE8",
        "UNICODE",
        "STRING",
        "BINSTRING",
        "SHORT_BINSTRING",
    ]
)
_KEPT = 256
"""Longest argument that is looked at: keys of tensors and names of classes are shorter."""
_TEXTS_KEPT, _CLASSES_KEPT = 1 << 17, 1000
"""Far more than the largest models have tensors, and kinds of tensors."""
_COUNTED = 1000
"""Instructions between two payments."""
_TUPLE = 8
"""Values of a tuple that asks for a tensor: six, or eight where it is a view of another."""
_SIZES = {
    "DoubleStorage": 8,
    "FloatStorage": 4,
    "HalfStorage": 2,
    "BFloat16Storage": 2,
    "LongStorage": 8,
    "IntStorage": 4,
    "ShortStorage": 2,
    "CharStorage": 1,
    "ByteStorage": 1,
    "BoolStorage": 1,
    "ComplexDoubleStorage": 16,
    "ComplexFloatStorage": 8,
    "QInt8Storage": 1,
    "QUInt8Storage": 1,
    "QInt32Storage": 4,
    "UntypedStorage": 1,
}


@dataclass(kw_only=True)
class Pickled:
    """One pickle."""

    size_bytes: int = 0
    texts: list[str] = field(default_factory=list)
    """Short texts that it holds, in order."""
    classes: list[str] = field(default_factory=list)
    """Names that it looks up, as it spells them, the first 1,000; empty = out of texts."""
    elements: dict[str, int] = field(default_factory=dict)
    """Bytes of one number of each tensor that it asks for, by the tensor's key."""


class _Reader:
    """Reads small pieces from a stream, without a call for each."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._held = b""
        self._at = 0

    @property
    def position(self) -> int:
        return self._stream.position - len(self._held) + self._at

    def take(self, size: int) -> bytes:
        if self._at + size > len(self._held):
            self._held = self._held[self._at :] + self._stream.read(CHUNK_BYTES)
            self._at = 0
        found = self._held[self._at : self._at + size]
        self._at += len(found)
        if len(found) < size:
            message = "a pickle is cut off"
            raise InputError(message)
        return found

    def line(self) -> bytes:
        end = self._held.find(b"\n", self._at)
        if end < 0:
            self._held = self._held[self._at :] + self._stream.read(CHUNK_BYTES)
            self._at = 0
            end = self._held.find(b"\n")
        if end < 0:
            message = "a line of a pickle does not end"
            raise InputError(message)
        return self.take(end + 1 - self._at)[:-1]

    def skip(self, size: int) -> None:
        here = min(size, len(self._held) - self._at)
        self._at += here
        if self._stream.skip(size - here) < size - here:
            message = "a pickle is cut off"
            raise InputError(message)


def read_pickle(stream: Stream, *, budget: Budget) -> Pickled:
    """Walk one pickle, from the place of the stream to its end.

    Args:
        stream: Is read beyond the end of the pickle.
        budget: Pays for instructions.

    Raises:
        InputError: it is broken or cut off.
        LimitError: it has too many instructions.

    Cost: about half a microsecond an instruction.
    """
    reader, asked, steps = _Reader(stream), _Asked(), 0
    begin = reader.position
    while True:
        opcode = _OPCODES.get(reader.take(1)[0])
        steps += 1
        if steps % _COUNTED == 0:
            budget.spend("opcodes", _COUNTED)
        if opcode is None:
            message = "an instruction of a pickle makes no sense"
            raise InputError(message)
        argument = _argument(reader, opcode)
        if opcode.name == "STOP":
            asked.found.size_bytes = reader.position - begin
            return asked.found
        asked.step(opcode.name, argument)


def _argument(reader: _Reader, opcode: pickletools.OpcodeInfo) -> bytes:
    """The argument of an instruction; empty if it has none or a long one."""
    if opcode.arg is None:
        return b""
    n = opcode.arg.n
    if n == pickletools.UP_TO_NEWLINE:
        first = reader.line()
        return first + b" " + reader.line() if opcode.name in {"GLOBAL", "INST"} else first
    if n < 0:
        width = {
            pickletools.TAKEN_FROM_ARGUMENT1: 1,
            pickletools.TAKEN_FROM_ARGUMENT8U: 8,
        }.get(n, 4)
        n = int.from_bytes(
            reader.take(width), "little", signed=n == pickletools.TAKEN_FROM_ARGUMENT4
        )
    if n < 0:
        message = "a length in a pickle is negative"
        raise InputError(message)
    if n <= _KEPT:
        return reader.take(n)
    reader.skip(n)
    return b""


class _Asked:
    """Follows just enough of a pickle to see the tuples by which it asks for tensors."""

    def __init__(self) -> None:
        self.found = Pickled()
        self._memo: dict[int, str] = {}
        self._recent: list[str] = []
        self._tuple: list[str] = []

    def step(self, name: str, argument: bytes) -> None:
        """One instruction: texts and names of classes are values, all else is nameless."""
        if name == "MARK":
            self._recent = []
        elif name in {"BINPUT", "LONG_BINPUT", "PUT", "MEMOIZE"}:
            self._remember(name, argument)
        elif name in {"BINGET", "LONG_BINGET", "GET"}:
            self._push(self._memo.get(_number(name, argument), ""))
        elif name in {"TUPLE1", "TUPLE2", "TUPLE3"}:
            del self._recent[-int(name[-1]) :]
            self._push("")
        elif name == "TUPLE":
            self._tuple, self._recent = self._recent, [""]
        elif name == "BINPERSID":
            self._ask()
        elif name == "STACK_GLOBAL":
            *_, name = self._recent or [""]
            self._named("")  # the texts that it takes are not followed closely enough
            del self._recent[-2:]
            self._push(name)
        else:
            self._value(name, argument)

    def _value(self, name: str, argument: bytes) -> None:
        if name in _TEXTS:
            text = argument.decode("utf-8", "replace").strip("'\"")
            if len(self.found.texts) < _TEXTS_KEPT:
                self.found.texts.append(text)
            self._push(text)
        elif name not in {"PROTO", "FRAME"}:
            spelled = argument.decode("utf-8", "replace") if name == "GLOBAL" else ""
            if spelled:
                self._named(spelled)
            self._push(spelled)

    def _named(self, spelled: str) -> None:
        if len(self.found.classes) < _CLASSES_KEPT:
            self.found.classes.append(spelled)

    def _push(self, value: str) -> None:
        if len(self._recent) < _TUPLE + 2:
            self._recent.append(value)

    def _remember(self, name: str, argument: bytes) -> None:
        number = len(self._memo) if name == "MEMOIZE" else _number(name, argument)
        self._memo[number] = self._recent[-1] if self._recent else ""

    def _ask(self) -> None:
        """``('storage', type, key, place, numbers, view)``."""
        values = self._tuple
        if len(values) >= 5 and values[0] == "storage":
            size = element_bytes(values[1])
            if size:
                self.found.elements[values[2]] = size
        self._recent = [""]


def element_bytes(name: str) -> int:
    """Bytes of one number in a storage of a class, such as `torch FloatStorage`; 0 = unknown."""
    return _SIZES.get(name.rpartition(" ")[2].rpartition(".")[2], 0)


def _number(name: str, argument: bytes) -> int:
    """Index of the memo."""
    if name in {"PUT", "GET"}:
        return int(argument) if argument.isdigit() and len(argument) < 20 else -1
    return int.from_bytes(argument, "little")
