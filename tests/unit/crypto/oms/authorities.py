"""Certificates for tests: a root, one below it, and somebody who signs."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Authority:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


def usage(**allowed: bool) -> x509.KeyUsage:
    names = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
        *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{name: allowed.get(name, False) for name in names})


ISSUES: tuple[x509.ExtensionType, ...] = (
    x509.BasicConstraints(ca=True, path_length=None),
    usage(key_cert_sign=True),
)
SIGNS: tuple[x509.ExtensionType, ...] = (
    usage(digital_signature=True),
    x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]),
    x509.SubjectAlternativeName([x509.RFC822Name("team@bank.example")]),
)


def issued(
    name: str,
    *,
    by: Authority | None,
    extensions: tuple[x509.ExtensionType, ...] = ISSUES,
    begins: datetime = NOW - timedelta(days=10),
    ends: datetime = NOW + timedelta(days=10),
    key: ec.EllipticCurvePrivateKey | None = None,
    digest: Any = None,
) -> Authority:
    """A certificate; its own issuer if `by` is none."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if by is None else by.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )
    for one in extensions:
        made = made.add_extension(one, critical=not isinstance(one, x509.SubjectAlternativeName))
    signer = key if by is None else by.key
    return Authority(made.sign(signer, digest or hashes.SHA256()), key)


def family(*, now: datetime = NOW, **leaf: Any) -> tuple[Authority, Authority, Authority]:
    """Root, intermediate and signer, valid from ten days before `now` to ten days after it."""
    life: dict[str, Any] = {"begins": now - timedelta(days=10), "ends": now + timedelta(days=10)}
    root = issued("root", by=None, **life)
    middle = issued("middle", by=root, **life)
    return root, middle, issued("signer", by=middle, **{**life, "extensions": SIGNS, **leaf})
