"""Checkpoints: which log, how many entries, and the root hash over all of them.

Source: C2SP tlog-checkpoint. Deviation: the origin must be usable as the name of a key (no blanks,
no plus, at most 255 bytes). The specification only recommends it, but a trust policy (tlog-policy)
wants the log's key to carry the origin as its name, so no other origin could ever be trusted here.
"""

import hashlib
import re
from dataclasses import dataclass

from bartizan.core.errors import LedgerError
from bartizan.ledger.canonical_base64 import decoded, encoded
from bartizan.ledger.verifier_key import require_name

HASH_BYTES = 32
"""SHA-256."""
SIZE_LIMIT = 1 << 63
"""Sizes stay below it, so that every language can hold them in a signed 64-bit integer."""
EMPTY_ROOT = hashlib.sha256().digest()
"""RFC 6962 section 2.1: the root of a tree without entries."""

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
"""No sign, no leading zero; 2^63 has 19 digits."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log at one size.

    Attributes:
        origin: The log's name.
        size: Number of entries.
        root: 32 bytes, the root of the Merkle tree (RFC 6962) over the entries.
        extensions: Further lines, which this program keeps and does not read.

    Raises:
        LedgerError: a field cannot be what it says.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require_name(self.origin)
        if not 0 <= self.size < SIZE_LIMIT:
            message = f"a log has 0 to 2^63 - 1 entries, not {self.size}"
            raise LedgerError(message)
        if len(self.root) != HASH_BYTES:
            message = f"a root hash has {HASH_BYTES} bytes, not {len(self.root)}"
            raise LedgerError(message)
        if self.size == 0 and self.root != EMPTY_ROOT:
            message = "a log without entries has the SHA-256 of nothing as its root"
            raise LedgerError(message)
        if any(not line or "\n" in line for line in self.extensions):
            message = "an extension line of a checkpoint is one line, and not empty"
            raise LedgerError(message)

    def text(self) -> str:
        """The text to be signed; ends in a newline."""
        lines = (self.origin, str(self.size), encoded(self.root), *self.extensions)
        return "".join(line + "\n" for line in lines)


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint: the text of a note that was opened.

    Raises:
        LedgerError: it is not the one spelling of a checkpoint.
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop():
        message = (
            "expected a checkpoint: origin, size and root hash on a line each, ending in a newline"
        )
        raise LedgerError(message)
    origin, size, root, *extensions = lines
    return Checkpoint(
        origin=origin,
        size=parse_decimal(size, what="the size of a checkpoint"),
        root=decoded(root, what="the root hash of a checkpoint"),
        extensions=tuple(extensions),
    )


def parse_decimal(text: str, *, what: str) -> int:
    """A count or index below 2^63, in its one spelling.

    Raises:
        LedgerError: a sign, a leading zero, other digits, or too large.
    """
    if not _DECIMAL.fullmatch(text) or (value := int(text)) >= SIZE_LIMIT:
        message = f"{what} is {text[:40]!r}; expected a decimal below 2^63 without leading zeros"
        raise LedgerError(message)
    return value
