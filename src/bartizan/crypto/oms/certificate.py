"""Certificates of those who sign: a chain from the signer up to a root that is trusted.

The chain in a bundle is taken as it stands, each certificate issued by the next one, so that none
in it goes unchecked. Revocation lists are not asked for: a policy revokes by root digest, or by
leaving out the root.

Source: RFC 5280, section 6.1, for chains without name constraints and policies, which are refused
where they are critical; OMS v1.0, method ``certificate``.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from bartizan.core.errors import InputError, TrustError
from bartizan.crypto.oms.ec_key import VerifyingKey

Kind = TypeVar("Kind", bound=x509.ExtensionType)

SKEW_S = 300.0
"""Clocks that are set by the network differ by less than a second; five minutes is what Kerberos
allows, and what most verifiers do."""
_TIME = "%Y-%m-%d %H:%M"
_RSA_BITS = 2048
"""NIST SP 800-131A: shorter keys sign nothing any more."""
_UNREADABLE = (
    *(ValueError, UnsupportedAlgorithm, x509.InvalidVersion),
    *(x509.DuplicateExtension, x509.UnsupportedGeneralNameType),
)
"""What the library raises about certificates that are none."""
_STRONG = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_HANDLED = {
    ExtensionOID.BASIC_CONSTRAINTS,
    ExtensionOID.KEY_USAGE,
    ExtensionOID.EXTENDED_KEY_USAGE,
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
}
"""Extensions that may be critical; what else is critical says something that is not understood."""


@dataclass(frozen=True, kw_only=True)
class Certified:
    """A signer whom a trusted root vouches for."""

    key: VerifyingKey
    names: tuple[str, ...]
    """E-mail addresses, URIs and DNS names of the certificate, else its common name."""
    subject: str
    """RFC 4514, for people."""


def certificates_of_pem(pem: bytes, *, where: str) -> tuple[x509.Certificate, ...]:
    """Certificates from PEM, one or more.

    Raises:
        InputError: there is none.
    """
    try:
        return tuple(x509.load_pem_x509_certificates(pem))
    except (ValueError, UnsupportedAlgorithm) as error:
        message = f"{where}: expected certificates as PEM (-----BEGIN CERTIFICATE-----)"
        raise InputError(message) from error


def der(certificate: x509.Certificate) -> bytes:
    """A certificate as bytes."""
    return certificate.public_bytes(Encoding.DER)


def certified(
    chain: Sequence[bytes],
    *,
    roots: Sequence[x509.Certificate],
    now: datetime,
    skew_s: float = SKEW_S,
) -> Certified:
    """Whom a chain certifies.

    Args:
        chain: DER, the signer's first, each issued by the next; the last is a root, or issued
            by one.
        roots: Whom the verifier trusts.
        now: With a time zone.
        skew_s: How far clocks may differ, in seconds.

    Raises:
        TrustError: the chain does not lead to a root, is not valid now, or may not sign.
    """
    try:
        with warnings.catch_warnings():  # what is odd about a certificate, the checks below say
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            return _certified(chain, roots=roots, now=now, skew=timedelta(seconds=skew_s))
    except (*_UNREADABLE, InputError) as error:
        message = f"a certificate in the bundle cannot be read ({str(error)[:120]})"
        raise TrustError(message) from error


def _certified(
    chain: Sequence[bytes],
    *,
    roots: Sequence[x509.Certificate],
    now: datetime,
    skew: timedelta,
) -> Certified:
    found = [x509.load_der_x509_certificate(one) for one in chain]
    for one, raw in zip(found, chain, strict=True):
        _require_one_spelling(one, raw)
    path = [*found, *_anchor(found[-1], roots=roots)]
    for depth, (lower, upper) in enumerate(pairwise(path)):
        _require_issued(lower, upper, below=depth)
    for one in path:
        _require_valid(one, now=now, skew=skew)
    _require_signer(found[0])
    key = VerifyingKey.of(found[0].public_key(), where="the signer's certificate")
    return Certified(key=key, names=_names(found[0]), subject=_subject(found[0]))


def _require_one_spelling(one: x509.Certificate, raw: bytes) -> None:
    """Refuse bytes that say the same as others.

    A bit string tells how many of its last bits do not count. The library lets that number be
    wrong by as many as are zero, outside of what the issuer signed.
    """
    if der(one) != raw or not raw.endswith(b"\0" + one.signature):
        message = f"the certificate of {_subject(one)} is spelled in an unusual way"
        raise TrustError(message)


def _anchor(last: x509.Certificate, *, roots: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """The trusted root above the last certificate; none if it is one itself."""
    if any(der(last) == der(root) for root in roots):
        return []
    for root in roots:
        if root.subject == last.issuer:
            try:
                last.verify_directly_issued_by(root)
            except (ValueError, TypeError, InvalidSignature):
                continue
            return [root]
    message = (
        f"the certificate of {_subject(last)} leads to no root that is trusted here; expected "
        "one issued by a root of [supply.trust]"
    )
    raise TrustError(message)


def _require_issued(lower: x509.Certificate, upper: x509.Certificate, *, below: int) -> None:
    """One certificate is issued by the next, which may issue."""
    try:
        lower.verify_directly_issued_by(upper)
    except (ValueError, TypeError, InvalidSignature) as error:
        message = (
            f"the certificate of {_subject(lower)} is not issued by the next one in the bundle, "
            f"{_subject(upper)}; expected the signer's first, then each one's issuer"
        )
        raise TrustError(message) from error
    if not isinstance(lower.signature_hash_algorithm, _STRONG):
        message = f"the certificate of {_subject(lower)} rests on a hash that is broken or unknown"
        raise TrustError(message)
    key = upper.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < _RSA_BITS:
        message = f"the RSA key of {_subject(upper)} has {key.key_size} bits, less than {_RSA_BITS}"
        raise TrustError(message)
    basic = _extension(upper, x509.BasicConstraints)
    usage = _extension(upper, x509.KeyUsage)
    if basic is None or not basic.ca or (usage is not None and not usage.key_cert_sign):
        message = f"{_subject(upper)} may not issue certificates"
        raise TrustError(message)
    if basic.path_length is not None and basic.path_length < below:
        message = f"{_subject(upper)} may issue for fewer levels than this chain has"
        raise TrustError(message)


def _require_valid(one: x509.Certificate, *, now: datetime, skew: timedelta) -> None:
    """Valid now, and without a demand that is not understood."""
    if now < one.not_valid_before_utc - skew:
        message = (
            f"the certificate of {_subject(one)} is valid from {one.not_valid_before_utc:{_TIME}} "
            f"UTC on, and here it is {now.astimezone(UTC):{_TIME}}; is the clock right?"
        )
        raise TrustError(message)
    if now > one.not_valid_after_utc + skew:
        message = (
            f"the certificate of {_subject(one)} expired on {one.not_valid_after_utc:%Y-%m-%d}; "
            "have the model signed again"
        )
        raise TrustError(message)
    for extension in one.extensions:
        if extension.critical and extension.oid not in _HANDLED:
            message = (
                f"the certificate of {_subject(one)} makes a demand that is not understood "
                f"({extension.oid.dotted_string})"
            )
            raise TrustError(message)


def _require_signer(leaf: x509.Certificate) -> None:
    """The key may sign: digital signatures, and code if the certificate lists purposes."""
    usage = _extension(leaf, x509.KeyUsage)
    purposes = _extension(leaf, x509.ExtendedKeyUsage)
    wanted = (ExtendedKeyUsageOID.CODE_SIGNING, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)
    allowed = purposes is not None and any(one in purposes for one in wanted)
    signs = usage is not None and usage.digital_signature
    if (usage is not None and not signs) or (purposes is not None and not allowed):
        message = (
            f"the certificate of {_subject(leaf)} is not for signing: expected the key usage "
            "digitalSignature, and codeSigning where purposes are listed"
        )
        raise TrustError(message)
    if not (signs or allowed):
        message = f"the certificate of {_subject(leaf)} does not say that its key may sign"
        raise TrustError(message)


def _extension(one: x509.Certificate, kind: type[Kind]) -> Kind | None:
    try:
        return one.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    other = _extension(leaf, x509.SubjectAlternativeName)
    found: list[str] = []
    if other is not None:
        for kind in (x509.RFC822Name, x509.UniformResourceIdentifier, x509.DNSName):
            found += other.get_values_for_type(kind)
    if not found:
        common = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        found = [str(one.value) for one in common]
    return tuple(found)


def _subject(one: x509.Certificate) -> str:
    return ascii(one.subject.rfc4514_string()[:120])
