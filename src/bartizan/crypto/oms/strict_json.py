"""JSON in which nothing can hide: no name twice, no NaN, no depth without end; base64 likewise."""

import base64
import binascii
import json
from typing import Any, NoReturn

from bartizan.core.errors import TrustError


def parsed(raw: bytes, *, what: str) -> dict[str, Any]:
    """A JSON object.

    Two readers of one document may disagree about a name that stands in it twice, so that what is
    checked is not what is used: such a document is refused.

    Args:
        raw: UTF-8, without a byte order mark.
        what: What it is, for messages.

    Raises:
        TrustError: it is no such object.
    """
    try:
        found = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        message = f"{what} is no JSON document of one meaning ({str(error)[:120]})"
        raise TrustError(message) from error
    return an_object(found, what=what)


def an_object(found: object, *, what: str) -> dict[str, Any]:
    """Refuse anything but an object."""
    if not isinstance(found, dict):
        raise unexpected(found, what=what, expected="an object")
    return found


def a_list(found: object, *, what: str) -> list[Any]:
    """Refuse anything but a list."""
    if not isinstance(found, list):
        raise unexpected(found, what=what, expected="a list")
    return found


def a_text(found: object, *, what: str) -> str:
    """Refuse anything but text."""
    if not isinstance(found, str):
        raise unexpected(found, what=what, expected="text")
    return found


def only(found: dict[str, Any], *, known: frozenset[str], what: str) -> None:
    """Refuse fields that mean nothing here: what nobody checks may have been changed.

    Raises:
        TrustError: there is one.
    """
    for name in found:
        if name not in known:
            message = (
                f"{what} has a field {name[:40]!a}, which is not known here; expected "
                f"{', '.join(sorted(known))}"
            )
            raise TrustError(message)


def from_base64(found: object, *, what: str) -> bytes:
    """Bytes from base64 in its one spelling: other bits would be free for anybody to flip.

    Raises:
        TrustError: it is none.
    """
    text = a_text(found, what=what)
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise unexpected(text, what=what, expected="base64") from error
    if to_base64(raw) != text:
        raise unexpected(text, what=what, expected="base64 in its only spelling")
    return raw


def to_base64(raw: bytes) -> str:
    """Base64 with padding."""
    return base64.b64encode(raw).decode("ascii")


def unexpected(found: object, *, what: str, expected: str) -> TrustError:
    """The error of a part that is not what it must be."""
    shown = repr(found)[:60]
    return TrustError(
        f"{what}: expected {expected}, got {shown.encode('ascii', 'replace').decode()}"
    )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        message = "a name stands in one object twice"
        raise ValueError(message)
    return found


def _no_constant(name: str) -> NoReturn:
    message = f"{name} is no JSON"
    raise ValueError(message)
