"""Everything of a workspace that an auditor takes along, as the files of one pack."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from bartizan.comply.pack.building import FILE_BYTES, pack_files
from bartizan.comply.pack.checking import EVIDENCE, POLICIES
from bartizan.comply.pack.manifest import Subject
from bartizan.comply.pack.proven import CHECKPOINT, KEY, entry_name, proof_name
from bartizan.comply.pack.signature import LogSigner, Signer
from bartizan.config import Config
from bartizan.core.compliance import ComplianceReport, PolicyState
from bartizan.core.errors import InputError, LimitError, UsageError
from bartizan.core.fact import Admitted, Fact, Found
from bartizan.core.record import decode
from bartizan.core.report import Report
from bartizan.report.comply import COMPLY_FORMATS
from bartizan.report.threat import THREAT_FORMATS
from bartizan.supply.bom.papers import read_whole
from bartizan.workspace.comply_facts import POLICY_BYTES
from bartizan.workspace.comply_verbs import Complied
from bartizan.workspace.evidence_documents import drawn_up
from bartizan.workspace.ledger import Ledger
from bartizan.workspace.workspace import Workspace

FACTS = 30_000
"""At most: each is three files of a pack, which holds 100,000."""
_THREATS = ("html", "json", "csv")
"""Formats of the threat model that go in: for people, for programs, and the register."""


@dataclass(frozen=True, kw_only=True)
class PackOrder:
    """What is to be packed."""

    config: Config
    folder: Path = Path()
    """What paths of the project file are relative to."""
    include: Sequence[Path] = ()
    """Other files, such as bills of materials; only their names go in, not their folders."""


@dataclass(frozen=True, kw_only=True)
class Packed:
    """A pack, before it is written."""

    files: Sequence[tuple[str, bytes]] = field(repr=False)
    signer: str
    facts: int
    evidence: int
    left: Sequence[str] = ()
    """Policies whose texts are not in it, each with the reason."""


def evidence_pack(ws: Workspace, order: PackOrder, *, signer: Signer | None = None) -> Packed:
    """Pack reports, threats, OSCAL, policies, and the ledger with its evidence.

    Args:
        ws: The workspace.
        order: What is asked for.
        signer: Who signs; none = the ledger's own key.

    Raises:
        UsageError: there is neither a signer nor a ledger, or two files have one name.
        LedgerError: the log was altered.
        TrustError: a record of the store was.
        InputError: a file cannot be read.
        LimitError: it is too much for one pack.

    Cost: a proof for each fact, about 0.3 ms; SHA-256 of every byte.
    """
    found = ws.comply.report(order.config, folder=order.folder)
    report = found.report
    policies, left = _policies(order, states=report.policies)
    files = _told(ws, order, found=found) | policies
    log, facts = "", list[Fact]()
    if ws.ledger is not None and ws.ledger.begun:
        signer = signer or LogSigner(ws.ledger.signing_key())
        log = ws.ledger.verifier_key().text()
        facts = _ledger(ws.ledger, files=files, log=log)
        files |= _evidence(ws, facts)
        files |= dict(_runs(ws, report, facts=facts))
    if signer is None:
        message = "there is no ledger whose key could sign the pack; name a key with --key"
        raise UsageError(message)
    subject = Subject(project=report.project, day=report.day, tool=report.tool, log=log)
    return Packed(
        files=tuple(pack_files(files, subject=subject, signer=signer)),
        signer=signer.key,
        facts=len(facts),
        evidence=sum(name.startswith(EVIDENCE) for name in files),
        left=left,
    )


def _told(ws: Workspace, order: PackOrder, *, found: Complied) -> dict[str, bytes]:
    """Reports, documents and what else is to go in: all but policies and the ledger."""
    files = {f"reports/{name}": found.rendered(fmt) for fmt, name in COMPLY_FORMATS.items()}
    if found.threats is not None:
        files |= {f"reports/{THREAT_FORMATS[fmt]}": found.threats.rendered(fmt) for fmt in _THREATS}
    files |= drawn_up(ws, order.config, found=found)
    return files | dict(_included(order))


def _evidence(ws: Workspace, facts: Sequence[Fact]) -> dict[str, bytes]:
    """The evidence that findings name, as far as it is in the store."""
    named = sorted({one.evidence for one in facts if isinstance(one, Found)} - {""})
    return {f"{EVIDENCE}{_hex(name)}.json": raw for name, raw in ws.store.raw(named)}


def _policies(
    order: PackOrder, *, states: Sequence[PolicyState]
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Texts of policies, called by their ids: only those that somebody signed off as they are.

    Whoever may change the project file could name any file as a policy; the signature is what says
    that it is one.

    Returns:
        The texts by file name, and which are left out, with the reason.
    """
    texts: dict[str, bytes] = {}
    left: list[str] = []
    for one in states:
        place = order.folder / one.path
        try:
            raw, sha256 = read_whole(place, limit=POLICY_BYTES)
        except InputError as error:
            left.append(f"{one.id}: {error}")
            continue
        if any(signed.digest == f"sha256:{sha256}" for signed in one.signed):
            texts[f"{POLICIES}{one.id}{_suffix(place)}"] = raw
        else:
            left.append(f"{one.id}: nobody signed off the text of {one.path} as it is")
    return texts, tuple(left)


def _included(order: PackOrder) -> Iterator[tuple[str, bytes]]:
    seen = set[str]()
    for place in order.include:
        if place.name in seen:
            message = f"two files that are to be included are called {place.name!r}"
            raise UsageError(message)
        seen.add(place.name)
        raw, _ = read_whole(place, limit=FILE_BYTES)
        yield f"included/{place.name}", raw


def _ledger(ledger: Ledger, *, files: dict[str, bytes], log: str) -> list[Fact]:
    """Put checkpoint, key, entries and proofs among the files; what the entries say."""
    note, pairs = ledger.proven()
    files[CHECKPOINT], files[KEY] = note, f"{log}\n".encode()
    read = msgspec.json.Decoder(Fact)
    said: list[Fact] = []
    for index, (entry, proof) in enumerate(pairs):
        if index >= FACTS:
            message = f"the log has more than {FACTS:,} facts, which is too much for one pack"
            raise LimitError(message)
        files[entry_name(index)], files[proof_name(index)] = entry, proof
        said.append(read.decode(entry))
    return said


def _runs(
    ws: Workspace, report: ComplianceReport, *, facts: Sequence[Fact]
) -> Iterator[tuple[str, bytes]]:
    """Reports of runs that the report rests on, and those by which models were admitted."""
    rests = {proof.evidence for one in report.controls for proof in one.proofs}
    admitted = {one.report for one in facts if isinstance(one, Admitted)}
    for name, raw in ws.store.of_kind(Report):
        found = decode(raw, kind=Report)
        if name in admitted or any(one.evidence in rests for one in found.findings):
            yield f"runs/{_hex(name)}.json", raw


def _hex(digest: str) -> str:
    return digest.removeprefix("sha256:")


def _suffix(place: Path) -> str:
    """The ending of a file's name, where it is a plain one."""
    return place.suffix if place.suffix[1:].isalnum() and place.suffix.isascii() else ""
