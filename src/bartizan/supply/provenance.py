"""Where a model comes from: a statement that data, code and parameters became this model.

Whoever signs it says so; nothing here shows that it was so. What can be checked later is that the
data is the registered one, the code that commit, and the model the one with that digest.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bartizan.core.errors import InputError, TrustError, UsageError
from bartizan.crypto.oms.bundle import read_bundle
from bartizan.crypto.oms.ec_key import VerifyingKey
from bartizan.crypto.oms.strict_json import a_list, an_object, parsed
from bartizan.supply.bom.facts import DataFact, PackageFact, ToolFact
from bartizan.supply.bom.packages import purl
from bartizan.supply.code_state import CodeFact

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"
BUILD = "urn:bartizan:training:1"
"""Says how the parameters are to be read: as the training script was given them."""
LEDGER_ROOT = "bartizanLedgerRoot"
"""Name of the digest of a registered data set: the root of the tree over its salted rows."""
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x20]+")
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, kw_only=True)
class Training:
    """One training, as whoever ran it says."""

    name: str
    """Of the model."""
    root: str
    """Of the model, ``sha256:<hex>``."""
    data: tuple[DataFact, ...]
    """What it was trained on."""
    builder: str
    """URI of what ran it, such as that of a CI system's workflow."""
    tool: ToolFact
    """What wrote the statement."""
    params: Mapping[str, Any]
    """As JSON can write them."""
    code: CodeFact | None = None
    packages: tuple[PackageFact, ...] = ()
    python: str = ""
    invocation: str = ""
    """What the builder calls this run."""
    started: datetime | None = None
    finished: datetime | None = None


def statement(training: Training) -> bytes:
    """The statement as it is signed: JSON, the same bytes for the same training.

    Raises:
        UsageError: the builder is no URI.
        InputError: data has no digest, parameters cannot be written, or it ended before it began.

    Source:
        in-toto Statement v1; SLSA provenance v1. `builder.id` and `buildType` are URIs, as SLSA
        asks; the root of registered data has a digest name of its own, for it is no digest of a
        file's bytes.
    """
    _require_sound(training)
    document = {
        "_type": STATEMENT,
        "subject": [
            {
                "name": training.name,
                "digest": {"sha256": training.root.removeprefix("sha256:")},
            }
        ],
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD,
                "externalParameters": dict(training.params),
                "resolvedDependencies": _dependencies(training),
            },
            "runDetails": _run(training),
        },
    }
    try:
        text = json.dumps(document, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
        return (text + "\n").encode()
    except (TypeError, ValueError, RecursionError) as error:
        message = f"the parameters cannot be written as JSON: {error}; give plain values"
        raise InputError(message) from error


def checked(raw: bytes, *, keys: Collection[VerifyingKey], root: str) -> dict[str, Any]:
    """The predicate of a signed statement about this very model.

    Args:
        raw: A bundle, as `supply provenance --key` writes it.
        keys: Who may say where models come from.
        root: Of the model, ``sha256:<hex>``.

    Raises:
        TrustError: none of them signed it, or it is about another model, or about something else.
        InputError: it was signed in a way that is not supported.
    """
    bundle = read_bundle(raw)
    known = {key.fingerprint: key for key in keys}
    if bundle.hint not in known:
        message = f"the provenance was signed with key {bundle.hint[:64]!a}, which is not trusted"
        raise TrustError(message)
    known[bundle.hint].verify(bundle.signed, signature=bundle.signature)
    document = parsed(bundle.payload, what="the provenance")
    kinds = (document.get("_type"), document.get("predicateType"))
    if kinds != (STATEMENT, PREDICATE):
        message = f"expected a statement of SLSA provenance v1, got {str(kinds)[:120]!a}"
        raise TrustError(message)
    digests = [
        an_object(an_object(one, what="a subject").get("digest"), what="its digest").get("sha256")
        for one in a_list(document.get("subject"), what="the subjects")
    ]
    if digests != [root.removeprefix("sha256:")]:
        message = "the provenance is about another model: its subject has another digest"
        raise TrustError(message)
    return an_object(document.get("predicate"), what="the predicate")


def _require_sound(training: Training) -> None:
    if not _URI.fullmatch(training.builder):
        message = (
            f"expected the builder as a URI, such as https://ci.bank.example/train, got "
            f"{training.builder[:80]!r}"
        )
        raise UsageError(message)
    for one in training.data:
        if not one.sha256 and not one.root:
            message = f"the data {one.name!r} has no digest; register it with `data register`"
            raise InputError(message)
    started, finished = training.started, training.finished
    if started is not None and finished is not None and finished < started:
        message = f"the training ended ({finished}) before it began ({started})"
        raise InputError(message)


def _dependencies(training: Training) -> list[dict[str, Any]]:
    """Data, code and packages, sorted."""
    found = [_data(one) for one in sorted(training.data, key=lambda one: one.name)]
    if training.code is not None:
        found.append(_code(training.code))
    if training.python:
        found.append({"name": "python", "uri": f"pkg:generic/python@{training.python}"})
    packages = sorted(training.packages, key=lambda one: one.name)
    return found + [{"name": f"package/{one.name}", "uri": purl(one)} for one in packages]


def _data(fact: DataFact) -> dict[str, Any]:
    digests = {"sha256": fact.sha256, LEDGER_ROOT: fact.root.removeprefix("sha256:")}
    notes = {"role": fact.role, "rows": fact.rows, "registeredVersion": fact.version}
    return {
        "name": f"data/{fact.name}",
        "digest": {name: value for name, value in digests.items() if value},
        "annotations": {name: value for name, value in notes.items() if value not in ("", None)},
    }


def _code(fact: CodeFact) -> dict[str, Any]:
    changed = fact.changed > 0
    notes = {"dirty": changed, "changedFiles": fact.changed, "untrackedFiles": fact.untracked}
    part = {"name": "code", "digest": {"gitCommit": fact.commit}, "annotations": notes}
    return {**part, "uri": fact.uri} if fact.uri else part


def _run(training: Training) -> dict[str, Any]:
    moments = {"startedOn": training.started, "finishedOn": training.finished}
    metadata: dict[str, Any] = {
        name: when.astimezone(UTC).strftime(_MOMENT)
        for name, when in moments.items()
        if when is not None
    }
    if training.invocation:
        metadata["invocationId"] = training.invocation
    builder = {
        "id": training.builder,
        "version": {training.tool.name: training.tool.version},
    }
    return {"builder": builder, "metadata": metadata} if metadata else {"builder": builder}
