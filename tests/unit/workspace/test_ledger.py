import threading
from pathlib import Path

import pytest

from bartizan.core.errors import ConfigError, InputError, LedgerError
from bartizan.core.fact import Erased
from bartizan.core.record import encode
from bartizan.ledger.merkle import leaf_hash
from bartizan.ledger.policy import parse_policy
from bartizan.ledger.proof import verify_proof
from bartizan.ledger.signing_key import generate_signing_key, write_signing_key
from bartizan.workspace import Ledger, LedgerSettings

NOW = 1_800_000_000.0


def fact(row: int) -> Erased:
    return Erased(
        data="d", version=1, rows=(row,), reason="r", by="me", when="2026-11-21T12:00:00Z"
    )


def ledger(root: Path, **settings: str) -> Ledger:
    return Ledger(root, settings=LedgerSettings(**settings))


def test_nothing_is_made_before_the_first_fact(tmp_path: Path) -> None:
    one = ledger(tmp_path)
    assert not one.exists
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match="nothing was registered or assessed yet"):
        one.require_begun()


def test_facts_are_read_back_in_order_with_their_places(tmp_path: Path) -> None:
    one = ledger(tmp_path)
    first = one.record([fact(0), fact(1)])
    second = one.record([fact(2)])
    assert [place.index for place in (*first, *second)] == [0, 1, 2]
    assert first[0].leaf == f"sha256:{leaf_hash(encode(fact(0))).hex()}"
    assert [found for _, found in one.facts()] == [fact(0), fact(1), fact(2)]


def test_a_proof_convinces_whoever_has_the_key(tmp_path: Path) -> None:
    one = ledger(tmp_path, origin="bank.example/fraud")
    one.record([fact(row) for row in range(300)])
    key = one.verifier_key().text()
    policy = parse_policy(f"log {key}\nquorum none\n".encode())
    trusted = verify_proof(one.prove(299), entry=encode(fact(299)), policy=policy, now=NOW)
    assert trusted.checkpoint.size == 300
    with pytest.raises(LedgerError):
        verify_proof(one.prove(299), entry=encode(fact(298)), policy=policy, now=NOW)


def test_the_secret_key_is_for_its_owner_and_in_no_other_file(tmp_path: Path) -> None:
    one = ledger(tmp_path)
    one.record([fact(0)])
    key = tmp_path / "ledger.key"
    assert key.stat().st_mode & 0o777 == 0o600
    secret = key.read_bytes().strip().split(b"+", 4)[-1]  # base64 may hold a plus as well
    others = [path for path in tmp_path.rglob("*") if path.is_file() and path != key]
    assert len(others) >= 4
    assert not [path for path in others if secret in path.read_bytes()]


def test_a_key_from_elsewhere_signs_and_another_one_is_refused(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write_signing_key(generate_signing_key("bank.example/fraud"), tmp_path / name)
    root = tmp_path / "workspace"
    root.mkdir()
    ledger(root, key=f"file:{tmp_path / 'first'}").record([fact(0)])
    assert not (root / "ledger.key").exists()
    with pytest.raises(ConfigError, match="known by another one"):
        ledger(root, key=f"file:{tmp_path / 'second'}").record([fact(1)])
    assert ledger(root).checked().head.size == 1


def test_threads_that_begin_at_once_share_one_log(tmp_path: Path) -> None:
    failed: list[BaseException] = []

    def write(row: int) -> None:
        try:
            ledger(tmp_path).record([fact(row)])
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failed.append(error)

    threads = [threading.Thread(target=write, args=(row,)) for row in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    found = [one for _, one in ledger(tmp_path).facts()]
    assert sorted(one.rows[0] for one in found if isinstance(one, Erased)) == list(range(6))


def test_what_was_last_seen_only_grows(tmp_path: Path) -> None:
    one = ledger(tmp_path)
    one.record([fact(0)])
    before = one.seen()
    one.record([fact(1)])
    after = one.seen()
    assert before is not None
    assert after is not None
    assert (before.size, after.size) == (1, 2)
    one.checked()
    assert one.seen() == after


def test_an_altered_memory_is_told(tmp_path: Path) -> None:
    one = ledger(tmp_path)
    one.record([fact(0)])
    (tmp_path / "ledger.seen").write_text("{")
    with pytest.raises(LedgerError, match="altered"):
        one.checked()


def test_all_entries_are_proven_under_one_checkpoint(tmp_path: Path) -> None:
    log = ledger(tmp_path)
    with pytest.raises(InputError):
        log.proven()
    log.record([fact(row) for row in range(300)])
    note, pairs = log.proven()
    found = list(pairs)
    policy = parse_policy(f"log {log.verifier_key().text()}\nquorum none\n".encode())
    assert [entry for entry, _ in found] == [encode(fact(row)) for row in range(300)]
    for entry, proof in found:
        assert proof.endswith(note)
        assert verify_proof(proof, entry=entry, policy=policy, now=0.0).checkpoint.size == 300
    assert log.signing_key().verifier_key == log.verifier_key()


def damaged(folder: Path, name: str, content: bytes | None) -> str:
    """What is said of a log with one fact, of which one file is gone or holds something else."""
    one = ledger(folder)
    one.record([fact(0)])
    path = folder / name
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(LedgerError) as told:
        one.checked()
    return str(told.value)


@pytest.mark.parametrize("content", [None, b"", b"no key", b"\xff"])
def test_a_key_that_is_gone_is_named_with_what_to_do(tmp_path: Path, content: bytes | None) -> None:
    said = damaged(tmp_path, "ledger.pub", content)
    assert said.startswith(
        f"cannot read {tmp_path / 'ledger.pub'}, the key to check the log with ("
    )
    assert "restore the file from a copy, or write the log's verifier key into it" in said
    assert "--key" not in said


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", "signature lines, got an empty file;"), (b"nothing signed\n", "signature lines;")],
)
def test_a_checkpoint_that_is_none_is_named_with_what_to_do(
    tmp_path: Path, content: bytes, why: str
) -> None:
    said = damaged(tmp_path, "ledger/checkpoint", content)
    folder = tmp_path / "ledger"
    assert said.startswith(f"{folder / 'checkpoint'}: not a signed note: expected text")
    assert f"{why} restore {folder}, all of it, from a copy" in said
    with pytest.raises(LedgerError, match="all of it, from a copy"):
        ledger(tmp_path).record([fact(1)])
