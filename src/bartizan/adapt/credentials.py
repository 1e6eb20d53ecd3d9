"""Credentials by reference: what is written down says where a secret is, not what it is."""

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
        UsageError: there is nothing where it refers to.
    """
    found = _REFERENCE.search(value)
    if found is None:
        return value
    kind, place = found.groups()
    if kind == "env" and place in os.environ:
        return value[: found.start()] + os.environ[place]
    if kind == "file" and Path(place).is_file():
        return value[: found.start()] + Path(place).read_text(encoding="utf-8").strip()
    what = "the environment has no variable" if kind == "env" else "there is no file"
    message = f"header {name!r} refers to {kind}:{place}, but {what} {place!r}; set it"
    raise UsageError(message)
