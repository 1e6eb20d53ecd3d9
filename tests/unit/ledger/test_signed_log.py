"""From a log on disk to a proof in somebody else's hands, checked here and by Go's code."""

from pathlib import Path

import pytest

from bartizan.core.errors import LedgerError
from bartizan.ledger.checkpoint import Checkpoint, parse_checkpoint
from bartizan.ledger.cosignature import signer_of
from bartizan.ledger.log import Log
from bartizan.ledger.note import extend_note, open_note, sign_note, split_note
from bartizan.ledger.proof import parse_proof, verify_proof, write_proof
from bartizan.ledger.statement import statement
from reference_log import Reference, Refused
from signed_logs import NOW, ORIGIN, SignedLog, key, root

WORLD = SignedLog()
POLICY = WORLD.policy("group g 2 W0 W1 W2", "quorum g")
ENTRIES = [b"entry %d" % i for i in range(300)]  # more than one tile


def publish(size: int, top: bytes) -> bytes:
    return sign_note(Checkpoint(ORIGIN, size, top).text(), signers=[signer_of(WORLD.log)])


def read(raw: bytes) -> tuple[int, bytes]:
    found = WORLD.policy("quorum none").trusted(raw, now=NOW).checkpoint
    return found.size, found.root


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of 300 entries, cosigned by two witnesses."""
    with Log.open(tmp_path / "log", publish=publish, read=read) as log:
        log.append(ENTRIES[:7])
        log.append(ENTRIES[7:])
        text, _ = split_note(log.checkpoint)
        lines = [signer_of(one, clock=lambda: NOW).sign(text) for one in WORLD.witnesses[:2]]
        log.countersign(extend_note(log.checkpoint, lines=lines))
    return tmp_path / "log"


def proven(folder: Path, index: int) -> bytes:
    with Log.open(folder, publish=publish, read=read) as log:
        return write_proof(index=index, path=log.tiles().inclusion_path(index), note=log.checkpoint)


@pytest.mark.parametrize("index", [0, 6, 7, 255, 256, 299])
def test_an_entry_of_a_log_on_disk_is_proven_to_somebody_with_a_policy(
    log: Path, index: int
) -> None:
    raw = proven(log, index)
    found = verify_proof(raw, entry=ENTRIES[index], policy=POLICY, now=NOW, max_age_s=60)
    assert (found.checkpoint.size, found.checkpoint.root) == (300, root(ENTRIES))
    assert "covers the first 300 entries" in statement(found, now=NOW)[1]
    with pytest.raises(LedgerError, match="leads to another root"):
        verify_proof(raw, entry=b"entry 300", policy=POLICY, now=NOW)


@pytest.mark.parametrize("index", [0, 256, 299])
def test_go_verifies_the_whole_chain(log: Path, reference: Reference, index: int) -> None:
    proof = parse_proof(proven(log, index))
    keys = [WORLD.log.verifier_key.text()]
    text = reference.ask("open_note", note=proof.note, verifiers=keys)["text"].decode()
    head = parse_checkpoint(text)
    reference.ask(
        "check_record",
        proof=proof.path,
        size=head.size,
        root=head.root,
        index=index,
        leaf=ENTRIES[index],
    )
    tiles = {
        str(path.relative_to(log)): path.read_bytes()
        for path in log.rglob("tile/[0-9]*/**/*")
        if path.is_file()
    }
    reference.ask("check_tile", size=head.size, root=head.root, index=index, tiles=tiles)
    with pytest.raises(Refused):
        reference.ask(
            "check_tile", size=head.size, root=root(ENTRIES[1:]), index=index, tiles=tiles
        )


def test_history_that_the_operator_signed_anew_is_caught_by_witnesses_alone(tmp_path: Path) -> None:
    rewritten = [b"forged", *ENTRIES[1:]]
    with Log.open(tmp_path / "forged", publish=publish, read=read) as log:
        log.append(rewritten)
        raw = write_proof(index=0, path=log.tiles().inclusion_path(0), note=log.checkpoint)
    # The operator's own key makes it true for whoever asks for no witness ...
    alone = verify_proof(raw, entry=b"forged", policy=WORLD.policy("quorum none"), now=NOW)
    assert any("Does not detect" in sentence for sentence in statement(alone, now=NOW))
    # ... and not for whoever does.
    with pytest.raises(LedgerError, match="quorum 'g'"):
        verify_proof(raw, entry=b"forged", policy=POLICY, now=NOW)


def test_a_log_under_another_key_is_another_log(log: Path) -> None:
    stranger = SignedLog(log=key("example.com/stranger")).policy("quorum none")
    with pytest.raises(LedgerError, match="no known key"):
        open_note((log / "checkpoint").read_bytes(), verifiers=[])
    with pytest.raises(LedgerError):
        stranger.trusted((log / "checkpoint").read_bytes(), now=NOW)
