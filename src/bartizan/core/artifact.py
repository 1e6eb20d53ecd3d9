"""What is loaded; the form of it that somebody trusted has signed, and the form that may be served.

The two are different types, so that a signature alone is never taken for an admission: whoever
demands a `Verified` is handed nothing that was merely signed, neither by mypy nor at run time.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, NoReturn, TypeVar

from bartizan.core.errors import TrustError, UsageError
from bartizan.core.evidence import Place

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


class Vouched(Generic[A]):
    """An artefact whose signature was checked; nobody said yet that it may be served.

    What was checked is the bytes, not the path: whoever loads takes them from `read`, which hashes
    once more what it hands out. A file that is swapped after the check is never loaded. Only the
    stage `supply` makes one, by `vouch`.
    """

    __slots__ = ("_source", "artifact", "voucher")

    def __init__(
        self, artifact: A, *, voucher: Voucher, source: Callable[[str], bytes], key: object
    ) -> None:
        """Use `vouch`; `key` is what only this module has."""
        if key is not _KEY:
            message = f"nobody makes a {type(self).__name__} by hand: supply does, after its checks"
            raise TypeError(message)
        self.artifact = artifact
        self.voucher = voucher
        self._source = source

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: what comes out of a pickle was checked by nobody."""
        message = f"a {type(self).__name__} cannot be pickled; check again where it is needed"
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


class Verified(Vouched[A]):
    """An artefact that was admitted: signed, scanned, assessed, and entered into the ledger."""

    __slots__ = ("place",)

    def __init__(self, vouched: Vouched[A], *, place: Place, key: object) -> None:
        """Use `approve`; `key` is what only this module has."""
        super().__init__(
            vouched.artifact,
            voucher=vouched.voucher,
            source=vouched._source,  # noqa: SLF001 (of the class it extends)
            key=key,
        )
        self.place = place
        """Where the ledger says so."""


def vouch(artifact: A, *, voucher: Voucher, source: Callable[[str], bytes]) -> Vouched[A]:
    """The form of an artefact whose signature holds; a test of the sources tells who may call it.

    Args:
        artifact: What was checked.
        voucher: By whom.
        source: ``source(name)`` gives the bytes of a file, by whatever way they lie.
    """
    return Vouched(artifact, voucher=voucher, source=source, key=_KEY)


def approve(vouched: Vouched[A], *, place: Place) -> Verified[A]:
    """The form of an artefact that may be served; a test of the sources tells who may call it.

    Args:
        vouched: What was admitted.
        place: Where the ledger says so.
    """
    return Verified(vouched, place=place, key=_KEY)
