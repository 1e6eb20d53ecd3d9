from collections.abc import Callable
from pathlib import Path

import pytest

from bartizan.core.errors import LedgerError
from bartizan.ledger.note import (
    NOTE_BYTES,
    SIGNATURES,
    NoteSigner,
    NoteVerifier,
    Signature,
    extend_note,
    open_note,
    parse_signature,
    sign_note,
    split_note,
)
from bartizan.ledger.signing_key import SigningKey
from bartizan.ledger.verifier_key import KeyType
from signed_logs import key

VECTORS = Path(__file__).parents[2] / "vectors" / "ledger"
TEXT = "first\n\n\u00e8 una riga\n"
ALICE, BOB = key("alice.example"), key("bob.example")


def signed(text: str = TEXT, *keys: SigningKey) -> bytes:
    return sign_note(text, signers=[NoteSigner(one) for one in keys or (ALICE,)])


def opened(raw: bytes, *keys: SigningKey) -> str:
    known = [NoteVerifier(one.verifier_key) for one in keys or (ALICE,)]
    return open_note(raw, verifiers=known).text


@pytest.mark.parametrize(
    "text", [TEXT, "\n", "a\n", "a\n\n\n", "\u2014 a b\n", "a\n\n\u2014 a b\n"]
)
def test_a_text_comes_back_as_it_was_signed(text: str) -> None:
    assert opened(signed(text)) == text


def test_a_note_has_the_form_of_the_specification() -> None:
    line = NoteSigner(ALICE).sign(TEXT)
    assert signed() == TEXT.encode() + b"\n" + line + b"\n"
    assert line.startswith("\u2014 alice.example ".encode())


def test_the_example_of_the_specification_has_its_parts() -> None:
    text, (line,) = split_note((VECTORS / "salvatore.note").read_bytes())
    assert text.endswith("sole:\n\ned \u00e8 subito sera.\n")
    assert (line.name, line.key_id.hex(), len(line.value)) == (
        "quasimodo.example/salvatore",
        "367ba04b",
        64,
    )


def test_known_signatures_are_told_from_unknown_ones() -> None:
    note = open_note(signed(TEXT, ALICE, BOB), verifiers=[NoteVerifier(BOB.verifier_key)])
    assert [line.name for line in note.signatures] == ["bob.example"]
    assert [line.name for line in note.unverified] == ["alice.example"]


def test_a_note_without_a_known_signature_is_refused() -> None:
    with pytest.raises(LedgerError, match=r"no known key.*bob\.example.*'alice\.example'"):
        opened(signed(), BOB)
    with pytest.raises(LedgerError, match="expected a signature by nobody"):
        open_note(signed(), verifiers=[])


def test_a_bad_signature_by_a_known_key_spoils_good_ones() -> None:
    other = NoteSigner(BOB).sign("another\n")
    raw = extend_note(signed(), lines=[other])
    assert opened(raw) == TEXT
    with pytest.raises(LedgerError, match=r"signature of 'bob\.example' does not hold"):
        opened(raw, ALICE, BOB)


def test_a_signature_under_a_known_name_but_another_id_is_ignored() -> None:
    line = parse_signature(NoteSigner(BOB).sign(TEXT))
    moved = Signature("alice.example", line.key_id, line.value)
    raw = extend_note(signed(), lines=[moved.line()])
    assert opened(raw) == TEXT


def test_a_known_key_signs_once() -> None:
    raw = signed()
    line = raw.split(b"\n\n")[-1]
    with pytest.raises(LedgerError, match="signed this note twice"):
        opened(raw + line)


def test_a_repeated_unknown_signature_is_kept_once() -> None:
    raw = signed(TEXT, ALICE, BOB)
    line = raw.split(b"\n")[-2]
    note = open_note(raw + line + b"\n", verifiers=[NoteVerifier(ALICE.verifier_key)])
    assert len(note.unverified) == 1


def test_a_newer_signature_of_a_key_replaces_the_older() -> None:
    stale = extend_note(signed(), lines=[NoteSigner(BOB).sign("stale\n")])
    fresh = extend_note(stale, lines=[NoteSigner(BOB).sign(TEXT)])
    assert opened(fresh, ALICE, BOB) == TEXT
    assert fresh == signed(TEXT, ALICE, BOB)


