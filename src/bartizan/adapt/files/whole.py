"""Reads whole files, and says in one sentence why it cannot."""

import gzip
import io
import zlib
from pathlib import Path

from bartizan.adapt.names import nearest
from bartizan.core.errors import InputError

LIMIT_BYTES = 4 << 30
"""4 GiB, of a file and of what it unpacks to: beyond it one machine's memory is at risk."""


def read_file(path: Path, *, limit_bytes: int = LIMIT_BYTES) -> bytes:
    """Read a regular file.

    The bytes are read once, so that their digest is that of what is used.

    Raises:
        InputError: there is no such file, it is a directory or a device, it cannot be read,
            it is empty or too large.
    """
    require_file(path, limit_bytes=limit_bytes)
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"cannot read {path}: {error.strerror or error}; check its permissions"
        raise InputError(message) from error


def require_file(path: Path, *, limit_bytes: int) -> None:
    """Refuse what is no regular file with content.

    Raises:
        InputError: as `read_file`.
    """
    try:
        if not path.exists():
            raise InputError(_absent(path))
        if not path.is_file():
            kind = "a directory" if path.is_dir() else "not a regular file"
            message = f"expected a file, but {path} is {kind}; name the file itself"
            raise InputError(message)
        size = path.stat().st_size
    except OSError as error:
        message = f"cannot read {path}: {error.strerror or error}; check its permissions"
        raise InputError(message) from error
    if size > limit_bytes:
        message = f"{path} has {size} bytes, more than the limit of {limit_bytes}; split it"
        raise InputError(message)
    if not size:
        message = f"{path} is empty; expected a file with content"
        raise InputError(message)


def _absent(path: Path) -> str:
    """Where a file was looked for, and what lies there under a similar name."""
    folder = path.parent
    if not folder.is_dir():
        return f"there is no file {path}: the directory {folder} does not exist"
    names = sorted(entry.name for entry in folder.iterdir())
    hint = nearest(path.name, names)
    return f"there is no file {path}{hint if 'did you mean' in hint else '; check the path'}"


def unpacked(raw: bytes, *, where: str, limit_bytes: int = LIMIT_BYTES) -> bytes:
    """What a gzip file holds; anything else as it is.

    Raises:
        InputError: the file is damaged, cut off, or unpacks to more than the limit.
    """
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as stream:
            content = stream.read(limit_bytes + 1)
    except (OSError, EOFError, zlib.error) as error:
        message = f"{where}: the gzip file is damaged or cut off ({error}); fetch it again"
        raise InputError(message) from error
    if len(content) > limit_bytes:
        message = f"{where} unpacks to more than {limit_bytes} bytes; split it"
        raise InputError(message)
    if not content:
        message = f"{where} is empty inside; expected a table"
        raise InputError(message)
    return content
