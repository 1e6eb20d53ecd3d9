"""Files with secret keys: only their owner reads them, and none is overwritten.

A key is referred to as ``env:NAME`` or ``file:PATH``, so that commands, project files and logs hold
the place of a secret and never the secret.
"""

import contextlib
import os
import secrets
import stat
from pathlib import Path

from bartizan.core.errors import OutputError, TrustError, UsageError

SIZE_LIMIT = 65_536
"""Bytes. The longest key in use is below 3 KiB; a key file may hold several, with comments."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def write_key_file(path: Path, *, text: str) -> None:
    """Write a secret to a new file with mode 0600.

    The text goes to a temporary file beside it, reaches the disk, and gets its name in one step: a
    crash leaves no half key, and a key that is there already stays (a log whose key is lost can
    never be continued).

    Raises:
        OutputError: there is a file already, or the place cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        _write_new(temporary, text.encode("utf-8"))
        try:
            # A link refuses to replace, which a rename does not.
            os.link(temporary, path)
        finally:
            temporary.unlink()
        _sync(path.parent)
    except FileExistsError as error:
        message = f"{path} exists already and may hold a key in use; choose another place"
        raise OutputError(message) from error
    except OSError as error:
        message = f"cannot write the key file {path}: {error.strerror}; choose another place"
        raise OutputError(message) from error


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


def _write_new(path: Path, raw: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123 (a handle, not a path)
            file.write(raw)
            file.flush()
            os.fsync(handle)
    except OSError:
        with contextlib.suppress(OSError):
            path.unlink()
        raise


def _sync(folder: Path) -> None:
    """Make a new name durable: the folder holds it."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
