"""Signing keys by name: the secret side of a verifier key, and its text.

``PRIVATE+KEY+name+hash+base64(type || seed)``, as Go's ``sumdb/note`` spells Ed25519 note keys; the
hash is that of the *public* key. The other two types use the same spelling with their own type
byte, which Go's package does not read. The text never enters a message or a repr.
"""

from dataclasses import dataclass, field
from pathlib import Path

from bartizan.core.errors import LedgerError
from bartizan.crypto.key_file import read_secret
from bartizan.crypto.safe_file import PRIVATE, create
from bartizan.crypto.signing import SecretKey, generate
from bartizan.ledger.canonical_base64 import encoded
from bartizan.ledger.verifier_key import KeyType, VerifierKey, kind_of, require_name, split_key

_PREFIX = "PRIVATE+KEY+"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A named secret key for one kind of signature; its repr shows only the public side.

    Attributes:
        verifier_key: Name, kind, public key and key id.
        secret: What signs.
    """

    verifier_key: VerifierKey
    secret: SecretKey = field(repr=False)

    def secret_text(self) -> str:
        """The whole key on one line: for a file that nobody else can read."""
        key, material = self.verifier_key, bytes([self.verifier_key.kind]) + self.secret.seed
        return f"{_PREFIX}{key.name}+{key.key_id.hex()}+{encoded(material)}"


def generate_signing_key(name: str, *, kind: KeyType = KeyType.NOTE) -> SigningKey:
    """Make a new key.

    Raises:
        LedgerError: the name cannot be one.
        MissingExtraError: the installed cryptography has no ML-DSA.
    """
    require_name(name)
    return _named(name, kind=kind, secret=generate(kind.algorithm))


def parse_signing_key(text: str) -> SigningKey:
    """Read a signing key.

    Raises:
        LedgerError: it is not one, or its hash does not belong to it. The message holds at most
            its name.
    """
    text = text.strip()
    if not text.startswith(_PREFIX):
        message = "expected a signing key, a line that starts with PRIVATE+KEY+; got something else"
        raise LedgerError(message)
    name, key_hash, material = split_key(text.removeprefix(_PREFIX), what="signing key")
    kind = kind_of(material, name=name)
    key = _named(name, kind=kind, secret=SecretKey(kind.algorithm, material[1:]))
    if key.verifier_key.key_id.hex() != key_hash:
        message = f"signing key {name!r}: its hash does not belong to name and key; was it edited?"
        raise LedgerError(message)
    return key


def load_signing_key(reference: str) -> SigningKey:
    """Read the signing key that ``env:NAME`` or ``file:PATH`` refers to.

    Raises:
        UsageError: there is nothing where it refers to.
        TrustError: others can read the file, or it is a link.
        LedgerError: what is there is no signing key.
    """
    return parse_signing_key(read_secret(reference))


def write_signing_key(key: SigningKey, path: Path) -> None:
    """Write a signing key to a new file that only its owner can read.

    Raises:
        OutputError: there is a file already, or the place cannot be written.
    """
    create(path, f"{key.secret_text()}\n".encode(), mode=PRIVATE)


def _named(name: str, *, kind: KeyType, secret: SecretKey) -> SigningKey:
    return SigningKey(VerifierKey(name=name, kind=kind, public=secret.public), secret)
