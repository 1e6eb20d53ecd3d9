"""Anchors: somebody outside who saw a checkpoint at some time, and cannot take it back.

A log's operator who holds its key can write a second history and sign it. What he cannot do is
make a time stamp of last year, or take a transaction out of a chain. A proof is kept beside the
log, as ``anchors/<size>.<kind>``, with the text of the checkpoint that it is about. Whoever
verifies it learns: this origin had this root at this size no later than at that time.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from bartizan.core.errors import InputError, LedgerError, OutputError
from bartizan.core.record import Record, decode, encode
from bartizan.crypto.safe_file import create
from bartizan.ledger.checkpoint import Checkpoint, parse_checkpoint

FOLDER = "anchors"
"""Beside the log's tiles."""
PROOF_BYTES = 1 << 20
"""Largest proof that is read: a time stamp with its certificates has about 10 kB."""

Kind: TypeAlias = Literal["rfc3161", "evm"]


class AnchorProof(Record, frozen=True, kw_only=True, tag_field="schema", tag="anchorproof/1"):
    """What an anchor handed out, and what it is about."""

    kind: Kind
    text: str
    """The checkpoint's text: origin, size, root, without signatures, with the final newline."""
    body: bytes
    """What the anchor's own verification reads: a time-stamp response, or a place in a chain."""


@dataclass(frozen=True, kw_only=True)
class Anchored:
    """A verified proof: the log had this root at this size at that time, or before."""

    kind: Kind
    checkpoint: Checkpoint
    when: datetime
    """UTC, as the anchor says it."""
    place: str
    """Where to look it up, in words: serial number of a stamp, hash of a transaction."""


class Anchor(Protocol):
    """One kind of anchor."""

    @property
    def kind(self) -> Kind:
        """Also the ending of the file."""
        ...

    def anchor(self, text: str) -> AnchorProof:
        """Have a checkpoint's text anchored; what comes back has been verified.

        Raises:
            UsageError: the anchor cannot be reached.
            LedgerError: what it answered proves nothing.
        """
        ...

    def verify(self, proof: AnchorProof, *, text: str) -> Anchored:
        """Check a proof against the text that it should be about.

        Raises:
            UsageError: what is needed for it cannot be reached.
            LedgerError: it does not hold.
        """
        ...


def require_about(proof: AnchorProof, *, kind: Kind, text: str) -> Checkpoint:
    """The first step of every verification: the proof is of this kind and about this text.

    Raises:
        LedgerError: it is not.
    """
    if proof.kind != kind:
        message = f"expected a proof of kind {kind}, got one of kind {proof.kind}"
        raise LedgerError(message)
    if proof.text != text:
        message = "the proof is about another checkpoint: its text differs from the one asked about"
        raise LedgerError(message)
    return parse_checkpoint(text)


def keep(proof: AnchorProof, *, log: Path) -> Path:
    """Write a proof beside its log; an older one is never overwritten, for older proves more.

    Args:
        proof: Verified.
        log: The log's folder.

    Returns:
        Where it stands.

    Raises:
        OutputError: there is one already, or it cannot be written.
    """
    checkpoint = parse_checkpoint(proof.text)
    folder = log / FOLDER
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        message = f"cannot keep a proof in {folder}: {error.strerror}"
        raise OutputError(message) from error
    path = folder / f"{checkpoint.size}.{proof.kind}"
    create(path, encode(proof))
    return path


def load(path: Path) -> AnchorProof:
    """Read a proof; its name says which size and kind it is about.

    Raises:
        LedgerError: it is none, or stands under another's name.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(PROOF_BYTES + 1)
    except OSError as error:
        message = f"cannot read {path}: {error.strerror}"
        raise LedgerError(message) from error
    if len(raw) > PROOF_BYTES:
        message = f"{path} has more than {PROOF_BYTES} bytes, which no proof has"
        raise LedgerError(message)
    try:
        proof = decode(raw, kind=AnchorProof)
    except InputError as error:
        message = f"{path} is no proof of an anchor: {error}"
        raise LedgerError(message) from error
    size = parse_checkpoint(proof.text).size
    if path.name != f"{size}.{proof.kind}":
        message = f"{path} holds a proof of size {size} and kind {proof.kind}; it was renamed"
        raise LedgerError(message)
    return proof


def verify_anchors(
    log: Path,
    *,
    origin: str,
    anchors: Mapping[str, Anchor],
    root_at: Callable[[int], bytes],
    others: bool = False,
) -> tuple[Anchored, ...]:
    """Check every proof beside a log against the log as it is now.

    This is what catches an operator who rewrote history and signed it anew: the root of the old
    size, computed from today's tiles, is not the one that was anchored.

    Args:
        log: The log's folder.
        origin: The log's.
        anchors: By kind, what can verify.
        root_at: The root, 32 bytes, of today's log at an earlier size; raises `LedgerError` where
            the log is shorter.
        others: Whether there may be proofs of kinds that nothing here can verify; they are left
            out. See `kinds_of`.

    Returns:
        By size.

    Raises:
        LedgerError: a proof does not hold, nobody here can verify it, or the log contradicts it.
        UsageError: what is needed to verify cannot be reached.
    """
    paths = [path for path in _paths(log) if not others or path.suffix[1:] in anchors]
    verified = [_verified(path, anchors=anchors) for path in paths]
    for one in verified:
        _require_same_history(one, origin=origin, root_at=root_at)
    return tuple(sorted(verified, key=lambda one: (one.checkpoint.size, one.kind)))


def kinds_of(log: Path) -> Counter[str]:
    """How many proofs of each kind lie beside a log, by the endings of their names.

    Args:
        log: The log's folder.
    """
    return Counter(path.suffix[1:] for path in _paths(log))


def _paths(log: Path) -> list[Path]:
    folder = log / FOLDER
    there = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in there if not path.name.startswith("."))


def _verified(path: Path, *, anchors: Mapping[str, Anchor]) -> Anchored:
    proof = load(path)
    if proof.kind not in anchors:
        message = f"{path} is a proof of kind {proof.kind}, which nothing here was told to verify"
        raise LedgerError(message)
    return anchors[proof.kind].verify(proof, text=proof.text)


def _require_same_history(one: Anchored, *, origin: str, root_at: Callable[[int], bytes]) -> None:
    was = one.checkpoint
    if was.origin != origin:
        message = f"an anchor is about the log {was.origin!r}, and this one is {origin!r}"
        raise LedgerError(message)
    if root_at(was.size) != was.root:
        message = (
            f"the log's history was rewritten: its first {was.size} entries have another root than "
            f"was anchored at {one.when:%Y-%m-%d %H:%M:%S} UTC ({one.place})"
        )
        raise LedgerError(message)
