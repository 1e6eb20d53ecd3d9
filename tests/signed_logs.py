"""A small signed log with witnesses, for tests of whatever reads what it publishes."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bartizan.crypto.signing import SecretKey
from bartizan.ledger.checkpoint import Checkpoint
from bartizan.ledger.cosignature import signer_of
from bartizan.ledger.merkle import leaf_hash, node_hash
from bartizan.ledger.note import sign_note
from bartizan.ledger.policy import Policy, parse_policy
from bartizan.ledger.proof import write_proof
from bartizan.ledger.signing_key import SigningKey
from bartizan.ledger.verifier_key import KeyType, VerifierKey

NOW = 1_800_000_000
"""The clock of these tests."""
ORIGIN = "example.com/log"


def key(name: str, kind: KeyType = KeyType.NOTE) -> SigningKey:
    """The same key for the same name and kind, each time."""
    seed = hashlib.sha256(f"{name} {kind}".encode()).digest()
    secret = SecretKey(kind.algorithm, seed)
    return SigningKey(VerifierKey(name=name, kind=kind, public=secret.public), secret)


def root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it is written there."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(root(leaves[:split]), root(leaves[split:]))


def path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """RFC 6962, section 2.1.1, as it is written there."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return [*path(leaves[:split], index), root(leaves[split:])]
    return [*path(leaves[split:], index - split), root(leaves[:split])]


@dataclass(frozen=True)
class SignedLog:
    """A log whose witnesses W0, W1 ... have keys of alternating kinds."""

    entries: tuple[bytes, ...] = tuple(b"entry %d" % i for i in range(5))
    origin: str = ORIGIN
    extensions: tuple[str, ...] = ()
    log: SigningKey = field(default_factory=lambda: key(ORIGIN))
    witnesses: tuple[SigningKey, ...] = (
        key("w0.example", KeyType.COSIGNATURE),
        key("w1.example", KeyType.ML_DSA_COSIGNATURE),
        key("w2.example", KeyType.COSIGNATURE),
    )

    @property
    def checkpoint(self) -> Checkpoint:
        return Checkpoint(self.origin, len(self.entries), root(self.entries), self.extensions)

    def note(self, times: Mapping[int, int] | None = None) -> bytes:
        """The signed checkpoint, cosigned by these witnesses at these times."""
        cosigners = [
            signer_of(self.witnesses[i], clock=lambda at=at: at)  # type: ignore[misc]  # (bound)
            for i, at in (times or {}).items()
        ]
        log = signer_of(self.log, clock=lambda: NOW)
        return sign_note(self.checkpoint.text(), signers=[log, *cosigners])

    def proof(
        self, index: int = 2, times: Mapping[int, int] | None = None, extra: bytes = b""
    ) -> bytes:
        hashes = path(self.entries, index)
        return write_proof(index=index, path=hashes, note=self.note(times), extra=extra)

    def policy_text(self, *rules: str) -> str:
        lines = [f"log {self.log.verifier_key.text()}"]
        lines += [f"witness W{i} {w.verifier_key.text()}" for i, w in enumerate(self.witnesses)]
        return "\n".join([*lines, *rules, ""])

    def policy(self, *rules: str) -> Policy:
        return parse_policy(self.policy_text(*rules).encode())
