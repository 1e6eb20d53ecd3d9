"""Credentials by reference: what is written down says where a secret is, not what it is.

Unlike `crypto.key_file.read_secret`, a file may be a link and may be read by a group: orchestrators
hand tokens to a service that way, and such a token can be drawn back, which a signing key cannot.
"""

import os
import re
from pathlib import Path

from bartizan.core.errors import ConfigError, UsageError

_REFERENCE = re.compile(r"(env|file):(.+)")
_SECRET = re.compile(r"auth|cookie|key|token|secret|password", re.IGNORECASE)


def is_secret(name: str) -> bool:
    """Whether a header of that name holds a credential."""
    return _SECRET.search(name) is not None


def require_references(headers: dict[str, str]) -> None:
    """Refuse secrets that are written out, for they end up in files and logs.

    Raises:
        ConfigError: a header that looks like a credential holds one.
    """
    for name, value in headers.items():
        if is_secret(name) and _REFERENCE.search(value) is None:
            message = (
                f"header {name!r} looks like a credential: refer to it with env:NAME or file:PATH, "
                'such as "Bearer env:FRAUD_TOKEN", instead of writing it down'
            )
            raise ConfigError(message)


def resolved(name: str, value: str) -> str:
    """A header with the credential it refers to; words before the reference stay.

    Raises:
        UsageError: there is nothing where it refers to, or nothing that a header can hold.
    """
    found = _REFERENCE.search(value)
    return value if found is None else value[: found.start()] + secret_of(name, value)


def secret_of(name: str, value: str) -> str:
    """The credential that a header refers to; empty if it refers to none.

    Raises:
        UsageError: there is nothing where it refers to, or nothing that a header can hold.
    """
    found = _REFERENCE.search(value)
    if found is None:
        return ""
    kind, place = found.groups()
    if kind == "env" and place in os.environ:
        return _one_line(os.environ[place], name=name, where=f"{kind}:{place}")
    if kind == "file" and Path(place).is_file():
        try:
            text = Path(place).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            message = f"header {name!r} refers to {kind}:{place}, which cannot be read as text"
            raise UsageError(message) from error
        return _one_line(text, name=name, where=f"{kind}:{place}")
    what = "the environment has no variable" if kind == "env" else "there is no file"
    message = f"header {name!r} refers to {kind}:{place}, but {what} {place!r}; set it"
    raise UsageError(message)


def _one_line(text: str, *, name: str, where: str) -> str:
    """Refuse here what the HTTP library would refuse with the secret in its message."""
    text = text.strip()
    if not text or not text.isascii() or not text.isprintable():
        message = (
            f"header {name!r} refers to {where}, which holds nothing, several lines, or letters "
            "that a header cannot hold; expected one line of plain text"
        )
        raise UsageError(message)
    return text
