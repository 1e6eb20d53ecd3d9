import base64
import hashlib

import pytest

from bartizan.core.errors import LedgerError
from bartizan.ledger.verifier_key import KeyType, VerifierKey, parse_verifier_key
from signed_logs import key

# From the tests of golang.org/x/mod/sumdb/note and github.com/transparency-dev/formats/note.
PUBLISHED = {
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW": KeyType.NOTE,
    "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6": KeyType.NOTE,
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2": KeyType.COSIGNATURE,
}
PETER = next(iter(PUBLISHED))


def spelled(name: str, material: bytes) -> str:
    """A key whose hash is right, whatever it holds."""
    digest = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    return f"{name}+{digest.hex()}+{base64.b64encode(material).decode()}"


@pytest.mark.parametrize(("text", "kind"), PUBLISHED.items())
def test_keys_of_other_programs_are_read_and_written(text: str, kind: KeyType) -> None:
    found = parse_verifier_key(text)
    assert (found.kind, found.text()) == (kind, text)


@pytest.mark.parametrize("kind", KeyType)
def test_our_own_keys_come_back(kind: KeyType) -> None:
    made = key("example.com/log", kind).verifier_key
    assert parse_verifier_key(made.text()) == made


def test_the_id_binds_name_and_kind() -> None:
    made = key("a", KeyType.NOTE).verifier_key
    others = (
        VerifierKey(name="b", kind=made.kind, public=made.public),
        VerifierKey(name="a", kind=KeyType.COSIGNATURE, public=made.public),
    )
    assert len({made.key_id, *(other.key_id for other in others)}) == 3


def test_every_part_of_a_key_alone_is_refused() -> None:
    for start in range(len(PETER)):
        for end in range(start, len(PETER) + 1):
            if (start, end) != (0, len(PETER)):
                with pytest.raises(LedgerError):
                    parse_verifier_key(PETER[start:end])


def test_every_changed_letter_is_refused() -> None:
    for at, letter in enumerate(PETER):
        with pytest.raises(LedgerError):
            parse_verifier_key(PETER[:at] + chr(ord(letter) + 1) + PETER[at + 1 :])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (spelled("log", b""), "of type nothing"),
        (spelled("log", b"\x02" + bytes(32)), "of type 0x02; known types are 0x01, 0x04, 0x06"),
        (spelled("log", b"\x01" + bytes(31)), "of 32 bytes, got 31"),
        (spelled("log", b"\x06" + bytes(32)), "of 1312 bytes, got 32"),
        (PETER.replace("c74f20a3", "C74F20A3"), "hash of 8 hexadecimal digits"),
        (PETER.replace("c74f20a3", "c74f20a4"), "one of them was changed"),
        ("rekor.sigstore.dev+12345678+AQ=", "not base64"),
        ("+".join(["x" * 256, "00000000", "AQ=="]), "cannot name a key"),
        ("x" * 10_000, "name[+]hash[+]base64"),
        ("", "name[+]hash[+]base64"),
    ],
)
def test_what_is_wrong_with_a_key_is_said(text: str, why: str) -> None:
    with pytest.raises(LedgerError, match=why):
        parse_verifier_key(text)


@pytest.mark.parametrize(
    "name", ["", "a b", "a\u00a0b", "a\u2003b", "a+b", "a\nb", "a\x1bb", "\ud800", "x" * 256]
)
def test_such_a_name_is_refused(name: str) -> None:
    public = key("a").verifier_key.public
    with pytest.raises(LedgerError, match="cannot name a key"):
        VerifierKey(name=name, kind=KeyType.NOTE, public=public)


def test_a_key_of_another_algorithm_is_refused() -> None:
    public = key("a", KeyType.ML_DSA_COSIGNATURE).verifier_key.public
    with pytest.raises(LedgerError, match="is one of ed25519"):
        VerifierKey(name="a", kind=KeyType.NOTE, public=public)
