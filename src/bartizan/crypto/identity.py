"""Who can open a sealed file: recipients (public), identities (private) and passphrases."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import pyrage

from bartizan.core.errors import InputError, UsageError
from bartizan.crypto.key_file import SIZE_LIMIT, read_secret

_REFERENCE = re.compile(r"(env|file):(.+)", re.DOTALL)
_PRIVATE = re.compile(r"AGE-SECRET-KEY-|-----BEGIN", re.IGNORECASE)

Recipient: TypeAlias = pyrage.x25519.Recipient | pyrage.ssh.Recipient
Identity: TypeAlias = pyrage.x25519.Identity | pyrage.ssh.Identity


@dataclass(frozen=True)
class Passphrase:
    """A passphrase, which no message and no repr shows."""

    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what protects nothing."""
        if not self.secret.strip():
            message = "the passphrase is empty; expected at least one character"
            raise InputError(message)


@dataclass(frozen=True)
class Recipients:
    """Public keys to seal to."""

    keys: tuple[Recipient, ...] = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a file that nobody could open."""
        if not self.keys:
            message = "expected at least one recipient or a passphrase, got none"
            raise UsageError(message)


@dataclass(frozen=True)
class Identities:
    """Private keys to open with; no message and no repr shows them."""

    keys: tuple[Identity, ...] = field(repr=False)


Lock: TypeAlias = Recipients | Passphrase
"""What a file is sealed with."""
Key: TypeAlias = Identities | Passphrase
"""What a file is opened with."""


def new_identity() -> tuple[str, str]:
    """A new X25519 identity as ``(text of its file, public recipient)``. The text is secret."""
    made = pyrage.x25519.Identity.generate()
    public = str(made.to_public())
    return f"# public key: {public}\n{made}\n", public


def recipients_of(references: Sequence[str]) -> Recipients:
    """Public keys from what a person names.

    Args:
        references: Each ``age1...``, ``ssh-ed25519 ...``, ``ssh-rsa ...``, or ``file:PATH`` or
            ``env:NAME`` with one of them a line; lines that start with # are skipped.

    Raises:
        InputError: one of them is no public key.
        UsageError: a private key was named on the command line, or a reference leads nowhere.
    """
    found: list[Recipient] = []
    for reference in references:
        refuse_private(reference, where="as a recipient")
        if _REFERENCE.fullmatch(reference) is None:
            found.append(_recipient(reference.strip(), where="--recipient"))
            continue
        text = _public_text(reference)
        found += [_recipient(line, where=reference) for line in _lines(text)]
    return Recipients(tuple(found))


def identities_of(references: Sequence[str]) -> Identities:
    """Private keys from where a person says that they are.

    Args:
        references: Each ``file:PATH``, a path, or ``env:NAME``. A file holds
            ``AGE-SECRET-KEY-...`` lines or one OpenSSH private key without a passphrase, and is
            readable by its owner only.

    Raises:
        InputError: what is there is no private key.
        UsageError: it leads nowhere, or is the key itself.
        TrustError: others can read or change the file, or it is a link.
    """
    found: list[Identity] = []
    for reference in references:
        refuse_private(reference, where="as an identity")
        named = reference if _REFERENCE.fullmatch(reference) else f"file:{reference}"
        found += _identities(read_secret(named), where=named)
    if not found:
        message = "expected at least one identity or a passphrase to open with, got none"
        raise UsageError(message)
    return Identities(tuple(found))


def passphrase_of(reference: str) -> Passphrase:
    """The passphrase of ``env:NAME`` or of ``file:PATH``, without its last line break.

    Raises:
        UsageError: it is no reference, or it leads nowhere; it is not repeated, as it may be
            the passphrase itself.
        TrustError: others can read or change the file, or it is a link.
    """
    if _REFERENCE.fullmatch(reference) is None:
        message = (
            "expected env:NAME or file:PATH that says where the passphrase is, or ask; got "
            "something else. A passphrase on a command line is seen by everybody on the machine"
        )
        raise UsageError(message)
    return Passphrase(read_secret(reference).removesuffix("\n").removesuffix("\r"))


def refuse_private(reference: str, *, where: str) -> None:
    """Refuse a private key on a command line, without repeating it.

    Raises:
        UsageError: it is one.
    """
    if _PRIVATE.search(reference) is not None:
        message = (
            f"a private key was given {where}; it may stand in the shell's history now: make a "
            "new one (bartizan data key) and name its file instead"
        )
        raise UsageError(message)


def _public_text(reference: str) -> str:
    """What ``env:NAME`` or ``file:PATH`` holds; public keys may be read by everybody."""
    kind, _, place = reference.partition(":")
    if kind == "env":
        return read_secret(reference)
    try:
        with Path(place).open("rb") as file:
            raw = file.read(SIZE_LIMIT + 1)
        text = raw.decode("utf-8")
    except OSError as error:
        message = f"{reference}: cannot be read: {error.strerror or error}"
        raise UsageError(message) from error
    except UnicodeDecodeError as error:
        message = f"{reference}: expected text, got other bytes"
        raise UsageError(message) from error
    if len(raw) > SIZE_LIMIT:
        message = f"{reference}: larger than {SIZE_LIMIT} bytes, which no list of keys is"
        raise UsageError(message)
    return text


def _lines(text: str) -> list[str]:
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _recipient(line: str, *, where: str) -> Recipient:
    refuse_private(line, where=f"in {where}")
    try:
        if line.startswith("ssh-"):
            return pyrage.ssh.Recipient.from_str(line)
        return pyrage.x25519.Recipient.from_str(line)
    except pyrage.RecipientError as error:
        message = (
            f"{where}: expected a public key (age1..., ssh-ed25519 ... or ssh-rsa ...), got "
            f"{line[:40]!r}"
        )
        raise InputError(message) from error


def _identities(text: str, *, where: str) -> list[Identity]:
    try:
        if text.lstrip().startswith("-----BEGIN"):
            return [pyrage.ssh.Identity.from_buffer(text.encode())]
        return [pyrage.x25519.Identity.from_str(line) for line in _lines(text)]
    except pyrage.IdentityError as error:
        locked = "decrypted" in str(error)
        message = (
            f"{where}: this SSH key has a passphrase of its own, which is not supported; use an "
            "age identity (bartizan data key)"
            if locked
            else f"{where}: expected AGE-SECRET-KEY-... lines or an OpenSSH private key, got "
            "something else"
        )
        raise InputError(message) from None  # the cause may quote the key
