"""A witness: vouches for a log's checkpoints, as long as each continues the one before.

Whoever holds a log's key can sign two histories of it. A witness that somebody else runs signs at
most one of them: it remembers the largest checkpoint of each log, asks for a proof that the next
one continues it, and makes that durable before its own signature leaves.

Source: C2SP tlog-witness, "add-checkpoint". Order of the checks, where it leaves one open: form
(400), origin (404), signature (403), old size against the checkpoint's (400), against what is
remembered (409), proof (422). Deviations: a checkpoint with a known key's broken signature beside
a good one is refused (403), as every note is here; a clock that stands before the last cosignature
is answered with 503.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bartizan.core.errors import Error, LedgerError
from bartizan.ledger.checkpoint import Checkpoint, parse_checkpoint
from bartizan.ledger.merkle import verify_consistency
from bartizan.ledger.note import NoteVerifier, open_note, split_note
from bartizan.ledger.submission import Submission, parse_submission
from bartizan.ledger.verifier_key import VerifierKey
from bartizan.ledger.witness_state import Witnessed, WitnessStore, witnessed

TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"
"""Of an answer that holds nothing but the size that the witness is at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a witness answers: over HTTP, or in a file."""

    status: int
    """As HTTP has it; 200 = cosigned."""
    content_type: str = TEXT
    body: bytes

    @property
    def words(self) -> str:
        """The body for a person."""
        return self.body.decode("utf-8", "replace").strip()
