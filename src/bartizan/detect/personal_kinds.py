"""Kinds of personal data, as patterns with check digits."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bartizan.detect import checksums as check

Harm: TypeAlias = Literal["low", "medium", "high"]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of personal data."""

    name: str
    harm: Harm
    shape: re.Pattern[str]
    """What it looks like, within a value."""
    whole: bool = False
    """Whether it must be the whole value: numbers of that length stand in every text."""
    valid: check.Check | None = None
    """Its check, of the letters and digits without spaces."""
    chance: float = 0.0
    """Chance that a value of the shape passes the check by accident."""
    least: int = 1
    """Distinct values that are needed."""
    named: re.Pattern[str] | None = None
    """What the column must be called for the shape to mean anything."""
    share: float = 0.0
    """Share of the distinct values that must match."""


def _address(text: str) -> bool:
    """An address of version 6; the colons are still there."""
    try:
        return ipaddress.ip_address(text).version == 6
    except ValueError:
        return False


_CARD_FIRST = r"(?:4|5[1-5]|2[2-7]|3[4-8]|30[0-5]|6[0245])"
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_DATE = (
    r"(?:(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])(?:[ T].*)?"
    r"|(?:0?[1-9]|[12]\d|3[01])[-/.](?:0?[1-9]|[12]\d|3[01])[-/.](?:19|20)?\d\d"
    r"|(?:19|20)\d\d(?:\.0)?|(?:19|20)\d{6})"
)
_KEY_SHAPE = (
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_[A-Za-z0-9_]{60}"
    r"|\bglpat-[A-Za-z0-9_-]{20}|\bxox[abprs]-[A-Za-z0-9-]{20}|\b[rs]k_live_[A-Za-z0-9]{20}"
    r"|\bAIza[0-9A-Za-z_-]{35}|\bsk-[A-Za-z0-9_-]{32}|\bnpm_[A-Za-z0-9]{36}|\bpypi-AgE[A-Za-z0-9_-]{40}"
    r"|\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{40}|\bhf_[A-Za-z]{34}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.|-----BEGIN [A-Z ]*PRIVATE KEY"
)
"""Keys of services that say by their first letters what they are, tokens (JWT), private keys."""
_KEY_SIGNS: tuple[str, ...] = (
    "AKIA",
    "ASIA",
    "gh",
    "glpat-",
    "xox",
    "k_live_",
    "AIza",
    "sk-",
    "npm_",
    "pypi-",
)
_KEY_SIGNS += ("SG.", "hf_", "eyJ", "PRIVATE KEY")
"""One of them is in every such key."""
_LINK_SHAPE = (
    r"(?i)\bhttps?://[^\s/:@]+:[^\s/@]+@|\bhttps?://\S*[?&#;](?:access_token|token|api_?key|"
    r"sig|signature|auth|session|sid|password|pwd|secret)=[^\s&]{8}"
)
"""Addresses of the web that let in whoever has them."""
_MAIL_SHAPE = r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}\b"


def _kind(name: str, harm: Harm, shape: str, **more: object) -> Kind:
    named = more.pop("named", None)
    return Kind(
        name=name,
        harm=harm,
        shape=re.compile(shape),
        named=None if named is None else re.compile(str(named)),
        **more,  # type: ignore[arg-type]  # the fields of Kind, as written below
    )


