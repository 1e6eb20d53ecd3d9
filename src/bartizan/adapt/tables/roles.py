"""Says which columns name a row or a person instead of describing it."""

import re
from itertools import pairwise

import polars as pl

from bartizan.core.schema import FeatureType

_MIN_ROWS = 20
"""Below it, distinct or rising values are as likely chance as not."""
_ID_NAME = re.compile(
    r"(?:^|[_\W])(?:id|uid|uuid|guid|pk|key|idx|index|rowid|rownum|row)(?:$|[_\W])|[a-z](?:Id|ID)$",
)
_ID_NAME_FOLDED = re.compile(r"^(?:id|index|uuid|guid|rowid|unnamed: 0)$", re.IGNORECASE)

_PERSONAL_TEXT = frozenset(
    (
        "name",
        "firstname",
        "lastname",
        "surname",
        "fullname",
        "forename",
        "username",
        "nickname",
        "maiden",
        "address",
        "street",
        "email",
        "mail",
    )
)
"""Words of a text column's name; a number under such a name counts something (spambase)."""
_PERSONAL_CODE = frozenset(
    (
        "phone",
        "telephone",
        "mobile",
        "cellphone",
        "fax",
        "ssn",
        "nino",
        "passport",
        "birth",
        "birthdate",
        "birthday",
        "dob",
        "iban",
        "taxid",
    )
)
"""Words of the name of a column of text, whole numbers or dates."""
_CODE_PAIRS = ("social_security", "card_number", "cardnumber", "credit_card_no", "date_of_birth")
_NOT_PERSONAL = frozenset(
    ("file", "product", "brand", "class", "model", "type", "host", "domain", "column", "event")
)
"""`product_name` is not a person's."""

_SAMPLE = 500
"""Distinct values looked at; a column of addresses shows itself within a few."""
_SHARE = 0.8
"""Share of them that must have the form: a stray address in free text is not a column of them."""
_FORMS = (
    re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"),
    re.compile(r"\+?\d{1,3}[ ./-]?\(?\d{2,4}\)?(?:[ ./-]?\d{2,4}){2,3}"),
    re.compile(r"\d{3}-\d{2}-\d{4}"),
    re.compile(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?"),
)
"""E-mail, telephone, US social security number, IBAN."""
_NETWORK = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}.*")
"""IPv4 addresses and dates, which read like telephone numbers."""
_CARD_DIGITS = range(13, 20)
"""ISO/IEC 7812."""


def is_identifier(column: pl.Series, *, kind: FeatureType) -> bool:
    """Whether values name rows: all different, and whole numbers in order, text, or so called."""
    if kind == "number" or column.dtype.is_temporal() or column.null_count():
        return False
    if len(column) < 2 or column.n_unique() < len(column):
        return False
    if _ID_NAME.search(column.name) or _ID_NAME_FOLDED.match(column.name):
        return True
    if len(column) < _MIN_ROWS:
        return False
    return kind != "integer" or bool((column.diff().drop_nulls() > 0).all())


def is_personal(column: pl.Series) -> bool:
    """Whether a column's name or values are those of personal data."""
    if column.dtype.is_float() or column.dtype == pl.Boolean:
        return False
    words = _words(column.name)
    coded = words & _PERSONAL_CODE or any(
        pair in "_".join(_split(column.name)) for pair in _CODE_PAIRS
    )
    is_text = not (column.dtype.is_numeric() or column.dtype.is_temporal())
    named = is_text and words & _PERSONAL_TEXT and not words & _NOT_PERSONAL
    return bool(coded or named) or _has_form(column, is_text=is_text)


def _split(name: str) -> list[str]:
    """A name's words in small letters: `firstName`, `first_name` -> first, name."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


def _words(name: str) -> set[str]:
    parts = _split(name)
    return {*parts, *("".join(pair) for pair in pairwise(parts))}


def _has_form(column: pl.Series, *, is_text: bool) -> bool:
    """Whether most distinct values look like an address or an account."""
    if column.dtype.is_temporal():
        return False
    values = column.drop_nulls().unique(maintain_order=True).head(_SAMPLE)
    found = [str(value).strip() for value in values.to_list()]
    if len(found) < 2:
        return False
    needed = _SHARE * len(found)
    if sum(_is_card(text) for text in found) >= needed:
        return True
    return is_text and any(
        sum(bool(form.fullmatch(text) and not _NETWORK.fullmatch(text)) for text in found) >= needed
        for form in _FORMS
    )


def _is_card(text: str) -> bool:
    """A payment card: 13 to 19 digits, the last of which checks the others (Luhn)."""
    digits = re.sub(r"[ -]", "", text)
    if not digits.isdecimal() or len(digits) not in _CARD_DIGITS:
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        double = int(digit) * (1 + place % 2)
        total += double - 9 * (double > 9)
    return total % 10 == 0
