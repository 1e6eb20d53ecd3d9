"""Hostile pickles under names, or behind bytes, that make a scanner look elsewhere."""

import bz2
import gzip
import io
import lzma
import pickle
import zlib
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np

from hostile_artifacts.archives import lz4_frame
from hostile_artifacts.case import DISPATCH, Case
from hostile_artifacts.opcodes import (
    BENIGN,
    PAYLOAD,
    Code,
    call,
    named,
    payload,
    push,
    whole,
)

_MAGIC = 0x1950A86A20F9469CFC6C
"""Begins a file of torch before version 1.6, as a pickled number."""
_ROWS = 40


def _legacy(first: bytes, *, last: bytes | None = None) -> bytes:
    """A file of torch before version 1.6: magic number, version, machine, object, keys."""
    facts = pickle.dumps({"protocol_version": 1001, "little_endian": True}, protocol=2)
    body = whole(BENIGN) if last is None else last
    return first + pickle.dumps(1001, protocol=2) + facts + body + pickle.dumps([], protocol=2)


def _magic() -> bytes:
    return pickle.dumps(_MAGIC, protocol=2)


@cache
def interleaved() -> bytes:
    """What joblib writes: an array as raw bytes between the instructions, the payload behind it.

    The wrapper's state names the shape and type; then come PAD bytes and the array.
    """
    rows = np.arange(_ROWS, dtype="<f8").tobytes()
    wrapper = named("joblib.numpy_pickle", "NumpyArrayWrapper")
    kind = call(named("numpy", "dtype"), "f8", False, True)
    state = {
        "subclass": named("numpy", "ndarray"),
        "shape": (_ROWS,),
        "order": "C",
        "dtype": Code(kind + push((3, "<", None, None, None, -1, -1, 0)) + b"b"),
        "allow_mmap": True,
        "numpy_array_alignment_bytes": 16,
    }
    front = b"\x80\x04](" + wrapper + b")\x81" + push(state) + b"b"
    pad = -(len(front) + 1) % 16
    return front + bytes([pad]) + b"\xff" * pad + rows + PAYLOAD + b"e."


def _array_hides_a_stop() -> bytes:
    """As `interleaved`; read as instructions, the array's bytes would end the pickle."""
    stream = interleaved()
    rows = np.arange(_ROWS, dtype="<f8").tobytes()
    return stream.replace(rows, (b"N." * len(rows))[: len(rows)])


def _named_apart() -> dict[str, tuple[str, str, bytes]]:
    """Endings that promise something else."""
    raw = payload()
    wrong = {
        f"pickle-named-{ending[1:]}": ("wrong-ending", ending, raw)
        for ending in (
            ".txt",
            ".json",
            ".onnx",
            ".safetensors",
            ".h5",
            ".keras",
            ".npy",
            ".skops",
            ".gguf",
            ".png",
            ".py",
            ".ubj",
        )
    }
    return wrong | {
        "pickle-without-ending": ("no-ending", "", raw),
        "pickle-named-bin": ("bin-ending", ".bin", raw),
        "pickle-named-pt": ("wrong-ending", ".pt", raw),
        "pickle-of-protocol-0-named-txt": ("wrong-ending", ".txt", payload(0)),
        "pickle-of-protocol-4-named-bin": ("bin-ending", ".bin", payload(4)),
        "pickle-named-in-capitals": ("wrong-ending", ".PKL", raw),
    }


def _stacked() -> dict[str, tuple[str, str, bytes]]:
    """More than one pickle in a file."""
    raw, harmless = payload(), whole(BENIGN)
    huge = pickle.dumps(0xDEAD_BEEF_DEAD_BEEF, protocol=2)
    return {
        "torch-legacy-object": ("torch-legacy", ".pt", _legacy(_magic(), last=raw)),
        "torch-legacy-instead-of-magic": ("torch-legacy", ".pt", _legacy(raw)),
        "torch-legacy-wrong-magic": ("torch-legacy", ".pt", _legacy(huge, last=raw)),
        "torch-legacy-magic-from-a-call": (
            "torch-legacy",
            ".pt",
            _legacy(whole(call(named("builtins", "eval"), str(_MAGIC)))),
        ),
        "torch-legacy-magic-and-payload-in-one": (
            "torch-legacy",
            ".pt",
            _legacy(whole(PAYLOAD + b"0" + _magic()[2:-1])),
        ),
        "second-of-two-pickles": ("stacked-pickles", ".pkl", harmless + raw),
        "tenth-of-ten-pickles": ("stacked-pickles", ".pkl", harmless * 9 + raw),
        "second-pickle-of-protocol-0": ("stacked-pickles", ".pkl", harmless + payload(0)),
        "second-pickle-after-newlines": ("stacked-pickles", ".pkl", raw + b"\n\n" + harmless),
    }


_PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "zlib": (".z", lambda raw: zlib.compress(raw, 3)),
    "gzip": (".gz", lambda raw: gzip.compress(raw, mtime=0)),
    "bz2": (".bz2", bz2.compress),
    "xz": (".xz", lzma.compress),
    "lzma": (".lzma", lambda raw: lzma.compress(raw, format=lzma.FORMAT_ALONE)),
    "lz4": (".lz4", lz4_frame),
}


def _two_members(raw: bytes) -> bytes:
    """gzip in two members, the second of which holds the payload."""
    half = raw.index(PAYLOAD)
    buffer = io.BytesIO()
    for part in (raw[:half], raw[half:]):
        buffer.write(gzip.compress(part, mtime=0))
    return buffer.getvalue()


def _one(
    name: str, weakness: str, *, ending: str, raw: bytes, stream: bytes, parses: bool = True
) -> Case:
    """One file. LZ4 takes a library that joblib does not bring along, and neither do we."""
    return Case(
        least="inconclusive" if weakness == "joblib-lz4" else "malicious",
        name=name,
        family=DISPATCH,
        weakness=weakness,
        ending=ending,
        content=lambda: raw,
        pickle=lambda: stream,
        parses=parses,
    )


def cases() -> Iterator[Case]:
    """Every disguise."""
    for name, (weakness, ending, raw) in _named_apart().items():
        yield _one(name, weakness, ending=ending, raw=raw, stream=raw)
    for name, (weakness, ending, raw) in _stacked().items():
        direct = b"eval" in raw or raw.startswith(payload()) or "in-one" in name
        yield _one(name, weakness, ending=ending, raw=raw, stream=raw if direct else payload())
    whole_stream = interleaved()
    for name, stream in (
        ("joblib-raw-array", whole_stream),
        ("joblib-array-that-looks-like-an-end", _array_hides_a_stop()),
    ):
        yield _one(
            name,
            "joblib-interleaved",
            ending=".joblib",
            raw=stream,
            stream=stream,
            parses=False,
        )
    for packer, (ending, pack) in _PACKERS.items():
        for name, stream in (
            (f"joblib-{packer}-array", whole_stream),
            (f"joblib-{packer}-plain", payload(4)),
        ):
            yield _one(
                name,
                f"joblib-{packer}",
                ending=f".joblib{ending}",
                raw=pack(stream),
                stream=stream,
                parses=stream is not whole_stream,
            )
    yield _one(
        "joblib-gzip-two-members",
        "joblib-gzip",
        ending=".joblib.gz",
        raw=_two_members(whole_stream),
        stream=whole_stream,
        parses=False,
    )
    yield _one(
        "joblib-zlib-named-pkl",
        "joblib-zlib",
        ending=".pkl",
        raw=zlib.compress(payload(), 9),
        stream=payload(),
    )
