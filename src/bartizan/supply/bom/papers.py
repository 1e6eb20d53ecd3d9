"""Documents that a bill of materials points at: reports about exactly this model, and others."""

import hashlib
import os
import stat
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from bartizan.core.errors import InputError, TrustError
from bartizan.core.record import decode
from bartizan.core.report import Report
from bartizan.supply.bom.facts import Link, LinkFact

REPORT_BYTES = 1 << 28
"""Of a report.json: with hundreds of findings, and images in them, some have 10 MB."""
_PIECE_BYTES = 1 << 20
_BESIDE: dict[str, dict[str, Link]] = {
    "model": {"report.html": "quality-metrics", "report.sarif": "dynamic-analysis-report"},
    "artifact": {"report.html": "documentation", "report.sarif": "static-analysis-report"},
    "data": {"report.html": "documentation", "report.sarif": "evidence"},
}
"""What lies beside a report.json and is pointed at too, by what the report is about: a model that
was asked, files that were scanned, or data."""
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, kw_only=True)
class Identity:
    """By which digests a report may know this model and its data, each ``sha256:<hex>``."""

    root: str
    files: Collection[str]
    data: Collection[str] = ()


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A report, and what is pointed at for it."""

    report: Report
    about: str
    """`model`, `artifact` or `data`."""
    links: tuple[LinkFact, ...]


def paper(path: Path, *, identity: Identity, folder: Path) -> Paper:
    """Read a report.json, if it is about this model or its data.

    Args:
        path: The file.
        identity: Of the model and its data.
        folder: Where the bill of materials will lie.

    Raises:
        InputError: it is no report, or it is about something without a file.
        TrustError: it is about another model: its numbers say nothing about this one.
    """
    raw, digest = read_whole(path, limit=REPORT_BYTES)
    report = decode(raw, kind=Report)
    about = _about(report, identity=identity, where=str(path))
    words = {"model": "assessment", "artifact": "scan", "data": "check of data"}[about]
    links = [
        LinkFact(
            kind="evidence",
            path=beside(path, folder=folder),
            sha256=digest,
            comment=f"{words}, outcome {report.outcome}, {len(report.findings)} findings",
        )
    ]
    for name, kind in _BESIDE[about].items():
        other = path.with_name(name)
        if other != path and other.is_file():
            links.append(link(other, kind=kind, folder=folder))
    return Paper(report=report, about=about, links=tuple(links))


def link(path: Path, *, kind: Link, folder: Path) -> LinkFact:
    """A document of any kind, with its digest.

    Raises:
        InputError: it cannot be read.
    """
    return LinkFact(kind=kind, path=beside(path, folder=folder), sha256=file_sha256(path))


def beside(path: Path, *, folder: Path) -> str:
    """The path from a folder to a file, with slashes: no document says where it was made."""
    return os.path.relpath(path.absolute(), folder.absolute()).replace(os.sep, "/")


def file_sha256(path: Path) -> str:
    """SHA-256 of a file in hexadecimal, read piece by piece.

    Raises:
        InputError: it cannot be read, or is no plain file.
    """
    state = hashlib.sha256()
    try:
        handle = os.open(path, _FLAGS)  # a pipe must not block
        try:
            _require_plain(handle, path=path)
            while piece := os.read(handle, _PIECE_BYTES):
                state.update(piece)
        finally:
            os.close(handle)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    return state.hexdigest()


def read_whole(path: Path, *, limit: int) -> tuple[bytes, str]:
    """The bytes of a file and their SHA-256 in hexadecimal: both of one reading.

    Raises:
        InputError: it cannot be read, is no plain file, or is longer than any such file.
    """
    try:
        handle = os.open(path, _FLAGS)
        with os.fdopen(handle, "rb") as file:
            _require_plain(handle, path=path)
            raw = file.read(limit + 1)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if len(raw) > limit:
        message = f"{path} has more than {limit:,} bytes, which no such file has; name another"
        raise InputError(message)
    return raw, hashlib.sha256(raw).hexdigest()


def _require_plain(handle: int, *, path: Path) -> None:
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        message = f"{path} is no plain file (a folder, pipe or device); name a file"
        raise InputError(message)


def _unreadable(path: Path, error: Exception) -> InputError:
    return InputError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}")


def _about(report: Report, *, identity: Identity, where: str) -> str:
    """What a report is about: the model, its files or its data, by digest and never by name."""
    own = {identity.root, *identity.files}
    subjects = {kind: [s for s in report.subjects if s.kind == kind] for kind in _BESIDE}
    for kind in ("model", "artifact"):
        if subjects[kind]:
            if any(one.digest in own for one in subjects[kind]):
                return kind
            _refuse_other(subjects[kind][0].digest_kind, where=where)
    if any(one.digest in identity.data for one in subjects["data"]):
        return "data"
    message = f"the report {where} is not about this model, and not about data declared for it"
    raise TrustError(message)


def _refuse_other(digest_kind: str, *, where: str) -> None:
    if digest_kind not in ("sha256", "oms-root"):
        message = (
            f"the report {where} is about a model that was no file (digest: {digest_kind}), so "
            "nothing shows that it is this one; assess the file itself"
        )
        raise InputError(message)
    message = (
        f"the report {where} is about another model: no digest in it is that of this one; assess "
        "this model, or name the report about it"
    )
    raise TrustError(message)
