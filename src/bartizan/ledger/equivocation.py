"""Evidence that a log told two stories: two checkpoints under its key that contradict each other.

Two roots of one size contradict each other as they stand. Of two sizes, the larger checkpoint
commits to the first entries too: a consistency proof computes their root from it, and where that
is another than the smaller checkpoint says, one of the two histories is false. (A consistency
proof that merely fails shows nothing: anybody can write down wrong hashes.)

Evidence is one file that anybody can verify offline with nothing but the log's verifier key, and
that nobody without the log's key can make.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bartizan.core.errors import InputError, LedgerError
from bartizan.core.record import Record, decode, encode
from bartizan.ledger.checkpoint import Checkpoint, parse_checkpoint
from bartizan.ledger.cosignature import verifier_of
from bartizan.ledger.merkle import verify_consistency
from bartizan.ledger.note import open_note
from bartizan.ledger.verifier_key import VerifierKey

EVIDENCE_BYTES = 1 << 22
"""Longest file that is read: two notes of at most 1 MiB, a third more in base64."""


class Fork(Record, frozen=True, kw_only=True, tag_field="schema", tag="fork/1"):
    """Two signed checkpoints and, for two sizes, how the larger contradicts the smaller."""

    smaller: bytes
    """Note."""
    larger: bytes
    """Note; of the same size where the roots speak for themselves."""
    root: bytes = b""
    """What the larger checkpoint says about the first entries: 32 bytes; empty for one size."""
    path: tuple[bytes, ...] = ()
    """The consistency proof that shows it."""


@dataclass(frozen=True, kw_only=True)
class Equivocation:
    """A verified contradiction."""

    smaller: Checkpoint
    larger: Checkpoint
    root: bytes
    """Of the first `smaller.size` entries, as the larger checkpoint has it: not `smaller.root`."""


def evidence_of(
    first: bytes,
    second: bytes,
    *,
    keys: Sequence[VerifierKey],
    root: bytes = b"",
    path: Sequence[bytes] = (),
) -> Fork:
    """Put evidence together, and make sure that it holds.

    Args:
        first: A signed checkpoint.
        second: Another one; the order does not matter.
        keys: The log's.
        root: For two sizes: of the smaller size, computed in the log that the larger is of.
        path: For two sizes: the consistency proof between the sizes, in that log.

    Raises:
        LedgerError: the two do not contradict each other, or a signature does not hold.
    """
    one, two = (_checkpoint(note, keys=keys) for note in (first, second))
    smaller, larger = (first, second) if one.size <= two.size else (second, first)
    same = one.size == two.size
    fork = Fork(
        smaller=smaller,
        larger=larger,
        root=b"" if same else root,
        path=() if same else tuple(path),
    )
    verify_fork(fork, keys=keys)
    return fork


def verify_fork(fork: Fork, *, keys: Sequence[VerifierKey]) -> Equivocation:
    """Check evidence.

    Args:
        fork: As it was received.
        keys: The log's verifier keys, from a source other than the evidence.

    Returns:
        What was shown: the log, or whoever has its key, signed two histories.

    Raises:
        LedgerError: it shows nothing of the sort.
    """
    small = _checkpoint(fork.smaller, keys=keys)
    large = _checkpoint(fork.larger, keys=keys)
    if small.origin != large.origin:
        message = f"the checkpoints are of two logs, {small.origin!r} and {large.origin!r}"
        raise LedgerError(message)
    if small.size > large.size:
        message = "the evidence holds its checkpoints in the wrong order"
        raise LedgerError(message)
    if small.size == large.size:
        root = large.root
    else:
        root = fork.root
        verify_consistency(
            old=small.size,
            new=large.size,
            path=fork.path,
            old_root=root,
            new_root=large.root,
        )
    if root == small.root:
        message = (
            f"the checkpoints of {small.size} and {large.size} entries do not contradict each "
            "other: both have the same history"
        )
        raise LedgerError(message)
    return Equivocation(smaller=small, larger=large, root=root)


def write_fork(fork: Fork) -> bytes:
    """The content of an evidence file."""
    return encode(fork)


def parse_fork(raw: bytes) -> Fork:
    """Read an evidence file. Nothing in it is checked yet.

    Raises:
        LedgerError: it is none.
    """
    if len(raw) > EVIDENCE_BYTES:
        message = f"expected evidence of at most {EVIDENCE_BYTES} bytes, got {len(raw)}"
        raise LedgerError(message)
    try:
        return decode(raw, kind=Fork)
    except InputError as error:
        message = f"this is no evidence of a fork: {error}"
        raise LedgerError(message) from error


def _checkpoint(note: bytes, *, keys: Sequence[VerifierKey]) -> Checkpoint:
    """What the log signed. Cosignatures count for nothing here: it is the log that is accused."""
    opened = open_note(note, verifiers=[verifier_of(key) for key in keys])
    return parse_checkpoint(opened.text)
