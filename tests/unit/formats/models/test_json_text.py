"""JSON of strangers: bounded before it is decoded, and the same to every reader."""

import json
import tracemalloc

import pytest

from bartizan.core.errors import InputError, LimitError
from bartizan.formats.models.json_text import BrokenJsonError, documents, loads, objects


@pytest.mark.parametrize(
    "item", ["{}", "[]", '""', '"ab"', "12345", "1.5", '{"a":1}', '[["a"]]', '"é"', "null", "-1e9"]
)
def test_the_bound_on_memory_holds_for_every_kind_of_value(item: str) -> None:
    """150,000 bytes of each; the decoded values take no more than what was counted."""
    raw = ("[" + ",".join([item] * (150_000 // (len(item) + 1))) + "]").encode()
    low, high = len(raw), 200 * len(raw)
    while high - low > len(raw) // 100:  # the smallest bound under which it is decoded
        middle = (low + high) // 2
        try:
            loads(raw, memory_bytes=middle)
            high = middle
        except LimitError:
            low = middle
    tracemalloc.start()
    value = loads(raw)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert value
    assert peak <= high


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32-be"])
def test_every_encoding_that_python_takes_is_read(encoding: str) -> None:
    assert loads('{"é": 1}'.encode(encoding)) == {"é": 1}


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"\xff\xfe\xff", b'{"a": 1, "a": 1}', b"[" * 100_000, b"1" * 5000, b"{]"]
)
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    with pytest.raises(InputError):
        loads(raw)


def test_every_object_is_found_with_the_way_to_it() -> None:
    value = json.loads('{"a": [{"b": {}}, [[{"c": 1}]]], "d": 1}')
    assert [where for where, _ in objects(value)] == ["", "a/0", "a/0/b", "a/1/0/0"]


def test_nesting_costs_no_recursion() -> None:
    value: object = {}
    for _ in range(100_000):
        value = [value]
    assert sum(1 for _ in objects(value)) == 1
    while isinstance(value, list):  # else freeing it recurses
        value = value[0]


def test_of_a_key_that_stands_twice_both_readings_are_given() -> None:
    found = documents(b'{"a": {"b": 1, "b": 2, "b": 3}, "c": 0, "c": {}}')
    assert found.values == ({"a": {"b": 3}, "c": {}}, {"a": {"b": 1}, "c": 0})
    assert found.doubled == ("b", "c")


def test_values_behind_each_other_are_all_given() -> None:
    found = documents('\ufeff{"a": 1}\n [2] "x"\r\n'.encode())
    assert (found.values, found.doubled) == (({"a": 1}, [2], "x"), ())


@pytest.mark.parametrize(
    ("raw", "before"),
    [
        (b"", b""),
        (b'{"a": b}', b'{"a": '),
        (b"{} x", b"{} "),
        ('["é", ?'.encode(), b'["\xc3\xa9", '),
    ],
)
def test_the_place_where_json_breaks_is_told(raw: bytes, before: bytes) -> None:
    with pytest.raises(BrokenJsonError) as caught:
        documents(raw)
    assert caught.value.before == before


@pytest.mark.parametrize("raw", [b"\xff\xfe\xff", b"[" * 100_000, b"1" * 5000])
def test_what_python_itself_cannot_read_on_is_refused_otherwise(raw: bytes) -> None:
    with pytest.raises(InputError) as caught:
        documents(raw)
    assert not isinstance(caught.value, BrokenJsonError)