KINDS: tuple[Kind, ...] = (
    _kind(
        "payment card numbers",
        "high",
        rf"(?<![\d.+-]){_CARD_FIRST}(?:[ -]?\d){{11,17}}(?![\d.])",
        valid=check.card,
        chance=0.1,
    ),
    _kind(
        "bank account numbers (IBAN)",
        "high",
        r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b",
        valid=check.iban,
        chance=1 / 97,
        least=1,
    ),
    _kind(
        "US social security numbers",
        "high",
        r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])",
        valid=check.social_security,
        least=3,
    ),
    _kind(
        "US social security numbers without dashes",
        "high",
        r"\d{9}",
        whole=True,
        valid=check.social_security,
        named=r"\bssn\b|social sec",
        share=0.8,
    ),
    _kind(
        "German tax numbers",
        "high",
        r"\d{11}|\d{2} \d{3} \d{3} \d{3}",
        whole=True,
        valid=check.german_tax,
        chance=0.1,
    ),
    _kind("Polish PESEL numbers", "high", r"\d{11}", whole=True, valid=check.polish, chance=0.1),
    _kind(
        "Spanish identity numbers",
        "high",
        r"(?:\d{8}|[XYZ]\d{7})-?[A-Z]",
        whole=True,
        valid=check.spanish,
        chance=1 / 23,
    ),
    _kind(
        "French social security numbers",
        "high",
        r"[12](?: ?\d){14}",
        whole=True,
        valid=check.french,
        chance=1 / 97,
    ),
    _kind(
        "Brazilian CPF numbers",
        "high",
        r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}",
        whole=True,
        valid=check.brazilian,
        chance=0.01,
    ),
    _kind("Dutch BSN numbers", "high", r"\d{9}", whole=True, valid=check.dutch, chance=1 / 11),
    _kind(
        "Italian tax codes",
        "high",
        r"[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]",
        whole=True,
        valid=check.italian,
        chance=1 / 26,
    ),
    _kind("passports (machine-readable zone)", "high", r"[A-Z0-9<]{44}", valid=check.passport),
    _kind(
        "phone numbers",
        "medium",
        r"(?<![\w:+.])\+[1-9]\d{0,2}(?:[\s().-]{1,2}\d{2,12}){1,5}\b"
        r"|(?<![\w:+.])\+[1-9]\d{9,14}\b",
        least=3,
    ),
    _kind(
        "phone numbers", "medium", r"(?<![\w-])(?:\(\d{3}\) ?|\d{3}-)\d{3}-\d{4}(?![\w-])", least=3
    ),
    _kind(
        "phone numbers",
        "medium",
        r"(?i)\b(?:call|phone|tel|telefon|mobile|text|txt|fax)\b\W{1,4}"
        r"(?:\w{1,8}\W){0,2}0\d{8,11}\b",
        least=3,
    ),
    _kind(
        "phone numbers",
        "medium",
        r"\+?[\d\s()./-]{7,20}",
        whole=True,
        share=0.5,
        least=3,
        named=r"\b(?:phone|tel|telephone|telefon|mobile|handy|fax|cell)(?:nummer)?\b",
    ),
    _kind(
        "dates of birth",
        "medium",
        _DATE,
        whole=True,
        share=0.8,
        named=r"\bdob\b|birth ?(?:date|day|year)|(?:date|year|day) (?:of )?birth|\bborn\b"
        r"|geburts|naissance|nacimiento|nascita",
    ),
    _kind(
        "names of people",
        "medium",
        r"[^\W\d_][^\W\d_.'\u2019-]*(?:[ .'\u2019-]{1,2}[^\W\d_.]+){0,4}\.?",
        whole=True,
        share=0.8,
        least=10,
        named=r"\b(?:first|last|full|family|given|middle|sur|maiden|fore) ?names?\b|\bsurname\b"
        r"|\b(?:vor|nach|familien)name\b|\bprenom\b|\bapellidos?\b|\bcognome\b",
    ),
    _kind(
        "names of people",
        "medium",
        r"[^\W\d_a-z][^\W\d_]+(?:[ -][^\W\d_a-z][^\W\d_]*\.?){1,3}",
        whole=True,
        share=0.5,
        least=10,
        named=r"^(?:customer|patient|client|person|employee|user|contact)? ?name$",
    ),
    _kind(
        "IP addresses",
        "low",
        rf"(?<![\w.-]){_OCTET}(?:\.{_OCTET}){{3}}(?![\w-]|\.\d)",
        least=3,
        named=r"^(?!.*version)",
    ),
    _kind(
        "IP addresses",
        "low",
        r"[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}",
        whole=True,
        valid=_address,
        least=3,
        share=0.5,
    ),
    _kind(
        "hardware (MAC) addresses",
        "low",
        r"(?<![\w:-])(?:[0-9A-Fa-f]{2}([:-]))(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\w:-])",
        least=3,
    ),
    _kind(
        "places (coordinates)",
        "medium",
        r"\(?-?(?:[1-8]?\d|90)\.\d{4,}[,; ] ?-?(?:1[0-7]\d|\d?\d)\.\d{4,}\)?",
        least=3,
    ),
)
"""All others, looked for in a sample of the distinct values."""
"""All that are looked for in a sample of the distinct values."""

PLACES = _kind(
    "places (coordinates)", "medium", r"-?\d{1,3}\.\d{3,}", whole=True, share=0.5, least=10
)
"""Of a column that is called a latitude or a longitude."""
KEYS = _kind("keys or tokens of services", "high", _KEY_SHAPE)
LINKS = _kind("web addresses that hold a token or a password", "high", _LINK_SHAPE)
MAIL = _kind("e-mail addresses", "medium", _MAIL_SHAPE)
CERTAIN: tuple[tuple[Kind, tuple[str, ...], int], ...] = (
    (KEYS, _KEY_SIGNS, 16),
    (LINKS, ("://",), 16),
    (MAIL, ("@",), 6),
)
"""These are looked for in every cell, because one is enough and chance makes none: the kind, texts
of which one is in every case, and the length of the shortest."""
