"""Evidence that a log told two stories, and everything that is none."""

import msgspec
import pytest

from bartizan.core.errors import LedgerError
from bartizan.ledger.cosignature import CosignatureSigner
from bartizan.ledger.equivocation import (
    EVIDENCE_BYTES,
    Fork,
    evidence_of,
    parse_fork,
    verify_fork,
    write_fork,
)
from bartizan.ledger.note import extend_note
from bartizan.ledger.signing_key import generate_signing_key
from bartizan.ledger.verifier_key import KeyType
from story import Story
from unit.ledger.trees import numbered

TRUE = Story(numbered(20))
FALSE = TRUE.other(after=3)
KEYS = [TRUE.verifier]


def across(small: int, large: int) -> Fork:
    """Evidence that the larger checkpoint of the false story contradicts the true, smaller one."""
    return evidence_of(
        TRUE.note(small),
        FALSE.note(large),
        keys=KEYS,
        root=FALSE.root(small),
        path=FALSE.proof(small, large),
    )


def test_two_roots_of_one_size_are_evidence() -> None:
    fork = evidence_of(TRUE.note(7), FALSE.note(7), keys=KEYS)
    shown = verify_fork(parse_fork(write_fork(fork)), keys=KEYS)
    assert (shown.smaller.root, shown.larger.root) == (TRUE.root(7), FALSE.root(7))


@pytest.mark.parametrize(("small", "large"), [(4, 5), (4, 20), (7, 8), (8, 16), (13, 19)])
def test_two_sizes_are_evidence_with_a_proof_of_what_the_larger_one_says(
    small: int, large: int
) -> None:
    shown = verify_fork(parse_fork(write_fork(across(small, large))), keys=KEYS)
    assert (shown.smaller.size, shown.larger.size) == (small, large)
    assert shown.root == FALSE.root(small) != TRUE.root(small)


def test_the_order_of_the_two_does_not_matter() -> None:
    assert across(4, 9) == evidence_of(
        FALSE.note(9),
        TRUE.note(4),
        keys=KEYS,
        root=FALSE.root(4),
        path=FALSE.proof(4, 9),
    )


@pytest.mark.parametrize(("small", "large"), [(0, 7), (3, 9), (7, 7), (1, 2)])
def test_an_honest_log_cannot_be_accused(small: int, large: int) -> None:
    for root, path in (
        (b"", ()),
        (TRUE.root(small), TRUE.proof(small, large)),
        (FALSE.root(small), FALSE.proof(small, large)),
        (bytes(32), TRUE.proof(small, large)),
        (TRUE.root(small), FALSE.proof(small, large)),
        (TRUE.root(small), TRUE.proof(small, large)[:-1]),
    ):
        with pytest.raises(LedgerError):
            evidence_of(TRUE.note(small), TRUE.note(large), keys=KEYS, root=root, path=path)


def test_stories_that_agree_so_far_are_no_evidence() -> None:
    with pytest.raises(LedgerError, match="do not contradict"):
        across(3, 9)


def test_a_proof_that_merely_fails_shows_nothing() -> None:
    fork = msgspec.structs.replace(across(4, 9), path=(bytes(32),) * len(across(4, 9).path))
    with pytest.raises(LedgerError, match="leads to another root"):
        verify_fork(fork, keys=KEYS)


def test_who_has_no_key_of_the_log_can_make_no_evidence() -> None:
    thief = Story(FALSE.entries)
    with pytest.raises(LedgerError, match="no known key"):
        evidence_of(TRUE.note(7), thief.note(7), keys=KEYS)


def test_cosignatures_are_not_taken_for_the_signature_of_the_log() -> None:
    witness = generate_signing_key(TRUE.origin, kind=KeyType.COSIGNATURE)
    line = CosignatureSigner(witness).sign(FALSE.checkpoint(7).text())
    note = FALSE.checkpoint(7).text().encode() + b"\n" + line + b"\n"
    with pytest.raises(LedgerError, match="no known key"):
        evidence_of(TRUE.note(7), note, keys=KEYS)


def test_two_logs_do_not_contradict_each_other() -> None:
    other = Story(numbered(7)[::-1], origin="log.example/other")
    with pytest.raises(LedgerError, match="are of two logs"):
        evidence_of(TRUE.note(7), other.note(7), keys=[*KEYS, other.verifier])


def test_evidence_in_the_wrong_order_is_refused() -> None:
    fork = across(4, 9)
    turned = msgspec.structs.replace(fork, smaller=fork.larger, larger=fork.smaller)
    with pytest.raises(LedgerError, match="wrong order"):
        verify_fork(turned, keys=KEYS)


def test_lines_of_witnesses_may_stay_in_the_evidence() -> None:
    witness = generate_signing_key("w.example", kind=KeyType.COSIGNATURE)
    line = CosignatureSigner(witness).sign(TRUE.checkpoint(7).text())
    note = extend_note(TRUE.note(7), lines=[line])
    evidence_of(note, FALSE.note(7), keys=KEYS)


@pytest.mark.parametrize(
    "raw",
    [b"", b"{}", b"\xff", b"[" * 5000, b'{"schema":"fork/1"}', b" " * (EVIDENCE_BYTES + 1)],
    ids=lambda raw: repr(raw[:20]),
)
def test_what_is_no_evidence_file_is_refused(raw: bytes) -> None:
    with pytest.raises(LedgerError):
        parse_fork(raw)
