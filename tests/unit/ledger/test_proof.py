from collections.abc import Callable

import pytest

from bartizan.core.errors import LedgerError
from bartizan.ledger.canonical_base64 import encoded
from bartizan.ledger.merkle import leaf_hash, node_hash
from bartizan.ledger.note import split_note
from bartizan.ledger.proof import (
    EXTRA_BYTES,
    PROOF_BYTES,
    Proof,
    parse_proof,
    verify_proof,
    write_proof,
)
from signed_logs import NOW, SignedLog, key, path

LOG = SignedLog()
POLICY = LOG.policy("group g 2 W0 W1 W2", "quorum g")
TIMES = {0: NOW - 9, 1: NOW - 5}
RAW = LOG.proof(2, TIMES, b"extra")


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 9, 16, 17])
def test_every_entry_of_a_log_can_be_proven(size: int) -> None:
    log = SignedLog(entries=tuple(b"%d" % i for i in range(size)))
    for index, entry in enumerate(log.entries):
        raw = log.proof(index)
        found = verify_proof(raw, entry=entry, policy=log.policy("quorum none"), now=NOW)
        assert found.checkpoint == log.checkpoint


def test_a_proof_has_the_form_of_the_specification() -> None:
    lines = RAW.decode().split("\n")
    assert lines[:3] == ["c2sp.org/tlog-proof@v1", "extra ZXh0cmE=", "index 2"]
    assert lines[3:6] == [encoded(one) for one in path(LOG.entries, 2)]
    assert lines[6] == ""
    note = "\n".join(lines[7:]).encode()
    assert split_note(note)[0] == LOG.checkpoint.text()


def test_a_proof_comes_back() -> None:
    note = LOG.note()
    for extra in (b"", b"\0", b"x" * EXTRA_BYTES):
        raw = write_proof(index=4, path=[bytes(32)] * 63, note=note, extra=extra)
        assert parse_proof(raw) == Proof(4, (bytes(32),) * 63, note, extra)
        assert parse_proof(raw).text() == raw


def test_the_policy_decides_about_the_checkpoint() -> None:
    found = verify_proof(RAW, entry=LOG.entries[2], policy=POLICY, now=NOW, max_age_s=10)
    assert found.seen_at == NOW - 9
    with pytest.raises(LedgerError, match="stale"):
        verify_proof(RAW, entry=LOG.entries[2], policy=POLICY, now=NOW, max_age_s=8)
    with pytest.raises(LedgerError, match="in the future"):
        verify_proof(RAW, entry=LOG.entries[2], policy=POLICY, now=NOW - 1000)
    with pytest.raises(LedgerError, match="in the future"):
        verify_proof(RAW, entry=LOG.entries[2], policy=POLICY, now=NOW - 8, tolerance_s=1)
    with pytest.raises(LedgerError, match="quorum"):
        verify_proof(LOG.proof(2), entry=LOG.entries[2], policy=POLICY, now=NOW)
    stranger = SignedLog(log=key("example.com/log2")).policy("quorum none")
    with pytest.raises(LedgerError, match="no key that the policy has"):
        verify_proof(RAW, entry=LOG.entries[2], policy=stranger, now=NOW)


def shown(index: int, hashes: list[bytes], entry: bytes) -> None:
    raw = write_proof(index=index, path=hashes, note=LOG.note())
    verify_proof(raw, entry=entry, policy=LOG.policy("quorum none"), now=NOW)


def test_what_is_not_at_that_place_is_not_proven() -> None:
    hashes = path(LOG.entries, 2)
    shown(2, hashes, LOG.entries[2])
    wrong: tuple[tuple[int, list[bytes], bytes], ...] = (
        (2, hashes, b"entry 3"),
        (3, hashes, LOG.entries[2]),
        (1, hashes, LOG.entries[2]),
        (5, hashes, LOG.entries[2]),
        (2**63 - 1, hashes, LOG.entries[2]),
        (2, [*hashes, bytes(32)], LOG.entries[2]),
        (2, hashes[:-1], LOG.entries[2]),
        (2, hashes[::-1], LOG.entries[2]),
        (2, [], LOG.entries[2]),
    )
    for index, changed, entry in wrong:
        with pytest.raises(LedgerError):
            shown(index, changed, entry)


