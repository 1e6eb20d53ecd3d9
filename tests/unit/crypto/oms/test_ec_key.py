import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from bartizan.core.errors import InputError, TrustError
from bartizan.crypto.identity import Passphrase
from bartizan.crypto.oms.ec_key import CURVES, SigningKey, VerifyingKey

VECTORS = Path(__file__).parents[3] / "vectors" / "oms"
WORDS = Passphrase("some words")


@pytest.mark.parametrize("curve", CURVES)
def test_what_one_half_signs_the_other_checks(curve: str) -> None:
    key = SigningKey.new(curve)
    public = VerifyingKey.of_pem(key.public.pem, where="k")
    public.verify(b"text", signature=key.sign(b"text"))
    with pytest.raises(TrustError, match="not this key's signature"):
        public.verify(b"Text", signature=key.sign(b"text"))
    with pytest.raises(TrustError):
        SigningKey.new(curve).public.verify(b"text", signature=key.sign(b"text"))
    with pytest.raises(TrustError):
        public.verify(b"text", signature=b"")


def test_the_fingerprint_is_the_one_of_the_reference() -> None:
    key = VerifyingKey.of_pem((VECTORS / "key.pub").read_bytes(), where="key.pub")
    assert key.fingerprint == "e8450dec4eb99dae995da9af1bc2cc9f76ed669ee2e744f57abba763df3e3f8e"
    assert key.details == "PKIX_ECDSA_P384_SHA_384"


def test_an_encrypted_key_opens_with_its_passphrase_alone() -> None:
    key = SigningKey.new()
    pem = key.pem(WORDS)
    assert b"ENCRYPTED" in pem
    assert SigningKey.of_pem(pem, passphrase=WORDS, where="k").public.pem == key.public.pem
    with pytest.raises(InputError, match="or the passphrase is wrong"):
        SigningKey.of_pem(pem, passphrase=Passphrase("others"), where="k")
    with pytest.raises(InputError, match="say where its passphrase is"):
        SigningKey.of_pem(pem, passphrase=None, where="k")
    with pytest.raises(InputError, match="leave --passphrase out"):
        SigningKey.of_pem(key.pem(), passphrase=WORDS, where="k")


def test_no_message_and_no_repr_shows_a_key() -> None:
    key = SigningKey.new()
    assert repr(key) == "SigningKey()"
    with pytest.raises(InputError) as caught:
        SigningKey.of_pem(key.pem()[:-40], passphrase=None, where="k")
    assert "PRIVATE" not in str(caught.value)


@pytest.mark.parametrize(
    "key", [ec.generate_private_key(ec.SECP256K1()), ed25519.Ed25519PrivateKey.generate()]
)
def test_other_kinds_of_keys_are_refused(
    key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey,
) -> None:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(InputError, match="P-256, P-384 or P-521"):
        SigningKey.of_pem(pem, passphrase=None, where="k")
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(InputError, match="P-256, P-384 or P-521"):
        VerifyingKey.of_pem(public, where="k")


def test_a_private_key_is_no_public_one() -> None:
    with pytest.raises(InputError, match="holds a private key"):
        VerifyingKey.of_pem(SigningKey.new().pem(), where="k")
    with pytest.raises(InputError, match="expected a public key as PEM"):
        VerifyingKey.of_pem(b"nonsense", where="k")


def test_openssl_checks_what_we_sign(tmp_path: Path) -> None:
    key = SigningKey.new("P-521")
    for name, content in (("p", key.public.pem), ("s", key.sign(b"text")), ("t", b"text")):
        (tmp_path / name).write_bytes(content)
    command = ["openssl", "dgst", "-sha512", "-verify", "p", "-signature", "s", "t"]
    try:
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=20, check=False)
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    assert done.stdout == b"Verified OK\n"
