import pytest
import typer

from bartizan.cli.options import _eps


@pytest.mark.parametrize(
    ("text", "value"), [("8/255", 8 / 255), ("8 / 255", 8 / 255), ("0.1", 0.1), ("1e-3", 1e-3)]
)
def test_a_budget_is_a_number_or_a_fraction(text: str, value: float) -> None:
    assert _eps(text) == value


@pytest.mark.parametrize("text", ["8/0", "8/255/2", "much", "", "a/b", "1e999999999/2e9"])
def test_what_is_neither_is_told(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="expected a number or a fraction such as 8/255"):
        _eps(text)
