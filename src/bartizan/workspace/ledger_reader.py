"""Reads the checkpoint of a workspace's own log, and names the file where it is none."""

from pathlib import Path

from bartizan.core.errors import LedgerError
from bartizan.ledger.checkpoint import parse_checkpoint
from bartizan.ledger.note import NoteVerifier, open_note
from bartizan.ledger.reader import CHECKPOINT, Read


def reader_of(folder: Path, *, verifier: NoteVerifier) -> Read:
    """What checks a checkpoint.

    Args:
        folder: Of the log.
        verifier: The log's own key.
    """

    def read(raw: bytes) -> tuple[int, bytes]:
        try:
            return _read(raw, verifier=verifier)
        except LedgerError as error:
            message = f"{folder / CHECKPOINT}: {error}; restore {folder}, all of it, from a copy"
            raise LedgerError(message) from error

    return read


def _read(raw: bytes, *, verifier: NoteVerifier) -> tuple[int, bytes]:
    """Size and root of a checkpoint that the log's own key has signed."""
    note = open_note(raw, verifiers=[verifier])
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != verifier.name:
        message = f"this is a checkpoint of {checkpoint.origin!r}, expected {verifier.name!r}"
        raise LedgerError(message)
    return checkpoint.size, checkpoint.root
