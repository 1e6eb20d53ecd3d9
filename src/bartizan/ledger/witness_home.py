"""A witness's folder: its keys, what it remembers, and the evidence it came across.

``witness.key`` (and ``witness-ml-dsa.key``) hold the secret keys, ``state/`` one file for each log,
``evidence/`` contradictions that a log signed. State that is lost or put back to an older copy
makes the witness forget: it may then vouch for a second history. So a folder with state and
without its key is refused, and the folder belongs in no backup that somebody restores unasked.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from bartizan.core.errors import LedgerError, OutputError
from bartizan.crypto.safe_file import create
from bartizan.ledger.checkpoint import parse_checkpoint
from bartizan.ledger.equivocation import evidence_of, write_fork
from bartizan.ledger.note import split_note
from bartizan.ledger.signing_key import (
    SigningKey,
    generate_signing_key,
    load_signing_key,
    write_signing_key,
)
from bartizan.ledger.verifier_key import KeyType, VerifierKey
from bartizan.ledger.witness import Witness
from bartizan.ledger.witness_state import WitnessStore

_FILES = {
    KeyType.COSIGNATURE: "witness.key",
    KeyType.ML_DSA_COSIGNATURE: "witness-ml-dsa.key",
}
_PRIVATE_FOLDER = 0o700


def open_witness(
    folder: Path,
    *,
    name: str,
    logs: Sequence[VerifierKey],
    ml_dsa: bool = False,
    clock: Callable[[], float] = time.time,
    tell: Callable[[str], None] = lambda _: None,
) -> Witness:
    """A witness with everything in one folder; its keys are made when it is opened first.

    Args:
        folder: Made if it is not there.
        name: Of the witness's keys, such as ``witness.example/w1``; empty = the one that its key
            file has.
        logs: Verifier keys of the logs that it looks at; a key's name is the log's origin.
        ml_dsa: Whether it also signs with ML-DSA-44.
        clock: Seconds since 1970.
        tell: Told what goes wrong.

    Raises:
        LedgerError: its key is gone, or is another witness's.
        TrustError: others can read a key.
        UsageError: the folder cannot be used.
    """
    state = folder / "state"
    try:
        folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        state.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
    except OSError as error:
        message = f"cannot use {folder} for a witness: {error.strerror}"
        raise OutputError(message) from error
    kinds = [KeyType.COSIGNATURE] + [KeyType.ML_DSA_COSIGNATURE] * ml_dsa
    keys = [_key(folder, kind=kind, name=name) for kind in kinds]
    known: dict[str, list[VerifierKey]] = {}
    for log in logs:
        known.setdefault(log.name, []).append(log)
    return Witness(
        logs=known,
        keys=keys,
        store=WitnessStore(folder=state),
        clock=clock,
        suspect=EvidenceFolder(folder=folder / "evidence", logs=tuple(logs)),
        tell=tell,
    )


@dataclass(frozen=True, kw_only=True)
class EvidenceFolder:
    """Keeps contradictions that a log signed, the first for each log and size."""

    folder: Path
    logs: tuple[VerifierKey, ...]

    def __call__(self, first: bytes, second: bytes) -> None:
        """Keep one.

        Raises:
            LedgerError: the two do not contradict each other.
            OutputError: it cannot be written.
        """
        seen = parse_checkpoint(split_note(first)[0])
        keys = [log for log in self.logs if log.name == seen.origin]
        raw = write_fork(evidence_of(first, second, keys=keys))
        name = sha256(f"{seen.origin}\n{seen.size}".encode()).hexdigest()[:16]
        path = self.folder / f"fork-{seen.size}-{name}.json"
        try:
            self.folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
        except OSError as error:
            message = f"cannot keep evidence in {self.folder}: {error.strerror}"
            raise OutputError(message) from error
        if not path.exists():
            create(path, raw)


def _key(folder: Path, *, kind: KeyType, name: str) -> SigningKey:
    """The key of one kind; made where the witness has not begun."""
    path = folder / _FILES[kind]
    if path.exists() or path.is_symlink():
        key = load_signing_key(f"file:{path}")
        found = key.verifier_key
        if found.kind is not kind or name not in ("", found.name):
            message = (
                f"{path} holds a key of {found.name!r}, type {found.kind:#04x}; expected one of "
                f"{name or found.name!r}, type {kind:#04x}"
            )
            raise LedgerError(message)
        return key
    begun = any((folder / "state").glob("*.json"))
    if begun and kind is KeyType.COSIGNATURE:
        message = (
            f"the key {path} is gone and the witness has vouched for logs with it; put it back, or "
            "begin a new witness in an empty folder"
        )
        raise LedgerError(message)
    if not name:
        message = f"there is no key in {folder} yet; name the witness, such as witness.example/w1"
        raise LedgerError(message)
    key = generate_signing_key(name, kind=kind)
    write_signing_key(key, path)
    return key