def test_an_inner_node_is_not_proven_as_an_entry() -> None:
    left, right = (leaf_hash(one) for one in LOG.entries[2:4])
    hashes = path(LOG.entries, 2)[1:]
    for entry in (left + right, b"\x01" + left + right, node_hash(left, right)):
        with pytest.raises(LedgerError):
            shown(1, hashes, entry)


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "not a proof"),
    "another version": (lambda: RAW.replace(b"@v1", b"@v2"), "expected 'c2sp.org/tlog-proof@v1'"),
    "no header": (lambda: RAW.split(b"\n", 1)[1], "expected 'c2sp.org/tlog-proof@v1'"),
    "no index": (lambda: RAW.replace(b"index 2\n", b""), "a line `index <number>`"),
    "two indices": (lambda: RAW.replace(b"index 2\n", b"index 2\nindex 2\n"), "not base64"),
    "index first": (
        lambda: RAW.replace(b"extra ZXh0cmE=\nindex 2\n", b"index 2\nextra ZXh0cmE=\n"),
        "not base64",
    ),
    "leading zero": (lambda: RAW.replace(b"index 2", b"index 02"), "leading zeros"),
    "negative index": (lambda: RAW.replace(b"index 2", b"index -2"), "decimal"),
    "huge index": (lambda: RAW.replace(b"index 2", b"index 9223372036854775808"), "below 2.63"),
    "empty extra": (lambda: RAW.replace(b"ZXh0cmE=", b""), "extra line without data"),
    "bad extra": (lambda: RAW.replace(b"ZXh0cmE=", b"ZXh0cmF="), "extra data.*stray bits"),
    "huge extra": (
        lambda: RAW.replace(b"ZXh0cmE=", b"AAAA" * (EXTRA_BYTES // 3 + 1)),
        "at most 65536 bytes of extra",
    ),
    "short hash": (lambda: RAW.replace(b"index 2\n", b"index 2\nAAAA\n"), "hashes of 32 bytes"),
    "bad hash": (lambda: RAW.replace(b"index 2\n", b"index 2\n-\n"), "a hash of the proof"),
    "64 hashes": (
        lambda: RAW.replace(b"index 2\n", b"index 2\n" + (encoded(bytes(32)) + "\n").encode() * 61),
        "64 hashes; no tree needs more than 63",
    ),
    "no blank line": (lambda: RAW.replace(b"\n\n", b"\n", 1), "not base64"),
    "two blank lines": (lambda: RAW.replace(b"\n\n", b"\n\n\n", 1), "does not hold"),
    "line ends of Windows": (lambda: RAW.replace(b"\n", b"\r\n"), "not a proof"),
    "NUL": (lambda: RAW.replace(b"index", b"\0index"), "a line `index <number>`"),
    "not ASCII": (lambda: b"\xff" + RAW, "not ASCII at byte 0"),
    "truncated": (lambda: RAW[:-1], "not a signed note"),
    "without signatures": (lambda: RAW[: RAW.rindex(b"\n\n") + 1], "not a signed note"),
    "two proofs": (lambda: RAW + RAW, "em dash|expected a checkpoint|does not hold|no known"),
    "huge": (lambda: RAW + b"x" * PROOF_BYTES, "bytes long; at most"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_proof_is_refused(name: str) -> None:
    make, why = BAD[name]
    with pytest.raises(LedgerError, match=why):
        verify_proof(make(), entry=LOG.entries[2], policy=POLICY, now=NOW)


@pytest.mark.parametrize(
    ("index", "hashes", "extra"),
    [(-1, 0, b""), (2**63, 0, b""), (0, 64, b""), (0, 0, b"x" * (EXTRA_BYTES + 1))],
)
def test_an_impossible_proof_is_not_written(index: int, hashes: int, extra: bytes) -> None:
    with pytest.raises(LedgerError):
        write_proof(index=index, path=[bytes(32)] * hashes, note=LOG.note(), extra=extra)


def test_a_proof_around_no_note_is_not_written() -> None:
    with pytest.raises(LedgerError, match="not a signed note"):
        write_proof(index=0, path=[], note=b"hello\n")
    with pytest.raises(LedgerError, match="hashes of 32 bytes"):
        write_proof(index=0, path=[bytes(31)], note=LOG.note())
