"""Laws of the signed texts: nothing that was changed passes, and nothing odd breaks a reader."""

from contextlib import suppress
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bartizan.core.errors import LedgerError
from bartizan.ledger.checkpoint import parse_checkpoint
from bartizan.ledger.cosignature import signer_of, verifier_of
from bartizan.ledger.note import open_note, parse_signature, sign_note, split_note
from bartizan.ledger.policy import parse_policy
from bartizan.ledger.proof import parse_proof, verify_proof
from bartizan.ledger.signing_key import parse_signing_key
from bartizan.ledger.verifier_key import KeyType, parse_verifier_key
from signed_logs import NOW, SignedLog, key

LOG = SignedLog()
TIMES = {0: NOW - 3, 1: NOW - 2}
NOTE = LOG.note(TIMES)
PROOF = LOG.proof(2, TIMES, b"extra")
RULES = ("group g 2 W0 W1 W2", "quorum g")
POLICY = LOG.policy(*RULES)
BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
VERIFIERS = [verifier_of(one.verifier_key) for one in (LOG.log, *LOG.witnesses)]


def changed(raw: bytes, at: int, byte: int) -> bytes:
    return raw[:at] + bytes([byte]) + raw[at + 1 :]


# The signature by ML-DSA-44 is most of a note, so places are drawn from both of its sides too.
places = st.integers(0, 400) | st.integers(0, len(NOTE) - 1)
byte_values = st.integers(0, 255) | st.sampled_from(BASE64) | st.sampled_from(b"\n =+")


@given(places, byte_values)
def test_a_note_with_another_byte_is_refused_or_means_the_same(at: int, byte: int) -> None:
    try:
        found = open_note(changed(NOTE, at, byte), verifiers=VERIFIERS)
    except LedgerError:
        return
    whole = open_note(NOTE, verifiers=VERIFIERS)
    assert found.text == whole.text
    assert set(found.signatures) <= set(whole.signatures)


@given(places, byte_values)
def test_a_quorum_with_another_byte_is_refused_or_means_the_same(at: int, byte: int) -> None:
    try:
        found = POLICY.trusted(changed(NOTE, at, byte), now=NOW, max_age_s=60)
    except LedgerError:
        return
    # Two of three are needed and two have signed, so nobody's signature can have been lost.
    assert found == POLICY.trusted(NOTE, now=NOW, max_age_s=60)


@given(st.integers(0, 700) | st.integers(0, len(PROOF) - 1), byte_values)
def test_a_proof_with_another_byte_is_refused_or_proves_the_same(at: int, byte: int) -> None:
    raw = changed(PROOF, at, byte)
    try:
        found = verify_proof(raw, entry=LOG.entries[2], policy=POLICY, now=NOW)
    except LedgerError:
        return
    assert found == verify_proof(PROOF, entry=LOG.entries[2], policy=POLICY, now=NOW)
    was, now = parse_proof(PROOF), parse_proof(raw)
    assert (now.index, now.path) == (was.index, was.path)


@pytest.mark.slow
def test_every_single_byte_of_a_proof_matters_but_those_of_the_extra_data() -> None:
    log = SignedLog(witnesses=LOG.witnesses[::2])  # Ed25519: 600 bytes instead of 4,000
    policy = log.policy("group g all W0 W1", "quorum g")
    raw = log.proof(2, TIMES, b"extra")
    whole = verify_proof(raw, entry=log.entries[2], policy=policy, now=NOW)
    passed = set()
    for at, byte in product(range(len(raw)), range(256)):
        if byte != raw[at]:
            with suppress(LedgerError):
                another = changed(raw, at, byte)
                assert whole == verify_proof(another, entry=log.entries[2], policy=policy, now=NOW)
                passed.add(at)
    start = raw.index(b"extra ") + len(b"extra ")
    assert passed <= set(range(start, raw.index(b"\n", start)))


@given(st.integers(0, len(PROOF) - 1))
def test_a_proof_that_was_cut_is_refused(length: int) -> None:
    with pytest.raises(LedgerError):
        verify_proof(PROOF[:length], entry=LOG.entries[2], policy=POLICY, now=NOW)


@given(st.integers(0, len(NOTE)), st.binary(min_size=1, max_size=3) | st.just(b"\n"))
def test_a_note_with_more_bytes_is_refused_or_means_the_same(at: int, more: bytes) -> None:
    try:
        found = open_note(NOTE[:at] + more + NOTE[at:], verifiers=VERIFIERS)
    except LedgerError:
        return
    assert found.text == LOG.checkpoint.text()


plain = st.text(st.characters(blacklist_categories=["Cs", "Cc"]) | st.just("\n"), max_size=60)


@given(plain, st.sampled_from([KeyType.NOTE]))
@example("\n\n\n", KeyType.NOTE)
@example("\u2014 a AAAA", KeyType.NOTE)
def test_every_text_that_can_be_signed_comes_back(text: str, kind: KeyType) -> None:
    one = key("alice.example", kind)
    raw = sign_note(text + "\n", signers=[signer_of(one)])
    assert open_note(raw, verifiers=[verifier_of(one.verifier_key)]).text == text + "\n"


line_pieces = st.lists(
    st.sampled_from(
        [
            *LOG.policy_text(*RULES).encode().split(b"\n"),
            *PROOF.split(b"\n"),
            *NOTE.split(b"\n"),
            b"",
            b"log",
            b"witness A",
            b"group",
            b"quorum",
            b"group g 99999999 W0",
            b"extra ",
            b"index ",
            b"index 9223372036854775807",
            b"\xe2\x80\x94 ",
            b"\xe2\x80\x94 a AAAA",
            b"\xff\x00",
        ]
    )
    | st.binary(max_size=20),
    max_size=12,
).map(b"\n".join)
odd = st.binary(max_size=200) | line_pieces | line_pieces.map(lambda raw: raw + b"\n")


@given(odd)
@example(b"\n\n\n")
@example(b"\xe2\x80\x94 \n\n\xe2\x80\x94 ")
def test_no_bytes_make_a_reader_raise_anything_but_its_own_error(raw: bytes) -> None:
    text = raw.decode("latin-1")
    # One place each, so that an error of one does not hide what the next would raise.
    with suppress(LedgerError):
        open_note(raw, verifiers=VERIFIERS)
    with suppress(LedgerError):
        split_note(raw)
    with suppress(LedgerError):
        parse_signature(raw)
    with suppress(LedgerError):
        parse_proof(raw)
    with suppress(LedgerError):
        verify_proof(raw, entry=b"", policy=POLICY, now=NOW)
    with suppress(LedgerError):
        parse_policy(raw)
    with suppress(LedgerError):
        parse_checkpoint(text)
    with suppress(LedgerError):
        parse_verifier_key(text)
    with suppress(LedgerError):
        parse_signing_key(text)


@given(st.text(max_size=40) | st.text("\ud800+ \u2003abc0", max_size=40))
def test_no_text_makes_a_reader_raise_anything_but_its_own_error(text: str) -> None:
    for read in (parse_checkpoint, parse_verifier_key, parse_signing_key):
        with suppress(LedgerError):
            read(text)
        with suppress(LedgerError):
            read("PRIVATE+KEY+" + text + "+00000000+AQ==")
        with suppress(LedgerError):
            read(text + "\n1\n" + "A" * 43 + "=\n" + text)


@given(odd)
def test_what_a_reader_accepts_it_writes_again(raw: bytes) -> None:
    with suppress(LedgerError):
        assert parse_proof(raw).text() == raw
    with suppress(LedgerError, UnicodeDecodeError):
        text = raw.decode()
        assert parse_checkpoint(text).text() == text
