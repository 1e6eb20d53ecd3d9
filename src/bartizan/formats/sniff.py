"""Says what a file is by its content; names and suffixes are only what somebody claims."""

import bz2
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable
from typing import Literal, TypeAlias

from bartizan.formats import protobuf
from bartizan.formats.pickles.plausible import plausible

Format: TypeAlias = Literal[
    "empty",
    "gzip",
    "lightgbm",
    "onnx",
    "parquet",
    "pickle",
    "safetensors",
    "skops",
    "torch",
    "torch-export",
    "torchscript",
    "unknown",
    "xgboost-json",
    "xgboost-ubj",
    "zip",
]

_HEAD_BYTES = 64 * 1024
"""How far a compressed or textual pickle is looked into; its first instructions suffice."""
_EXPORTED = ("archive_format", "serialized_exported_program.json")
"""Members by which archives of torch.export say what they are, since 2.8 and before."""
_MAX_HEADER = 100_000_000
"""Bytes of the largest header that the safetensors library reads."""


def sniff(raw: bytes) -> Format:
    r"""Recognise a format.

    Args:
        raw: The whole file. Its first 64 KiB are enough for everything but archives and ONNX.

    Returns:
        The format. ``pickle`` covers every way to wrap one that joblib uses, because the danger
        is the same. ``torch`` is a pickle in an archive of PyTorch, which need hold no more than
        tensors, but may.

    Example:
        >>> sniff(b"PAR1..."), sniff(b"cos\nsystem\n(S'id'\ntR.")
        ('parquet', 'pickle')
    """
    if not raw:
        return "empty"
    if raw.startswith(b"PK\x03\x04"):
        return _archive(raw)
    if _is_safetensors(raw):  # the length of its header may look like a pickle's first bytes
        return "safetensors"
    if plausible(raw[:_HEAD_BYTES]) or plausible(_opened(raw)):
        return "pickle"
    return _structured(raw)


def _structured(raw: bytes) -> Format:
    """Tables, and the formats without a magic number."""
    if raw.startswith(b"PAR1"):
        return "parquet"
    if raw.startswith(b"\x1f\x8b"):
        return "gzip"
    head = raw[:4096].lstrip()
    if head.startswith(b"{") and b"learner" in head:
        return "xgboost-json" if head[1:].lstrip().startswith(b'"') else "xgboost-ubj"
    if head.startswith(b"tree\n") and b"\nversion=v" in head:
        return "lightgbm"
    if protobuf.is_onnx(raw):
        return "onnx"
    return "unknown"


def _archive(raw: bytes) -> Format:
    """A file of skops or PyTorch, a pickle in a zip archive, or any other zip archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return "zip"
    if any(name.rpartition("/")[2] in _EXPORTED for name in names):
        return "torch-export"
    pickles = [name for name in names if name.endswith((".pkl", ".pickle"))]
    if pickles:
        return _pickled(names, pickles=pickles)
    return "skops" if "schema.json" in names else "zip"


def _pickled(names: list[str], *, pickles: list[str]) -> Format:
    """What an archive with pickles in it is."""
    top = names[0].partition("/")[0]
    inside = {name.removeprefix(f"{top}/") for name in names if name.startswith(f"{top}/")}
    if "constants.pkl" in inside and any(name.startswith("code/") for name in inside):
        return "torchscript"
    tensors = any(name.startswith("data/") for name in inside)
    if len(inside) == len(names) and pickles == [f"{top}/data.pkl"] and tensors:
        return "torch"
    return "pickle"


def _is_safetensors(raw: bytes) -> bool:
    """Whether this begins as safetensors: the length of a header, and the header, in JSON."""
    size = int.from_bytes(raw[:8], "little")
    head = raw[8 : 8 + min(size, _HEAD_BYTES)]
    return size <= _MAX_HEADER and head.startswith(b"{") and b'"data_offsets"' in head


def _opened(raw: bytes) -> bytes:
    """The beginning of what is inside a compressed file; nothing if it is not compressed."""
    openers: tuple[tuple[bytes, Callable[[], bytes]], ...] = (
        (b"\x1f\x8b", lambda: zlib.decompressobj(wbits=31).decompress(raw, _HEAD_BYTES)),
        (b"x", lambda: zlib.decompressobj().decompress(raw, _HEAD_BYTES)),
        (b"BZh", lambda: bz2.BZ2Decompressor().decompress(raw, _HEAD_BYTES)),
        (b"\xfd7zXZ", lambda: lzma.LZMADecompressor().decompress(raw, _HEAD_BYTES)),
        (b"]\x00\x00", lambda: lzma.LZMADecompressor().decompress(raw, _HEAD_BYTES)),
    )
    for magic, unpack in openers:
        if raw.startswith(magic):
            try:
                return unpack()
            except (zlib.error, OSError, EOFError, lzma.LZMAError):
                return b""
    return b""
