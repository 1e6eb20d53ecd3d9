"""All 68 instructions of pickles: their bytes, their names, and what they do.

Source:
    ``Lib/pickle.py`` and ``Lib/pickletools.py`` of CPython, for protocols 0 to 5.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from bartizan.formats.pickles.effects import calls, containers, literals, moves, texts
from bartizan.formats.pickles.memory.endings import Broken
from bartizan.formats.pickles.memory.unpickling import Unpickling
from bartizan.formats.pickles.memory.values import BYTEARRAY, BYTES, LIST, SET

Effect: TypeAlias = Callable[[Unpickling], None]
"""Called when the first byte of an instruction is read; reads the others and does what it says."""


@dataclass(frozen=True)
class Opcode:
    """One instruction."""

    code: bytes
    """Its first byte."""
    name: str
    """As in ``pickletools``."""
    effect: Effect


OPCODES = (
    # constants and numbers
    Opcode(b"N", "NONE", literals.constant(None)),
    Opcode(b"\x88", "NEWTRUE", literals.constant(value=True)),
    Opcode(b"\x89", "NEWFALSE", literals.constant(value=False)),
    Opcode(b"I", "INT", literals.integer),
    Opcode(b"J", "BININT", literals.binint(4, signed=True)),
    Opcode(b"K", "BININT1", literals.binint(1)),
    Opcode(b"M", "BININT2", literals.binint(2)),
    Opcode(b"L", "LONG", literals.long),
    Opcode(b"\x8a", "LONG1", literals.counted_long(1)),
    Opcode(b"\x8b", "LONG4", literals.counted_long(4)),
    Opcode(b"F", "FLOAT", literals.real),
    Opcode(b"G", "BINFLOAT", literals.binfloat),
    # texts and bytes
    Opcode(b"S", "STRING", texts.string),
    Opcode(b"T", "BINSTRING", texts.counted_string(4)),
    Opcode(b"U", "SHORT_BINSTRING", texts.counted_string(1)),
    Opcode(b"V", "UNICODE", texts.unicode),
    Opcode(b"X", "BINUNICODE", texts.counted_text(4)),
    Opcode(b"\x8c", "SHORT_BINUNICODE", texts.counted_text(1)),
    Opcode(b"\x8d", "BINUNICODE8", texts.counted_text(8)),
    Opcode(b"B", "BINBYTES", texts.counted_bytes(4, value=BYTES)),
    Opcode(b"C", "SHORT_BINBYTES", texts.counted_bytes(1, value=BYTES)),
    Opcode(b"\x8e", "BINBYTES8", texts.counted_bytes(8, value=BYTES)),
    Opcode(b"\x96", "BYTEARRAY8", texts.counted_bytes(8, value=BYTEARRAY)),
    Opcode(b"\x97", "NEXT_BUFFER", texts.next_buffer),
    Opcode(b"\x98", "READONLY_BUFFER", texts.readonly_buffer),
    # containers
    Opcode(b")", "EMPTY_TUPLE", literals.constant(())),
    Opcode(b"\x85", "TUPLE1", containers.few(1)),
    Opcode(b"\x86", "TUPLE2", containers.few(2)),
    Opcode(b"\x87", "TUPLE3", containers.few(3)),
    Opcode(b"t", "TUPLE", containers.many),
    Opcode(b"]", "EMPTY_LIST", containers.empty(LIST)),
    Opcode(b"l", "LIST", containers.listed),
    Opcode(b"a", "APPEND", containers.append),
    Opcode(b"e", "APPENDS", containers.appends),
    Opcode(b"}", "EMPTY_DICT", containers.empty_dict),
    Opcode(b"d", "DICT", containers.dictionary),
    Opcode(b"s", "SETITEM", containers.setitem),
    Opcode(b"u", "SETITEMS", containers.setitems),
    Opcode(b"\x8f", "EMPTY_SET", containers.empty(SET)),
    Opcode(b"\x90", "ADDITEMS", containers.additems),
    Opcode(b"\x91", "FROZENSET", containers.frozen_set),
    # the stack and the memo
    Opcode(b"(", "MARK", moves.mark),
    Opcode(b"0", "POP", moves.pop),
    Opcode(b"1", "POP_MARK", moves.pop_mark),
    Opcode(b"2", "DUP", moves.dup),
    Opcode(b"p", "PUT", moves.put),
    Opcode(b"q", "BINPUT", moves.binput(1)),
    Opcode(b"r", "LONG_BINPUT", moves.binput(4)),
    Opcode(b"\x94", "MEMOIZE", moves.memoize),
    Opcode(b"g", "GET", moves.get),
    Opcode(b"h", "BINGET", moves.binget(1)),
    Opcode(b"j", "LONG_BINGET", moves.binget(4)),
    # names and calls
    Opcode(b"c", "GLOBAL", calls.named),
    Opcode(b"\x93", "STACK_GLOBAL", calls.stack_global),
    Opcode(b"\x82", "EXT1", calls.extension(1)),
    Opcode(b"\x83", "EXT2", calls.extension(2)),
    Opcode(b"\x84", "EXT4", calls.extension(4)),
    Opcode(b"P", "PERSID", calls.persistent),
    Opcode(b"Q", "BINPERSID", calls.binpersistent),
    Opcode(b"R", "REDUCE", calls.reduce),
    Opcode(b"i", "INST", calls.instance),
    Opcode(b"o", "OBJ", calls.obj),
    Opcode(b"\x81", "NEWOBJ", calls.newobj),
    Opcode(b"\x92", "NEWOBJ_EX", calls.newobj_ex),
    Opcode(b"b", "BUILD", calls.build),
    # the stream
    Opcode(b"\x80", "PROTO", moves.proto),
    Opcode(b"\x95", "FRAME", moves.frame),
    Opcode(b".", "STOP", moves.stop),
)


def _no_opcode(it: Unpickling) -> None:
    """A byte that begins no instruction."""
    message = f"byte {it.tape.buffer[it.tape.place - 1]:#04x} begins no instruction"
    raise Broken(message)


def effects() -> list[Effect]:
    """What each of 256 bytes does where an instruction is due."""
    table: list[Effect] = [_no_opcode] * 256
    for opcode in OPCODES:
        table[opcode.code[0]] = opcode.effect
    return table
