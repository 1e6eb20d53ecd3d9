"""A ledger with findings and their evidence, and packs of it."""

import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bartizan.comply.pack.archive import Member, members, written
from bartizan.comply.pack.building import pack_files
from bartizan.comply.pack.checking import Checked, checked
from bartizan.comply.pack.manifest import Subject
from bartizan.comply.pack.proven import CHECKPOINT, KEY, entry_name, proof_name
from bartizan.comply.pack.signature import Key, KeySigner, Signer
from bartizan.core.evidence import Evidence
from bartizan.core.fact import Found
from bartizan.core.record import digest, encode
from bartizan.core.report import Tool
from bartizan.crypto.oms.ec_key import SigningKey
from bartizan.ledger.verifier_key import VerifierKey
from bartizan.workspace.ledger import Ledger, LedgerSettings

TOOL = Tool(name="bartizan", version="0", catalog="sha256:" + "0" * 64)
START = datetime(2026, 11, 1, tzinfo=UTC)
SECRET = SigningKey.new()
SIGNER = KeySigner(SECRET)


def evidence(number: int) -> Evidence:
    return Evidence(
        finding=f"data.types@month-{number}",
        subjects=(),
        params={"number": number},
        seed=0,
        block_rows=1,
        rows=1,
        versions={"python": "3"},
        catalog="sha256:" + "0" * 64,
        control="planted and found",
    )


def ledger_of(root: Path, *, count: int, origin: str = "test/log") -> Ledger:
    """A ledger with so many findings, one batch."""
    ledger = Ledger(root, settings=LedgerSettings(origin=origin))
    facts = [
        Found(
            finding=f"data.types@month-{number}",
            outcome="pass",
            severity="none",
            evidence=digest(encode(evidence(number))),
            subjects=("sha256:" + "1" * 64,),
            when=(START + timedelta(seconds=number)).isoformat().replace("+00:00", "Z"),
        )
        for number in range(count)
    ]
    ledger.record(facts)
    return ledger


def contents(ledger: Ledger, *, count: int) -> dict[str, bytes]:
    """What a pack of it holds, without reports."""
    note, pairs = ledger.proven()
    files = {CHECKPOINT: note, KEY: f"{ledger.verifier_key().text()}\n".encode()}
    for index, (entry, proof) in enumerate(pairs):
        files[entry_name(index)], files[proof_name(index)] = entry, proof
    raws = [encode(evidence(number)) for number in range(count)]
    return files | {f"evidence/{digest(raw)[7:]}.json": raw for raw in raws}


def subject(log: VerifierKey | None) -> Subject:
    return Subject(
        project="bank", day="2026-11-22", tool=TOOL, log="" if log is None else log.text()
    )


def packed(
    files: dict[str, bytes], *, log: VerifierKey | None, signer: Signer = SIGNER
) -> list[tuple[str, bytes]]:
    return list(pack_files(files, subject=subject(log), signer=signer))


def tar(files: Sequence[tuple[str, bytes]]) -> bytes:
    return b"".join(written(files))


def verified(
    raw: bytes, *, keys: Sequence[Key] = (SECRET.public,), log: VerifierKey | None = None
) -> Checked:
    return checked(members(io.BytesIO(raw)), keys=keys, log=log)


def as_members(files: Sequence[tuple[str, bytes]]) -> Iterator[Member]:
    """Files without an archive around them."""
    for name, content in files:
        yield Member(name=name, size_bytes=len(content), read=lambda content=content: content)  # type: ignore[misc]
