"""The file that carries a signature: a Sigstore bundle with a statement in a DSSE envelope.

Everything in it is either checked or has only one spelling, so that no bit of it can be changed
unnoticed: unknown fields are refused, as are bits of base64 that carry nothing.

Source: Sigstore bundle v0.3 (protobuf-specs); DSSE v1.0.0, protocol.md (pre-authentication
encoding); OMS v1.0, section 4. A verifier accepts what 0.3.1 to 1.1.0 of the reference wrote:
``rawBytes`` for a hint, and a ``keyid`` that is null, empty or absent.
"""

import json
from dataclasses import dataclass
from typing import Any

from bartizan.core.errors import InputError, TrustError
from bartizan.crypto.oms.strict_json import (
    a_list,
    a_text,
    an_object,
    from_base64,
    only,
    parsed,
    to_base64,
    unexpected,
)

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
LIMIT_BYTES = 32 << 20
"""A bundle lists every file: about 250 bytes each. This is room for 130,000."""
_PARTS = 1000
"""Lists, objects and commas outside of the payload, which is text here: a bundle with a chain has
about forty. Millions of small parts would fill the memory before any key is looked at."""
_CERTIFICATES = 16
"""In a chain, at most. Four is much."""


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A statement, its signature, and a hint at who signed. Nothing in it is believed yet."""

    payload: bytes
    signature: bytes
    hint: str = ""
    """Fingerprint of the key; empty = there is none."""
    key_pem: bytes = b""
    """The public key itself, as old bundles carry it."""
    key_details: str = ""
    """What old bundles call the key's algorithm."""
    chain: tuple[bytes, ...] = ()
    """Certificates (DER), the signer's first; none = it was signed with a bare key."""

    @property
    def signed(self) -> bytes:
        """What the signature is over."""
        return pre_authentication(self.payload)

    def encode(self) -> bytes:
        """The file."""
        material: dict[str, Any] = {"publicKey": {"hint": self.hint}}
        if self.chain:
            listed = [{"rawBytes": to_base64(one)} for one in self.chain]
            material = {"x509CertificateChain": {"certificates": listed}}
        document = {
            "mediaType": MEDIA_TYPE,
            "verificationMaterial": {**material, "tlogEntries": []},
            "dsseEnvelope": {
                "payload": to_base64(self.payload),
                "payloadType": PAYLOAD_TYPE,
                "signatures": [{"sig": to_base64(self.signature), "keyid": ""}],
            },
        }
        return json.dumps(document, separators=(",", ":")).encode()


def pre_authentication(payload: bytes) -> bytes:
    """DSSE's PAE: type and payload with their lengths, so that neither can pass for the other."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def read_bundle(raw: bytes) -> Bundle:
    """Take a bundle apart.

    Raises:
        TrustError: it is none, or holds something that nobody could check.
        InputError: it was signed with a method that is not supported.
    """
    if sum(raw.count(sign) for sign in (b"[", b"{", b",")) > _PARTS:
        message = f"the bundle consists of more than {_PARTS} parts, which no bundle does"
        raise TrustError(message)
    document = parsed(raw, what="the bundle")
    known = frozenset({"mediaType", "verificationMaterial", "dsseEnvelope"})
    only(document, known=known, what="the bundle")
    material = an_object(document.get("verificationMaterial"), what="verificationMaterial")
    _require_supported(material)  # first: keyless ones come in older media types, too
    if document.get("mediaType") != MEDIA_TYPE:
        raise unexpected(document.get("mediaType"), what="its mediaType", expected=MEDIA_TYPE)
    payload, signature, keyid = _envelope(document.get("dsseEnvelope"))
    bundle = Bundle(payload=payload, signature=signature, **_who(material))
    if keyid not in ("", bundle.hint):
        message = "the bundle names one key in its signature and another beside it"
        raise TrustError(message)
    return bundle


def _envelope(found: object) -> tuple[bytes, bytes, str]:
    envelope = an_object(found, what="dsseEnvelope")
    only(envelope, known=frozenset({"payload", "payloadType", "signatures"}), what="dsseEnvelope")
    if envelope.get("payloadType") != PAYLOAD_TYPE:
        raise unexpected(envelope.get("payloadType"), what="payloadType", expected=PAYLOAD_TYPE)
    signatures = a_list(envelope.get("signatures"), what="signatures")
    if len(signatures) != 1:
        message = f"expected a bundle with one signature, got {len(signatures)}"
        raise TrustError(message)
    signature = an_object(signatures[0], what="the signature")
    only(signature, known=frozenset({"sig", "keyid"}), what="the signature")
    payload = from_base64(envelope.get("payload"), what="the payload")
    sig = from_base64(signature.get("sig"), what="sig")
    return payload, sig, a_text(signature.get("keyid") or "", what="keyid")


def _require_supported(material: dict[str, Any]) -> None:
    if "certificate" in material or material.get("tlogEntries"):
        message = (
            "the bundle was signed through Sigstore's public service (keyless), which needs a "
            "network to check; expected one that was signed with a key or a certificate: check it "
            "with `model_signing verify sigstore`, then sign the model with a key of your own"
        )
        raise InputError(message)
    known = frozenset({"publicKey", "x509CertificateChain", "tlogEntries"})
    only(material, known=known, what="verificationMaterial")
    a_list(material.get("tlogEntries") or [], what="tlogEntries")


def _who(material: dict[str, Any]) -> dict[str, Any]:
    """What says who signed: the fields of `Bundle` that are about a key, or about a chain."""
    if ("publicKey" in material) == ("x509CertificateChain" in material):
        message = "the bundle must hint at a key, or hold a chain of certificates, and not both"
        raise TrustError(message)
    if "publicKey" not in material:
        return {"chain": _chain(material["x509CertificateChain"])}
    key = an_object(material["publicKey"], what="publicKey")
    only(key, known=frozenset({"hint", "rawBytes", "keyDetails"}), what="publicKey")
    return {
        "hint": a_text(key.get("hint") or "", what="hint"),
        "key_pem": from_base64(key["rawBytes"], what="rawBytes") if key.get("rawBytes") else b"",
        "key_details": a_text(key.get("keyDetails") or "", what="keyDetails"),
    }


def _chain(found: object) -> tuple[bytes, ...]:
    chain = an_object(found, what="x509CertificateChain")
    only(chain, known=frozenset({"certificates"}), what="x509CertificateChain")
    listed = a_list(chain.get("certificates"), what="certificates")
    if not 0 < len(listed) <= _CERTIFICATES:
        message = f"expected 1 to {_CERTIFICATES} certificates in the bundle, got {len(listed)}"
        raise TrustError(message)
    found_ = []
    for one in listed:
        certificate = an_object(one, what="a certificate")
        only(certificate, known=frozenset({"rawBytes"}), what="a certificate")
        found_.append(from_base64(certificate.get("rawBytes"), what="a certificate"))
    return tuple(found_)
