"""Who signed a model, and whether the trust policy lets them.

A policy may name one key, or one certificate's names, several times: for other models each time.
Every rule that names the signer is asked, and one that lets the model in is enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bartizan.core.errors import InputError, TrustError
from bartizan.crypto.oms.bundle import Bundle
from bartizan.crypto.oms.certificate import certified
from bartizan.crypto.oms.ec_key import VerifyingKey
from bartizan.supply.signing.trust import Signatory, Trust


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Who is said to have signed, by one rule of the policy."""

    label: str
    """``key:<fingerprint>``, or ``certificate:<name>``."""
    signatory: Signatory
    """The rule."""
    key: VerifyingKey
    """The same in all rules that name the signer of one bundle."""


def signers_of(bundle: Bundle, *, trust: Trust, now: datetime) -> tuple[Signer, ...]:
    """Every rule of the policy that names whoever is said to have signed.

    Args:
        bundle: Whose signature was not checked yet.
        trust: Whom to believe.
        now: With a time zone; decides whether certificates are valid.

    Returns:
        One or more, in the order of the policy, with one key.

    Raises:
        TrustError: no rule names them.
    """
    if bundle.chain:
        return _certified(bundle, trust=trust, now=now)
    carried = _carried(bundle)
    hint = bundle.hint or ("" if carried is None else carried.fingerprint)
    found = tuple(
        Signer(label=f"key:{hint}", signatory=one, key=key)
        for one in trust.signatories
        if hint and one.fingerprint == hint and (key := one.key or carried) is not None
    )
    return found or _only_key(trust, hint=hint)


def permitted(signers: Sequence[Signer], *, trust: Trust, model: Path) -> Signer:
    """The first rule that lets its signer sign this model.

    Args:
        signers: From `signers_of`; the signature is theirs.
        trust: The policy.
        model: Where it lies.

    Raises:
        TrustError: none does; the message names each rule and why it does not.
    """
    refusals = []
    for one in signers:
        why = trust.refusal(one.signatory, model=model)
        if not why:
            return one
        refusals.append(f"{one.signatory.rule or one.label} {why}")
    message = (
        f"whoever signed {model} may not sign it: {'; '.join(refusals)}; expected another "
        "signatory, or another place"
    )
    raise TrustError(message)


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


def _only_key(trust: Trust, *, hint: str) -> tuple[Signer, ...]:
    """A bundle without any hint is checked with the only key there is, if there is only one."""
    known = {one.fingerprint: one.key for one in trust.signatories if one.key is not None}
    if not hint and len(known) == 1:
        return tuple(
            Signer(label=f"key:{one.fingerprint}", signatory=one, key=one.key)
            for one in trust.signatories
            if one.key is not None
        )
    expected = ", ".join(
        f"{one.rule} ({one.fingerprint[:16]}...)" for one in trust.signatories if one.fingerprint
    )
    message = (
        f"the model was signed with the key {hint[:64]!a}, which is not trusted here; expected "
        f"{expected or 'no bare key at all'}"
    )
    raise TrustError(message)


def _certified(bundle: Bundle, *, trust: Trust, now: datetime) -> tuple[Signer, ...]:
    if not trust.roots:
        message = (
            "the model was signed with a certificate, and no root is trusted here; name one with "
            "--root and --identity, or in [supply.trust]"
        )
        raise TrustError(message)
    skew_s = trust.policy.clock_skew_s
    found = certified(bundle.chain, roots=trust.roots, now=now, skew_s=skew_s)
    signers = tuple(
        Signer(label=f"certificate:{one.name}", signatory=one, key=found.key)
        for one in trust.signatories
        if one.name and one.name in found.names
    )
    if not signers:
        named = ", ".join(f"{one.rule} ({one.name})" for one in trust.signatories if one.name)
        message = (
            f"the model was signed by {found.subject}, whom a trusted root certifies, but who is "
            f"none of the identities that may sign here: {named}"
        )
        raise TrustError(message)
    return signers
