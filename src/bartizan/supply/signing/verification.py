"""Checks a model against its signature and a trust policy; what passes is `Verified`.

In this order: the bundle is taken apart; the key or the chain in it is looked up in the policy; the
signature is checked; only then is what it says read; then the policy's demands; and last, being the
longest, every file is hashed.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bartizan.core.artifact import Artifact, Verified, Voucher, vouch
from bartizan.core.errors import InputError, TrustError
from bartizan.core.record import digest
from bartizan.crypto.oms.bundle import LIMIT_BYTES, Bundle, read_bundle
from bartizan.crypto.oms.certificate import certified
from bartizan.crypto.oms.ec_key import VerifyingKey
from bartizan.crypto.oms.manifest import ONLY_FILE, Manifest
from bartizan.crypto.oms.measuring import GIT, Progress, is_folder, listed, measured, open_file
from bartizan.crypto.oms.statement import Statement, read_statement
from bartizan.supply.signing.place import inside_of, signature_of
from bartizan.supply.signing.trust import Signatory, Trust
from bartizan.supply.signing.versions import Memory, require_newest

_SHOWN = 5
"""Names in a message, of those that differ."""


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Who signed, once the signature was found to be theirs."""

    label: str
    signatory: Signatory
    key: VerifyingKey


def verified(
    model: Path,
    *,
    trust: Trust,
    now: datetime,
    signature: Path | None = None,
    name: str | None = None,
    seen: Memory = lambda _: None,
    progress: Progress = lambda _: None,
) -> Verified[Artifact]:
    """Check a model.

    Args:
        model: A file or a folder.
        trust: Whom to believe.
        now: With a time zone.
        signature: The bundle; none = where `sign` puts it.
        name: What the model must be called by its signer; none = anything.
        seen: What was seen here of a model of some name.
        progress: Told of bytes that were hashed.

    Returns:
        The model, in the form that may be loaded.

    Raises:
        TrustError: it is not signed, not by somebody who may, or not what was signed.
        InputError: it cannot be read, or was signed in a way that is not supported.

    Cost: SHA-256 of every byte.
    """
    place = signature or signature_of(model)
    raw = _read(place)
    bundle = read_bundle(raw)
    signer = _signer(bundle, trust=trust, now=now)
    signer.key.verify(bundle.signed, signature=bundle.signature)
    statement = read_statement(bundle.payload)
    _require_allowed(statement, trust=trust, name=name)
    trust.require_may(signer.signatory, model=model)
    require_newest(statement, seen=seen(statement.name), versioned=trust.policy.versions)
    _require_same(model, statement, signature=place, progress=progress)
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
    return vouch(artifact, voucher=voucher, source=lambda wanted: _content(model, wanted))


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


def _signer(bundle: Bundle, *, trust: Trust, now: datetime) -> Signer:
    """Who is said to have signed, if the policy knows them."""
    if bundle.chain:
        return _certified(bundle, trust=trust, now=now)
    carried = _carried(bundle)
    hint = bundle.hint or ("" if carried is None else carried.fingerprint)
    for one in trust.signatories:
        key = one.key or carried
        if one.fingerprint == hint and key is not None:
            return Signer(label=f"key:{hint}", signatory=one, key=key)
    return _only_key(trust, hint=hint)


def _carried(bundle: Bundle) -> VerifyingKey | None:
    """The key that an old bundle holds; whether it is trusted is another question."""
    if not bundle.key_pem:
        return None
    try:
        key = VerifyingKey.of_pem(bundle.key_pem, where="the bundle")
    except InputError as error:
        message = f"the key in the bundle cannot be read: {error}"
        raise TrustError(message) from error
    fits = bundle.hint in ("", key.fingerprint) and bundle.key_details in ("", key.details)
    if key.pem != bundle.key_pem or not fits:
        message = "the bundle says of the key in it what is not so"
        raise TrustError(message)
    return key


def _only_key(trust: Trust, *, hint: str) -> Signer:
    """A bundle without any hint is checked with the only key there is, if there is only one."""
    keys = [one for one in trust.signatories if one.key is not None]
    if not hint and len(keys) == 1 and keys[0].key is not None:
        return Signer(label=f"key:{keys[0].fingerprint}", signatory=keys[0], key=keys[0].key)
    message = (
        f"the model was signed with the key {hint[:64]!a}, which is not trusted here; expected "
        f"{', '.join(one.fingerprint[:16] + '...' for one in keys) or 'no bare key at all'}"
    )
    raise TrustError(message)


def _certified(bundle: Bundle, *, trust: Trust, now: datetime) -> Signer:
    if not trust.roots:
        message = (
            "the model was signed with a certificate, and no root is trusted here; name one with "
            "--root and --identity, or in [supply.trust]"
        )
        raise TrustError(message)
    skew_s = trust.policy.clock_skew_s
    found = certified(bundle.chain, roots=trust.roots, now=now, skew_s=skew_s)
    for one in trust.signatories:
        if one.name and one.name in found.names:
            return Signer(label=f"certificate:{one.name}", signatory=one, key=found.key)
    message = (
        f"the model was signed by {found.subject}, whom a trusted root certifies, but who is none "
        "of the identities that may sign here"
    )
    raise TrustError(message)


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


def _require_same(
    model: Path, statement: Statement, *, signature: Path, progress: Progress
) -> None:
    """The model is what was signed: the same files, no more and no fewer, with the same bytes."""
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


def _content(model: Path, name: str) -> bytes:
    """The bytes of one file as they are now; whether they are the signed ones, `Verified` asks."""
    handle = open_file(model if name == ONLY_FILE else model / name)
    with os.fdopen(handle, "rb") as file:
        return file.read()
