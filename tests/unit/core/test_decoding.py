import pytest

from bartizan.core.decoding import plain


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            "Expected `date`, got `str` - at `$.as_of`",
            "as_of: expected a day without quotes, such as 2026-11-22, got text",
        ),
        ("Expected `int | null`, got `array`", "expected a whole number or nothing, got a list"),
        ("Object contains unknown field `kee` - at `$.a[0]`", "a[0]: unknown key `kee`"),
        ("Object missing required field `id` - at `$`", "missing key `id`"),
        ("something else", "something else"),
    ],
)
def test_types_are_told_in_words(message: str, words: str) -> None:
    assert plain(message) == words
