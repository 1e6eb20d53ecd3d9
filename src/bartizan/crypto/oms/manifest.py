"""What a model is made of: its files with their digests, and one digest over all of them.

The root digest is the model's identity wherever one is named. It hangs on content and order of the
files, not on the name of their folder, so that a model may be moved and renamed.

Source: OpenSSF Model Signing v1.0 (ossf/model-signing-spec), serialisation method ``files``: the
SHA-256 over the raw digests of all files, one after the other, ordered by the parts of their paths.
A model that is one file is called ``.``.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from bartizan.core.errors import InputError

ONLY_FILE = "."
"""The name of the file of a model that is one file."""
ALGORITHM = "sha256"


@dataclass(frozen=True, kw_only=True, slots=True)
class FileDigest:
    """One file of a model."""

    name: str
    """Relative to the model's folder, with ``/`` between its parts; `ONLY_FILE` for a file."""
    digest: bytes
    """SHA-256 of its content."""
    size_bytes: int = -1
    """-1 = not known: a signature does not say it."""

    @property
    def order(self) -> tuple[str, ...]:
        """What files are ordered by: ``a/b`` comes before ``a.txt``."""
        return tuple(self.name.split("/"))


@dataclass(frozen=True)
class Manifest:
    """The files of a model, in their order.

    Example:
        >>> Manifest.of_content(b"").root
        'sha256:5df6e0e2761359d30a8275058e299fcc0381534545f55cf43e41983f5d4c9456'
    """

    files: tuple[FileDigest, ...]

    def __post_init__(self) -> None:
        """Refuse what identifies nothing.

        Raises:
            InputError: there is no file, or two have one name.
        """
        if not self.files:
            message = "expected a model with at least one file, got none"
            raise InputError(message)
        if len({file.name for file in self.files}) != len(self.files):
            message = "two files of this model have the same name"
            raise InputError(message)

    @classmethod
    def of(cls, files: Iterable[FileDigest]) -> "Manifest":
        """Files in any order."""
        return cls(tuple(sorted(files, key=lambda file: file.order)))

    @classmethod
    def of_content(cls, content: bytes) -> "Manifest":
        """A model that is one file, from its bytes."""
        digest = hashlib.sha256(content).digest()
        return cls((FileDigest(name=ONLY_FILE, digest=digest, size_bytes=len(content)),))

    @property
    def root(self) -> str:
        """The model's identity, ``sha256:<hex>``."""
        return "sha256:" + over(file.digest for file in self.files).hex()

    @property
    def size_bytes(self) -> int:
        """Of all files together; -1 where one is not known."""
        sizes = [file.size_bytes for file in self.files]
        return -1 if -1 in sizes else sum(sizes)

    def digests(self) -> dict[str, bytes]:
        """By name."""
        return {file.name: file.digest for file in self.files}


def over(digests: Iterable[bytes]) -> bytes:
    """SHA-256 over digests, one after the other."""
    total = hashlib.sha256()
    for digest in digests:
        total.update(digest)
    return total.digest()
