"""Pickles, and what they are packed into without an archive around them."""

import bz2
import gzip
import lzma
import struct
import zlib

from bartizan.supply.planted.case import Planted, command, honest

RUNS = b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R."
"""A pickle that would run a command which does nothing."""
RUNS_NOTHING = b"\x80\x02]q\x00(K\x01K\x02e."
"""A pickle of the list [1, 2]."""
_RUNS_AS_TEXT = b"(S'true'\nios\nsystem\n."
"""The same in protocol 0, called by another instruction."""
_RUNS_FROM_STACK = b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R."
"""The same in protocol 4, where names come from the stack."""
_MAGIC = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
"""Begins the files of PyTorch before 1.6."""
_LEGACY = _MAGIC + b"\x80\x02M\xe9\x03." + b"\x80\x02}q\x00."
"""Up to where the object follows: protocol 1001, and nothing about the machine."""
_NO_TENSORS = b"\x80\x02]q\x00."


def pickles() -> tuple[Planted, ...]:
    """Streams of instructions alone."""
    return (
        honest("a list in a pickle", RUNS_NOTHING),
        command("a command in a pickle", RUNS),
        command("a command in a pickle of protocol 0", _RUNS_AS_TEXT),
        command("a command in a pickle of protocol 4", _RUNS_FROM_STACK),
        command("a command in a second pickle", RUNS_NOTHING + RUNS),
    )


def compressed() -> tuple[Planted, ...]:
    """In each packing that the standard library unpacks."""
    return (
        honest("a list in a pickle packed by gzip", gzip.compress(RUNS_NOTHING, mtime=0)),
        command("a command in a pickle packed by gzip", gzip.compress(RUNS, mtime=0)),
        command("a command in a pickle packed by zlib", zlib.compress(RUNS)),
        command("a command in a pickle packed by bzip2", bz2.compress(RUNS, 1)),
        command("a command in a pickle packed by xz", lzma.compress(RUNS, preset=0)),
        command(
            "a command in a pickle packed by lzma",
            lzma.compress(RUNS, format=lzma.FORMAT_ALONE, preset=0),
        ),
    )


def torch_files() -> tuple[Planted, ...]:
    """As PyTorch wrote before it took to zip archives."""
    return (
        honest("a list in a file of PyTorch", _LEGACY + RUNS_NOTHING + _NO_TENSORS),
        command("a command in a file of PyTorch", _LEGACY + RUNS + _NO_TENSORS),
    )


def arrays() -> tuple[Planted, ...]:
    """Numbers, and objects."""
    return (
        honest("an array of numbers", _array("|u1", b"\7")),
        command("a command in an array of objects", _array("|O", RUNS)),
    )


def _array(kind: str, raw: bytes) -> bytes:
    """A file of NumPy with one element."""
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': (1,), }}"
    header = header.ljust(117) + "\n"  # so that the numbers begin at a multiple of 64
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + raw
