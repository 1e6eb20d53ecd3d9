"""`bartizan ledger cosign`: have a log's checkpoint cosigned by its witnesses."""

import time
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from bartizan.cli import screen
from bartizan.cli.ledger_place import (
    PLACE,
    AsJson,
    Ledger,
    PolicyFile,
    policy_of,
    published,
    read_file,
    reader_of,
    signed_by_log,
    tell,
)
from bartizan.core.errors import InputError, LedgerError, UsageError
from bartizan.crypto.safe_file import replace
from bartizan.ledger.checkpoint import Checkpoint
from bartizan.ledger.log import Log
from bartizan.ledger.policy import Policy
from bartizan.ledger.posting import ANSWER_BYTES
from bartizan.ledger.reader import Tiles
from bartizan.ledger.submission import Submission
from bartizan.ledger.witness_client import Collected, Failure, accept, collect

NAME = "cosign"
HELP = (
    "Ask the witnesses of the policy to cosign the log's checkpoint, and publish it with their "
    "lines. For a witness without a network: write a request, carry it over, take the answer."
)
EPILOG = (
    "Example: bartizan ledger cosign --policy policy.txt\n\n"
    "Example: bartizan ledger cosign --policy policy.txt --request request.txt --old 1200\n\n"
    "Example: bartizan ledger cosign --policy policy.txt --answer request.txt.answer\n\n"
    "Exit codes: 0 cosigned as the policy asks (or written), 2 bad input or unwritable, 4 too few "
    "cosignatures, or a log or an answer that does not hold"
)


def command(
    *,
    policy: PolicyFile,
    ledger: Ledger = PLACE,
    request: Annotated[
        Path | None, typer.Option(help="Write a request file instead of asking over HTTP.")
    ] = None,
    old: Annotated[int, typer.Option(help="With --request: the size that witness is at.")] = 0,
    answer: Annotated[
        Path | None, typer.Option(help="Add the cosignatures of this answer file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Collect cosignatures."""
    if request is not None and answer is not None:
        message = "--request and --answer are two steps; give one of them"
        raise UsageError(message)
    rules = policy_of(policy)
    raw = published(ledger)
    checkpoint = signed_by_log(raw, policy=rules, folder=ledger)
    if request is not None:
        _write(request, raw, tiles=Tiles(ledger, size=checkpoint.size), old=old)
        facts = {"request": str(request), "old": old, "size": checkpoint.size}
        tell([f"wrote {request}: {old} to {checkpoint.size} entries"], facts=facts, as_json=as_json)
        return
    if answer is None:
        prove = Tiles(ledger, size=checkpoint.size).consistency_path
        found = collect(raw, witnesses=rules.witnesses, prove=prove)
    else:
        found = _taken(raw, answer, policy=rules)
    _publish(found, checkpoint, ledger=ledger, policy=rules)
    _report(found, checkpoint, policy=rules, as_json=as_json)


def _publish(found: Collected, checkpoint: Checkpoint, *, ledger: Path, policy: Policy) -> None:
    """Put the lines beside the log's signature. Nobody waited with writing while we asked."""
    with Log.open(ledger, publish=_never, read=reader_of(policy, folder=ledger)) as log:
        if log.head.size != checkpoint.size:
            message = (
                f"the log grew from {checkpoint.size} to {log.head.size} entries meanwhile; what "
                "was cosigned is no longer its checkpoint, so ask again"
            )
            raise UsageError(message)
        log.countersign(found.note)


def _write(path: Path, raw: bytes, *, tiles: Tiles, old: int) -> None:
    if not 0 <= old <= tiles.size:
        message = f"expected --old from 0 to the log's {tiles.size} entries, got {old}"
        raise UsageError(message)
    proof = tuple(tiles.consistency_path(old)) if old else ()
    replace(path, Submission(old=old, proof=proof, note=raw).body())


def _taken(note: bytes, path: Path, *, policy: Policy) -> Collected:
    """A checkpoint with the lines of an answer file: whichever witness of the policy made them."""
    lines = read_file(path, limit=ANSWER_BYTES, what="an answer")
    taken: list[str] = []
    failed: list[Failure] = []
    for witness in policy.witnesses:
        try:
            note = accept(note, lines=lines, witness=witness)
            taken.append(witness.key.name)
        except LedgerError as error:
            failed.append(Failure(witness=witness.key.name, why=str(error)))
    if not taken:
        why = failed[0].why if failed else "the policy names no witness"
        message = f"{path} holds no cosignature of this checkpoint: {why}"
        raise LedgerError(message)
    return Collected(note=note, cosigned=tuple(taken), failed=())


def _report(found: Collected, checkpoint: Checkpoint, *, policy: Policy, as_json: bool) -> None:
    """Who did, who did not, and whether it is enough."""
    why = ""
    try:
        policy.trusted(found.note, now=time.time())
    except LedgerError as error:
        why = str(error)
    facts = {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "cosigned": list(found.cosigned),
        "failed": [{"witness": one.witness, "why": one.why} for one in found.failed],
        "enough": not why,
    }
    lines = [f"{checkpoint.origin}: {checkpoint.size} entries"]
    lines += [f"cosigned by {name}" for name in found.cosigned]
    tell(lines, facts=facts, as_json=as_json)
    for one in found.failed:
        screen.err().print(screen.plain(f"not cosigned by {one.witness}: {one.why}"))
    if why:
        raise LedgerError(why)


def _never(_size: int, _root: bytes) -> NoReturn:
    message = "expected a log that exists; this command writes no entries"
    raise InputError(message)
