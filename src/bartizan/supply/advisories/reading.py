"""Foreign files are read whole, and foreign text is shown as plain text."""

import os
import stat
from pathlib import Path

from bartizan.core.errors import InputError, LimitError

LIMIT_BYTES = 32 << 20
"""Of one file. A package with its hashes takes 1 to 3 kB in a lock file: room for 10,000."""
_SHOWN = 80
"""Characters of foreign text in a message: a name and a version fit twice."""


def plain(text: str) -> str:
    r"""Foreign text as one line that does nothing to a terminal.

    Example:
        >>> plain("requests\u202e==1")
        'requests\\u202e==1'
    """
    shown = ascii(text)[1:-1]
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "..."


def read_regular(path: Path, *, limit_bytes: int = LIMIT_BYTES) -> bytes:
    """All bytes of a regular file. A pipe or a device is refused without waiting for it.

    Raises:
        InputError: it cannot be read, or is something else.
        LimitError: it is too large.
    """
    flags = os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(path, flags)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                message = f"{plain(path.name)} is no regular file; expected a text file"
                raise InputError(message)
            raw = file.read(limit_bytes + 1)
    except OSError as error:
        message = f"cannot read {plain(path.name)}: {error.strerror or error}"
        raise InputError(message) from error
    if len(raw) > limit_bytes:
        message = f"{plain(path.name)} has more than {limit_bytes} bytes; split it"
        raise LimitError(message)
    return raw
