"""Numbers that the issuers themselves publish as examples; none belongs to anybody."""

import pytest

from bartizan.core.streams import rng
from bartizan.detect import checksums as check

VALID = [
    (check.card, "4111111111111111"),
    (check.card, "5555555555554444"),
    (check.card, "378282246310005"),
    (check.card, "6011111111111117"),
    (check.card, "3530111333300000"),
    (check.card, "30569309025904"),
    (check.iban, "DE89370400440532013000"),
    (check.iban, "GB82WEST12345698765432"),
    (check.iban, "FR1420041010050500013M02606"),
    (check.german_tax, "86095742719"),
    (check.german_tax, "47036892816"),
    (check.polish, "44051401359"),
    (check.spanish, "12345678Z"),
    (check.spanish, "X1234567L"),
    (check.french, "255081416802538"),
    (check.brazilian, "52998224725"),
    (check.dutch, "111222333"),
    (check.italian, "RSSMRA85T10A562S"),
    (check.passport, "L898902C36UTO7408122F1204159ZE184226B<<<<<10"),
]


@pytest.mark.parametrize(("valid", "text"), VALID)
def test_published_examples_are_valid(valid: check.Check, text: str) -> None:
    assert valid(text)


@pytest.mark.parametrize(("valid", "text"), VALID)
def test_another_last_digit_or_letter_is_not(valid: check.Check, text: str) -> None:
    last = text[-1]
    other = str((int(last) + 1) % 10) if last.isdigit() else chr((ord(last) - 64) % 26 + 65)
    assert not valid(text[:-1] + other)


@pytest.mark.parametrize("text", ["000-12-3456", "666-12-3456", "912-12-3456", "123-00-3456"])
def test_social_security_numbers_that_are_never_issued(text: str) -> None:
    assert not check.social_security(text.replace("-", ""))
    assert check.social_security("123456789")


@pytest.mark.parametrize(
    ("valid", "size", "chance"),
    [
        (check.luhn, 16, 0.1),
        (check.dutch, 9, 1 / 11),
        (check.brazilian, 11, 0.01),
    ],
)
def test_random_numbers_pass_with_the_chance_named(
    valid: check.Check, size: int, chance: float
) -> None:
    draw, n = rng(0, "random"), 20_000
    hits = sum(valid(f"{int(draw.integers(10**size)):0{size}d}") for _ in range(n))
    assert abs(hits - n * chance) < 5 * (n * chance) ** 0.5


@pytest.mark.parametrize(("valid", "most"), [(check.german_tax, 0.1), (check.polish, 0.05)])
def test_random_numbers_pass_with_less_than_the_chance_named(
    valid: check.Check, most: float
) -> None:
    draw, n = rng(1, "random"), 20_000
    hits = sum(valid(f"{int(draw.integers(10**11)):011d}") for _ in range(n))
    assert hits < n * most


@pytest.mark.parametrize("text", ["4" * 12, "9111111111111111", "41", "1234567890123456"])
def test_what_no_issuer_gives_out_is_no_card(text: str) -> None:
    assert not check.card(text)
