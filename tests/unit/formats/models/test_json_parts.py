"""JSON with one long list: what comes back is what the whole would have been."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.core.errors import InputError, LimitError
from bartizan.formats.content import CHUNK_BYTES, Budget, Window
from bartizan.formats.models.json_parts import load_parts

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just('a"\\[{]}:'),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)


def split(raw: bytes) -> tuple[Any, list[Any]]:
    rest, items = load_parts(
        Window.of(raw), way=("model", "trees"), budget=Budget.for_file(len(raw))
    )
    return rest, list(items)


@settings(max_examples=80, deadline=None)
@given(
    trees=st.lists(st.dictionaries(st.text(max_size=4), VALUES, max_size=3), max_size=5),
    other=VALUES,
    indent=st.sampled_from([None, 1]),
)
def test_the_list_and_the_rest_are_those_of_the_whole(
    trees: list[Any], other: Any, indent: int | None
) -> None:
    whole = {"before": other, "model": {"x": [other], "trees": trees, "y": other}}
    rest, items = split(json.dumps(whole, indent=indent).encode())
    assert items == trees
    assert rest == {**whole, "model": {**whole["model"], "trees": []}}


@pytest.mark.parametrize("shift", range(-12, 13, 3))
def test_texts_across_two_chunks_are_whole(shift: int) -> None:
    pad = "x" * (CHUNK_BYTES - 40 + shift)
    whole = {"pad": pad, "model": {"trees": [{"a": 'b"]}'}, {"c": "d" * CHUNK_BYTES}]}}
    assert split(json.dumps(whole).encode())[1] == whole["model"]["trees"]  # type: ignore[index]


@pytest.mark.parametrize(
    "text",
    [
        '{"model": {"trees": [{}',
        '{"model": {"trees": [{}}]}',
        '{"model": {"trees": [1, {}]}}',
        '{"model": {"trees": [{} {}]}}',
        '{"model": {"trees": [{}, 1]}}',
        '{"model": {"trees": [], "trees": []}}',
        '{"a": "',
        "]",
        '{"a": 1, "a": 2}',
    ],
)
def test_what_is_no_such_json_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        split(text.encode())


@pytest.mark.parametrize("raw", [b"[" * 100, b'"' + b"x" * (9 << 20)])
def test_what_is_too_deep_or_too_long_is_refused(raw: bytes) -> None:
    with pytest.raises(LimitError):
        split(raw)
