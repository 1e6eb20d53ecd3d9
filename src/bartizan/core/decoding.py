"""What a decoder of records says, in the words of who wrote the file."""

import re

_AT = re.compile(r" - at `\$\.?(?P<place>.*)`$", re.DOTALL)
_TYPE = re.compile(r"`([a-z| ]+)`")
_WORDS = {
    "array": "a list",
    "bool": "true or false",
    "date": "a day without quotes, such as 2026-11-22",
    "datetime": "a moment without quotes, such as 2026-11-22T09:00:00Z",
    "float": "a number",
    "int": "a whole number",
    "null": "nothing",
    "object": "a table",
    "str": "text",
}


def plain(message: str) -> str:
    """The message of a decoder without the names of its types, and with the place first.

    Args:
        message: As msgspec raises it.

    Example:
        >>> plain("Expected `date`, got `str` - at `$.as_of`")
        'as_of: expected a day without quotes, such as 2026-11-22, got text'
    """
    at = _AT.search(message)
    why = _TYPE.sub(_named, _AT.sub("", message))
    why = why.replace("Object contains unknown field", "unknown key")
    why = why.replace("Object missing required field", "missing key")
    place = f"{at['place']}: " if at and at["place"] else ""
    return f"{place}{why[:1].lower()}{why[1:]}"


def _named(found: re.Match[str]) -> str:
    """Types, of which several may be allowed; anything else stays as it is."""
    parts = [part.strip() for part in found.group(1).split("|")]
    if all(part in _WORDS for part in parts):
        return " or ".join(_WORDS[part] for part in parts)
    return found.group(0)
