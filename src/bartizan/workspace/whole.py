"""Small files that are there as a whole or not at all."""

import os
from pathlib import Path

from bartizan.core.errors import OutputError


def write_whole(path: Path, raw: bytes) -> None:
    """Write a file under another name, and rename it.

    Raises:
        OutputError: it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        message = f"cannot write {path}: {error.strerror or error}"
        raise OutputError(message) from error
