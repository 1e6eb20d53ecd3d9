"""Signature keys: Ed25519 for today's tools, ML-DSA-44 against quantum computers.

Both secret keys are 32-byte seeds, from which the library derives the rest. A key is parsed once,
when it is made, because parsing costs as much as a tenth of a check.
"""

from dataclasses import dataclass, field
from typing import Literal, Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bartizan.core.errors import LedgerError, MissingExtraError

Algorithm = Literal["ed25519", "ml-dsa-44"]

SEED_BYTES = 32
"""RFC 8032 section 5.1.5 and FIPS 204 algorithm 1: both derive their keys from 32 bytes."""
PUBLIC_BYTES: dict[Algorithm, int] = {"ed25519": 32, "ml-dsa-44": 1312}
"""RFC 8032 section 5.1.5; FIPS 204 table 2."""
SIGNATURE_BYTES: dict[Algorithm, int] = {"ed25519": 64, "ml-dsa-44": 2420}
"""RFC 8032 section 5.1.6; FIPS 204 table 2."""


class _Verifying(Protocol):
    def verify(self, signature: bytes, data: bytes, /) -> None: ...
    def public_bytes_raw(self) -> bytes: ...


class _Signing(Protocol):
    def sign(self, data: bytes, /) -> bytes: ...
    def private_bytes_raw(self) -> bytes: ...
    def public_key(self) -> _Verifying: ...


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that checks signatures.

    Attributes:
        algorithm: Which one.
        raw: 32 bytes for Ed25519, 1,312 for ML-DSA-44, as RFC 8032 and FIPS 204 encode them.

    Raises:
        LedgerError: the bytes are no such key.
        MissingExtraError: the installed cryptography has no ML-DSA.
    """

    algorithm: Algorithm
    raw: bytes = field(repr=False)
    _key: _Verifying = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_key", _public(self.raw, algorithm=self.algorithm))

    def verify(self, message: bytes, *, signature: bytes) -> None:
        """Check a signature.

        Raises:
            LedgerError: it is not this key's signature of the message.

        Cost: about 0.1 ms for either algorithm.
        """
        try:
            self._key.verify(signature, message)
        except InvalidSignature as error:
            text = f"the {self.algorithm} signature does not belong to this text and key"
            raise LedgerError(text) from error


@dataclass(frozen=True, slots=True)
class SecretKey:
    """A key that signs. Its repr shows the algorithm and nothing else.

    Attributes:
        algorithm: Which one.
        seed: 32 secret bytes.

    Raises:
        LedgerError: the seed has another length.
        MissingExtraError: the installed cryptography has no ML-DSA.
    """

    algorithm: Algorithm
    seed: bytes = field(repr=False)
    _key: _Signing = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.seed) != SEED_BYTES:
            message = (
                f"expected a secret {self.algorithm} key of {SEED_BYTES} bytes, got "
                f"{len(self.seed)}; take the key from the file that was written when it was made"
            )
            raise LedgerError(message)
        object.__setattr__(self, "_key", _secret(self.seed, algorithm=self.algorithm))

    @property
    def public(self) -> PublicKey:
        """The key that checks what this one signs."""
        return PublicKey(self.algorithm, self._key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Sign: 64 bytes for Ed25519 (always the same), 2,420 for ML-DSA-44 (randomised)."""
        return self._key.sign(message)


def generate(algorithm: Algorithm) -> SecretKey:
    """Make a new key from the operating system's randomness.

    Raises:
        MissingExtraError: the installed cryptography has no ML-DSA.
    """
    if algorithm == "ed25519":
        return SecretKey(algorithm, Ed25519PrivateKey.generate().private_bytes_raw())
    try:
        from cryptography.hazmat.primitives.asymmetric.mldsa import (  # noqa: PLC0415 (may lack)
            MLDSA44PrivateKey,
        )

        return SecretKey(algorithm, MLDSA44PrivateKey.generate().private_bytes_raw())
    except (ImportError, UnsupportedAlgorithm) as error:
        raise _lacks_ml_dsa() from error


def _public(raw: bytes, *, algorithm: Algorithm) -> _Verifying:
    if len(raw) != PUBLIC_BYTES[algorithm]:
        message = (
            f"expected a public {algorithm} key of {PUBLIC_BYTES[algorithm]} bytes, got {len(raw)}"
        )
        raise LedgerError(message)
    try:
        if algorithm == "ed25519":
            return Ed25519PublicKey.from_public_bytes(raw)
        from cryptography.hazmat.primitives.asymmetric.mldsa import (  # noqa: PLC0415 (may lack)
            MLDSA44PublicKey,
        )

        return MLDSA44PublicKey.from_public_bytes(raw)
    except (ImportError, UnsupportedAlgorithm) as error:
        raise _lacks_ml_dsa() from error
    except ValueError as error:
        message = f"these {len(raw)} bytes are no public {algorithm} key"
        raise LedgerError(message) from error


def _secret(seed: bytes, *, algorithm: Algorithm) -> _Signing:
    if algorithm == "ed25519":
        return Ed25519PrivateKey.from_private_bytes(seed)
    try:
        from cryptography.hazmat.primitives.asymmetric.mldsa import (  # noqa: PLC0415 (may lack)
            MLDSA44PrivateKey,
        )

        return MLDSA44PrivateKey.from_seed_bytes(seed)
    except (ImportError, UnsupportedAlgorithm) as error:
        raise _lacks_ml_dsa() from error


def _lacks_ml_dsa() -> MissingExtraError:
    return MissingExtraError(
        "this needs ML-DSA-44, which the installed cryptography library lacks or was built "
        "without; install cryptography 48 or newer from PyPI, or use an Ed25519 key"
    )
