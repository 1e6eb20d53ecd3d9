"""Signed notes: a text, a blank line, and one line for each signature.

The text of a note means nothing until a key that is known and trusted has signed it; that is why
the only way to get at it here is `open_note`, which takes the keys.

Source: C2SP signed-note. Deviations, all on the strict side: base64 must be canonical and a known
key signs only once (as tlog-checkpoint demands of checkpoints), a name has at most 255 bytes, and a
note whose known signature fails is refused (the specification says "should").
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bartizan.core.errors import LedgerError
from bartizan.ledger.signature_line import Signature, parse_signature
from bartizan.ledger.signing_key import SigningKey
from bartizan.ledger.verifier_key import KeyType, VerifierKey

__all__ = (
    "NOTE_BYTES",
    "SIGNATURES",
    "Note",
    "NoteSigner",
    "NoteVerifier",
    "Signature",
    "Signer",
    "Verifier",
    "extend_note",
    "open_note",
    "parse_signature",
    "sign_note",
    "split_note",
)

NOTE_BYTES = 1_048_576
"""Longest note. 100 ML-DSA-44 lines need 350 kB; the rest is text. Beyond lies only mischief."""
SIGNATURES = 100
"""Most lines in a note: the specification asks for at least 16; Go's package stops at 100 too."""

_SHOWN = 5
"""Names in a message; a note may hold a hundred."""
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
"""What a note must not hold: ASCII below the blank, but for newline."""


class Signer(Protocol):
    """Whatever signs notes: a log, a witness."""

    @property
    def name(self) -> str:
        """The key's name."""
        ...

    @property
    def key_id(self) -> bytes:
        """Four bytes."""
        ...

    def sign(self, text: str) -> bytes:
        """One signature line, without its newline."""
        ...


class Verifier(Protocol):
    """Whatever knows how one key signs notes."""

    @property
    def name(self) -> str:
        """The key's name."""
        ...

    @property
    def key_id(self) -> bytes:
        """Four bytes."""
        ...

    def verify(self, text: str, *, value: bytes) -> None:
        """Raise LedgerError unless the value (what follows the key id) is its signature."""
        ...


@dataclass(frozen=True, slots=True)
class Note:
    """A note that at least one known key has signed.

    Attributes:
        text: Ends in a newline.
        signatures: Those that were checked and hold; at least one.
        unverified: Those by keys that are not known. They mean nothing.
    """

    text: str
    signatures: tuple[Signature, ...]
    unverified: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """Signs the text of a note with Ed25519 (type 0x01)."""

    key: SigningKey

    def __post_init__(self) -> None:
        _require_note_key(self.key.verifier_key)

    @property
    def name(self) -> str:
        """The key's name."""
        return self.key.verifier_key.name

    @property
    def key_id(self) -> bytes:
        """Four bytes."""
        return self.key.verifier_key.key_id

    def sign(self, text: str) -> bytes:
        """One signature line, without its newline."""
        return Signature(self.name, self.key_id, self.key.secret.sign(text.encode("utf-8"))).line()


@dataclass(frozen=True, slots=True)
class NoteVerifier:
    """Checks Ed25519 signatures over the text of a note (type 0x01)."""

    key: VerifierKey

    def __post_init__(self) -> None:
        _require_note_key(self.key)

    @property
    def name(self) -> str:
        """The key's name."""
        return self.key.name

    @property
    def key_id(self) -> bytes:
        """Four bytes."""
        return self.key.key_id

    def verify(self, text: str, *, value: bytes) -> None:
        """Raise LedgerError unless the value is the key's signature of the text."""
        self.key.public.verify(text.encode("utf-8"), signature=value)


def sign_note(text: str, *, signers: Sequence[Signer]) -> bytes:
    """Sign a text with one or more keys.

    Args:
        text: Ends in a newline; no other control characters.
        signers: At least one, in the order of the lines.

    Returns:
        The note: UTF-8 with text, blank line and signature lines.

    Raises:
        LedgerError: the text or the number of signers is not possible.
    """
    _require_text(text)
    return _joined(text, [parse_signature(signer.sign(text)) for signer in signers])


def extend_note(raw: bytes, *, lines: Iterable[bytes]) -> bytes:
    """Append signature lines, such as a witness returned, to a note. They are not checked.

    Args:
        raw: A note.
        lines: Without their newlines; each replaces an older one by the same key.

    Raises:
        LedgerError: a line is none, or the note becomes larger than `open_note` accepts.
    """
    text, known = split_note(raw)
    return _joined(text, [*known, *map(parse_signature, lines)])


