"""What is loaded, and the form of it that somebody trusted has vouched for."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, NoReturn, TypeVar

from bartizan.core.errors import TrustError, UsageError

ONLY_FILE = "."
"""The name of the file of an artefact that is one file."""


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """A model on the disk: a file, or a folder with files in it."""

    path: Path
    name: str
    """What whoever made it calls it."""
    root: str
    """``sha256:<hex>``: its identity, the root digest of OpenSSF Model Signing."""
    digests: Mapping[str, bytes] = field(repr=False)
    """SHA-256 of each file by its name; `ONLY_FILE` for an artefact that is one file."""


@dataclass(frozen=True, kw_only=True)
class Voucher:
    """Who vouched for an artefact, and with what."""

    signer: str
    """``key:<fingerprint>``, or ``certificate:<name>``."""
    bundle: str
    """``sha256:<hex>`` of the file with the signature."""
    signed: str = ""
    """When, as the signer says: RFC 3339, UTC; empty = they do not say."""
    version: int = 0
    """Of the artefact, growing; 0 = the signer says none."""
    unsigned: tuple[str, ...] = ()
    """Paths below the artefact that the signer says nothing about; `read` gives none of them."""


A = TypeVar("A", bound=Artifact)
_KEY = object()


class Verified(Generic[A]):
    """An artefact whose signature was checked. Only the stage `supply` makes one, by `vouch`.

    What was checked is the bytes, not the path: whoever loads takes them from `read`, which hashes
    once more what it hands out. A file that is swapped after the check is never loaded.
    """

    __slots__ = ("_source", "artifact", "voucher")

    def __init__(
        self, artifact: A, *, voucher: Voucher, source: Callable[[str], bytes], key: object
    ) -> None:
        """Use `vouch`; `key` is what only this module has."""
        if key is not _KEY:
            message = "a Verified is made by supply alone, after a signature was checked"
            raise TypeError(message)
        self.artifact = artifact
        self.voucher = voucher
        self._source = source

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: what comes out of a pickle was checked by nobody."""
        message = "a Verified cannot be pickled; verify again where it is needed"
        raise TypeError(message)

    def read(self, name: str = ONLY_FILE) -> bytes:
        """The bytes of one file, those that were signed.

        Args:
            name: Of the file, as in `Artifact.digests`; none for an artefact that is one file.

        Raises:
            UsageError: nothing of that name was signed.
            TrustError: the file is not what it was when it was checked.
        """
        wanted = self.artifact.digests.get(name)
        if wanted is None:
            message = f"nothing called {name!a} was signed in {self.artifact.path}"
            raise UsageError(message)
        content = self._source(name)
        if hashlib.sha256(content).digest() != wanted:
            message = (
                f"{self.artifact.path}, {name!a}: this file was changed after its signature was "
                "checked; nothing of it was handed out"
            )
            raise TrustError(message)
        return content


def vouch(artifact: A, *, voucher: Voucher, source: Callable[[str], bytes]) -> Verified[A]:
    """The verified form of an artefact; for `supply` alone, which a test of the sources holds.

    Args:
        artifact: What was checked.
        voucher: By whom.
        source: ``source(name)`` gives the bytes of a file, by whatever way they lie.
    """
    return Verified(artifact, voucher=voucher, source=source, key=_KEY)
