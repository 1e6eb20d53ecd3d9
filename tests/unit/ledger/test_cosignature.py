import struct
from pathlib import Path

import pytest

from bartizan.core.errors import LedgerError
from bartizan.crypto.signing import SecretKey
from bartizan.ledger.checkpoint import Checkpoint
from bartizan.ledger.cosignature import (
    CosignatureSigner,
    CosignatureVerifier,
    cosigned,
    signer_of,
    subtree_message,
    timestamp_of,
    verifier_of,
)
from bartizan.ledger.note import NoteSigner, NoteVerifier, open_note, parse_signature, split_note
from bartizan.ledger.verifier_key import KeyType, VerifierKey, parse_verifier_key
from signed_logs import NOW, ORIGIN, SignedLog, key

VECTORS = Path(__file__).parents[2] / "vectors" / "ledger"
COSIGNING = (KeyType.COSIGNATURE, KeyType.ML_DSA_COSIGNATURE)
TEXT = SignedLog().checkpoint.text()


def test_a_cosignature_of_a_witness_in_operation_is_verified() -> None:
    witness = parse_verifier_key(
        "github.com/BenBirt/git-witness+ca289127+BNn4Sjn2yt3uHK8N7nFgWtZccQoei3GAxWJjZN9Uc3tv"
    )
    raw = (VECTORS / "git-witness.note").read_bytes()
    note = open_note(raw, verifiers=[CosignatureVerifier(witness)])
    assert timestamp_of(note.signatures[0].value) == 1_784_638_858  # 2026-07-21


def test_a_checkpoint_signed_with_ml_dsa_by_another_program_is_verified() -> None:
    # Key and seed as the file of torchwood names them; its log signs with the time 0.
    seed = "2886adc2b0eabfce67c0472939127998bf886cf256bfee8ba76a253fce1146e0"
    public = SecretKey("ml-dsa-44", bytes.fromhex(seed)).public
    log = VerifierKey(name="example.com/mldsa-log", kind=KeyType.ML_DSA_COSIGNATURE, public=public)
    assert log.key_id.hex() == "b5df45c5"
    raw = (VECTORS / "mldsa-log.note").read_bytes()
    note = open_note(raw, verifiers=[CosignatureVerifier(log)])
    assert timestamp_of(note.signatures[0].value) == 0
    with pytest.raises(LedgerError, match="does not hold"):
        open_note(raw.replace(b"\n1\n", b"\n2\n"), verifiers=[CosignatureVerifier(log)])


def test_the_example_of_the_specification_has_its_time_and_message() -> None:
    text, (_, line) = split_note((VECTORS / "behind-the-sofa.note").read_bytes())
    assert timestamp_of(line.value) == 1_679_315_147
    witness = key("witness.example.com/w1", KeyType.COSIGNATURE).verifier_key
    assert cosigned(text, key=witness, timestamp=1_679_315_147) == (
        b"cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
        b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )


def test_the_message_for_ml_dsa_is_the_structure_of_the_specification() -> None:
    made = subtree_message(
        cosigner="w\u00e9", timestamp=7, origin="log", span=(0, 300), root=bytes(range(32))
    )
    assert made == struct.pack(
        ">12sB3sQB3sQQ32s",
        b"subtree/v1\n\0",
        3,
        "w\u00e9".encode(),
        7,
        3,
        b"log",
        0,
        300,
        bytes(range(32)),
    )
    assert len(made) == 12 + 4 + 8 + 4 + 8 + 8 + 32


@pytest.mark.parametrize("kind", COSIGNING)
def test_a_cosignature_holds_and_names_its_time(kind: KeyType) -> None:
    witness = key("w", kind)
    line = parse_signature(CosignatureSigner(witness, clock=lambda: NOW + 0.9).sign(TEXT))
    CosignatureVerifier(witness.verifier_key).verify(TEXT, value=line.value)
    assert timestamp_of(line.value) == NOW


