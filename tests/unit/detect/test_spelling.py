import unicodedata

import pytest

from bartizan.detect.lookalike_table import LOOKALIKES
from bartizan.detect.spelling import deceptions, skeleton
from timing import within

CYRILLIC_PAYPAL = "p\u0430ypal"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (CYRILLIC_PAYPAL, "look alike"),
        ("\u0421\u0421\u0421P", "look alike"),  # three Cyrillic Es before a Latin P
        ("g\u03bf\u03bfgle", "look alike"),  # omicrons
        ("\u0420occ\u0438\u044f", "look alike"),  # Latin letters in a Russian word
        ("p\U0001d4b6ypal", "look alike"),  # a letter of mathematics
        ("\u13aapple", "look alike"),  # Cherokee
        ("vi\u200bagra", "U+200B"),
        ("vi\u200dagra", "U+200D"),
        ("vi\u2060agra", "U+2060"),
        ("vi\ufeffagra", "U+FEFF"),
        ("a\u3164", "U+3164"),
        ("hello\U000e0041\U000e0042", "U+E0041"),  # text in tags that nobody sees
        ("x\ufe01\ufe02\ufe03", "U+FE01"),  # bytes in variation selectors
        ("user\u202e nimda", "direction"),
        ("if a: \u2066return", "direction"),
        ("\u05d0\u2067\u05d1", "direction"),  # an isolate that nobody closes
        ("a\x00b", "control"),
        ("\x1b[31mred", "control"),
    ],
)
def test_what_deceives_is_named(text: str, kind: str) -> None:
    assert kind in "; ".join(deceptions(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain text, with\ttabs and\r\nlines",
        "\u0421\u044a\u0435\u0448\u044c \u0436\u0435 \u0435\u0449\u0451 \u044d\u0442\u0438\u0445",
        "SMS\u043a\u0430 \u0438 IT-\u043e\u0442\u0434\u0435\u043b",  # Russian with Latin words
        "\u4e2d\u6587 ABC \u6df7\u5408 \u30ab\u30bf\u30ab\u30ca",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian, with the joiner it needs
        "\u0915\u094d\u200d\u0937",  # Hindi, with a joiner
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",  # a family
        "\u2764\ufe0f 1\ufe0f\u20e3",  # a red heart and a keycap
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",  # England
        "\u05e9\u05dc\u05d5\u05dd \u200eABC\u200f",  # Hebrew with marks around English
        "\u05d0 \u2067\u05d1\u2069 \u05d2",  # a closed isolate in Hebrew
        "\u0e2a\u0e27\u0e31\u0e2a\u200b\u0e14\u0e35",  # Thai
        "5 \u00b5m, 3 \u03bcg, TNF\u03b1, \u0394t, \u03bbmax",  # units and symbols
        "na\u00efve caf\u00e9 cafe\u0301 Stra\u00dfe",
        "\u1112\u1161\u11ab \ud55c\uad6d\uc5b4",  # Korean
        "\u0e40\u0e23\u0e32 \u10e5\u10d0\u10e0\u10d7\u10e3\u10da\u10d8 \u0540\u0561\u0575",
    ],
)
def test_honest_text_of_any_script_is_left_alone(text: str) -> None:
    assert deceptions(text) == ()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (CYRILLIC_PAYPAL, "paypal"),
        ("\u0441\u043e\u0440", "cop"),  # all Cyrillic
        ("\uff50\uff41\uff59", "pay"),  # full width
        ("caf\u00e9", "cafe\u0301"),
        ("pay\u200bpal", "paypal"),
        ("pay\u00a0pal", "pay pal"),
        ("\u0406van", "lvan"),
    ],
)
def test_texts_that_look_alike_have_one_skeleton(left: str, right: str) -> None:
    assert skeleton(left) == skeleton(right)


@pytest.mark.parametrize(("left", "right"), [("cafe", "caf\u00e9"), ("a", "A"), ("red", "rot")])
def test_texts_that_look_different_keep_different_skeletons(left: str, right: str) -> None:
    assert skeleton(left) != skeleton(right)


def test_look_alikes_are_no_ascii_and_stand_for_ascii() -> None:
    assert len(LOOKALIKES) > 200
    assert all(point > 127 and letter.isalnum() for point, letter in LOOKALIKES.items())
    assert all(letter.isascii() and len(letter) == 1 for letter in LOOKALIKES.values())
    assert all(unicodedata.normalize("NFKC", chr(point)) == chr(point) for point in LOOKALIKES)


def test_ten_megabytes_of_honest_text_are_looked_at_in_a_second() -> None:
    text = "\u0421\u044a\u0435\u0448\u044c \u0436\u0435 " * 500_000
    assert within(2, lambda: deceptions(text)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "\u200f" * 300_000 + "\u05d0",
        "\u05d0\u2066" * 200_000,
        "a\u200b" * 200_000,
        "\U000e0041" * 200_000,
        "\u0445a" * 200_000,
    ],
)
def test_text_made_to_be_slow_is_not(text: str) -> None:
    within(2, lambda: deceptions(text))
