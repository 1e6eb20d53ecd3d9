"""Cosignatures: a witness says, at a time, that a checkpoint continues all it has seen before.

Ed25519 (type 0x04) signs the time and the whole text. ML-DSA-44 (type 0x06) signs a structure with
the cosigner's name, the time, and the three lines of the checkpoint; it cannot speak for extension
lines, so a checkpoint that has some is neither signed nor accepted with it. A log may sign its own
checkpoints with an ML-DSA-44 key in the same way.

Source: C2SP tlog-cosignature (`cosignature/v1`, `subtree/v1`). Deviation: extension lines are
refused with ML-DSA-44, where the specification only says that they are not signed.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from bartizan.core.errors import LedgerError
from bartizan.crypto.signing import SIGNATURE_BYTES
from bartizan.ledger.checkpoint import SIZE_LIMIT, parse_checkpoint
from bartizan.ledger.note import NoteSigner, NoteVerifier, Signature, Signer, Verifier
from bartizan.ledger.signing_key import SigningKey
from bartizan.ledger.verifier_key import KeyType, VerifierKey, require_name

TIME_BYTES = 8
"""A big-endian count of seconds since 1970 precedes each signature."""
_LABEL = b"subtree/v1\n\x00"
"""Keeps these messages apart from everything else that the same key may sign."""


@dataclass(frozen=True, slots=True)
class CosignatureSigner:
    """Cosigns checkpoints at the time of a clock.

    Attributes:
        key: Of type 0x04 or 0x06.
        clock: Seconds since 1970 in UTC. One that answers 0 makes, with ML-DSA-44, signatures
            that say nothing about time.
    """

    key: SigningKey
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        _require_cosigner(self.key.verifier_key)

    @property
    def name(self) -> str:
        """The key's name."""
        return self.key.verifier_key.name

    @property
    def key_id(self) -> bytes:
        """Four bytes."""
        return self.key.verifier_key.key_id

    def sign(self, text: str) -> bytes:
        """One signature line, without its newline.

        Raises:
            LedgerError: the text is no checkpoint, has extension lines that ML-DSA-44 does not
                cover, or the clock stands before 1970.
        """
        parse_checkpoint(text)
        now = int(self.clock())
        if not 0 <= now < SIZE_LIMIT:
            message = f"the clock says {now} seconds after 1970; set it before cosigning"
            raise LedgerError(message)
        message_bytes = cosigned(text, key=self.key.verifier_key, timestamp=now)
        value = now.to_bytes(TIME_BYTES, "big") + self.key.secret.sign(message_bytes)
        return Signature(self.name, self.key_id, value).line()


@dataclass(frozen=True, slots=True)
class CosignatureVerifier:
    """Checks cosignatures by one key."""

    key: VerifierKey

    def __post_init__(self) -> None:
        _require_cosigner(self.key)

    @property
    def name(self) -> str:
        """The key's name."""
        return self.key.name

    @property
    def key_id(self) -> bytes:
        """Four bytes."""
        return self.key.key_id

    def verify(self, text: str, *, value: bytes) -> None:
        """Raise LedgerError unless the value is the key's cosignature of the text at its time."""
        expected = TIME_BYTES + SIGNATURE_BYTES[self.key.kind.algorithm]
        if len(value) != expected:
            message = (
                f"a cosignature of type {self.key.kind:#04x} has {expected} bytes, got {len(value)}"
            )
            raise LedgerError(message)
        message_bytes = cosigned(text, key=self.key, timestamp=timestamp_of(value))
        self.key.public.verify(message_bytes, signature=value[TIME_BYTES:])


def signer_of(key: SigningKey, *, clock: Callable[[], float] = time.time) -> Signer:
    """What signs checkpoints with a key, whatever its type."""
    note = key.verifier_key.kind is KeyType.NOTE
    return NoteSigner(key) if note else CosignatureSigner(key, clock)


def verifier_of(key: VerifierKey) -> Verifier:
    """What checks the signatures of a key, whatever its type."""
    return NoteVerifier(key) if key.kind is KeyType.NOTE else CosignatureVerifier(key)


def timestamp_of(value: bytes) -> int:
    """When a cosignature was made, in seconds since 1970; 0 if it does not say.

    Args:
        value: Of a `Signature` by a key of type 0x04 or 0x06. Believe it only when verified.

    Raises:
        LedgerError: later than 2^63 - 1, or too short to hold a time.
    """
    timestamp = int.from_bytes(value[:TIME_BYTES], "big")
    if len(value) < TIME_BYTES or timestamp >= SIZE_LIMIT:
        message = "the cosignature holds no time below 2^63 seconds"
        raise LedgerError(message)
    return timestamp


def cosigned(text: str, *, key: VerifierKey, timestamp: int) -> bytes:
    """What a cosigner's key signs for the text of a checkpoint.

    Raises:
        LedgerError: for ML-DSA-44, when the text is no checkpoint or has extension lines.
    """
    if key.kind is KeyType.COSIGNATURE:
        return f"cosignature/v1\ntime {timestamp}\n{text}".encode()
    checkpoint = parse_checkpoint(text)
    if checkpoint.extensions:
        message = (
            "this checkpoint has extension lines, which an ML-DSA-44 signature does not cover, so "
            "anybody could change them; sign with an Ed25519 key, or leave them out"
        )
        raise LedgerError(message)
    return subtree_message(
        cosigner=key.name,
        timestamp=timestamp,
        origin=checkpoint.origin,
        span=(0, checkpoint.size),
        root=checkpoint.root,
    )


def subtree_message(
    *, cosigner: str, timestamp: int, origin: str, span: tuple[int, int], root: bytes
) -> bytes:
    """The structure `cosigned_message` of tlog-cosignature.

    Args:
        cosigner: Name of the key that signs.
        timestamp: Seconds since 1970; 0 says nothing about time, and must be 0 unless the subtree
            starts at 0.
        origin: Of the log.
        span: First entry of the subtree, and one past its last: (0, size) for a checkpoint.
        root: 32 bytes, over those entries.

    Raises:
        LedgerError: a name is not possible, or a later subtree carries a time.
    """
    start, end = span
    require_name(cosigner)
    require_name(origin)
    if start and timestamp:
        message = "a subtree that does not start at entry 0 is signed without a time"
        raise LedgerError(message)
    return b"".join(
        (
            _LABEL,
            _short(cosigner),
            timestamp.to_bytes(8, "big"),
            _short(origin),
            start.to_bytes(8, "big"),
            end.to_bytes(8, "big"),
            root,
        )
    )


def _short(text: str) -> bytes:
    """``opaque<1..2^8-1>`` of RFC 8446, section 3.4: one byte of length, then the bytes."""
    raw = text.encode("utf-8")
    return bytes([len(raw)]) + raw


def _require_cosigner(key: VerifierKey) -> None:
    if key.kind is KeyType.NOTE:
        message = (
            f"key {key.name!r} signs notes (type {key.kind:#04x}); a witness needs a key of type "
            f"{KeyType.COSIGNATURE:#04x} or {KeyType.ML_DSA_COSIGNATURE:#04x}"
        )
        raise LedgerError(message)
