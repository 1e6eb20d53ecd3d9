"""The workspace's own log: facts go in, and anybody can check that none was altered.

Beside the log's folder, which holds nothing secret and may be published as it is, lie its signing
key (`ledger.key`, unless the project says where another one is), the key to check it with
(`ledger.pub`), and what was last seen of it (`ledger.seen`), so that a log that was put back to an
older state is noticed here even without witnesses.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec

from bartizan.core.errors import InputError, LedgerError, OutputError, UsageError
from bartizan.core.evidence import Place
from bartizan.core.fact import Fact
from bartizan.core.record import encode
from bartizan.crypto.safe_file import replace
from bartizan.ledger.checkpoint import Checkpoint
from bartizan.ledger.disk import LocalDisk
from bartizan.ledger.fsck import Checked, fsck
from bartizan.ledger.log import Log
from bartizan.ledger.merkle import Head, leaf_hash, verify_inclusion
from bartizan.ledger.note import NoteSigner, NoteVerifier, sign_note
from bartizan.ledger.proof import write_proof
from bartizan.ledger.reader import CHECKPOINT, Tiles, published
from bartizan.ledger.signing_key import SigningKey
from bartizan.ledger.verifier_key import VerifierKey
from bartizan.workspace.ledger_keys import PUBLIC, LedgerKeys
from bartizan.workspace.ledger_reader import reader_of

FOLDER = "ledger"
_SEEN = "ledger.seen"


@dataclass(frozen=True, kw_only=True)
class LedgerSettings:
    """What a project says of its log."""

    origin: str = "local/workspace"
    key: str | None = None
    """``env:NAME`` or ``file:PATH``; none = a key of the workspace's own."""


