"""Notes, trees and proofs against Go's reference code, in both directions."""

from contextlib import suppress

import pytest

from bartizan.core.errors import LedgerError
from bartizan.ledger.merkle import leaf_hash, verify_inclusion
from bartizan.ledger.note import NoteSigner, NoteVerifier, extend_note, open_note, sign_note
from bartizan.ledger.proof import parse_proof, verify_proof, write_proof
from bartizan.ledger.signing_key import parse_signing_key
from bartizan.ledger.verifier_key import KeyType, parse_verifier_key
from reference_log import Reference, Refused
from signed_logs import NOW, SignedLog, key, path, root

TEXTS = [
    "\n",
    "a\n",
    "a\n\nb\n\n",
    "\u00e8 \U0001f3f0\n",
    "\u2014 a b\n",
    "\x7f\n",
    "x" * 10_000 + "\n",
]
ALICE = key("alice.example/\u00e8")


@pytest.mark.parametrize("text", TEXTS)
def test_go_opens_what_we_sign(reference: Reference, text: str) -> None:
    raw = sign_note(text, signers=[NoteSigner(ALICE)])
    found = reference.ask("open_note", note=raw, verifiers=[ALICE.verifier_key.text()])
    assert found["text"] == text.encode()
    line = {"name": ALICE.verifier_key.name, "hash": ALICE.verifier_key.key_id.hex()}
    assert found["signatures"] == [line]


@pytest.mark.parametrize("text", TEXTS)
def test_we_open_what_go_signs(reference: Reference, text: str) -> None:
    made = reference.ask("generate_key", name="bob.example")
    raw = reference.ask("sign_note", text=text.encode(), signers=[made["secret"]])["note"]
    verifier = NoteVerifier(parse_verifier_key(made["verifier"]))
    assert open_note(raw, verifiers=[verifier]).text == text
    # Ed25519 is deterministic, so both programs write the same bytes.
    assert sign_note(text, signers=[NoteSigner(parse_signing_key(made["secret"]))]) == raw


def test_go_reads_our_keys(reference: Reference) -> None:
    secret = ALICE.secret_text()
    raw = reference.ask("sign_note", text=b"hello\n", signers=[secret])["note"]
    assert open_note(raw, verifiers=[NoteVerifier(ALICE.verifier_key)]).text == "hello\n"


def test_go_passes_over_the_witnesses_it_does_not_know(reference: Reference) -> None:
    log = SignedLog()
    raw = log.note({0: NOW, 1: NOW})
    found = reference.ask("open_note", note=raw, verifiers=[log.log.verifier_key.text()])
    assert found["text"] == log.checkpoint.text().encode()
    assert [line["name"] for line in found["unverified"]] == ["w0.example", "w1.example"]


def test_we_refuse_every_changed_note_that_go_refuses(reference: Reference) -> None:
    raw = sign_note("one\n\ntwo\n", signers=[NoteSigner(ALICE)])
    known = [NoteVerifier(ALICE.verifier_key)]
    keys = [ALICE.verifier_key.text()]
    refused = 0
    for at in range(len(raw)):
        for byte in (raw[at] ^ 1, raw[at] ^ 0x80, 0x0A, 0x20):
            changed = raw[:at] + bytes([byte]) + raw[at + 1 :]
            ours = theirs = None
            with suppress(LedgerError):
                ours = open_note(changed, verifiers=known).text.encode()
            with suppress(Refused):
                answer = reference.ask("open_note", note=changed, verifiers=keys)
                theirs = answer["text"]
            assert ours in (None, theirs)
            refused += theirs is None
    assert refused > 2 * len(raw)


def test_go_refuses_what_we_refuse_of_two_signatures(reference: Reference) -> None:
    bob = key("bob.example")
    keys = [ALICE.verifier_key.text(), bob.verifier_key.text()]
    raw = sign_note("a\n", signers=[NoteSigner(ALICE)])
    spoilt = extend_note(raw, lines=[NoteSigner(bob).sign("b\n")])
    with pytest.raises(Refused, match="invalid signature"):
        reference.ask("open_note", note=spoilt, verifiers=keys)
    with pytest.raises(Refused, match="no verifiable signatures"):
        reference.ask("open_note", note=raw, verifiers=keys[1:])


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 32, 33])
def test_proofs_of_go_are_verified_here_and_ours_there(reference: Reference, size: int) -> None:
    log = SignedLog(entries=tuple(b"leaf %d" % i for i in range(size)))
    leaves = list(log.entries)
    assert reference.ask("tree_hash", leaves=leaves)["hash"] == root(leaves)
    policy = log.policy("quorum none")
    for index in {0, size // 2, size - 1}:
        theirs = reference.ask("prove_record", leaves=leaves, index=index)["proof"]
        raw = write_proof(index=index, path=theirs, note=log.note())
        found = verify_proof(raw, entry=leaves[index], policy=policy, now=NOW)
        ours = list(parse_proof(log.proof(index)).path)
        top = found.checkpoint.root
        head = {"size": size, "root": top}
        reference.ask("check_record", proof=ours, index=index, leaf=leaves[index], **head)
        with pytest.raises(Refused):
            reference.ask("check_record", proof=ours, index=index, leaf=b"another", **head)
        with pytest.raises(LedgerError):
            verify_inclusion(leaf_hash(b"another"), index=index, size=size, path=theirs, root=top)
        assert ours == theirs == path(leaves, index)


def test_go_does_not_know_the_key_types_of_witnesses(reference: Reference) -> None:
    for kind in (KeyType.COSIGNATURE, KeyType.ML_DSA_COSIGNATURE):
        text = key("w", kind).verifier_key.text()
        with pytest.raises(Refused, match="unknown verifier algorithm"):
            reference.ask("open_note", note=b"", verifiers=[text])
