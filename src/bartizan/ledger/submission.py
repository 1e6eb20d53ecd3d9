"""What is sent to a witness: how far it was, the proof from there, and the new checkpoint.

The same bytes travel as the body of a request over HTTP and as a file to a witness that has no
network.

Source: C2SP tlog-witness, "add-checkpoint". Deviation: at most 256 KiB; the specification sets no
limit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bartizan.core.errors import LedgerError
from bartizan.ledger.canonical_base64 import decoded, encoded
from bartizan.ledger.checkpoint import HASH_BYTES, parse_decimal

PROOF_LINES = 63
"""Most hashes in a proof: the specification's limit, and enough for every log below 2^63."""
SUBMISSION_BYTES = 1 << 18
"""Longest submission: 63 proof lines have 3 kB, and a checkpoint with 70 ML-DSA-44 lines 240 kB."""
_OLD = "old "


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A checkpoint, with the way from an earlier one. Nothing in it is checked yet.

    Attributes:
        old: Size that the proof starts from; 0 = from nothing.
        proof: Hashes of 32 bytes (RFC 6962, section 2.1.2).
        note: The checkpoint, signed.
    """

    old: int
    proof: tuple[bytes, ...]
    note: bytes

    def body(self) -> bytes:
        """As it is sent."""
        lines = (f"{_OLD}{self.old}", *(encoded(one) for one in self.proof), "", "")
        return "\n".join(lines).encode() + self.note


def parse_submission(raw: bytes) -> Submission:
    """Take a submission apart. The checkpoint in it is not looked at.

    Raises:
        LedgerError: it is none.
    """
    if len(raw) > SUBMISSION_BYTES:
        message = f"expected at most {SUBMISSION_BYTES} bytes, got {len(raw)}"
        raise LedgerError(message)
    head, gap, note = raw.partition(b"\n\n")
    try:
        first, *proof = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        message = "expected an old size and a proof before the first empty line, in ASCII"
        raise LedgerError(message) from error
    if not gap or not first.startswith(_OLD):
        message = (
            "expected 'old <size>', the lines of a proof, an empty line and a checkpoint; this is "
            "something else"
        )
        raise LedgerError(message)
    return Submission(
        old=parse_decimal(first.removeprefix(_OLD), what="the old size"),
        proof=_hashes(proof),
        note=note,
    )


def _hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    if len(lines) > PROOF_LINES:
        message = f"expected a proof of at most {PROOF_LINES} lines, got {len(lines)}"
        raise LedgerError(message)
    hashes = tuple(decoded(line, what="a line of the proof") for line in lines)
    if any(len(one) != HASH_BYTES for one in hashes):
        message = f"expected hashes of {HASH_BYTES} bytes in the proof, and one has another length"
        raise LedgerError(message)
    return hashes
