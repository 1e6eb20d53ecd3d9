"""Damaged boxes of every kind: no exception but the two that were promised, and no long wait.

`BARTIZAN_FUZZ_ROUNDS` says how many mutations each kind gets; 40 unless set.
"""

import bz2
import gzip
import io
import lzma
import os
import random
import tarfile
import tempfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from bartizan.formats.content import Budget
from boxes import opened, tar_of, zip_of
from timing import within

ROUNDS = int(os.environ.get("BARTIZAN_FUZZ_ROUNDS", "40"))
SECONDS = 2.0
"""For one file of some kilobytes, on a busy machine; a usual one takes 2 milliseconds."""
PEAK_BYTES = 200 << 20
"""At once: two dictionaries that damaged headers of lzma may ask for, and little else. They are
asked for and hardly touched: the memory that is really taken is a tenth of it."""
NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)


def small() -> Budget:
    """What a box of a kilobyte may cost here."""
    return Budget(expanded_bytes=16 << 20, entries=200)


def array(numbers: object) -> bytes:
    target = io.BytesIO()
    np.save(target, np.asarray(numbers), allow_pickle=True)
    return target.getvalue()


def torch_file(*, legacy: bool) -> bytes:
    torch = pytest.importorskip("torch", reason="needs torch")
    target = io.BytesIO()
    tensors = {"a": torch.arange(20.0), "b": torch.ones(3, dtype=torch.int8)}
    torch.save(tensors, target, _use_new_zipfile_serialization=not legacy)
    return target.getvalue()


def seven_zip() -> bytes:
    try:
        library = pytest.importorskip("libarchive", reason="needs libarchive-c, which is an extra")
    except (OSError, AttributeError, TypeError):
        pytest.skip("needs libarchive, a package of the system")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "f.7z"
        with library.file_writer(str(path), "7zip") as archive:
            for name, raw in PARTS.items():
                archive.add_file_from_memory(name, len(raw), raw)
        return path.read_bytes()


def lz4() -> bytes:
    frame = pytest.importorskip("lz4.frame", reason="needs lz4, which is an extra")
    packed: bytes = frame.compress(NOISE)
    return packed


NOISE = bytes((i * i) % 251 for i in range(700))
PARTS = {"a/data.pkl": b"\x80\x02N.", "a/version": b"3\n", "b": NOISE}
KINDS: dict[str, Callable[[], bytes]] = {
    "zip stored": lambda: zip_of(PARTS),
    "zip deflated": lambda: zip_of(PARTS, compression=zipfile.ZIP_DEFLATED),
    "zip lzma": lambda: zip_of(PARTS, compression=zipfile.ZIP_LZMA),
    "zip in zip": lambda: zip_of({"i": zip_of(PARTS, compression=zipfile.ZIP_BZIP2)}),
    "tar gnu": lambda: tar_of({"n" * 150: NOISE, "b": b"x"}, form=tarfile.GNU_FORMAT),
    "tar pax": lambda: tar_of({"é" * 150: NOISE, "pickle": b"N."}),
    "tar gzip": lambda: tar_of({"a": NOISE, "storages": b"\x80\x02K\x01."}, mode="w:gz"),
    "gzip": lambda: gzip.compress(NOISE, mtime=0) + gzip.compress(NOISE, mtime=0),
    "zlib": lambda: zlib.compress(NOISE),
    "bzip2": lambda: bz2.compress(NOISE),
    "xz": lambda: lzma.compress(NOISE),
    "lzma": lambda: lzma.compress(NOISE, lzma.FORMAT_ALONE),
    "lz4": lz4,
    "7z": seven_zip,
    "npy": lambda: array(np.zeros(3, dtype=[("a", "<f4"), ("b", "S3", (2,))])) + array([1]),
    "npy objects": lambda: array(np.array([1, "a"], dtype=object)),
    "torch": lambda: torch_file(legacy=False),
    "torch legacy": lambda: torch_file(legacy=True),
}


def mutated(raw: bytes, rng: random.Random) -> bytes:
    """One to four damages: bits, numbers at the borders, pieces gone, doubled or moved."""
    box = bytearray(raw)
    for _ in range(rng.randint(1, 4)):
        if not box:
            break
        at, length = rng.randrange(len(box)), rng.randint(1, 64)
        kind = rng.randrange(6)
        if kind == 0:
            box[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            width = rng.choice((1, 2, 4, 8))
            number = rng.choice(NUMBERS) & ((1 << 8 * width) - 1)
            box[at : at + width] = number.to_bytes(width, rng.choice(("little", "big")))
        elif kind == 2:
            del box[at : at + length]
        elif kind == 3:
            box[at:at] = box[at : at + length]
        elif kind == 4:
            del box[at:]
        else:
            other = rng.randrange(len(box))
            box[at:at] = box[other : other + 4 * length]
    return bytes(box)


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_box_ends_as_promised(kind: str) -> None:
    raw = KINDS[kind]()
    assert opened(raw).stopped == []
    rng = random.Random(f"bartizan {kind}")  # noqa: S311 (repeatable)
    for _ in range(ROUNDS):
        box = mutated(raw, rng)
        within(SECONDS, partial(opened, box, budget=small()))


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_box_takes_little_memory(kind: str) -> None:
    raw, rng = KINDS[kind](), random.Random(f"memory {kind}")  # noqa: S311 (repeatable)
    tracemalloc.start()
    try:
        for _ in range(max(ROUNDS // 8, 3)):
            opened(mutated(raw, rng), budget=small())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < PEAK_BYTES


def test_the_mutations_reach_what_they_are_meant_to_reach() -> None:
    """Most are damaged enough to be told, and most still are what they were."""
    raw, rng = zip_of(PARTS), random.Random("reach")  # noqa: S311 (repeatable)
    found = [opened(mutated(raw, rng), budget=small()) for _ in range(60)]
    assert sum(one.verdict != "clean" for one in found) > 30
    assert sum(bool(one.walked) for one in found) > 30