def test_as_many_signatures_as_are_read_can_be_written() -> None:
    keys = [key(f"key{i}") for i in range(SIGNATURES)]
    raw = signed(TEXT, *keys)
    assert opened(raw, *keys) == TEXT
    with pytest.raises(LedgerError, match="at most 100 are read"):
        extend_note(raw, lines=[NoteSigner(ALICE).sign(TEXT)])
    with pytest.raises(LedgerError, match="at most 100 are read"):
        opened(raw + NoteSigner(ALICE).sign(TEXT) + b"\n")


def test_sixteen_post_quantum_signatures_are_read() -> None:
    line = "\u2014 pq{} ".encode() + b"A" * 6668 + b"\n"  # 5,001 bytes each
    lines = b"".join(line.replace(b"{}", b"%d" % i) for i in range(16))
    assert opened(signed() + lines) == TEXT


def test_two_keys_with_one_name_and_id_are_refused() -> None:
    class Other(NoteVerifier):
        """Says it is Alice."""

        @property
        def name(self) -> str:
            return "alice.example"

        @property
        def key_id(self) -> bytes:
            return ALICE.verifier_key.key_id

    verifiers = [NoteVerifier(ALICE.verifier_key), Other(BOB.verifier_key)]
    with pytest.raises(LedgerError, match="two different keys"):
        open_note(signed(), verifiers=verifiers)


RAW = signed()
BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "not a signed note"),
    "no signature": (lambda: TEXT.encode() + b"\n", "not a signed note"),
    "no blank line": (lambda: RAW.replace(b"\n\n", b"\n"), "not a signed note"),
    "truncated": (lambda: RAW[:-1], "not a signed note"),
    "cut in the signature": (lambda: RAW[:-10] + b"\n", "not base64"),
    "line ends of Windows": (lambda: RAW.replace(b"\n", b"\r\n"), "Windows line end"),
    "NUL": (lambda: b"\0" + RAW, "control characters"),
    "tab": (lambda: b"\t" + RAW, "control characters"),
    "not UTF-8": (lambda: b"\xff" + RAW, "not UTF-8 at byte 0"),
    "half a character": (lambda: b"\xed\xa0\x80" + RAW, "not UTF-8"),
    "huge": (lambda: b"a" * NOTE_BYTES + RAW, "at most 1048576 are read"),
    "hyphen": (lambda: RAW.replace("\u2014".encode(), b"-"), "em dash"),
    "blank in the name": (lambda: RAW.replace(b"alice.", "alice\u2003.".encode()), "name a key"),
    "plus in the name": (lambda: RAW.replace(b"alice.", b"alice+"), "cannot name a key"),
    "no name": (lambda: RAW.replace(b" alice.example ", b"  "), "cannot name a key"),
    "signature of nothing": (lambda: TEXT.encode() + "\n\u2014 a AAAAAA==\n".encode(), "too short"),
    "text after": (lambda: RAW + b"more\n", "em dash"),
    "two notes": (lambda: RAW + RAW, "no known key|does not hold"),
    "blank line after": (lambda: RAW + b"\n", "not a signed note"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_note_is_refused(name: str) -> None:
    make, why = BAD[name]
    with pytest.raises(LedgerError, match=why):
        opened(make())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "ends in a newline"),
        ("no end", "ends in a newline"),
        ("a\r\n", "control characters"),
        ("a\0\n", "control characters"),
        ("\ud800\n", "surrogate"),
        ("a" * NOTE_BYTES + "\n", "at most 1048576"),
    ],
)
def test_a_text_that_cannot_be_signed_is_refused(text: str, why: str) -> None:
    with pytest.raises(LedgerError, match=why):
        signed(text)


def test_a_note_needs_a_signer() -> None:
    with pytest.raises(LedgerError, match="not a signed note"):
        sign_note(TEXT, signers=[])


def test_a_witness_key_signs_no_notes() -> None:
    witness = key("w", KeyType.COSIGNATURE)
    with pytest.raises(LedgerError, match="makes cosignatures"):
        NoteSigner(witness)
    with pytest.raises(LedgerError, match="makes cosignatures"):
        NoteVerifier(witness.verifier_key)


@pytest.mark.parametrize("line", [b"", b"\xff", b"\xe2\x80\x94 a", b"\xe2\x80\x94 a b"])
def test_a_line_that_is_no_signature_is_refused(line: bytes) -> None:
    with pytest.raises(LedgerError):
        extend_note(RAW, lines=[line])
