"""Checks a model against its signature and a trust policy; what passes is `Vouched`.

In this order: the bundle is taken apart; the key or the chain in it is looked up in the policy; the
signature is checked; only then is what it says read; then the policy's demands; and last, being the
longest, every file is hashed.
"""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from bartizan.core.artifact import Artifact, Vouched, Voucher, vouch
from bartizan.core.errors import InputError, TrustError
from bartizan.core.record import digest
from bartizan.crypto.oms.bundle import LIMIT_BYTES, read_bundle
from bartizan.crypto.oms.manifest import ONLY_FILE, Manifest
from bartizan.crypto.oms.measuring import GIT, Progress, is_folder, listed, measured, open_file
from bartizan.crypto.oms.statement import Statement, read_statement
from bartizan.supply.signing.place import inside_of, signature_of
from bartizan.supply.signing.signers import permitted, signers_of
from bartizan.supply.signing.trust import Trust
from bartizan.supply.signing.versions import Memory, require_newest

_SHOWN = 5
"""Names in a message, of those that differ."""


def vouched(
    model: Path,
    *,
    trust: Trust,
    now: datetime,
    signature: Path | None = None,
    name: str | None = None,
    seen: Memory = lambda _, __: None,
    progress: Progress = lambda _: None,
) -> Vouched[Artifact]:
    """Check a model.

    Args:
        model: A file or a folder.
        trust: Whom to believe.
        now: With a time zone.
        signature: The bundle; none = where `sign` puts it.
        name: What the model must be called by its signer; none = anything.
        seen: What was seen here of a model of some name by some signer.
        progress: Told of bytes that were hashed.

    Returns:
        The model, in the form that may be loaded.

    Raises:
        TrustError: it is not signed, not by somebody who may, or not what was signed.
        InputError: it cannot be read, or was signed in a way that is not supported.

    Cost: SHA-256 of every byte.
    """
    usual = signature_of(model)  # refuses a link, which may lead to itself
    place = signature or usual
    raw = _read(place)
    bundle = read_bundle(raw)
    signers = signers_of(bundle, trust=trust, now=now)
    signers[0].key.verify(bundle.signed, signature=bundle.signature)
    statement = read_statement(bundle.payload)
    _require_allowed(statement, trust=trust, name=name)
    signer = permitted(signers, trust=trust, model=model)
    for label in dict.fromkeys(one.label for one in signers):  # under any of their names
        known = seen(statement.name, label)
        require_newest(statement, seen=known, versioned=trust.policy.versions)
    found = _same(model, statement, signature=place, progress=progress)
    sizes = {file.name: file.size_bytes for file in found.files}
    artifact = Artifact(
        path=model,
        name=statement.name,
        root=statement.manifest.root,
        digests=statement.manifest.digests(),
    )
    said = statement.signed
    voucher = Voucher(
        signer=signer.label,
        bundle=digest(raw),
        signed="" if said is None else said.strftime("%Y-%m-%dT%H:%M:%SZ"),
        version=statement.version or 0,
        unsigned=_unsigned(model, statement, signature=place),
    )
    return vouch(
        artifact, voucher=voucher, source=lambda name: _content(model, name, size=sizes[name])
    )


def _read(place: Path) -> bytes:
    """The bundle's bytes.

    Raises:
        TrustError: there is none, or it is a link.
    """
    try:
        handle = open_file(place)
    except InputError as error:
        message = f"there is no signature that can be read: {error}"
        raise TrustError(message) from error
    with os.fdopen(handle, "rb") as file:
        raw = file.read(LIMIT_BYTES + 1)
    if len(raw) > LIMIT_BYTES:
        message = f"{place} has more than {LIMIT_BYTES} bytes, which no bundle has"
        raise TrustError(message)
    return raw


def _require_allowed(statement: Statement, *, trust: Trust, name: str | None) -> None:
    """The demands of the policy that the signed statement alone answers."""
    if name is not None and statement.name != name:
        message = (
            f"expected a model that its signer calls {name!a}, got {statement.name!a}: another "
            "model was put in its place"
        )
        raise TrustError(message)
    if statement.manifest.root in trust.policy.revoked:
        message = f"the model {statement.manifest.root} is revoked by the trust policy"
        raise TrustError(message)
    after = trust.policy.signed_after
    if after is None:
        return
    if statement.signed is None or statement.signed.astimezone(UTC).date() < after:
        said = "on no day" if statement.signed is None else f"on {statement.signed:%Y-%m-%d}"
        message = f"the signer says that they signed {said}; the policy wants {after} or later"
        raise TrustError(message)


def _same(model: Path, statement: Statement, *, signature: Path, progress: Progress) -> Manifest:
    """The model as it is, which is what was signed: the same files, with the same bytes.

    Raises:
        TrustError: it is not.
    """
    ignored = _ignored(model, statement, signature=signature)
    expected = statement.manifest
    if is_folder(model):  # names first: hashing takes longer
        _require_names(set(listed(model, ignored=ignored)), expected=expected, model=model)
    found = measured(model, ignored=ignored, progress=progress)
    _require_names({file.name for file in found.files}, expected=expected, model=model)
    wanted = expected.digests()
    changed = [file.name for file in found.files if wanted[file.name] != file.digest]
    if changed:
        message = f"{model} is not what was signed: changed since then: {_some(changed)}"
        raise TrustError(message)
    return found


def _require_names(found: set[str], *, expected: Manifest, model: Path) -> None:
    wanted = {file.name for file in expected.files}
    parts = []
    if extra := sorted(found - wanted):
        parts.append(f"not signed: {_some(extra)}")
    if missing := sorted(wanted - found):
        parts.append(f"missing: {_some(missing)}")
    if parts:
        message = f"{model} is not what was signed; {'; '.join(parts)}"
        raise TrustError(message)


def _some(names: list[str]) -> str:
    shown = ", ".join(f"{name[:120]!a}" for name in names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"


def _ignored(model: Path, statement: Statement, *, signature: Path) -> frozenset[str]:
    """What does not belong to the model: what its signer left out, git's files, the signature."""
    signed = {file.order[0] for file in statement.manifest.files}
    git = (one for one in GIT if one not in signed)
    return frozenset({*statement.ignored, *git, *inside_of(model, signature)})


def _unsigned(model: Path, statement: Statement, *, signature: Path) -> tuple[str, ...]:
    """Of what is left out, what is there; the signature itself is no surprise."""
    if not is_folder(model):
        return ()
    left: Iterable[str] = _ignored(model, statement, signature=signature)
    own = set(inside_of(model, signature))
    return tuple(sorted(one for one in left if one not in own and os.path.lexists(model / one)))


def _content(model: Path, name: str, *, size: int) -> bytes:
    """The bytes of one file as they are now; whether they are the signed ones, `Vouched` asks.

    One that grew since is read no further than that shows: a terabyte of holes costs nothing.
    """
    path = model if name == ONLY_FILE else model / name
    try:
        with os.fdopen(open_file(path), "rb") as file:
            return file.read(size + 1)
    except OSError as error:
        message = f"cannot read {path}: {error.strerror or error}"
        raise InputError(message) from error
