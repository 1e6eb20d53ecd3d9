"""Check digits: what tells a number that was issued from one that merely has its length.

Every function takes the digits, or letters and digits, without spaces, and says whether they are
valid. A random number passes with the chance named.
"""

import re
from collections.abc import Callable
from itertools import cycle
from typing import TypeAlias

Check: TypeAlias = Callable[[str], bool]

_MRZ = re.compile(r"[A-Z0-9<]{9}\d[A-Z<]{3}\d{6}\d[MFX<]\d{6}\d[A-Z0-9<]{14}[\d<]\d")
_SPANISH = "TRWAGMYFPDXBNJZSQVHLCKE"
"""Letters of the Spanish identity number, by the remainder of division by 23."""
_PLACES = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)
_ODD = dict(zip("0123456789", _PLACES, strict=True)) | dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (*_PLACES, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        strict=True,
    )
)
"""Values of letters and digits at odd places of an Italian tax code (decree of 23 Dec. 1976)."""


def luhn(digits: str) -> bool:
    """Payment cards, ISO/IEC 7812-1, annex B. Chance 1 in 10.

    Example:
        >>> luhn("4111111111111111"), luhn("4111111111111112")
        (True, False)
    """
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def card(digits: str) -> bool:
    """A payment card: a known issuer, its length, and the check digit.

    Chance 1 in 10 of those that begin as cards do.
    """
    return issued(digits) and luhn(digits)


def issued(digits: str) -> bool:
    """Whether the first digits and the length are those of an issuer of payment cards."""
    first, two, four, size = digits[:1], int(digits[:2]), int(digits[:4]), len(digits)
    return (
        (first == "4" and size in (13, 16, 19))
        or ((51 <= two <= 55 or 2221 <= four <= 2720) and size == 16)
        or (two in (34, 37) and size == 15)
        or ((two == 65 or four == 6011 or 6440 <= four <= 6499) and size in (16, 19))
        or (3528 <= four <= 3589 and size in (16, 19))
        or (two == 62 and 16 <= size <= 19)
        or ((two in (36, 38) or 3000 <= four <= 3059) and size == 14)
    )


def iban(text: str) -> bool:
    """International bank account numbers, ISO 13616: 98 - mod 97. Chance 1 in 97.

    Example:
        >>> iban("DE89370400440532013000"), iban("DE88370400440532013000")
        (True, False)
    """
    moved = text[4:] + text[:4]
    return 15 <= len(text) <= 34 and int("".join(str(int(one, 36)) for one in moved)) % 97 == 1


def social_security(digits: str) -> bool:
    """United States: no area 000, 666 or 900 and above, no group 00, no serial 0000.

    There is no check digit; nearly nine in ten numbers of the form pass.
    """
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def german_tax(digits: str) -> bool:
    """German tax number: ISO 7064, mod 11,10; one digit of the first ten twice or three times.

    Chance below 1 in 10.
    """
    counts = sorted(digits[:10].count(one) for one in set(digits[:10]))
    if digits[0] == "0" or counts[-1] not in (2, 3) or (len(counts) > 1 and counts[-2] != 1):
        return False
    product = 10
    for digit in digits[:10]:
        total = (int(digit) + product) % 10 or 10
        product = 2 * total % 11
    return (11 - product) % 10 == int(digits[10])


def polish(digits: str) -> bool:
    """Polish PESEL: weights 1 3 7 9, and a month. Chance below 1 in 20."""
    month = int(digits[2:4]) % 20
    day = int(digits[4:6])
    weighed = sum(w * int(d) for w, d in zip(cycle((1, 3, 7, 9)), digits[:10], strict=False))
    return 1 <= month <= 12 and 1 <= day <= 31 and (-weighed) % 10 == int(digits[10])


def spanish(text: str) -> bool:
    """Spanish DNI and NIE: the letter by the remainder of 23. Chance 1 in 23."""
    first = {"X": "0", "Y": "1", "Z": "2"}.get(text[0], text[0])
    return _SPANISH[int(first + text[1:-1]) % 23] == text[-1]


def french(digits: str) -> bool:
    """French NIR: 97 less the remainder of 97. Chance 1 in 97."""
    return digits[0] in "12" and 97 - int(digits[:13]) % 97 == int(digits[13:])


def brazilian(digits: str) -> bool:
    """Brazilian CPF: two check digits, mod 11. Chance 1 in 100."""
    if len(set(digits)) == 1:
        return False
    for size in (9, 10):
        weighed = sum((size + 1 - place) * int(digits[place]) for place in range(size))
        if weighed * 10 % 11 % 10 != int(digits[size]):
            return False
    return True


def dutch(digits: str) -> bool:
    """Dutch BSN: weights 9 to 2, and -1. Chance 1 in 11."""
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    weighed = sum(w * int(d) for w, d in zip(weights, digits, strict=True))
    return weighed % 11 == 0 and int(digits) > 0


def italian(text: str) -> bool:
    """Italian codice fiscale: the last letter, mod 26. Chance 1 in 26."""
    odd = sum(_ODD[one] for one in text[:15:2])
    even = sum(int(one, 36) - 10 * (one > "9") for one in text[1:15:2])
    return chr(ord("A") + (odd + even) % 26) == text[15]


def passport(text: str) -> bool:
    """Second line of a passport's machine-readable zone, ICAO 9303-4: five check digits.

    Chance 1 in 100,000.
    """
    if not _MRZ.fullmatch(text):
        return False
    parts = ((0, 9), (13, 19), (21, 27), (28, 42))
    single = all(_icao(text[a:b]) == _digit(text[b]) for a, b in parts)
    return single and _icao(text[:10] + text[13:20] + text[21:43]) == _digit(text[43])


def _icao(text: str) -> int:
    """Weights 7 3 1; letters count from 10, fillers nothing (ICAO 9303-3, 4.9)."""
    values = (0 if one == "<" else int(one, 36) for one in text)
    return sum(w * v for w, v in zip(cycle((7, 3, 1)), values, strict=False)) % 10


def _digit(letter: str) -> int:
    return 0 if letter == "<" else int(letter)
