"""Binary JSON with one long list: what comes back is what the whole would have been."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.core.errors import InputError, LimitError
from bartizan.formats.content import Budget, Window
from bartizan.formats.models.ubjson_parts import load_parts
from model_files import ubj

KEYS = st.text(max_size=4)
VALUES = st.recursive(
    st.integers(-(2**63), 2**63 - 1) | st.text(max_size=8) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


def split(raw: bytes, **limits: Any) -> tuple[Any, list[Any]]:
    budget = Budget(expanded_bytes=0, **limits)
    rest, items = load_parts(Window.of(raw), way=("model", "trees"), budget=budget)
    return rest, list(items)


@settings(max_examples=80, deadline=None)
@given(trees=st.lists(st.dictionaries(KEYS, VALUES, max_size=3), max_size=5), other=VALUES)
def test_the_list_and_the_rest_are_those_of_the_whole(trees: list[Any], other: Any) -> None:
    whole = {"before": other, "model": {"x": [other], "trees": trees, "y": other}}
    rest, items = split(ubj(whole))
    assert items == trees
    assert rest == {**whole, "model": {**whole["model"], "trees": []}}


def test_lists_with_a_length_and_with_a_type_are_read() -> None:
    numbers = b"i\x01n[$U#U\x02ab"
    raw = b"{i\x05model{i\x05trees[#U\x02{" + numbers + b"}{}" + numbers + b"}}"
    rest, items = split(raw)
    assert items == [{"n": [97, 98]}, {}]
    assert rest == {"model": {"trees": [], "n": [97, 98]}}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[#L" + b"\x7f" * 8,
        b"[$d#L" + b"\x7f" * 8,
        b"[$Z#U\x01",
        b"[#U\x05U\x01",
        b"SL" + b"\xff" * 8,
        b"x",
        b"{i\x05model{i\x05trees[]i\x05trees[]}}",
        b"TT",
    ],
)
def test_damaged_bytes_are_refused(raw: bytes) -> None:
    with pytest.raises(InputError):
        split(raw)


def test_nesting_and_numbers_of_values_are_bounded() -> None:
    with pytest.raises(LimitError, match="nested"):
        split(b"[" * 100)
    with pytest.raises(LimitError, match="opcodes"):
        split(b"[" + b"T" * 5000 + b"]", opcodes=10_000)
