"""Checks a pack, offline and in memory: first who signed it, then that it is what they signed.

In this order: the manifest and the signature are read, which have a limit; the signature is checked
over the digests that the manifest says; from then on only the files that it names are read, in its
order, with its sizes, and each is hashed. At last what they say is held against each other: facts
against the log, evidence and reports against facts.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bartizan.comply.pack.archive import Member
from bartizan.comply.pack.building import FILE_BYTES, FILES
from bartizan.comply.pack.manifest import MANIFEST, PackFile, PackManifest, measured
from bartizan.comply.pack.proven import Facts
from bartizan.comply.pack.signature import SIGNATURES, Key, signed_by
from bartizan.comply.pack.stated import grounded
from bartizan.core.compliance import ComplianceReport
from bartizan.core.errors import InputError, TrustError
from bartizan.core.record import decode
from bartizan.crypto.oms.bundle import LIMIT_BYTES
from bartizan.ledger.verifier_key import VerifierKey, parse_verifier_key

REPORT = "reports/compliance.json"
EVIDENCE, POLICIES = "evidence/", "policies/"


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What holds."""

    manifest: PackManifest
    signer: str
    vouched: bool
    """Whether the signer's key was known to whoever asked."""
    origin: str = ""
    """Of the log; empty = there is none."""
    entries: int = 0
    """That the log has, by its checkpoint."""
    facts: int = 0
    """Proven to be in it."""
    evidence: int = 0
    """Records that facts name, and that are here."""
    missing: int = 0
    """Records that facts name, and that are not here."""
    grounded: int = 0
    """Findings that the report rests on, and that stand in the log."""
    policies: int = 0
    signed_off: int = 0
    """Of these, texts that somebody signed off, word for word."""

    @property
    def files(self) -> int:
        """All that the pack holds, its manifest and its signature among them."""
        return len(self.manifest.files) + 2


def checked(
    members: Iterator[Member], *, keys: Sequence[Key] = (), log: VerifierKey | None = None
) -> Checked:
    """Check a pack.

    Args:
        members: Its files, as they come.
        keys: Who may sign; none = whoever the pack names, and nobody vouches for them.
        log: The key of the ledger, known from elsewhere; none = the one that the pack names.

    Raises:
        TrustError: it is not signed, not by somebody who may, not what was signed, or says what
            the log does not say.

    Cost: SHA-256 of every byte, and for each fact a hash for each level of the log.
    """
    first = _next(members, limit=LIMIT_BYTES)
    second = _next(members, limit=LIMIT_BYTES)
    if first[0] != MANIFEST or second[0] not in SIGNATURES:
        message = "this is no pack of evidence: expected its manifest and signature in front"
        raise TrustError(message)
    manifest = _manifest(first[1])
    signer, vouched = signed_by(
        second[1],
        file=second[0],
        measured=measured(manifest.files, manifest=first[1]),
        carried=manifest.key,
        trusted=keys,
    )
    return _Reading(manifest, log=_log(manifest, log)).through(
        members, signer=signer, vouched=vouched
    )


class _Reading:
    """One way through the files that were signed."""

    def __init__(self, manifest: PackManifest, *, log: VerifierKey | None) -> None:
        self._manifest = manifest
        self._facts = None if log is None else Facts(log)
        self._evidence: set[str] = set()
        self._policies: list[str] = []
        self._report: ComplianceReport | None = None

    def through(self, members: Iterator[Member], *, signer: str, vouched: bool) -> Checked:
        """Read all files, and hold what they say against each other."""
        for said in self._manifest.files:
            self._take(said, content_of(said, members))
        if next(members, None) is not None:
            message = "the pack holds a file that its manifest does not name"
            raise TrustError(message)
        facts = self._facts
        if facts is not None:
            facts.done()
        named = set() if facts is None else facts.evidence - {""}
        if stray := self._evidence - named:
            message = f"no fact of the log names the evidence {min(stray)}, which is in the pack"
            raise TrustError(message)
        head = None if facts is None else facts.head
        return Checked(
            manifest=self._manifest,
            signer=signer,
            vouched=vouched,
            origin="" if head is None else head.origin,
            entries=0 if head is None else head.size,
            facts=0 if facts is None else facts.count,
            evidence=len(self._evidence),
            missing=len(named - self._evidence),
            grounded=0 if self._report is None else grounded(self._report, facts),
            policies=len(self._policies),
            signed_off=sum(facts is not None and one in facts.signed for one in self._policies),
        )

    def _take(self, said: PackFile, raw: bytes) -> None:
        digest = f"sha256:{said.sha256}"
        if said.name.startswith("ledger/"):
            if self._facts is None:
                message = "the pack holds files of a ledger, and names no log"
                raise TrustError(message)
            self._facts.take(said.name, raw)
        elif said.name.startswith(EVIDENCE):
            if said.name != f"{EVIDENCE}{said.sha256}.json":
                message = f"{said.name[:100]!a} is not called by its own digest"
                raise TrustError(message)
            self._evidence.add(digest)
        elif said.name.startswith(POLICIES):
            self._policies.append(digest)
        elif said.name == REPORT:
            self._report = _report(raw, day=self._manifest.day)


def content_of(said: PackFile, members: Iterator[Member]) -> bytes:
    """The next file, if it is the one that the manifest names.

    Raises:
        TrustError: it is not.
    """
    member = next(members, None)
    if member is None or (member.name, member.size_bytes) != (said.name, said.size_bytes):
        got = "its end" if member is None else ascii(member.name[:100])
        message = f"expected {said.name[:100]!a} with {said.size_bytes} bytes, got {got}"
        raise TrustError(message)
    raw = member.read()
    if hashlib.sha256(raw).hexdigest() != said.sha256:
        message = f"{said.name[:100]!a} was changed after the pack was signed"
        raise TrustError(message)
    return raw


def _next(members: Iterator[Member], *, limit: int) -> tuple[str, bytes]:
    member = next(members, None)
    if member is None or member.size_bytes > limit:
        message = "this is no pack of evidence: expected its manifest and signature in front"
        raise TrustError(message)
    return member.name, member.read()


def _manifest(raw: bytes) -> PackManifest:
    try:
        found = decode(raw, kind=PackManifest)
    except InputError as error:
        message = f"the manifest of the pack cannot be read: {error}"
        raise TrustError(message) from error
    names = [one.name for one in found.files]
    if names != sorted(set(names)) or {MANIFEST, *SIGNATURES} & set(names):
        message = "the manifest of the pack names a file twice, or not in order"
        raise TrustError(message)
    if len(names) > FILES or any(one.size_bytes > FILE_BYTES for one in found.files):
        message = f"the pack claims more than {FILES:,} files, or one of more than {FILE_BYTES}"
        raise TrustError(message)
    return found


def _log(manifest: PackManifest, known: VerifierKey | None) -> VerifierKey | None:
    said = parse_verifier_key(manifest.log) if manifest.log else None
    if known is not None and said != known:
        message = f"the pack is about the log {manifest.log[:90]!a}, expected {known.text()[:90]}"
        raise TrustError(message)
    return said


def _report(raw: bytes, *, day: str) -> ComplianceReport:
    try:
        found = decode(raw, kind=ComplianceReport)
    except InputError as error:
        message = f"{REPORT} cannot be read: {error}"
        raise TrustError(message) from error
    if found.day != day:
        message = f"the report is of {found.day[:20]!a}, and the pack of {day[:20]!a}"
        raise TrustError(message)
    return found
