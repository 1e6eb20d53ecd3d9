"""Asks witnesses for their cosignatures: what a log does with each new checkpoint.

A witness that is behind, or ahead, says at which size it is; it is then asked once more, with the
proof from there. Whatever a witness answers, only a cosignature that its own key made on this very
checkpoint is added to it.

Source: C2SP tlog-witness, "add-checkpoint"; tlog-policy for the addresses of witnesses.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bartizan.core.errors import Error, LedgerError
from bartizan.ledger.checkpoint import Checkpoint, parse_checkpoint, parse_decimal
from bartizan.ledger.cosignature import verifier_of
from bartizan.ledger.note import extend_note, open_note, parse_signature, split_note
from bartizan.ledger.posting import Post, Posted, post
from bartizan.ledger.submission import Submission
from bartizan.ledger.trust import Witness
from bartizan.ledger.witness import SIZE

_TOGETHER = 8
"""Witnesses asked at a time: one that sleeps does not keep the others waiting."""
_KIND = "text/plain; charset=utf-8"
_WORDS = 200
"""Letters of a witness's own words in a message."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A witness that did not cosign."""

    witness: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Collected:
    """A checkpoint with what witnesses added to it."""

    note: bytes
    cosigned: tuple[str, ...]
    """Names of the witnesses' keys."""
    failed: tuple[Failure, ...]


Prove = Callable[[int, int], Sequence[bytes]]
"""The consistency proof of a log from one size to another; empty from 0 and from a size to itself.
Raises `Error` where the log has none."""


def collect(
    note: bytes,
    *,
    witnesses: Sequence[Witness],
    prove: Prove,
    known: int = 0,
    send: Post = post,
) -> Collected:
    """Ask every witness for its cosignature on a checkpoint.

    Args:
        note: The checkpoint as the log signed it; cosignatures that it has already stay.
        witnesses: With their addresses.
        prove: Of the log that the checkpoint is of.
        known: The size that witnesses are thought to be at: of the checkpoint before. A wrong
            guess costs a second request.
        send: How to reach a witness.

    Returns:
        The checkpoint with the lines that hold, and who failed why; no witness's failure is an
        error here, for a policy says how many are needed.

    Raises:
        LedgerError: the note is no checkpoint.

    Cost: two requests for each witness at most, eight witnesses at a time.
    """
    checkpoint = parse_checkpoint(split_note(note)[0])

    def ask(witness: Witness) -> Sequence[bytes] | Failure:
        try:
            return _lines(note, checkpoint, witness=witness, prove=prove, send=send, old=known)
        except Error as error:
            return Failure(witness=witness.key.name, why=str(error))

    with ThreadPoolExecutor(max_workers=_TOGETHER) as pool:
        answers = list(pool.map(ask, witnesses))
    good = [one for one in answers if not isinstance(one, Failure)]
    return Collected(
        note=extend_note(note, lines=[line for lines in good for line in lines]),
        cosigned=tuple(
            witness.key.name
            for witness, one in zip(witnesses, answers, strict=True)
            if not isinstance(one, Failure)
        ),
        failed=tuple(one for one in answers if isinstance(one, Failure)),
    )


def accept(note: bytes, *, lines: bytes, witness: Witness) -> bytes:
    """Add what a witness answered, over HTTP or in a file, to a checkpoint.

    Args:
        note: The checkpoint.
        lines: The answer's body.
        witness: Who answered.

    Raises:
        LedgerError: no line in it is this witness's cosignature of this checkpoint.
    """
    return extend_note(note, lines=_own(note, lines, witness=witness))


def _lines(
    note: bytes,
    checkpoint: Checkpoint,
    *,
    witness: Witness,
    prove: Prove,
    send: Post,
    old: int,
) -> Sequence[bytes]:
    """The lines of one witness, after at most two questions."""
    if not witness.url:
        message = "the policy names no address for it"
        raise LedgerError(message)
    url = witness.url.rstrip("/") + "/add-checkpoint"
    for second in (False, True):
        proof = tuple(prove(old, checkpoint.size))
        body = Submission(old=old, proof=proof, note=note).body()
        answer = send(url, body, content_type=_KIND)
        if answer.status == 200:
            return _own(note, answer.body, witness=witness)
        if answer.status != 409:
            break
        old = _size(answer, asked=old, checkpoint=checkpoint)
        if second:
            break
    words = " ".join(answer.body[:_WORDS].decode("utf-8", "replace").split())
    message = f"it answered with status {answer.status}: {words!r}"
    raise LedgerError(message)


def _size(answer: Posted, *, asked: int, checkpoint: Checkpoint) -> int:
    """Where a witness is, by its own account."""
    text = answer.body.decode("utf-8", "replace")
    if answer.content_type != SIZE or not text.endswith("\n"):
        message = f"it answered with status 409 and {answer.content_type[:80]!r}, not with a size"
        raise LedgerError(message)
    size = parse_decimal(text[:-1], what="the size that it answered")
    if size > checkpoint.size:
        message = (
            f"it has seen {size} entries of this log, and the checkpoint has {checkpoint.size}: "
            "is the checkpoint an old one, or was the log rolled back?"
        )
        raise LedgerError(message)
    if size == asked:
        message = (
            f"it vouched for another history of {size} entries under this log's key; ask its "
            "operator for the evidence"
        )
        raise LedgerError(message)
    return size


def _own(note: bytes, lines: bytes, *, witness: Witness) -> Sequence[bytes]:
    """The lines that are this witness's, and hold; others' mean nothing here."""
    key = witness.key
    text, _ = split_note(note)
    found = [
        line
        for line in lines.removesuffix(b"\n").split(b"\n")
        if ((one := parse_signature(line)).name, one.key_id) == (key.name, key.key_id)
    ]
    if not found:
        message = f"its answer holds no cosignature by {key.name!r}"
        raise LedgerError(message)
    alone = text.encode() + b"\n" + b"".join(line + b"\n" for line in found)
    open_note(alone, verifiers=[verifier_of(key)])
    return found
