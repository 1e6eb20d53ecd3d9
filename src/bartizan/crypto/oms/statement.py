"""What a signature says of a model: an in-toto statement with every file of it.

Source: in-toto Statement v1; the predicate of OMS v1.0. The model's version and the day of signing
are annotations of the subject, which in-toto has a place for and other verifiers pass over.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bartizan.core.errors import InputError, TrustError
from bartizan.crypto.oms.manifest import ALGORITHM, ONLY_FILE, FileDigest, Manifest, over
from bartizan.crypto.oms.names import require_name
from bartizan.crypto.oms.strict_json import (
    a_list,
    a_text,
    an_object,
    only,
    parsed,
    unexpected,
)

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://model_signing/signature/v1.0"
VERSION, SIGNED = "bartizan.version", "bartizan.signed"
"""Annotations: ours are named after us, as in-toto asks."""
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_HEX = re.compile(r"[0-9a-f]{64}")
_FIELDS = frozenset({"_type", "subject", "predicateType", "predicate"})
_SERIAL = frozenset({"method", "hash_type", "allow_symlinks", "ignore_paths"})
VERSIONS = range(1, 2**53)
"""Whole numbers that every reader of JSON keeps exactly."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What was, or will be, signed."""

    name: str
    """What the signer calls the model."""
    manifest: Manifest
    ignored: tuple[str, ...] = ()
    """Paths that the signer says nothing about; they may hold anything."""
    version: int | None = None
    """Of the model, growing; none = the signer says none."""
    signed: datetime | None = None
    """When, as the signer says; none = they do not."""

    @property
    def raw(self) -> bytes:
        """The statement as it is signed: JSON, equal for equal statements."""
        digest = self.manifest.root.removeprefix("sha256:")
        subject: dict[str, Any] = {"name": self.name, "digest": {"sha256": digest}}
        if annotations := self._annotations():
            subject["annotations"] = annotations
        serialization: dict[str, Any] = {
            "method": "files",
            "hash_type": ALGORITHM,
            "allow_symlinks": False,
        }
        if self.ignored:
            serialization["ignore_paths"] = sorted(self.ignored)
        resources = [
            {"name": file.name, "algorithm": ALGORITHM, "digest": file.digest.hex()}
            for file in self.manifest.files
        ]
        document = {
            "_type": STATEMENT,
            "subject": [subject],
            "predicateType": PREDICATE,
            "predicate": {"serialization": serialization, "resources": resources},
        }
        return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()

    def _annotations(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.version is not None:
            found[VERSION] = self.version
        if self.signed is not None:
            found[SIGNED] = self.signed.astimezone(UTC).strftime(_MOMENT)
        return found


def read_statement(raw: bytes) -> Statement:
    """A statement whose signature has been checked.

    Raises:
        TrustError: it is no statement about a model, contradicts itself, or names files in a
            way that could lead elsewhere.
        InputError: it is one in a form that is not supported.
    """
    document = parsed(raw, what="the signed statement")
    only(document, known=_FIELDS, what="the signed statement")
    _require(document.get("_type"), STATEMENT, what="its _type")
    _require(document.get("predicateType"), PREDICATE, what="its predicateType")
    subjects = a_list(document.get("subject"), what="its subject")
    if len(subjects) != 1:
        message = f"the signed statement is about {len(subjects)} subjects; expected one model"
        raise TrustError(message)
    subject = an_object(subjects[0], what="its subject")
    predicate = an_object(document.get("predicate"), what="its predicate")
    serialization = an_object(predicate.get("serialization"), what="its serialization")
    _require_files(serialization)
    files = list(_files(a_list(predicate.get("resources"), what="its resources")))
    _require_root(subject, files)
    annotations = an_object(subject.get("annotations") or {}, what="its annotations")
    return Statement(
        name=a_text(subject.get("name"), what="the model's name")[:300],
        manifest=_manifest(files),
        ignored=tuple(_ignored(serialization.get("ignore_paths") or [])),
        version=_version(annotations.get(VERSION)),
        signed=_moment(annotations.get(SIGNED)),
    )


def _version(found: object) -> int | None:
    """A model's version: a whole number from 1, or none.

    Raises:
        TrustError: it is something else.
    """
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int) or found not in VERSIONS:
        raise unexpected(found, what="its version", expected="a whole number from 1")
    return found


def _require(found: object, expected: str, *, what: str) -> None:
    if found != expected:
        raise unexpected(found, what=what, expected=expected)


def _require_files(serialization: dict[str, Any]) -> None:
    """Refuse other ways to take a model apart than by files under SHA-256.

    Their digests are of another kind, so that one model would have two identities; and what is
    signed as shards says nothing of files without a byte, which the reference leaves out.
    """
    only(serialization, known=_SERIAL | {"shard_size"}, what="its serialization")
    method, kind = serialization.get("method"), serialization.get("hash_type")
    if method != "files" or kind != ALGORITHM:
        message = (
            f"the model was signed as {str(method)[:40]!a} under {str(kind)[:40]!a}; only `files` "
            "under `sha256` is read here, which model_signing uses unless told otherwise: have it "
            "signed again that way"
        )
        raise InputError(message)


def _files(resources: list[Any]) -> Iterable[FileDigest]:
    for resource in resources:
        found = an_object(resource, what="a resource")
        name = a_text(found.get("name"), what="the name of a resource")
        digest = a_text(found.get("digest"), what="the digest of a resource")
        _require(found.get("algorithm"), ALGORITHM, what="the algorithm of a resource")
        if not _HEX.fullmatch(digest):
            raise unexpected(digest, what="a digest", expected="64 hexadecimal digits")
        if name != ONLY_FILE or len(resources) != 1:
            require_name(name)
        yield FileDigest(name=name, digest=bytes.fromhex(digest))


def _manifest(files: list[FileDigest]) -> Manifest:
    try:
        return Manifest.of(files)
    except InputError as error:
        message = f"the signed statement is refused: {error}"
        raise TrustError(message) from error


def _require_root(subject: dict[str, Any], files: list[FileDigest]) -> None:
    """The digest of the subject is that of the resources, in the order in which they stand."""
    digest = an_object(subject.get("digest"), what="the digest of its subject").get("sha256")
    if digest != over(file.digest for file in files).hex():
        message = (
            "the signed statement contradicts itself: its subject's digest is not the one of its "
            "resources"
        )
        raise TrustError(message)


def _ignored(paths: object) -> Iterable[str]:
    for path in a_list(paths, what="its ignore_paths"):
        name = a_text(path, what="a path of its ignore_paths").rstrip("/")
        yield require_name(name)


def _moment(found: object) -> datetime | None:
    if found is None:
        return None
    text = a_text(found, what=SIGNED)
    try:
        return datetime.strptime(text, _MOMENT).replace(tzinfo=UTC)
    except ValueError as error:
        expected = "a moment such as 2026-11-21T12:00:00Z"
        raise unexpected(text, what="the day of signing", expected=expected) from error
