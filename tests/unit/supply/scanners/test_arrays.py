"""Arrays of NumPy: numbers are counted, objects are a pickle."""

import gzip
import io
import pickle
from typing import Any

import numpy as np
import pytest

from boxes import opened

ARRAYS = {
    "whole": np.arange(10),
    "empty": np.zeros((3, 0)),
    "scalar": np.float16(3),
    "record": np.zeros(3, dtype=[("a", "<f4"), ("b", "S3", (2, 2)), ("c", [("d", ">i8")])]),
    "aligned": np.zeros(3, dtype=np.dtype([("a", "u1"), ("b", "<f8")], align=True)),
    "text": np.array(["ab", "c"]),
    "time": np.array(["2020"], dtype="M8[us]"),
    "columns": np.asfortranarray(np.ones((2, 3))),
    "wide": np.zeros(2, dtype=[(f"column {i}", "<f8") for i in range(1500)]),
    "yes": np.array([True]),
    "complex": np.ones(2, dtype="c16"),
    "void": np.zeros(2, dtype="V7"),
}


def saved(array: Any) -> bytes:
    target = io.BytesIO()
    np.save(target, array)
    return target.getvalue()


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_of_numbers_ends_where_its_header_says(name: str) -> None:
    raw = saved(ARRAYS[name])
    for box in (raw, gzip.compress(raw)):
        found = opened(box)
        assert (found.verdict, found.leaves) == ("clean", {})
        assert len(raw) in found.walked.values()


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_every_version_of_the_format_is_read(version: tuple[int, int]) -> None:
    target = io.BytesIO()
    np.lib.format.write_array(target, np.arange(5), version=version)
    assert opened(target.getvalue()).verdict == "clean"


@pytest.mark.parametrize(
    "array",
    [np.array([1, "a", None], dtype=object), np.zeros(2, dtype=[("a", "<f4"), ("b", "O")])],
)
def test_objects_are_handed_on_as_a_pickle(array: Any) -> None:
    found = opened(saved(array))
    assert found.inside == {"box/(objects)": "npy"}
    assert pickle.loads(found.leaves["box/(objects)"]).tolist() == array.tolist()  # noqa: S301 (made above)
    assert found.verdict == "clean"


def test_several_arrays_in_one_file_are_honest() -> None:
    raw = saved(np.arange(3)) + saved(np.ones(4))
    assert (opened(raw).verdict, opened(raw).walked) == ("clean", {"npy box": len(raw)})


def test_bytes_after_the_array_are_told_and_handed_on() -> None:
    found = opened(saved(np.arange(3)) + b"cos\nsystem\n")
    assert (found.verdict, found.rules) == ("suspicious", {"npy.length"})
    assert found.leaves == {"box/(after its end)": b"cos\nsystem\n"}


def header(text: str) -> bytes:
    raw = text.encode("latin-1")
    return b"\x93NUMPY\1\0" + len(raw).to_bytes(2, "little") + raw


@pytest.mark.parametrize(
    "text",
    [
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000, 1000000000, 10), }",
    ],
)
def test_a_claim_of_a_thousand_million_numbers_allocates_nothing(text: str) -> None:
    found = opened(header(text) + bytes(80))
    assert (found.verdict, found.rules) == ("inconclusive", {"npy.length"})


def test_a_type_that_is_not_understood_may_be_a_pickle() -> None:
    found = opened(header("{'descr': 'f8,O', 'fortran_order': False, 'shape': (1,)}") + b"N.")
    assert (found.verdict, found.rules) == ("inconclusive", {"npy.dtype"})
    assert found.leaves == {"box/(objects)": b"N."}


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('id')",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'more': 1}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': ('a',)}",
        "(" * 5000,
        "",
    ],
)
def test_a_header_that_numpy_never_writes_is_inconclusive(text: str) -> None:
    assert opened(header(text) + bytes(8)).verdict == "inconclusive"


def test_an_unknown_version_is_inconclusive() -> None:
    assert opened(b"\x93NUMPY\x09\0" + bytes(100)).verdict == "inconclusive"
