"""Proofs in a file: one entry is in a log, shown to somebody who has nothing but a policy.

    c2sp.org/tlog-proof@v1
    extra <base64>                (may be absent)
    index <position of the entry>
    <base64 of a hash>            (from the leaf's sibling to the root's child)

    <the signed checkpoint>

The entry itself is not in the file: whoever checks brings it along. Nobody signed the `extra` line.

Source: C2SP tlog-proof. Deviation: an `extra` line without data is refused, base64 is canonical.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bartizan.core.errors import LedgerError
from bartizan.ledger.canonical_base64 import decoded, encoded
from bartizan.ledger.checkpoint import HASH_BYTES, SIZE_LIMIT, parse_decimal
from bartizan.ledger.merkle import leaf_hash, verify_inclusion
from bartizan.ledger.note import NOTE_BYTES, split_note
from bartizan.ledger.trust import CLOCK_TOLERANCE_S, Policy, Trusted

HEADER = "c2sp.org/tlog-proof@v1"
PATH_HASHES = 63
"""A tree of fewer than 2^63 leaves has at most that many levels above them."""
EXTRA_BYTES = 65_536
"""Most bytes of extra data: as many as an entry itself may have (tlog-tiles)."""
PROOF_BYTES = NOTE_BYTES + 2 * EXTRA_BYTES
"""Longest file: note, extra data in base64 and 63 hashes fit."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a proof file says. Nothing in it is verified: see `verify_proof`.

    Attributes:
        index: Position of the entry, from 0.
        path: Hashes of 32 bytes, from the leaf's sibling to the root's child.
        note: The signed checkpoint.
        extra: Anything, by anybody; empty for none.

    Raises:
        LedgerError: a field cannot be what it says.
    """

    index: int
    path: tuple[bytes, ...]
    note: bytes = field(repr=False)
    extra: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.index < SIZE_LIMIT:
            message = f"expected a position from 0 to 2^63 - 1, got {self.index}"
            raise LedgerError(message)
        if len(self.path) > PATH_HASHES or any(len(one) != HASH_BYTES for one in self.path):
            message = f"a proof has at most {PATH_HASHES} hashes of {HASH_BYTES} bytes"
            raise LedgerError(message)
        if len(self.extra) > EXTRA_BYTES:
            message = f"a proof has at most {EXTRA_BYTES} bytes of extra data"
            raise LedgerError(message)
        split_note(self.note)

    def text(self) -> bytes:
        """The file, for a name that ends in ``.tlog-proof``."""
        lines = [HEADER]
        if self.extra:
            lines.append(f"extra {encoded(self.extra)}")
        lines += [f"index {self.index}", *map(encoded, self.path), "", ""]
        return "\n".join(lines).encode() + self.note


def write_proof(*, index: int, path: Sequence[bytes], note: bytes, extra: bytes = b"") -> bytes:
    """The text of a proof file.

    Raises:
        LedgerError: a part is not possible.
    """
    return Proof(index, tuple(path), note, extra).text()


def parse_proof(raw: bytes) -> Proof:
    """Read a proof file WITHOUT verifying it.

    Raises:
        LedgerError: it is not the one spelling of a proof.
    """
    if len(raw) > PROOF_BYTES:
        message = f"the proof is {len(raw)} bytes long; at most {PROOF_BYTES} are read"
        raise LedgerError(message)
    head, gap, note = raw.partition(b"\n\n")
    if not gap:
        message = "not a proof: expected hashes, a blank line and a signed checkpoint"
        raise LedgerError(message)
    lines = _lines(head)
    if lines.pop(0) != HEADER:
        message = f"not a proof: expected {HEADER!r} on its first line"
        raise LedgerError(message)
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = _extra(lines.pop(0))
    if not lines or not lines[0].startswith("index "):
        message = "expected a line `index <number>` in the proof"
        raise LedgerError(message)
    index = parse_decimal(lines.pop(0).removeprefix("index "), what="the index of the proof")
    if len(lines) > PATH_HASHES:
        message = f"the proof has {len(lines)} hashes; no tree needs more than {PATH_HASHES}"
        raise LedgerError(message)
    path = tuple(decoded(line, what="a hash of the proof") for line in lines)
    return Proof(index, path, note, extra)


def verify_proof(
    raw: bytes,
    *,
    entry: bytes,
    policy: Policy,
    now: float,
    max_age_s: float | None = None,
    tolerance_s: float = CLOCK_TOLERANCE_S,
) -> Trusted:
    """Check that an entry is in a log that a policy trusts.

    Args:
        raw: The proof file.
        entry: The entry itself, from another source than the proof.
        policy: Whom to believe.
        now: Seconds since 1970 in UTC.
        max_age_s: See `Policy.trusted`.
        tolerance_s: See `Policy.trusted`.

    Returns:
        The checkpoint that the entry is under, and who vouches for it.

    Raises:
        LedgerError: the file is no proof, the policy does not trust its checkpoint, or the entry
            is not at that place of the log.

    Cost: the signatures of the checkpoint, 0.1 ms each; all else is a tenth of that.
    """
    proof = parse_proof(raw)
    trusted = policy.trusted(proof.note, now=now, max_age_s=max_age_s, tolerance_s=tolerance_s)
    verify_inclusion(
        leaf_hash(entry),
        index=proof.index,
        size=trusted.checkpoint.size,
        path=proof.path,
        root=trusted.checkpoint.root,
    )
    return trusted


def _lines(head: bytes) -> list[str]:
    try:
        return head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        message = f"the proof holds a letter that is not ASCII at byte {error.start}"
        raise LedgerError(message) from error


def _extra(line: str) -> bytes:
    extra = decoded(line.removeprefix("extra "), what="the extra data of the proof")
    if not extra:
        message = "the proof has an extra line without data; expected no such line"
        raise LedgerError(message)
    return extra
