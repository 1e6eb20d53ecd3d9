"""Byte strings on disk, named by their SHA-256."""

import hashlib
import os
import tempfile
from pathlib import Path

from bartizan.core.errors import OutputError, TrustError


class Blobs:
    """A folder of immutable files."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, raw: bytes) -> str:
        """Keep bytes.

        Returns:
            Their digest, ``sha256:<hex>``.

        Raises:
            OutputError: the folder cannot be written, or the disk is full.
        """
        name = hashlib.sha256(raw).hexdigest()
        path = self._path(name)
        if not path.exists():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                handle, temporary = tempfile.mkstemp(dir=path.parent)
                with os.fdopen(handle, "wb") as file:
                    file.write(raw)
                Path(temporary).replace(path)
            except OSError as error:
                message = f"cannot keep results under {self._root}: {error.strerror or error}"
                raise OutputError(message) from error
        return f"sha256:{name}"

    def get(self, digest: str) -> bytes | None:
        """The bytes of a digest, or none if they are not here.

        Raises:
            TrustError: the file was changed since it was written.
            OutputError: the file cannot be read.
        """
        name = digest.removeprefix("sha256:")
        try:
            raw = self._path(name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            message = f"cannot read {self._path(name)}: {error.strerror or error}"
            raise OutputError(message) from error
        if hashlib.sha256(raw).hexdigest() != name:
            message = f"{self._path(name)} no longer has the content it was stored with; delete it"
            raise TrustError(message)
        return raw

    def _path(self, name: str) -> Path:
        return self._root / name[:2] / name
