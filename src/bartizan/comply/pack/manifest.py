"""What a pack says of itself: every file with its digest, and who signs."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from bartizan.core.record import Record
from bartizan.core.report import Tool
from bartizan.crypto.oms.manifest import FileDigest, Manifest

MANIFEST = "manifest.json"
Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Size = Annotated[int, Meta(ge=0, lt=8**11)]


class PackFile(Record, frozen=True, kw_only=True):
    """One file of a pack."""

    name: str
    size_bytes: Size
    sha256: Digest


class PackManifest(Record, frozen=True, kw_only=True, tag_field="schema", tag="packmanifest/1"):
    """All of a pack but its signature."""

    project: str
    day: str
    """As of which its reports hold."""
    tool: Tool
    log: str = ""
    """Verifier key of the ledger; empty = there is none."""
    key: str
    """Of whoever signs: a public key as PEM, or a verifier key. It says who signed, and not
    whether they may: that is known to whoever got the key another way."""
    files: tuple[PackFile, ...]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a pack is about."""

    project: str
    day: str
    tool: Tool
    log: str = ""


def manifest_of(files: Mapping[str, bytes], *, subject: Subject, key: str) -> PackManifest:
    """The manifest of some files, by name.

    Args:
        files: By name.
        subject: What the pack is about.
        key: Of whoever signs.
    """
    return PackManifest(
        project=subject.project,
        day=subject.day,
        tool=subject.tool,
        log=subject.log,
        key=key,
        files=tuple(
            PackFile(
                name=name,
                size_bytes=len(files[name]),
                sha256=hashlib.sha256(files[name]).hexdigest(),
            )
            for name in sorted(files)
        ),
    )


def measured(files: Iterable[PackFile], *, manifest: bytes) -> Manifest:
    """What is signed: the digests of all files and of the manifest itself, in the order of OMS."""
    own = FileDigest(name=MANIFEST, digest=hashlib.sha256(manifest).digest())
    listed = [FileDigest(name=one.name, digest=bytes.fromhex(one.sha256)) for one in files]
    return Manifest.of([own, *listed])
