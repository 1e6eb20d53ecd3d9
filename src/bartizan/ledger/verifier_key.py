"""Verifier keys: the one line of text by which a log or a witness is known.

``name+hash+base64(type || key)``. The hash, four bytes in hexadecimal, is the key id: it binds
name, kind of signature and key, so the same Ed25519 key has another id as a log and as a witness.

Source: C2SP signed-note (key ids, signature types), tlog-cosignature (types 0x04 and 0x06).
"""

import hashlib
import re
from dataclasses import dataclass, field
from enum import IntEnum

from bartizan.core.errors import LedgerError
from bartizan.crypto.signing import Algorithm, PublicKey
from bartizan.ledger.canonical_base64 import decoded, encoded

KEY_ID_BYTES = 4
"""Signed-note: short on purpose. It finds a key; only the signature shows that it was used."""
NAME_BYTES = 255
"""The longest name that an ML-DSA-44 cosignature can hold (tlog-cosignature, `cosigner_name`)."""
TEXT_CHARACTERS = 4096
"""Above the longest key: a name, a hash and 1,313 bytes in base64 are below 2,100 characters."""

_HASH = re.compile(r"[0-9a-f]{8}")
_NAME = re.compile(r"[^\s+\x00-\x1f\ud800-\udfff]{1,255}")
"""No Unicode blanks, plus or control characters (signed-note); no half characters (UTF-8)."""


class KeyType(IntEnum):
    """What a key signs, as one byte (signed-note, "Signature types")."""

    NOTE = 0x01
    """Ed25519 over the text of a note."""
    COSIGNATURE = 0x04
    """Ed25519 over a checkpoint and the time (`cosignature/v1`)."""
    ML_DSA_COSIGNATURE = 0x06
    """ML-DSA-44 over a checkpoint, the time and the cosigner's name (`subtree/v1`)."""

    @property
    def algorithm(self) -> Algorithm:
        """What the key is a key of."""
        return "ml-dsa-44" if self is KeyType.ML_DSA_COSIGNATURE else "ed25519"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A named public key for one kind of signature.

    Attributes:
        name: Such as ``example.com/log``: no blanks, no plus, at most 255 bytes.
        kind: What it signs.
        public: The key.
        key_id: Four bytes, derived from the others.

    Raises:
        LedgerError: the name cannot be one, or the key is one of another algorithm.
    """

    name: str
    kind: KeyType
    public: PublicKey
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        require_name(self.name)
        if self.public.algorithm != self.kind.algorithm:
            message = f"a key of type {self.kind:#04x} is one of {self.kind.algorithm}"
            raise LedgerError(message)
        key_id = key_id_of(self.name, kind=self.kind, public=self.public.raw)
        object.__setattr__(self, "key_id", key_id)

    def text(self) -> str:
        """The key on one line, to hand out: the same that `parse_verifier_key` reads."""
        return f"{self.name}+{self.key_id.hex()}+{encoded(bytes([self.kind]) + self.public.raw)}"


def key_id_of(name: str, *, kind: KeyType, public: bytes) -> bytes:
    """Four bytes: SHA-256 over name, newline, type and key, cut off (signed-note)."""
    seed = name.encode("utf-8") + b"\n" + bytes([kind]) + public
    return hashlib.sha256(seed).digest()[:KEY_ID_BYTES]


def parse_verifier_key(text: str) -> VerifierKey:
    """Read a verifier key.

    Raises:
        LedgerError: it is not one, its hash does not belong to it, or its type is not known here.
    """
    name, key_hash, material = split_key(text, what="verifier key")
    kind = kind_of(material, name=name)
    key = VerifierKey(name=name, kind=kind, public=PublicKey(kind.algorithm, material[1:]))
    if key.key_id.hex() != key_hash:
        message = (
            f"verifier key {name!r} says hash {key_hash}, but name and key give "
            f"{key.key_id.hex()}: one of them was changed; ask its owner for the line again"
        )
        raise LedgerError(message)
    return key


def split_key(text: str, *, what: str) -> tuple[str, str, bytes]:
    """Take ``name+hash+base64`` apart; a message never shows the last part.

    Raises:
        LedgerError: it does not have that form.
    """
    parts = text.split("+", 2)
    if len(text) > TEXT_CHARACTERS or len(parts) != 3 or not _HASH.fullmatch(parts[1]):
        message = f"expected a {what} as name+hash+base64 with a hash of 8 hexadecimal digits"
        raise LedgerError(message)
    require_name(parts[0])
    return parts[0], parts[1], decoded(parts[2], what=f"the key of {what} {parts[0]!r}")


def kind_of(material: bytes, *, name: str) -> KeyType:
    """The type of a key, by its first byte.

    Raises:
        LedgerError: this program does not know such keys.
    """
    try:
        return KeyType(material[0])
    except (IndexError, ValueError) as error:
        known = ", ".join(f"{kind:#04x}" for kind in KeyType)
        got = f"{material[0]:#04x}" if material else "nothing"
        message = f"key {name!r} is of type {got}; known types are {known}"
        raise LedgerError(message) from error


def require_name(name: str) -> None:
    """Refuse what cannot name a key.

    Raises:
        LedgerError: empty, too long, or with blanks, control characters or a plus.
    """
    if not _NAME.fullmatch(name) or len(name.encode()) > NAME_BYTES:
        message = (
            f"{name[:80]!r} cannot name a key: expected 1 to {NAME_BYTES} bytes without blanks, "
            "control characters or a plus, such as example.com/log"
        )
        raise LedgerError(message)
