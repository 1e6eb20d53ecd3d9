"""Keys on the curves P-256, P-384 and P-521, as PEM: the ones that sign and check models.

Source: OMS v1.0, method ``key``: ECDSA with SHA-256, SHA-384 or SHA-512, by curve. A key is hinted
at by the SHA-256 of its public half as PEM (SubjectPublicKeyInfo), in hexadecimal.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from bartizan.core.errors import InputError, TrustError
from bartizan.crypto.identity import Passphrase

HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "secp256r1": hashes.SHA256,
    "secp384r1": hashes.SHA384,
    "secp521r1": hashes.SHA512,
}
"""By curve; no other curve is used."""
_CURVES: dict[str, Callable[[], ec.EllipticCurve]] = {
    "P-256": ec.SECP256R1,
    "P-384": ec.SECP384R1,
    "P-521": ec.SECP521R1,
}
_DETAILS = {
    "secp256r1": "PKIX_ECDSA_P256_SHA_256",
    "secp384r1": "PKIX_ECDSA_P384_SHA_384",
    "secp521r1": "PKIX_ECDSA_P521_SHA_512",
}
CURVES = tuple(_CURVES)


@dataclass(frozen=True)
class VerifyingKey:
    """The public half."""

    key: ec.EllipticCurvePublicKey = field(repr=False)

    @classmethod
    def of(cls, key: object, *, where: str) -> "VerifyingKey":
        """A key of any kind, if it is of ours.

        Raises:
            InputError: it is of another kind.
        """
        if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name not in HASHES:
            raise _other_kind(where)
        return cls(key)

    @classmethod
    def of_pem(cls, pem: bytes, *, where: str) -> "VerifyingKey":
        """A key from PEM.

        Args:
            pem: ``-----BEGIN PUBLIC KEY-----`` ...
            where: Its place, for messages.

        Raises:
            InputError: it is no public key on one of the three curves.
        """
        if b"PRIVATE KEY" in pem:
            message = f"{where} holds a private key; expected a public one, which may be seen"
            raise InputError(message)
        try:
            return cls.of(load_pem_public_key(pem), where=where)
        except (ValueError, UnsupportedAlgorithm) as error:
            message = f"{where}: expected a public key as PEM (-----BEGIN PUBLIC KEY-----)"
            raise InputError(message) from error

    @property
    def pem(self) -> bytes:
        """The key as PEM."""
        return self.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the PEM, in hexadecimal: what bundles call the hint."""
        return hashlib.sha256(self.pem).hexdigest()

    @property
    def details(self) -> str:
        """The algorithm as Sigstore's protobuf-specs name it."""
        return _DETAILS[self.key.curve.name]

    def verify(self, message: bytes, *, signature: bytes) -> None:
        """Check a signature.

        Raises:
            TrustError: it is not this key's signature of the message.
        """
        chosen = ec.ECDSA(HASHES[self.key.curve.name]())
        try:
            self.key.verify(signature, message, chosen)
        except InvalidSignature as error:
            text = (
                "the signature is not this key's signature of this statement: one of them was "
                "changed, or another key signed it"
            )
            raise TrustError(text) from error


@dataclass(frozen=True)
class SigningKey:
    """The private half; no repr and no message shows it."""

    key: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def new(cls, curve: str = "P-256") -> "SigningKey":
        """A new key from the system's randomness. Args: one of `CURVES`."""
        return cls(ec.generate_private_key(_CURVES[curve]()))

    @classmethod
    def of_pem(cls, pem: bytes, *, passphrase: Passphrase | None, where: str) -> "SigningKey":
        """A key from PEM.

        Args:
            pem: PKCS #8 or SEC 1, encrypted or not.
            passphrase: Of an encrypted one.
            where: Its place, for messages.

        Raises:
            InputError: it is no such key, or the passphrase does not open it: one message for
                every reason, which tells nobody how far they came.
        """
        password = None if passphrase is None else passphrase.secret.encode()
        try:
            found = load_pem_private_key(pem, password)
        except TypeError as error:
            message = (
                f"{where}: the key is encrypted; say where its passphrase is with --passphrase"
                if passphrase is None
                else f"{where}: the key is not encrypted; leave --passphrase out"
            )
            raise InputError(message) from error
        except (ValueError, UnsupportedAlgorithm) as error:
            message = f"{where}: this is no private key as PEM, or the passphrase is wrong"
            raise InputError(message) from error
        if not isinstance(found, ec.EllipticCurvePrivateKey) or found.curve.name not in HASHES:
            raise _other_kind(where)
        return cls(found)

    @property
    def public(self) -> VerifyingKey:
        """The key that checks what this one signs."""
        return VerifyingKey(self.key.public_key())

    def pem(self, passphrase: Passphrase | None = None) -> bytes:
        """The secret itself, as PEM (PKCS #8), encrypted if a passphrase is given."""
        lock: KeySerializationEncryption = NoEncryption()
        if passphrase is not None:
            lock = BestAvailableEncryption(passphrase.secret.encode())
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)

    def sign(self, message: bytes) -> bytes:
        """An ECDSA signature, DER; another one each time."""
        curve = self.key.curve.name
        return self.key.sign(message, ec.ECDSA(HASHES[curve]()))


def _other_kind(where: str) -> InputError:
    return InputError(
        f"{where}: expected a key on the curve P-256, P-384 or P-521, got one of another kind"
    )
