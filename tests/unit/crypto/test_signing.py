import re

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import mldsa

from bartizan.core.errors import LedgerError, MissingExtraError
from bartizan.crypto.signing import (
    PUBLIC_BYTES,
    SIGNATURE_BYTES,
    Algorithm,
    PublicKey,
    SecretKey,
    generate,
)

ALGORITHMS: tuple[Algorithm, ...] = ("ed25519", "ml-dsa-44")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_a_new_key_signs_its_public_key_verifies(algorithm: Algorithm) -> None:
    key = generate(algorithm)
    signature = key.sign(b"text")
    key.public.verify(b"text", signature=signature)
    assert len(signature) == SIGNATURE_BYTES[algorithm]
    assert len(key.public.raw) == PUBLIC_BYTES[algorithm]
    assert generate(algorithm).public != key.public


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("change", ["text", "signature", "key", "length"])
def test_anything_else_is_refused(algorithm: Algorithm, change: str) -> None:
    key = SecretKey(algorithm, bytes(32))
    signature = key.sign(b"text")
    public = SecretKey(algorithm, bytes([1] * 32)).public if change == "key" else key.public
    flipped = bytes([signature[0] ^ 1]) + signature[1:]
    shown = {"signature": flipped, "length": signature[:-1]}.get(change, signature)
    with pytest.raises(LedgerError, match="does not belong"):
        public.verify(b"other" if change == "text" else b"text", signature=shown)


def test_ed25519_keys_are_those_of_rfc_8032() -> None:
    # Section 7.1, test 2.
    seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
    public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    signature = (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    key = SecretKey("ed25519", bytes.fromhex(seed))
    assert key.public.raw.hex() == public
    assert key.sign(b"\x72").hex() == signature


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_of_the_wrong_length_is_refused(algorithm: Algorithm) -> None:
    with pytest.raises(LedgerError, match="of 32 bytes, got 31"):
        SecretKey(algorithm, bytes(31))
    with pytest.raises(LedgerError, match=f"of {PUBLIC_BYTES[algorithm]} bytes, got 31"):
        PublicKey(algorithm, bytes(31))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_no_repr_and_no_message_shows_the_seed(algorithm: Algorithm) -> None:
    seed = bytes(range(200, 232))
    key = SecretKey(algorithm, seed)
    shown = f"{key!r} {key}"
    assert not re.search(r"\\x|c8c9|\d{3}, \d{3}", shown)
    with pytest.raises(LedgerError) as caught:
        SecretKey(algorithm, seed[:20])
    assert "\\xc8" not in str(caught.value)


def test_a_library_without_ml_dsa_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(*_: object) -> None:
        message = "not supported by this backend"
        raise UnsupportedAlgorithm(message)

    public = SecretKey("ml-dsa-44", bytes(32)).public.raw
    monkeypatch.setattr(mldsa.MLDSA44PrivateKey, "generate", lacking)
    monkeypatch.setattr(mldsa.MLDSA44PrivateKey, "from_seed_bytes", lacking)
    monkeypatch.setattr(mldsa.MLDSA44PublicKey, "from_public_bytes", lacking)
    for ask in (
        lambda: generate("ml-dsa-44"),
        lambda: SecretKey("ml-dsa-44", bytes(32)),
        lambda: PublicKey("ml-dsa-44", public),
    ):
        with pytest.raises(MissingExtraError, match=r"lacks.*48 or newer"):
            ask()
