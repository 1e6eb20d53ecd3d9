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

from bartizan.core.errors import Error, LedgerError, UsageError
from bartizan.ledger.checkpoint import EMPTY_ROOT, Checkpoint, parse_checkpoint
from bartizan.ledger.cosignature import CosignatureSigner, verifier_of
from bartizan.ledger.merkle import verify_consistency
from bartizan.ledger.note import open_note, split_note
from bartizan.ledger.signing_key import SigningKey
from bartizan.ledger.submission import Submission, parse_submission
from bartizan.ledger.trust import YEAR_10000
from bartizan.ledger.verifier_key import KeyType, VerifierKey
from bartizan.ledger.witness_state import Remembered, WitnessStore, remembered

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


def _nothing(*_: object) -> None:
    """Where nobody collects evidence, or reads what goes wrong."""


class _Refused(Exception):  # noqa: N818 - an answer on its way out, not an error
    def __init__(self, status: int, words: str, *, content_type: str = TEXT) -> None:
        super().__init__(words)
        self.answer = Answer(
            status=status, content_type=content_type, body=words.encode("utf-8", "replace") + b"\n"
        )


@dataclass(frozen=True, kw_only=True)
class Witness:
    """One witness: the logs it knows, its keys, its memory and its clock."""

    logs: Mapping[str, Sequence[VerifierKey]]
    """By origin, the keys that the log signs its checkpoints with."""
    keys: Sequence[SigningKey]
    """Of types 0x04 and 0x06, at least one."""
    store: WitnessStore
    clock: Callable[[], float] = time.time
    """Seconds since 1970."""
    suspect: Callable[[bytes, bytes], None] = _nothing
    """Told of two checkpoints that the log's key signed and that contradict each other."""
    tell: Callable[[str], None] = _nothing
    """Told what goes wrong with the witness itself; who submits is not, for it holds paths."""

    def __post_init__(self) -> None:
        """Refuse a witness that can vouch for nothing."""
        if not self.keys or not self.logs:
            message = "a witness needs a key of its own, and at least one log that it looks at"
            raise LedgerError(message)
        for key in self.keys:
            CosignatureSigner(key)  # refuses keys of other types

    def add_checkpoint(self, raw: bytes) -> Answer:
        """Look at a submission, and cosign it if it continues what was seen before.

        Never raises: whoever submits learns what is wrong with the submission, and only that
        something is wrong with the witness.

        Args:
            raw: See `submission`.

        Cost: a check of the log's signature, the proof's hashes, one durable write, a signature.
        """
        try:
            submission, checkpoint = self._read(raw)
            with self.store.locked(checkpoint.origin):
                return self._cosigned(submission, checkpoint)
        except _Refused as refused:
            return refused.answer
        except UsageError as error:  # a full disk, a lock that is held
            self.tell(str(error))
            return _Refused(503, "the witness cannot remember now, so it signs nothing").answer
        except Error as error:
            self.tell(str(error))
            return _Refused(500, "the witness is in disorder, so it signs nothing").answer

    def _read(self, raw: bytes) -> tuple[Submission, Checkpoint]:
        """Everything that needs no memory."""
        try:
            submission = parse_submission(raw)
            text, _ = split_note(submission.note)
            checkpoint = parse_checkpoint(text)
        except LedgerError as error:
            raise _Refused(400, str(error)) from error
        known = self.logs.get(checkpoint.origin)
        if known is None:
            raise _Refused(404, "this witness does not know the log that the checkpoint is of")
        try:
            open_note(submission.note, verifiers=[verifier_of(key) for key in known])
        except LedgerError as error:
            raise _Refused(403, str(error)) from error
        if submission.old > checkpoint.size:
            words = f"the old size {submission.old} is above the checkpoint's, {checkpoint.size}"
            raise _Refused(400, words)
        return submission, checkpoint

    def _cosigned(self, submission: Submission, checkpoint: Checkpoint) -> Answer:
        """The rest, under the lock of the log."""
        before = self.store.load(checkpoint.origin)
        self._require_continues(submission, checkpoint, before=before)
        now = int(self.clock())
        last = 0 if before is None else before.time
        if not last <= now < YEAR_10000:
            words = "the clock of the witness stands before its last cosignature; it signs nothing"
            self.tell(f"{words} for {checkpoint.origin}: expected {last} or later, and it is {now}")
            raise _Refused(503, words)
        signers = [CosignatureSigner(key, clock=lambda: now) for key in self._fit(checkpoint)]
        self.store.keep(remembered(submission.note, at=now))
        lines = [signer.sign(checkpoint.text()) + b"\n" for signer in signers]
        return Answer(status=200, body=b"".join(lines))

    def _require_continues(
        self, submission: Submission, checkpoint: Checkpoint, *, before: Remembered | None
    ) -> None:
        size, root = 0, EMPTY_ROOT
        if before is not None:
            size, root = before.checkpoint.size, before.checkpoint.root
        if submission.old != size:
            raise _Refused(409, str(size), content_type=SIZE)
        if before is not None and size == checkpoint.size and root != checkpoint.root:
            self.suspect(before.note, submission.note)
            raise _Refused(409, str(size), content_type=SIZE)
        try:
            verify_consistency(
                old=size,
                new=checkpoint.size,
                path=submission.proof,
                old_root=root,
                new_root=checkpoint.root,
            )
        except LedgerError as error:
            raise _Refused(422, str(error)) from error

    def _fit(self, checkpoint: Checkpoint) -> Sequence[SigningKey]:
        """The keys that can speak for a checkpoint: ML-DSA-44 covers no extension lines."""
        if not checkpoint.extensions:
            return self.keys
        kind = KeyType.COSIGNATURE
        fit = [key for key in self.keys if key.verifier_key.kind is kind]
        if not fit:
            words = "the checkpoint has extension lines, which no key of this witness covers"
            raise _Refused(400, words)
        return fit
