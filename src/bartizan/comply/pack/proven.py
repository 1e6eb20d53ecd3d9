"""Facts of the ledger in a pack: each with its proof, all under one signed checkpoint."""

import re

import msgspec

from bartizan.core.errors import LedgerError, TrustError
from bartizan.core.fact import Audited, Fact, Found, SignedOff
from bartizan.ledger.checkpoint import Checkpoint, parse_checkpoint
from bartizan.ledger.merkle import leaf_hash, verify_inclusion
from bartizan.ledger.note import NoteVerifier, open_note
from bartizan.ledger.proof import parse_proof
from bartizan.ledger.verifier_key import VerifierKey

CHECKPOINT, KEY = "ledger/checkpoint", "ledger/key"
_FACTS = "ledger/facts/"
_ENTRY, _PROOF = ".json", ".tlog-proof"
_PLACE = re.compile(r"ledger/facts/([0-9]{12})(\.json|\.tlog-proof)")
_DECODER = msgspec.json.Decoder(Fact)


def entry_name(index: int) -> str:
    """What an entry is called; twelve digits, so that names sort as positions do."""
    return f"{_FACTS}{index:012d}{_ENTRY}"


def proof_name(index: int) -> str:
    """What its proof is called."""
    return f"{_FACTS}{index:012d}{_PROOF}"


class Facts:
    """Takes the files of the ledger in their order, and keeps what they say."""

    def __init__(self, log: VerifierKey) -> None:
        """Believe this log and no other."""
        self._log = log
        self._note = b""
        self._waiting: tuple[int, bytes] | None = None
        self.head: Checkpoint | None = None
        """Of the log, once it was read."""
        self.found: dict[tuple[str, str, str, str], None] = {}
        """Finding, outcome, digest of the evidence and time."""
        self.failed: dict[tuple[str, str], tuple[str, str]] = {}
        """Finding and time of what failed and did not pass since, by the question and the digest of
        what it was asked of."""
        self.evidence: set[str] = set()
        """Digests that facts name."""
        self.signed: set[str] = set()
        """Digests of texts that somebody signed off."""
        self.audits: set[tuple[str, str, str]] = set()
        """Audit, by whom, and when."""
        self.count = 0

    def take(self, name: str, raw: bytes) -> None:
        """Take the next file below `ledger/`.

        Raises:
            LedgerError: it does not hold.
            TrustError: it belongs to no pack.
        """
        if name == CHECKPOINT:
            self._checkpoint(raw)
        elif name == KEY:
            if raw != f"{self._log.text()}\n".encode():
                message = "the key beside the checkpoint is not the one that the manifest names"
                raise TrustError(message)
        elif (place := _PLACE.fullmatch(name)) is not None:
            index = int(place[1])
            take = self._entry if place[2] == _ENTRY else self._proof
            take(index, raw)
        else:
            message = f"nothing is called {name[:80]!a} in a pack of evidence"
            raise TrustError(message)

    def done(self) -> None:
        """Make sure that no fact stands without its proof, and that none was left out.

        Raises:
            LedgerError: one does, or there is no checkpoint.
            TrustError: one was.
        """
        if self._waiting is not None:
            message = f"entry {self._waiting[0]} of the log has no proof in this pack"
            raise LedgerError(message)
        if self.head is None:
            message = "the pack names a log and holds no checkpoint of it"
            raise LedgerError(message)
        if self.count != self.head.size:
            message = (
                f"the log has {self.head.size:,} facts by its checkpoint, and the pack holds "
                f"{self.count:,}: some were left out"
            )
            raise TrustError(message)

    def _checkpoint(self, raw: bytes) -> None:
        note = open_note(raw, verifiers=[NoteVerifier(self._log)])
        self.head, self._note = parse_checkpoint(note.text), raw
        if self.head.origin != self._log.name:
            message = f"this is a checkpoint of {self.head.origin!a}, not of {self._log.name!a}"
            raise LedgerError(message)

    def _entry(self, index: int, raw: bytes) -> None:
        if self._waiting is not None:
            message = f"entry {self._waiting[0]} of the log has no proof in this pack"
            raise LedgerError(message)
        self._waiting = (index, raw)

    def _proof(self, index: int, raw: bytes) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is None or waiting[0] != index or self.head is None:
            message = f"there is a proof of entry {index}, and not the entry"
            raise LedgerError(message)
        proof = parse_proof(raw)
        if proof.note != self._note or proof.index != index or proof.extra:
            message = (
                f"the proof of entry {index} is one of another entry, of another log, or of "
                "another checkpoint than the one in this pack"
            )
            raise LedgerError(message)
        root = self.head.root
        leaf = leaf_hash(waiting[1])
        verify_inclusion(leaf, index=index, size=self.head.size, path=proof.path, root=root)
        self._keep(index, waiting[1])

    def _keep(self, index: int, raw: bytes) -> None:
        try:
            fact = _DECODER.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            message = f"entry {index} of the log is no fact that this version knows: {error}"
            raise LedgerError(message) from error
        self.count += 1
        if isinstance(fact, Found):
            self.found[fact.finding, fact.outcome, fact.evidence, fact.when] = None
            self.evidence.add(fact.evidence)
            self._last_word(fact)
        elif isinstance(fact, SignedOff):
            self.signed.add(fact.digest)
        elif isinstance(fact, Audited):
            self.audits.add((fact.audit, fact.signature, fact.when))

    def _last_word(self, fact: Found) -> None:
        """What a finding is about stands first; files that were scanned stand in any order."""
        if fact.outcome == "pass":
            for about in fact.about:
                self.failed.pop((fact.question, about), None)
        if fact.outcome == "fail" and fact.weighs and fact.subjects:
            self.failed[fact.question, fact.subjects[0]] = fact.finding, fact.when
