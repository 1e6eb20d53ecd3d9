"""Secrets by reference, and the files that hold them, which only their owner may read.

A key is referred to as ``env:NAME`` or ``file:PATH``, so that commands, project files and logs hold
the place of a secret and never the secret. They are written by `safe_file.create`.
"""

import os
import stat
from pathlib import Path

from bartizan.core.errors import TrustError, UsageError

SIZE_LIMIT = 65_536
"""Bytes. The longest key in use is below 3 KiB; a key file may hold several, with comments."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_key_file(path: Path) -> str:
    """Read a secret from a file.

    Raises:
        UsageError: there is no such file, or it is not text.
        TrustError: it is a link or no plain file, or group or others may read or change it.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a pipe must not block
    try:
        handle = os.open(path, flags)
    except OSError as error:
        if path.is_symlink():
            message = f"key file {path} is a link; name the file itself, so that nobody turns it"
            raise TrustError(message) from error
        message = f"cannot read the key file {path}: {error.strerror}"
        raise UsageError(message) from error
    try:
        _require_private(os.fstat(handle), path=path)
        with open(handle, "rb", closefd=False) as file:
            raw = file.read(SIZE_LIMIT + 1)
    finally:
        os.close(handle)
    if len(raw) > SIZE_LIMIT:
        message = f"{path} is larger than {SIZE_LIMIT} bytes, which no key file is"
        raise UsageError(message)
    return _text(raw, where=str(path))


def read_secret(reference: str) -> str:
    """The secret that ``env:NAME`` or ``file:PATH`` refers to.

    Raises:
        UsageError: it is no such reference (its text is not shown: it may be the secret itself),
            or there is nothing where it refers to.
        TrustError: others can read the file, or it is a link.
    """
    kind, _, place = reference.partition(":")
    if kind == "file" and place:
        return read_key_file(Path(place))
    if kind == "env" and place:
        if place in os.environ:
            return _text(os.fsencode(os.environ[place]), where=reference)
        message = f"{reference} refers to a variable that the environment does not have; set it"
        raise UsageError(message)
    message = "expected a reference to a secret, env:NAME or file:PATH, and not the secret itself"
    raise UsageError(message)


def _require_private(found: os.stat_result, *, path: Path) -> None:
    if not stat.S_ISREG(found.st_mode):
        message = f"key file {path} is no plain file; name a file that holds the key"
        raise TrustError(message)
    if found.st_mode & _OTHERS:
        message = (
            f"key file {path} has mode {stat.S_IMODE(found.st_mode):04o}: others than its owner "
            f"may use it, so it may be known to them. Run `chmod 600 {path}`, and think about a "
            "new key"
        )
        raise TrustError(message)


def _text(raw: bytes, *, where: str) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if not text.strip():
        message = f"{where} holds no key: expected a line of text"
        # Not chained: the cause would hold the bytes.
        raise UsageError(message)
    return text
