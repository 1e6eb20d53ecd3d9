"""A small log in memory, in as many versions as its operator likes to tell."""

from collections.abc import Sequence

from bartizan.ledger.checkpoint import Checkpoint
from bartizan.ledger.note import NoteSigner, sign_note
from bartizan.ledger.signing_key import SigningKey, generate_signing_key
from bartizan.ledger.submission import Submission
from bartizan.ledger.verifier_key import VerifierKey
from unit.ledger.trees import consistency, tree_hash

ORIGIN = "log.example/data"


class Story:
    """Entries and the key that signs for them."""

    def __init__(
        self, entries: Sequence[bytes], *, key: SigningKey | None = None, origin: str = ORIGIN
    ) -> None:
        self.entries = list(entries)
        self.key = generate_signing_key(origin) if key is None else key
        self.origin = origin

    @property
    def verifier(self) -> VerifierKey:
        return self.key.verifier_key

    def checkpoint(self, size: int, *, extensions: tuple[str, ...] = ()) -> Checkpoint:
        return Checkpoint(self.origin, size, self.root(size), extensions)

    def root(self, size: int) -> bytes:
        return tree_hash(self.entries[:size])

    def note(self, size: int, *, extensions: tuple[str, ...] = ()) -> bytes:
        text = self.checkpoint(size, extensions=extensions).text()
        return sign_note(text, signers=[NoteSigner(self.key)])

    def proof(self, old: int, new: int) -> tuple[bytes, ...]:
        return () if old in (0, new) else tuple(consistency(old, self.entries[:new]))

    def submission(self, old: int, new: int) -> bytes:
        return Submission(old=old, proof=self.proof(old, new), note=self.note(new)).body()

    def other(self, *, after: int) -> "Story":
        """A second history under the same key, the same up to some entry."""
        told = [*self.entries[:after], *(b"other " + one for one in self.entries[after:])]
        return Story(told, key=self.key, origin=self.origin)
