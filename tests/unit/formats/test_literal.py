"""Literals are read as Python reads them, and nothing else is."""

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.core.errors import InputError
from bartizan.formats.literal import read_literal

PLAIN = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=8)
VALUES = st.recursive(
    st.integers(-(10**15), 10**15) | st.booleans() | st.none() | PLAIN,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(PLAIN, inner, max_size=3)
    ),
    max_leaves=12,
)


@given(VALUES)
@settings(derandomize=True, deadline=None, max_examples=300)
def test_whatever_python_writes_is_read_back(value: object) -> None:
    assert read_literal(repr(value)) == value


@pytest.mark.parametrize("text", ["(1)", "(1,)", "()", "[1, 2,]", "{'a': 1,}", " 3 ", "'a\\'b'"])
def test_commas_and_brackets_mean_what_they_mean_in_python(text: str) -> None:
    assert read_literal(text) == ast.literal_eval(text.strip())


def test_long_integers_of_python_2_are_read() -> None:
    assert read_literal("(3L, 4L)") == (3, 4)


STRANGE = ["", "os", "f()", "1+1", "[1 2]", "(,)", "{1: 2}", "{'a'}", "'a", "1.5", "b'x'", "[1]]"]
LONG = ["[" * 100, "(" * 10_000, "{'a':" * 5000, "'" + "\\" * 9999, "1" * 30, "\0", "..."]


@pytest.mark.parametrize("text", STRANGE + LONG)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_literal(text)
