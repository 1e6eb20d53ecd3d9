import io
import struct
import tracemalloc
import zipfile
from typing import Any

import numpy as np
import pytest

from bartizan.adapt.files.arrays import Archive, read_npy
from bartizan.core.arrays import AnyArray
from bartizan.core.errors import InputError, SchemaError

X = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


def npy(values: AnyArray, *, version: tuple[int, int] = (1, 0)) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, values, version=version)
    return file.getvalue()


def headed(shape: str, *, descr: str = "'|u1'", content: bytes = b"") -> bytes:
    """An array whose head says whatever a forger wants."""
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + content


def npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
@pytest.mark.parametrize("values", [X, np.asfortranarray(X), X.astype(">i4"), X[0, 0]])
def test_an_array_comes_back_as_it_was(values: AnyArray, version: tuple[int, int]) -> None:
    made = read_npy(npy(values, version=version), where="x.npy")
    assert made.dtype == values.dtype
    assert np.array_equal(made, values)


def test_python_objects_are_refused_and_never_opened() -> None:
    ragged = np.array([X, X[:1]], dtype=object)
    with pytest.raises(SchemaError, match="Python objects, and opening it could run code"):
        read_npy(npy(ragged), where="x.npy")
    archive = Archive(npz(x=ragged, y=X), "f.npz")
    assert np.array_equal(archive.read("y"), X)
    with pytest.raises(SchemaError, match="array 'x' is an array of Python objects"):
        archive.read("x")


@pytest.mark.parametrize("cut", [1, 5, 8, 60, 128 + 23])
def test_an_array_that_is_cut_off_is_told(cut: int) -> None:
    with pytest.raises(InputError, match=r"x\.npy.* damaged or cut off"):
        read_npy(npy(X)[:cut], where="x.npy")


@pytest.mark.parametrize(
    "raw",
    [
        headed("(2, 3"),
        headed("2"),
        headed("(" * 3000),
        headed("(2,)", descr="'hello'", content=b"ab"),
        headed("(2,)", descr="[('a', '|u1'), ('b', '|u1')]", content=b"abcd"),
        headed("(10**9,)", descr="'|S0'"),
        headed("(1000000000000,)", descr="'|S0'"),
        headed("(-1,)", content=b""),
        headed("(99999999999999,)", content=b"abc"),
        headed("(2,)", content=b"abc"),
        b"\x93NUMPY\x09\x00" + b"\0" * 200,
    ],
)
def test_a_forged_head_is_told_and_nothing_is_allocated(raw: bytes) -> None:
    with pytest.raises(InputError):
        read_npy(raw, where="x.npy")


def test_an_archive_says_what_is_in_it_without_unpacking() -> None:
    archive = Archive(npz(x=X, y=np.zeros(2)), "f.npz")
    assert {name: head.shape for name, head in archive.heads.items()} == {"x": (2, 3, 4), "y": (2,)}
    assert np.array_equal(archive.read("x"), X)


def test_an_archive_that_unpacks_to_too_much_is_refused() -> None:
    bomb = Archive(npz(x=np.zeros((1000, 1000), np.uint8)), "f.npz", limit_bytes=10_000)
    assert len(bomb.raw) < 10_000
    with pytest.raises(InputError, match="unpacks to 1000128 bytes, more than 10000"):
        bomb.read("x")


@pytest.mark.parametrize("spoil", [slice(0, -40), slice(0, 30)])
def test_an_archive_that_is_cut_off_is_told(spoil: slice) -> None:
    with pytest.raises(InputError, match=r"f\.npz: the archive is damaged or cut off"):
        _ = Archive(npz(x=X)[spoil], "f.npz").heads


def test_damage_inside_an_archive_is_told() -> None:
    raw = bytearray(npz(x=np.random.default_rng(0).integers(0, 255, 5000, dtype=np.uint8)))
    raw[2000] ^= 255
    with pytest.raises(InputError, match=r"array 'x'.* damaged or cut off"):
        Archive(bytes(raw), "f.npz").read("x")


def test_a_member_that_holds_more_than_its_head_says_is_told() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.npy", npy(X) + b"more")
        archive.writestr("readme.txt", "no array")
    made = Archive(file.getvalue(), "f.npz")
    assert list(made.heads) == ["x"]
    with pytest.raises(InputError, match="announces 152 bytes, and the archive holds 156"):
        made.read("x")


def test_a_member_of_negative_length_is_not_unpacked() -> None:
    """A read of less than nothing would unpack all of a bomb, whatever the limit says."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", headed("(-100000,)", content=b"\0" * (32 << 20)))
    made = Archive(file.getvalue(), "f.npz", limit_bytes=10_000)
    tracemalloc.start()
    with pytest.raises(SchemaError, match=r"expected an array of numbers"):
        made.read("x")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20
