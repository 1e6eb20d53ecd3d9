"""Reads IDX files, the format of MNIST."""

import gzip
import io
import zlib
from math import prod

import numpy as np

from bartizan.adapt.files.whole import LIMIT_BYTES
from bartizan.core.arrays import AnyArray
from bartizan.core.errors import InputError

_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
"""Third byte of the file -> numpy type; numbers are stored with the most significant byte first."""
_MOST_AXES = 4
"""Images with channels; more is no IDX file that anybody writes."""


def is_idx(head: bytes) -> bool:
    """Whether a file begins like IDX: two zeros, a type, a number of axes."""
    return (
        len(head) >= 4 and head[:2] == b"\0\0" and head[2] in _TYPES and 1 <= head[3] <= _MOST_AXES
    )


def read_idx(raw: bytes, *, where: str, limit_bytes: int = LIMIT_BYTES) -> AnyArray:
    """Read an IDX file, plain or in gzip.

    Args:
        raw: The whole file.
        where: Its name, for messages.
        limit_bytes: Most that a packed file may unpack to.

    Returns:
        The array, of the shape that the file's head promises.

    Raises:
        InputError: no such file, it holds less or more than its head says, or too much.

    Source:
        Format description at the foot of the MNIST page (LeCun, Cortes, Burges).
    """
    plain = io.BytesIO(raw)
    stream = gzip.GzipFile(fileobj=plain) if raw.startswith(b"\x1f\x8b") else plain
    try:
        return _read(stream, where=where, limit_bytes=limit_bytes)
    except (OSError, EOFError, zlib.error) as error:
        message = f"{where}: the gzip file is damaged or cut off ({error}); fetch it again"
        raise InputError(message) from error


def _read(stream: io.BufferedIOBase, *, where: str, limit_bytes: int) -> AnyArray:
    head = stream.read(4)
    if not is_idx(head):
        message = f"{where} is no IDX file: it begins with {head.hex(' ')}; expected 00 00 08 03"
        raise InputError(message)
    sizes = stream.read(4 * head[3])
    shape = tuple(np.frombuffer(sizes[: len(sizes) // 4 * 4], dtype=">u4").tolist())
    kind = np.dtype(_TYPES[head[2]])
    wanted = prod(shape) * kind.itemsize
    if wanted > limit_bytes:
        message = (
            f"{where} announces {wanted} bytes, more than the limit of {limit_bytes}; split it"
        )
        raise InputError(message)
    content = stream.read(wanted + 1)
    if len(shape) < head[3] or len(content) != wanted:
        held = "more" if len(content) > wanted else str(len(content))
        message = (
            f"{where} is damaged or cut off: its head announces shape {shape}, {wanted} bytes, and "
            f"it holds {held}; fetch it again"
        )
        raise InputError(message)
    return np.frombuffer(content, dtype=kind).reshape(shape)
