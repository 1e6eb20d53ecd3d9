"""The terminal shows text and obeys nobody's control characters."""

from bartizan.cli.screen import plain


def test_control_characters_and_markup_lose_their_power() -> None:
    assert plain("a\x1b[2Jb\nc") == "a\\x1b[2Jb\\x0ac"
    assert plain("[bold]x") == "\\[bold]x"
    assert plain("Übergröße ✔") == "Übergröße ✔"
