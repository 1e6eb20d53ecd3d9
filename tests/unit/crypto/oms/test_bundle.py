import json
from pathlib import Path
from typing import Any

import pytest

from bartizan.core.errors import Error, InputError, TrustError
from bartizan.crypto.oms.bundle import Bundle, pre_authentication, read_bundle
from bartizan.crypto.oms.ec_key import SigningKey, VerifyingKey
from bartizan.crypto.oms.manifest import Manifest
from bartizan.crypto.oms.statement import Statement, read_statement

jsonschema = pytest.importorskip("jsonschema")
VECTORS = Path(__file__).parents[3] / "vectors" / "oms"
STATEMENT = Statement(name="m", manifest=Manifest.of_content(b"x"), ignored=("model.sig",))
KEY = SigningKey.new()
MADE = Bundle(
    payload=STATEMENT.raw,
    signature=KEY.sign(pre_authentication(STATEMENT.raw)),
    hint=KEY.public.fingerprint,
)
CHAINED = Bundle(payload=b"{}", signature=b"s", chain=(b"one", b"two"))


def valid(document: Any, *, schema: str) -> None:
    text = (VECTORS / f"{schema}.schema.json").read_text()
    jsonschema.Draft202012Validator(json.loads(text)).validate(document)


@pytest.mark.parametrize("bundle", [MADE, CHAINED])
def test_what_was_written_is_read_back(bundle: Bundle) -> None:
    assert read_bundle(bundle.encode()) == bundle


@pytest.mark.parametrize("bundle", [MADE, CHAINED])
def test_bundles_have_the_form_of_the_specification(bundle: Bundle) -> None:
    valid(json.loads(bundle.encode()), schema="bundle")
    valid(json.loads(STATEMENT.raw), schema="statement")


def test_the_schemas_refuse_what_is_no_bundle() -> None:
    with pytest.raises(jsonschema.ValidationError):
        valid({**json.loads(MADE.encode()), "more": 1}, schema="bundle")
    with pytest.raises(jsonschema.ValidationError):
        valid({**json.loads(STATEMENT.raw), "subject": []}, schema="statement")


def test_the_pre_authentication_encoding_counts_bytes() -> None:
    """DSSE v1.0.0, protocol.md: lengths in decimal digits, of bytes and not of characters."""
    assert pre_authentication("é".encode()) == (
        b"DSSEv1 28 application/vnd.in-toto+json 2 " + "é".encode()
    )


@pytest.mark.parametrize("version", ["v0.3.1", "v1.0.0", "v1.0.1", "v1.1.0"])
def test_bundles_of_earlier_versions_of_the_reference_verify(version: str) -> None:
    key = VerifyingKey.of_pem((VECTORS / "key.pub").read_bytes(), where="key.pub")
    bundle = read_bundle((VECTORS / f"{version}-key.sig").read_bytes())
    key.verify(bundle.signed, signature=bundle.signature)
    valid(json.loads(bundle.payload), schema="statement")
    assert read_statement(bundle.payload).manifest.root.startswith("sha256:")
    assert bundle.key_pem in (b"", key.pem)


def changed(where: str, **fields: Any) -> bytes:
    document = json.loads(MADE.encode())
    place = document
    for part in filter(None, where.split(".")):
        place = place[int(part) if part.isdigit() else part]
    place.update(fields)
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("where", "fields"),
    [
        ("", {"mediaType": "application/vnd.dev.sigstore.bundle.v0.2+json"}),
        ("", {"unknown": 1}),
        ("", {"dsseEnvelope": []}),
        ("verificationMaterial", {"unknown": 1}),
        ("verificationMaterial", {"x509CertificateChain": {"certificates": []}}),
        ("verificationMaterial.publicKey", {"unknown": 1}),
        ("verificationMaterial.publicKey", {"rawBytes": "***"}),
        ("dsseEnvelope", {"payloadType": "text/plain"}),
        ("dsseEnvelope", {"payload": "e30"}),
        ("dsseEnvelope", {"payload": "e31="}),  # bits that carry nothing are set
        ("dsseEnvelope", {"payload": "e3 0="}),
        ("dsseEnvelope", {"signatures": []}),
        ("dsseEnvelope", {"signatures": [{"sig": "e30="}, {"sig": "e30="}]}),
        ("dsseEnvelope.signatures.0", {"keyid": "another"}),
        ("dsseEnvelope.signatures.0", {"unknown": 1}),
        ("dsseEnvelope.signatures.0", {"sig": None}),
    ],
)
def test_what_nobody_could_check_is_refused(where: str, fields: dict[str, Any]) -> None:
    with pytest.raises(TrustError):
        read_bundle(changed(where, **fields))


@pytest.mark.parametrize("keyid", [None, "", KEY.public.fingerprint], ids=["none", "empty", "hint"])
def test_a_key_id_may_be_missing_or_repeat_the_hint(keyid: str | None) -> None:
    assert read_bundle(changed("dsseEnvelope.signatures.0", keyid=keyid)) == MADE


def test_keyless_signatures_are_named_and_not_taken_for_broken_ones() -> None:
    with pytest.raises(InputError, match="needs a network"):
        read_bundle(changed("verificationMaterial", certificate={"rawBytes": ""}))
    with pytest.raises(InputError, match="needs a network"):
        read_bundle(changed("verificationMaterial", tlogEntries=[{"logIndex": 1}]))


def test_a_chain_of_any_length_is_refused() -> None:
    with pytest.raises(TrustError, match="1 to 16 certificates"):
        read_bundle(Bundle(payload=b"", signature=b"s", chain=(b"c",) * 17).encode())


def test_a_bundle_of_many_small_parts_is_refused_before_it_is_taken_apart() -> None:
    with pytest.raises(TrustError, match="more than 1000 parts"):
        read_bundle(b"[" + b"[]," * 1_000_000 + b"[]]")


@pytest.mark.parametrize("raw", [b"", b"null", b"{}", b"\x00", MADE.encode()[:-1], b"{" * 9999])
def test_what_is_no_bundle_is_refused(raw: bytes) -> None:
    with pytest.raises(Error):
        read_bundle(raw)
