"""Whom to believe about models, as a person writes it down, and the keys that this comes to."""

import tomllib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from bartizan.core.decoding import plain
from bartizan.core.errors import ConfigError, UsageError
from bartizan.core.record import UserInput
from bartizan.crypto.oms.certificate import certificates_of_pem
from bartizan.crypto.oms.ec_key import VerifyingKey

LIMIT_BYTES = 1 << 20
"""Of a policy and of a file of keys: some thousands."""
Digest = Annotated[
    str, Meta(pattern="^sha256:[0-9a-f]{64}$", description="a digest, sha256: and 64 hex digits")
]
Fingerprint = Annotated[
    str,
    Meta(pattern="^[0-9a-f]{64}$", description="SHA-256 of the public key's PEM, 64 hex digits"),
]
Seconds = Annotated[float, Meta(ge=0, le=86_400)]


class TrustedKey(UserInput, frozen=True, kw_only=True):
    """A public key that may sign models. Exactly one of path, pem and fingerprint is given."""

    path: str = ""
    """A PEM file, relative to the file that says so."""
    pem: str = ""
    """The key itself."""
    fingerprint: Fingerprint | None = None
    """Of a key that the bundle carries itself."""
    models: tuple[str, ...] = ()
    """Files and folders, relative as above, that it may sign, with all below them; none = all."""


class TrustedName(UserInput, frozen=True, kw_only=True):
    """A name in a certificate of somebody who may sign models."""

    name: Annotated[str, Meta(min_length=1)]
    """E-mail address, URI or DNS name; of a certificate without one, its common name."""
    models: tuple[str, ...] = ()
    """As of a key."""


class TrustPolicy(UserInput, frozen=True, kw_only=True):
    """Whom to believe about models."""

    key: tuple[TrustedKey, ...] = ()
    roots: tuple[str, ...] = ()
    """PEM files of certificate authorities, relative to the file that says so."""
    identity: tuple[TrustedName, ...] = ()
    """Who of those whom the roots certify may sign; needed where there are roots."""
    signed_after: date | None = None
    """The signer must say that they signed on this day or later."""
    revoked: tuple[Digest, ...] = ()
    """Root digests of models that are not to be used any more."""
    versions: bool = False
    """Whether every model must have a version, so that none can be put back to an older one."""
    clock_skew_s: Seconds = 300.0
    """How far the clocks of issuers and of this machine may differ."""


@dataclass(frozen=True, kw_only=True)
class Signatory:
    """Somebody who may sign some models."""

    fingerprint: str = ""
    """Of their key; empty = whoever a root certifies under the name."""
    key: VerifyingKey | None = None
    """None = it comes with the bundle."""
    name: str = ""
    models: tuple[str, ...] = ()
    rule: str = ""
    """What messages call it, such as ``key 2``."""


@dataclass(frozen=True, kw_only=True)
class Trust:
    """A policy with its keys read."""

    policy: TrustPolicy = field(default_factory=TrustPolicy)
    signatories: tuple[Signatory, ...] = ()
    roots: tuple[Any, ...] = field(default=(), repr=False)
    """Certificates, for `crypto.oms.certificate`."""
    folder: Path = Path()
    """What paths of models are relative to."""

    def refusal(self, signatory: Signatory, *, model: Path) -> str:
        """Why somebody may not sign a model; empty if they may.

        Links are followed first: it is about where the model is, not about what leads there.
        """
        if not signatory.models:
            return ""
        place, base = model.resolve(), self.folder.resolve()
        if any(place.is_relative_to(base / one) for one in signatory.models):
            return ""
        return f"may sign {', '.join(signatory.models)} below {base}, and not this"


def read_policy(path: Path) -> TrustPolicy:
    """A policy from a file of its own, TOML or JSON.

    Raises:
        UsageError: it cannot be read.
        ConfigError: it says something that is not understood.
    """
    raw = _content(path, what="the trust policy")
    try:
        if path.suffix == ".json":
            return msgspec.json.decode(raw, type=TrustPolicy)
        document = tomllib.loads(raw.decode("utf-8"))
        return msgspec.convert(document, TrustPolicy)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        message = f"{path} is no trust policy: {plain(str(error))}"
        raise ConfigError(message) from error


def trusted(policy: TrustPolicy, *, folder: Path) -> Trust:
    """Read the keys and roots of a policy.

    Args:
        policy: What a person wrote.
        folder: What its paths are relative to.

    Raises:
        UsageError: a file cannot be read.
        InputError: a file holds no key or certificate of the right kind.
        ConfigError: it trusts nobody, or contradicts itself.
    """
    if bool(policy.roots) != bool(policy.identity):
        message = (
            "the trust policy must name roots and identities together: a root alone would let "
            "everybody whom it ever certified sign models"
        )
        raise ConfigError(message)
    if not policy.key and not policy.roots:
        message = "the trust policy trusts nobody; name a key, or roots with identities"
        raise ConfigError(message)
    roots = [
        certificate
        for one in policy.roots
        for certificate in certificates_of_pem(_content(folder / one, what="roots"), where=one)
    ]
    signatories = [
        _of_key(one, folder=folder, rule=f"key {place}") for place, one in enumerate(policy.key, 1)
    ]
    signatories += [
        Signatory(name=one.name, models=one.models, rule=f"identity {place}")
        for place, one in enumerate(policy.identity, 1)
    ]
    return Trust(policy=policy, signatories=tuple(signatories), roots=tuple(roots), folder=folder)


def _of_key(one: TrustedKey, *, folder: Path, rule: str) -> Signatory:
    given = (one.path, one.pem, one.fingerprint or "")
    if sum(map(bool, given)) != 1:
        message = "a trusted key has exactly one of path, pem and fingerprint"
        raise ConfigError(message)
    if one.fingerprint is not None:
        return Signatory(fingerprint=one.fingerprint, models=one.models, rule=rule)
    pem = one.pem.encode() or _content(folder / one.path, what="the public key")
    key = VerifyingKey.of_pem(pem, where=one.path or "the key in the trust policy")
    return Signatory(fingerprint=key.fingerprint, key=key, models=one.models, rule=rule)


def _content(path: Path, *, what: str) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(LIMIT_BYTES + 1)
    except (OSError, ValueError) as error:
        message = f"cannot read {what} {path}: {getattr(error, 'strerror', None) or error}"
        raise UsageError(message) from error
    if len(raw) > LIMIT_BYTES:
        message = f"{path} is larger than {LIMIT_BYTES} bytes, which no file of keys is"
        raise UsageError(message)
    return raw
