import gzip
import struct

import numpy as np
import pytest

from bartizan.adapt.images.idx import is_idx, read_idx
from bartizan.core.arrays import AnyArray
from bartizan.core.errors import InputError

VALUES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


def idx(values: AnyArray, *, kind: int = 0x08) -> bytes:
    """An IDX file as its description has it."""
    sizes = struct.pack(f">{values.ndim}I", *values.shape)
    return bytes([0, 0, kind, values.ndim]) + sizes + values.tobytes()


def read(raw: bytes, limit_bytes: int = 10**6) -> AnyArray:
    return read_idx(raw, where="images-idx3", limit_bytes=limit_bytes)


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [(0x08, "u1"), (0x09, "i1"), (0x0B, ">i2"), (0x0C, ">i4"), (0x0D, ">f4"), (0x0E, ">f8")],
)
def test_every_type_is_read_plain_and_packed(kind: int, dtype: str) -> None:
    raw = idx(VALUES.astype(dtype), kind=kind)
    assert is_idx(raw)
    for made in (read(raw), read(gzip.compress(raw))):
        assert made.dtype == np.dtype(dtype)
        assert np.array_equal(made, VALUES)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("cut", [-1, 16, 15, 9, 5])
def test_a_file_that_is_cut_off_is_told(pack: type[bytes], cut: int) -> None:
    with pytest.raises(InputError, match="images-idx3 is damaged or cut off"):
        read(pack(idx(VALUES)[:cut]))


def test_more_than_the_head_announces_is_told() -> None:
    with pytest.raises(InputError, match="24 bytes, and it holds more"):
        read(idx(VALUES) + b"x")


def test_a_packed_file_that_is_cut_off_is_told() -> None:
    with pytest.raises(InputError, match="gzip file is damaged or cut off"):
        read(gzip.compress(idx(VALUES))[:-10])


def test_sizes_are_checked_before_anything_is_allocated() -> None:
    head = bytes([0, 0, 8, 3]) + struct.pack(">3I", 2**32 - 1, 2**32 - 1, 2**32 - 1)
    with pytest.raises(InputError, match=r"announces .* more than the limit"):
        read(head)
    with pytest.raises(InputError, match="announces 24 bytes, more than the limit of 23"):
        read(idx(VALUES), limit_bytes=23)


@pytest.mark.parametrize("head", [b"", b"\0\0\x08", b"\0\1\x08\3", b"\0\0\7\3", b"\0\0\x08\0"])
def test_another_head_is_no_idx_file(head: bytes) -> None:
    assert not is_idx(head)
    with pytest.raises(InputError, match="is no IDX file"):
        read(head)
