"""What witnesses and anchors cost, beside what the log itself does in the same time."""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import results
from bartizan.core.record import decode
from bartizan.ledger.anchor_chain import ChainAnchor, ChainPlace
from bartizan.ledger.chain_node import ChainNode, Sender
from bartizan.ledger.checkpoint import Checkpoint, parse_checkpoint
from bartizan.ledger.log import Log
from bartizan.ledger.note import NoteSigner, NoteVerifier, open_note, sign_note
from bartizan.ledger.signing_key import SigningKey, generate_signing_key
from bartizan.ledger.submission import Submission
from bartizan.ledger.witness_home import open_witness

BATCH = 4096
"""Entries that become durable together."""
TURNS = 20
"""Batches, submissions and transactions."""
GAS = 23_000
"""Of one anchor: EIP-7623's floor for 48 bytes of call data is 22,920 at most."""
WRONG = 1000
"""Entries that the log takes in the time of one transaction, at least: what a chain for each row
would cost."""
KEY = "0x" + "4c" * 32


def main() -> None:
    args = results.options(__doc__ or "", samples=TURNS)
    turns = 2 if args.smoke else args.samples
    section = results.Section(
        name="outside",
        title="Witnesses and anchors",
        command="python benchmarks/bench_outside.py",
        packages=("cryptography", "web3", "eth-tester", "py-evm"),
    )
    key = generate_signing_key("log.example/data")
    with tempfile.TemporaryDirectory() as folder:
        appended, notes, log = _appended(Path(folder) / "log", key=key, turns=turns)
        witnessed = _witnessed(Path(folder) / "w", key=key, notes=notes, log=log)
    anchored, gas = _anchored([parse_checkpoint(_text(note)).text() for note in notes])
    section.say(
        f"Entries appended durably in batches of {BATCH}; a witness that checks a proof, remembers "
        "durably and signs; and a transaction for each checkpoint in a chain in this process that "
        "waits for nobody, signed, mined and read back. Seconds of the clock, one after another."
    )
    rows = [
        ("entry appended", 1e6 * appended / BATCH, BATCH / appended),
        ("batch appended", 1e6 * appended, 1 / appended),
        ("checkpoint cosigned", 1e6 * witnessed, 1 / witnessed),
        ("checkpoint anchored in a chain", 1e6 * anchored, 1 / anchored),
    ]
    section.table(["", "microseconds each", "each second"], rows)
    section.targets.append(results.Target.at_most("gas of one anchor", float(gas), GAS))
    section.targets.append(
        results.Target.at_least(
            "entries appended in the time of one transaction", anchored * BATCH / appended, WRONG
        )
    )
    if not args.smoke:
        section.write()


def _timed(work: Callable[[int], object], *, turns: int) -> float:
    """Mean of the clock: every turn is durable, so every turn waits for the disk."""
    started = time.perf_counter()
    for turn in range(turns):
        work(turn)
    return (time.perf_counter() - started) / turns


def _text(note: bytes) -> str:
    return note.decode().rpartition("\n\n")[0] + "\n"


def _appended(folder: Path, *, key: SigningKey, turns: int) -> tuple[float, list[bytes], Log]:
    """Seconds for a batch, the checkpoints after each, and the log."""

    def publish(size: int, root: bytes) -> bytes:
        text = Checkpoint("log.example/data", size, root).text()
        return sign_note(text, signers=[NoteSigner(key)])

    def read(raw: bytes) -> tuple[int, bytes]:
        note = open_note(raw, verifiers=[NoteVerifier(key.verifier_key)])
        found = parse_checkpoint(note.text)
        return found.size, found.root

    notes: list[bytes] = []
    batch = [b"entry %032d of two hundred bytes " % n + b"." * 150 for n in range(BATCH)]

    def append(_: int) -> None:
        log.append(batch)
        notes.append(log.checkpoint)

    with Log.open(folder, publish=publish, read=read) as log:
        return _timed(append, turns=turns), notes, log


def _witnessed(folder: Path, *, key: SigningKey, notes: list[bytes], log: Log) -> float:
    """Seconds for a submission."""
    witness = open_witness(folder, name="witness.example/w1", logs=[key.verifier_key])
    tiles = log.tiles()
    bodies = []
    for turn, note in enumerate(notes):
        old, new = turn * BATCH, (turn + 1) * BATCH
        proof = tuple(tiles.consistency_path(old, new)) if old else ()
        bodies.append(Submission(old=old, proof=proof, note=note).body())

    def submit(turn: int) -> None:
        answer = witness.add_checkpoint(bodies[turn])
        assert answer.status == 200, answer.words

    return _timed(submit, turns=len(bodies))


def _anchored(texts: list[str]) -> tuple[float, int]:
    """Seconds for an anchor, and its gas."""
    from web3 import EthereumTesterProvider, Web3  # noqa: PLC0415 (an extra)

    os.environ["BENCH_ANCHOR_KEY"] = KEY
    provider = EthereumTesterProvider()
    web3 = Web3(provider)
    account = web3.eth.account.from_key(KEY).address
    web3.eth.send_transaction({"from": web3.eth.accounts[0], "to": account, "value": 10**18})
    anchor = ChainAnchor(
        node=ChainNode(provider=lambda: provider),
        chain=int(web3.eth.chain_id),
        sender=Sender(key="env:BENCH_ANCHOR_KEY"),
        depth=1,
    )
    proofs = []

    def send(turn: int) -> None:
        proofs.append(anchor.anchor(texts[turn]))

    spent = _timed(send, turns=len(texts))
    place = decode(proofs[-1].body, kind=ChainPlace)
    return spent, int(web3.eth.get_transaction_receipt(place.transaction)["gasUsed"])


if __name__ == "__main__":
    main()