class Ledger:
    """The log of one workspace. Nothing is made before the first fact is written."""

    def __init__(self, root: Path, *, settings: LedgerSettings) -> None:
        self._root = root
        self._keys = LedgerKeys(
            self.folder,
            origin=settings.origin,
            named=settings.key,
            begun=lambda: self.exists,
        )

    @property
    def folder(self) -> Path:
        """Where the log lies."""
        return self._root / FOLDER

    @property
    def exists(self) -> bool:
        """Whether a fact was ever written."""
        return (self.folder / CHECKPOINT).exists()

    @property
    def begun(self) -> bool:
        """Whether a fact was ever written.

        Raises:
            LedgerError: there was a log, and it is gone.
        """
        if not self.exists and self.seen() is not None:
            message = f"the log in {self.folder} is gone; restore it from a copy"
            raise LedgerError(message)
        return self.exists

    def record(self, facts: Sequence[Fact]) -> tuple[Place, ...]:
        """Write facts; see `append`."""
        return self.append([encode(fact) for fact in facts])

    def append(self, entries: Sequence[bytes]) -> tuple[Place, ...]:
        """Write entries, durably and together: when this returns, they are in the log.

        Args:
            entries: The bytes of facts.

        Raises:
            LedgerError: the log was altered, or put back to an older state.
            OutputError: it cannot be written, or somebody else writes to it for too long.
            ConfigError: the key is not that of this log.
        """
        key = self._keys.signing()
        verifier = NoteVerifier(key.verifier_key)
        origin = key.verifier_key.name
        self._require_known(key.verifier_key)

        def publish(size: int, root: bytes) -> bytes:
            return sign_note(Checkpoint(origin, size, root).text(), signers=[NoteSigner(key)])

        with Log.open(
            self.folder,
            publish=publish,
            read=reader_of(self.folder, verifier=verifier),
            known=self.seen(),
        ) as log:
            indexes = log.append(entries)
            self._remember(log.head, key=key.verifier_key)
        return tuple(
            Place(origin=origin, index=index, leaf=f"sha256:{leaf_hash(entry).hex()}")
            for index, entry in zip(indexes, entries, strict=True)
        )

    def verifier_key(self) -> VerifierKey:
        """The key that this workspace knows its log by.

        Raises:
            LedgerError: there is none, or it was altered.
        """
        return self._keys.public()

    def checked(self, key: VerifierKey | None = None) -> Checked:
        """Hash the whole log anew.

        Args:
            key: Known from elsewhere; none = the one that lies beside the log.

        Raises:
            LedgerError: the first thing that does not fit.
        """
        key = key or self.verifier_key()
        verifier, known = NoteVerifier(key), self.seen()
        found = fsck(self.folder, read=reader_of(self.folder, verifier=verifier), known=known)
        self._require_known(key)
        if known is None or known.size < found.head.size:
            with suppress(OutputError):  # who may only read has checked it all the same
                self._remember(found.head, key=key)
        return found

    def ready(self) -> None:
        """Find out what would keep `append` from writing, before long work and not after it.

        Raises:
            LedgerError: the log was altered, or put back to an older state.
            UsageError: the key is not there, or not that of this log.
        """
        if not self.begun:
            if self._keys.there:
                self._keys.loaded()
            return
        self._require_known(self._keys.signing().verifier_key)
        known, head = self.seen(), self._published(None)[1]
        if known is not None:
            Tiles(self.folder, size=head.size).check_grown(known, head=head)

    def facts(self, key: VerifierKey | None = None) -> Iterator[tuple[int, Fact]]:
        """Every fact with its position. The log is not checked: call `checked` first.

        Args:
            key: Of the log, known from elsewhere; none = the one that lies beside it.

        Raises:
            LedgerError: an entry is no fact of this version.
        """
        for index, entry in enumerate(self._tiles(key).entries()):
            yield index, fact_of(entry, where=f"entry {index} of the log")

    def entry(self, index: int) -> bytes:
        """The bytes of one entry.

        Raises:
            UsageError: there is no such entry.
            LedgerError: the log was altered.
        """
        tiles = self._tiles()
        if not 0 <= index < tiles.size:
            message = f"expected an entry from 0 to {tiles.size - 1}, got {index}"
            raise UsageError(message)
        return tiles.entry(index)

    def prove(self, index: int, *, extra: bytes = b"") -> bytes:
        """A proof that an entry is in the log, that anybody can check who knows the key.

        Args:
            index: Of the entry.
            extra: What else the proof file is to hold.

        Raises:
            LedgerError: there is no such entry, or the log was altered.
        """
        self.require_begun()
        raw, head = self._published(None)
        tiles = Tiles(self.folder, size=head.size)
        path, leaf = tiles.inclusion_path(index), leaf_hash(tiles.entry(index))
        verify_inclusion(leaf, index=index, size=head.size, path=path, root=head.root)
        return write_proof(index=index, path=path, note=raw, extra=extra)

    def proven(self) -> tuple[bytes, Iterator[tuple[bytes, bytes]]]:
        """Every entry with its proof, all under one checkpoint.

        Returns:
            The signed checkpoint; and entries with proofs, in order.

        Raises:
            InputError: nothing was ever written.
            LedgerError: the log was altered.
        """
        self.require_begun()
        self.checked()
        raw, head = self._published(None)
        tiles = Tiles(self.folder, size=head.size)

        def pairs() -> Iterator[tuple[bytes, bytes]]:
            for index, entry in enumerate(tiles.entries()):
                path = tiles.inclusion_path(index)
                yield entry, write_proof(index=index, path=path, note=raw)

        return raw, pairs()

    def signing_key(self) -> SigningKey:
        """The key that signs the log's checkpoints.

        Raises:
            UsageError: it is not where it should be.
            ConfigError: it is not that of this log.
        """
        return self._keys.signing()

    def seen(self) -> Head | None:
        """Size and root when this workspace last looked; none if it never did."""
        said = self._last()
        return None if said is None else Head(said.size, bytes.fromhex(said.root))

    def _last(self) -> "_Seen | None":
        path = self._root / _SEEN
        if not path.exists():
            return None
        try:
            return msgspec.json.decode(path.read_bytes(), type=_Seen)
        except (OSError, ValueError) as error:
            message = f"{path} was altered ({error}); restore it, or compare the log with a copy"
            raise LedgerError(message) from error

    def _remember(self, head: Head, *, key: VerifierKey) -> None:
        seen = _Seen(size=head.size, root=head.root.hex(), key=key.text())
        replace(self._root / _SEEN, encode(seen))

    def _require_known(self, key: VerifierKey) -> None:
        """The log is still signed with the key that it was signed with when it was last seen."""
        said = self._last()
        if said is not None and said.key not in ("", key.text()):
            message = (
                f"the log was signed with {said.key} when it was last seen, and now with "
                f"{key.text()}: another log, or another key, was put in its place; restore "
                f"{self.folder} and {PUBLIC} from a copy"
            )
            raise LedgerError(message)

    def _published(self, key: VerifierKey | None) -> tuple[bytes, Head]:
        verifier = NoteVerifier(key or self.verifier_key())
        disk = LocalDisk(self.folder)
        return published(disk, read=reader_of(self.folder, verifier=verifier))

    def require_begun(self) -> None:
        """Make sure that there is a log.

        Raises:
            InputError: nothing was ever written.
            LedgerError: there was a log, and it is gone.
        """
        if self.begun:
            return
        message = f"there is no log in {self.folder}: nothing was registered or assessed yet"
        raise InputError(message)

    def _tiles(self, key: VerifierKey | None = None) -> Tiles:
        self.require_begun()
        _, head = self._published(key)
        return Tiles(self.folder, size=head.size)


class _Seen(msgspec.Struct, frozen=True):
    """What was last seen of the log."""

    size: Annotated[int, msgspec.Meta(ge=0)]
    root: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    key: str = ""
    """Verifier key; empty = an older Bartizan did not write it."""


def fact_of(entry: bytes, *, where: str) -> Fact:
    """An entry of a log as a fact.

    Raises:
        LedgerError: it is none of this version.
    """
    try:
        return msgspec.json.decode(entry, type=Fact)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        message = f"{where} is no fact that this version knows ({error}); use a newer one"
        raise LedgerError(message) from error
