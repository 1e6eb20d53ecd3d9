"""Signs a model: its files are hashed, and the bundle appears whole or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bartizan.core.errors import InputError, UsageError
from bartizan.core.record import digest
from bartizan.crypto import safe_file
from bartizan.crypto.oms.bundle import Bundle
from bartizan.crypto.oms.certificate import certificates_of_pem, certified, der
from bartizan.crypto.oms.ec_key import SigningKey
from bartizan.crypto.oms.measuring import GIT, Progress, is_folder, measured
from bartizan.crypto.oms.names import require_name
from bartizan.crypto.oms.statement import VERSIONS, Statement
from bartizan.supply.signing.place import inside_of, signature_of


@dataclass(frozen=True, kw_only=True)
class Pen:
    """What signs: a key, and a chain that says whose it is."""

    key: SigningKey
    chain: tuple[bytes, ...] = ()
    """Certificates (DER), the signer's first; none = the bare key."""
    name: str = ""
    """Of the signer in the first of them."""

    @property
    def label(self) -> str:
        """Who signs, as whoever verifies it says."""
        if self.chain:
            return f"certificate:{self.name}"
        return f"key:{self.key.public.fingerprint}"

    def bundle(self, payload: bytes) -> Bundle:
        """A statement of any kind, signed.

        Args:
            payload: An in-toto statement, JSON.
        """
        unsigned = Bundle(payload=payload, signature=b"")
        return Bundle(
            payload=payload,
            signature=self.key.sign(unsigned.signed),
            hint="" if self.chain else self.key.public.fingerprint,
            chain=self.chain,
        )


@dataclass(frozen=True, kw_only=True)
class Signature:
    """What `sign` made."""

    path: Path
    """The bundle."""
    bundle: str
    """Its digest."""
    statement: Statement
    signer: str


def pen_of(key: SigningKey, *, certificates: bytes, where: str, now: datetime) -> Pen:
    """A key with its certificate.

    Args:
        key: The private key.
        certificates: PEM: the signer's, then whoever issued it, and so on; the root may be left
            out.
        where: Where they are from, for messages.
        now: With a time zone: an expired certificate signs nothing.

    Raises:
        InputError: they are no chain, or another key's.
        TrustError: one is not valid now, or may not sign.
    """
    chain = certificates_of_pem(certificates, where=where)
    found = certified([der(one) for one in chain], roots=chain[-1:], now=now)
    if found.key.fingerprint != key.public.fingerprint:
        message = f"{where}: the first certificate is that of another key than the one that signs"
        raise InputError(message)
    return Pen(
        key=key, chain=tuple(der(one) for one in chain), name=next(iter(found.names), found.subject)
    )


def sign(
    model: Path,
    *,
    pen: Pen,
    now: datetime,
    name: str | None = None,
    version: int | None = None,
    ignored: Iterable[str] = (),
    to: Path | None = None,
    force: bool = False,
    progress: Progress = lambda _: None,
) -> Signature:
    """Sign a model.

    Args:
        model: A file or a folder without links.
        pen: What signs.
        now: With a time zone; it is signed along.
        name: What to call the model; none = the name of its file or folder.
        version: From 1, growing from one signed model to the next; none = none.
        ignored: Paths in the folder that are left out: nothing is said about them.
        to: Where the bundle goes; none = `signature_of`.
        force: Whether the bundle may replace one.
        progress: Told of bytes that were hashed.

    Raises:
        TrustError: the model contains a link, or a name that cannot be shown.
        InputError: it cannot be read, or changed meanwhile.
        UsageError: a bundle is there already, or the version is no version.
        OutputError: the bundle cannot be written.

    Cost: SHA-256 of every byte.
    """
    _require_version(version)
    place = to or signature_of(model)
    if place.exists() and not force:
        message = f"{place} exists already; --force replaces it"
        raise UsageError(message)
    left_out = _left_out(model, ignored=ignored, signature=place)
    manifest = measured(model, ignored=left_out, progress=progress)
    statement = Statement(
        name=require_name(name or model.resolve().name),
        manifest=manifest,
        ignored=tuple(sorted(left_out)) if is_folder(model) else (),
        version=version,
        signed=now,
    )
    raw = pen.bundle(statement.raw).encode()
    write = safe_file.replace if force else safe_file.create
    write(place, raw)
    return Signature(path=place, bundle=digest(raw), statement=statement, signer=pen.label)


def _require_version(version: int | None) -> None:
    if version is not None and version not in VERSIONS:
        message = f"expected a version from 1 to {VERSIONS[-1]}, got {version}"
        raise UsageError(message)


def _left_out(model: Path, *, ignored: Iterable[str], signature: Path) -> frozenset[str]:
    paths = [require_name(one.rstrip("/")) for one in ignored]
    if paths and not is_folder(model):
        message = "a model that is one file has nothing to leave out; give no --ignore"
        raise UsageError(message)
    return frozenset({*paths, *GIT, *inside_of(model, signature)})
