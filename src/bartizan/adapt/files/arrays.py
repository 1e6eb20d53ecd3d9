"""Reads .npy and .npz files without running anything that is in them."""

import io
import lzma
import tokenize
import zipfile
import zlib
from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np

from bartizan.adapt.files.whole import LIMIT_BYTES
from bartizan.core.arrays import AnyArray
from bartizan.core.errors import InputError, SchemaError

MAGIC = b"\x93NUMPY"
_HEAD_BYTES = 16 * 1024
"""Longest head that is read; numpy itself refuses more than 10,000 characters."""
_DAMAGE = (
    *(ValueError, TypeError, KeyError, SyntaxError, tokenize.TokenError),
    *(RecursionError, MemoryError),
    *(OSError, EOFError, RuntimeError, NotImplementedError),
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError),
)
"""What numpy and zipfile raise on files that are damaged, encrypted, or made to harm."""


@dataclass(frozen=True)
class Head:
    """What the head of an array says."""

    shape: tuple[int, ...]
    dtype: np.dtype
    order: bool
    """Whether columns stand one after the other (Fortran), not rows."""
    start: int
    """Where the values begin."""

    @property
    def size_bytes(self) -> int:
        """Of the whole file."""
        return self.start + prod(self.shape) * self.dtype.itemsize


def head_of(raw: bytes, *, where: str) -> Head:
    """Read the head of an .npy file.

    Args:
        raw: The file, or its first 16 KiB.
        where: What messages call it.

    Raises:
        InputError: it is damaged.
    """
    stream = io.BytesIO(raw[:_HEAD_BYTES])
    try:
        version = np.lib.format.read_magic(stream)
        read = np.lib.format.read_array_header_1_0
        if version != (1, 0):
            read = np.lib.format.read_array_header_2_0
        shape, order, dtype = read(stream)
    except _DAMAGE as error:
        message = f"{where}: the array is damaged or cut off ({error}); write it again"
        raise InputError(message) from error
    return Head(tuple(shape), dtype, order, stream.tell())


def _require_plain(head: Head, *, where: str) -> None:
    if head.dtype.kind == "O":
        message = (
            f"{where} is an array of Python objects, and opening it could run code; save labels as "
            "numbers or with astype(str); images of several sizes must be brought to one size, "
            "then saved as one array of numbers"
        )
        raise SchemaError(message)
    kind, shape = head.dtype, head.shape
    if kind.kind not in "biufSU" or not kind.itemsize or min(shape, default=0) < 0:
        message = f"{where}: expected an array of numbers or texts, got {kind} of shape {shape}"
        raise SchemaError(message)


def read_npy(raw: bytes, *, where: str) -> AnyArray:
    """Read an .npy file.

    Raises:
        InputError: it is damaged, or holds less or more than its head says.
        SchemaError: the array holds Python objects.
    """
    head = head_of(raw, where=where)
    _require_plain(head, where=where)
    wanted = head.size_bytes - head.start
    if len(raw) - head.start != wanted:
        message = (
            f"{where} is damaged or cut off: its head announces shape {head.shape}, {wanted} "
            f"bytes, and it holds {len(raw) - head.start}; write it again"
        )
        raise InputError(message)
    values = np.frombuffer(raw, dtype=head.dtype, offset=head.start)
    return values.reshape(head.shape, order="F" if head.order else "C")


@dataclass(frozen=True)
class Archive:
    """An .npz file; its arrays are read when they are asked for."""

    raw: bytes
    where: str
    limit_bytes: int = LIMIT_BYTES

    @cached_property
    def heads(self) -> dict[str, Head]:
        """Each array's head, by name.

        Raises:
            InputError: the archive is damaged.
        """
        found = {}
        for name in self._names:
            raw = self._member(name, most=_HEAD_BYTES)
            found[name] = head_of(raw, where=f"{self.where}, array {name!r}")
        return found

    @cached_property
    def _names(self) -> dict[str, int]:
        """Each array's name, and the bytes that it unpacks to as the archive says."""
        try:
            with zipfile.ZipFile(io.BytesIO(self.raw)) as archive:
                members = {member.filename: member.file_size for member in archive.infolist()}
        except _DAMAGE as error:
            message = f"{self.where}: the archive is damaged or cut off ({error}); write it again"
            raise InputError(message) from error
        return {
            name.removesuffix(".npy"): size
            for name, size in members.items()
            if name.endswith(".npy")
        }

    def read(self, name: str) -> AnyArray:
        """One array.

        Raises:
            InputError: it is damaged, or unpacks to more than the limit.
        """
        where = f"{self.where}, array {name!r}"
        _require_plain(self.heads[name], where=where)  # a negative length would unpack it all
        size_bytes = self.heads[name].size_bytes
        if size_bytes > self.limit_bytes:
            message = (
                f"{where} unpacks to {size_bytes} bytes, more than {self.limit_bytes}; split it"
            )
            raise InputError(message)
        held = self._names[name]
        if held != size_bytes:
            message = (
                f"{where} is damaged: its head announces {size_bytes} bytes, and the archive holds "
                f"{held}; write it again"
            )
            raise InputError(message)
        raw = self._member(name, most=size_bytes + 1)
        return read_npy(raw, where=where)

    def _member(self, name: str, *, most: int) -> bytes:
        try:
            with (
                zipfile.ZipFile(io.BytesIO(self.raw)) as archive,
                archive.open(f"{name}.npy") as stream,
            ):
                return stream.read(most)
        except _DAMAGE as error:
            message = f"{self.where}, array {name!r}: damaged or cut off ({error}); write it again"
            raise InputError(message) from error
