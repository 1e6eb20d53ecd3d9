from collections.abc import Sequence

import pytest

from bartizan.core.streams import rng
from bartizan.detect.personal import placed, sightings, spaced

DRAW = rng(0, "personal")
CARDS = ["4111111111111111", "5555555555554444", "378282246310005", "6011111111111117"]
CARDS += ["3530111333300000", "5105105105105100", "4012888888881881"]


def kinds(name: str, values: Sequence[str]) -> set[str]:
    return {one.kind.name for one in sightings(name, values)}


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("x", CARDS, "card"),
        ("x", [" ".join((c[:4], c[4:8], c[8:12], c[12:])) for c in CARDS], "card"),
        ("note", [f"paid with {card} today" for card in CARDS], "card"),
        ("x", ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "-"] * 2, "IBAN"),
        ("x", ["078-05-1120", "219-09-9999", "457-55-5462"], "social security"),
        ("SSN", ["078051120", "219099999", "457555462"], "social security"),
        ("x", ["L898902C36UTO7408122F1204159ZE184226B<<<<<10"], "passport"),
        ("x", ["+49 30 1234567", "+1 (555) 123-4567", "+442071838750"], "phone"),
        ("x", ["(555) 123-4567", "555-123-4567", "(555) 987-6543"], "phone"),
        ("home_phone", ["030 1234567", "0171/7654321", "089-998877"], "phone"),
        ("sms", ["call 09061701461", "txt on 08712460324 now", "Call: 09058094597"], "phone"),
        ("dateOfBirth", ["1980-01-02", "12.03.1975", "1999"], "birth"),
        ("last_name", [f"M{'abcdefghij'[i]}ller" for i in range(10)], "names"),
        ("customer name", [f"Anna M{'abcdefghij'[i]}ller" for i in range(10)], "names"),
        ("x", ["10.0.0.1", "192.168.1.77", "8.8.8.8"], "IP"),
        ("x", ["2001:db8::1", "fe80::1", "::1"], "IP"),
        ("x", ["00:1A:2b:3c:4d:5e", "aa-bb-cc-dd-ee-ff", "00:11:22:33:44:55"], "MAC"),
        ("x", ["52.5200, 13.4050", "48.13743,11.57549", "-33.8688 151.2093"], "places"),
    ],
)
def test_personal_data_is_found(name: str, values: list[str], kind: str) -> None:
    assert any(kind in found for found in kinds(name, values))


def numbers(size: int, count: int = 2000) -> list[str]:
    return [f"{int(DRAW.integers(10**size)):0{size}d}" for _ in range(count)]


@pytest.mark.parametrize("size", [8, 9, 10, 11, 13, 14, 15, 16, 19])
def test_random_numbers_of_any_length_are_nobody_s(size: int) -> None:
    assert kinds("account", [f"{n}" for n in numbers(min(size, 18))]) == set()


@pytest.mark.parametrize("first", [4, 51, 34, 6011, 36, 62])
def test_random_numbers_that_begin_as_cards_do_are_no_cards(first: int) -> None:
    assert kinds("id", [f"{first}{n}"[:16] for n in numbers(16)]) == set()


@pytest.mark.parametrize("first", [4_000_000_000_000_000, 51_000_000_000, 111_222_000])
def test_numbers_counted_up_are_nobody_s(first: int) -> None:
    assert kinds("id", [str(first + i) for i in range(2000)]) == set()


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("time", [f"2024-01-0{i} 10:00:00+0100" for i in range(1, 9)]),
        ("started", [f"12:30:{i}" for i in range(10, 40)]),
        ("version", ["1.2.3.4", "1.2.3.5", "1.2.4.0"]),
        ("agent", ["Chrome/98.0.4758.102", "Chrome/99.0.4844.51", "Chrome/100.0.4896.60"]),
        ("price", [f"{x:.4f}" for x in DRAW.normal(size=500)]),
        ("v1", [f"{x:.16f}" for x in DRAW.normal(size=500)]),
        ("year", ["1980", "1999", "2001"]),
        ("file_name", [f"Report{i}" for i in "abcdefghijkl"]),
        ("hash", [f"{int(n):032x}" for n in numbers(18)]),
        ("uuid", [f"550e8400-e29b-41d4-a716-{n}" for n in numbers(12)]),
        ("x", ["", " ", "-", "nan"]),
    ],
)
def test_what_only_looks_a_little_like_it_is_left_alone(name: str, values: list[str]) -> None:
    assert kinds(name, values) == set()


def test_a_pair_of_coordinates_is_told_and_half_of_one_is_not() -> None:
    north = [f"{52 + i / 1000:.4f}" for i in range(20)]
    east = [f"{13 + i / 1000:.4f}" for i in range(20)]
    assert set(placed({"home_lat": north, "home_lng": east, "v": east})) == {"home_lat", "home_lng"}
    assert placed({"lat": north, "v": east}) == {}
    assert placed({"lat": ["99.1234"] * 20, "lon": east}) == {}


@pytest.mark.parametrize(
    ("name", "words"), [("homePhone_2", "home phone 2"), ("E-MAIL", "e mail"), ("", "")]
)
def test_names_are_split_into_words(name: str, words: str) -> None:
    assert spaced(name) == words