@pytest.mark.parametrize("kind", COSIGNING)
@pytest.mark.parametrize("change", ["time", "text", "signature", "short", "long", "name"])
def test_a_changed_cosignature_is_refused(kind: KeyType, change: str) -> None:
    witness = key("w", kind)
    value = parse_signature(CosignatureSigner(witness, clock=lambda: NOW).sign(TEXT)).value
    changed = {
        "time": (NOW + 1).to_bytes(8, "big") + value[8:],
        "signature": value[:-1] + bytes([value[-1] ^ 1]),
        "short": value[:-1],
        "long": value + b"\0",
    }.get(change, value)
    text = SignedLog(entries=(b"x",)).checkpoint.text() if change == "text" else TEXT
    known = witness.verifier_key
    if change == "name":
        if kind is KeyType.COSIGNATURE:
            return  # The specification leaves the name out of what Ed25519 signs; the id has it.
        known = VerifierKey(name="other", kind=kind, public=known.public)
    with pytest.raises(LedgerError):
        CosignatureVerifier(known).verify(text, value=changed)


def test_a_time_past_the_limit_is_refused() -> None:
    with pytest.raises(LedgerError, match=r"below 2\^63"):
        timestamp_of(bytes([128]) + bytes(71))
    assert timestamp_of(b"\x7f" + b"\xff" * 7) == 2**63 - 1
    with pytest.raises(LedgerError, match=r"below 2\^63"):
        timestamp_of(bytes(7))


@pytest.mark.parametrize("kind", COSIGNING)
def test_a_witness_signs_checkpoints_only(kind: KeyType) -> None:
    with pytest.raises(LedgerError, match="expected a checkpoint"):
        CosignatureSigner(key("w", kind)).sign("anything\n")


@pytest.mark.parametrize("now", [-1.0, 2.0**63])
def test_a_broken_clock_does_not_cosign(now: float) -> None:
    with pytest.raises(LedgerError, match="the clock says"):
        CosignatureSigner(key("w", KeyType.COSIGNATURE), clock=lambda: now).sign(TEXT)


def test_extension_lines_are_covered_by_ed25519_and_refused_with_ml_dsa() -> None:
    text = SignedLog(extensions=("more",)).checkpoint.text()
    ed, pq = (key("w", kind) for kind in COSIGNING)
    value = parse_signature(CosignatureSigner(ed).sign(text)).value
    CosignatureVerifier(ed.verifier_key).verify(text, value=value)
    with pytest.raises(LedgerError, match="does not belong"):
        CosignatureVerifier(ed.verifier_key).verify(text.replace("more", "less"), value=value)
    with pytest.raises(LedgerError, match="extension lines"):
        CosignatureSigner(pq).sign(text)
    bare = parse_signature(CosignatureSigner(pq).sign(TEXT)).value
    with pytest.raises(LedgerError, match="extension lines"):
        CosignatureVerifier(pq.verifier_key).verify(TEXT + "more\n", value=bare)


def test_a_later_subtree_carries_no_time() -> None:
    with pytest.raises(LedgerError, match="without a time"):
        subtree_message(cosigner="w", timestamp=1, origin="log", span=(8, 13), root=bytes(32))


def test_one_key_is_another_signer_for_each_type() -> None:
    assert isinstance(signer_of(key("a")), NoteSigner)
    assert isinstance(verifier_of(key("a").verifier_key), NoteVerifier)
    for kind in COSIGNING:
        assert isinstance(signer_of(key("a", kind)), CosignatureSigner)
        assert isinstance(verifier_of(key("a", kind).verifier_key), CosignatureVerifier)


def test_a_note_key_makes_no_cosignatures() -> None:
    with pytest.raises(LedgerError, match="a witness needs a key of type 0x04 or 0x06"):
        CosignatureSigner(key("a"))
    with pytest.raises(LedgerError, match="a witness needs"):
        CosignatureVerifier(key("a").verifier_key)


def test_the_longest_names_fit_into_the_structure() -> None:
    longest = "x" * 255
    text = Checkpoint(longest, 1, bytes(32)).text()
    witness = key(longest, KeyType.ML_DSA_COSIGNATURE)
    value = parse_signature(CosignatureSigner(witness).sign(text)).value
    CosignatureVerifier(witness.verifier_key).verify(text, value=value)
    assert ORIGIN not in text
