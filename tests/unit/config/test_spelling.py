import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.config.spelling import comment, key, listing, number, text
from bartizan.core.errors import ConfigError

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(value=ANY_TEXT)
def test_any_text_reads_back(value: str) -> None:
    assert tomllib.loads(f"x = {text(value)}") == {"x": value}


@given(name=ANY_TEXT)
def test_any_key_reads_back(name: str) -> None:
    assert tomllib.loads(f"{key(name)} = 1") == {name: 1}


@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_reads_back(value: float) -> None:
    assert float(tomllib.loads(f"x = {number(value)}")["x"]) == value


@given(values=st.lists(ANY_TEXT | st.integers(-(2**60), 2**60)))
def test_any_list_reads_back(values: list[str | int]) -> None:
    assert tomllib.loads(f"x = {listing(values)}") == {"x": values}


@given(words=st.text())
def test_a_comment_is_one_line_and_nothing_else(words: str) -> None:
    line = comment(words)
    assert tomllib.loads(f"{line}\nx = 1") == {"x": 1}
    assert line.isprintable()


def test_a_long_list_is_broken_into_lines() -> None:
    lines = listing([f"category {n}" for n in range(100)]).split("\n")
    assert max(map(len, lines)) <= 100
    assert len(lines) < 30


def test_what_turns_a_line_around_is_shown_as_an_escape() -> None:
    assert text("a\u202eb") == '"a\\U0000202eb"'


def test_a_lone_surrogate_cannot_be_written() -> None:
    with pytest.raises(ConfigError, match="not valid Unicode"):
        text("a\ud800")
