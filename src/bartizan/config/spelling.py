"""How TOML spells keys, texts, numbers, lists and comments.

The template is built by hand: it is mostly comments, and for a thousand columns a document
tree takes seconds where plain text takes milliseconds.
"""

import json
import re
from collections.abc import Sequence

from bartizan.core.errors import ConfigError
from bartizan.core.schema import Label

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_WIDTH = 100
"""Columns after which a list is broken into lines."""


def text(value: str) -> str:
    r"""A basic string.

    Raises:
        ConfigError: a lone surrogate, which no UTF-8 file can hold.

    Example:
        >>> print(text('say "hi"'))
        "say \"hi\""
    """
    if any("\ud800" <= character <= "\udfff" for character in value):
        message = f"the text {value!r} is not valid Unicode and cannot be written; rename it"
        raise ConfigError(message)
    quoted = json.dumps(value, ensure_ascii=False)
    return quoted if quoted.isprintable() else "".join(map(_visible, quoted))


def _visible(character: str) -> str:
    """A character, or its escape where an editor would show nothing or turn the line around."""
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def key(name: str) -> str:
    """One part of a key: bare where it can be.

    Example:
        >>> key("amount"), key("net income")
        ('amount', '"net income"')
    """
    return name if _BARE.fullmatch(name) else text(name)


def number(value: float) -> str:
    """A number that reads back as the same one; whole numbers without an exponent.

    Example:
        >>> number(0.1), number(3.0), number(1e30)
        ('0.1', '3', '1e+30')
    """
    if float(value).is_integer() and abs(value) < 2**53 and str(value) != "-0.0":
        return str(int(value))
    return repr(float(value))


def boolean(*, value: bool) -> str:
    """``true`` or ``false``."""
    return "true" if value else "false"


def _label(value: Label) -> str:
    """A class label: text or a whole number."""
    return text(value) if isinstance(value, str) else str(value)


def listing(values: Sequence[Label]) -> str:
    """A list, broken into lines where it is long.

    Example:
        >>> listing(("a", "b"))
        '["a", "b"]'
    """
    items = [_label(value) for value in values]
    line = "[" + ", ".join(items) + "]"
    if len(line) <= _WIDTH:
        return line
    lines = ["["]
    for item in items:
        if len(lines) > 1 and len(lines[-1]) + len(item) + 2 <= _WIDTH:
            lines[-1] += f" {item},"
        else:
            lines.append(f"  {item},")
    return "\n".join([*lines, "]"])


def comment(words: str) -> str:
    r"""One line of comment; whatever could end the line becomes a blank.

    Example:
        >>> comment("two\nlines")
        '# two lines'
    """
    shown = (character if character.isprintable() else " " for character in words)
    return "# " + "".join(shown).strip()