def open_note(raw: bytes, *, verifiers: Iterable[Verifier]) -> Note:
    """Check a note and hand out its text.

    Args:
        raw: As it was received.
        verifiers: The keys that are trusted; others in the note are ignored.

    Raises:
        LedgerError: not a note, a known key's signature does not hold, or no known key has signed.

    Cost: one signature check, about 0.1 ms, for each line by a known key.
    """
    known = _by_key(verifiers)
    text, lines = split_note(raw)
    good: dict[tuple[str, bytes], Signature] = {}
    unknown: dict[Signature, None] = {}
    for line in lines:
        verifier = known.get((line.name, line.key_id))
        if verifier is None:
            unknown[line] = None
        else:
            _check(verifier, text=text, line=line)
            if (line.name, line.key_id) in good:
                message = f"the key of {line.name!r} has signed this note twice; expected once"
                raise LedgerError(message)
            good[line.name, line.key_id] = line
    if not good:
        signed = sorted({repr(line.name[:80]) for line in lines})
        message = (
            f"no known key has signed this note: expected a signature by {_names(known)}, got "
            f"{', '.join(signed[:_SHOWN])}"
        )
        raise LedgerError(message)
    return Note(text, tuple(good.values()), tuple(unknown))


def split_note(raw: bytes) -> tuple[str, tuple[Signature, ...]]:
    """Take a note apart WITHOUT checking a signature: what it says is not to be believed yet.

    Raises:
        LedgerError: it does not have the form of a note.
    """
    _require_form(raw)
    # The last blank line separates, so a text may hold blank lines.
    head, gap, tail = raw.rpartition(b"\n\n")
    if not gap or not tail.endswith(b"\n"):
        got = "" if raw else ", got an empty file"
        message = f"not a signed note: expected text, a blank line and signature lines{got}"
        raise LedgerError(message)
    lines = tail[:-1].split(b"\n")
    if len(lines) > SIGNATURES:
        message = f"the note has {len(lines)} signature lines; at most {SIGNATURES} are read"
        raise LedgerError(message)
    return head.decode("utf-8") + "\n", tuple(parse_signature(line) for line in lines)


def _joined(text: str, signatures: Iterable[Signature]) -> bytes:
    """A note with the last signature of each key, where its first stood."""
    by_key = {(one.name, one.key_id): one for one in signatures}
    raw = (text + "\n").encode() + b"".join(one.line() + b"\n" for one in by_key.values())
    split_note(raw)
    return raw


def _check(verifier: Verifier, *, text: str, line: Signature) -> None:
    try:
        verifier.verify(text, value=line.value)
    except LedgerError as error:
        message = f"the signature of {line.name!r} does not hold, the note was changed: {error}"
        raise LedgerError(message) from error


def _by_key(verifiers: Iterable[Verifier]) -> dict[tuple[str, bytes], Verifier]:
    known: dict[tuple[str, bytes], Verifier] = {}
    for verifier in verifiers:
        key = (verifier.name, verifier.key_id)
        if known.setdefault(key, verifier) != verifier:
            message = f"two different keys are known as {verifier.name!r} with the same key id"
            raise LedgerError(message)
    return known


def _require_form(raw: bytes) -> None:
    if len(raw) > NOTE_BYTES:
        message = f"the note is {len(raw)} bytes long; at most {NOTE_BYTES} are read"
        raise LedgerError(message)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"the note is not UTF-8 at byte {error.start}"
        raise LedgerError(message) from error
    _require_plain(text)


def _require_text(text: str) -> None:
    if not text.endswith("\n"):
        message = "the text of a note ends in a newline; this one does not"
        raise LedgerError(message)
    _require_plain(text)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        message = "the text of a note holds half a character (a surrogate), which UTF-8 has not"
        raise LedgerError(message) from error


def _require_plain(text: str) -> None:
    bad = _CONTROL.search(text)
    if bad is not None:
        what = " (a Windows line end?)" if bad.group() == "\r" else ""
        message = f"a note holds no control characters but newline; found {bad.group()!r}{what}"
        raise LedgerError(message)


def _require_note_key(key: VerifierKey) -> None:
    if key.kind is not KeyType.NOTE:
        message = f"key {key.name!r} makes cosignatures (type {key.kind:#04x}), not note signatures"
        raise LedgerError(message)


def _names(known: dict[tuple[str, bytes], Verifier]) -> str:
    names = sorted(f"{name}+{key_id.hex()}" for name, key_id in known)
    return " or ".join(names[:_SHOWN]) or "nobody"
