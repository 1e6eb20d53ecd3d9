"""A model of the worked example: scanned, signed, sealed, admitted; and one put in its place."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec

from bartizan.assess.run import Assessment
from bartizan.config import FILE_NAME, read_config
from bartizan.core.errors import OutputError
from bartizan.core.finding import Waived
from bartizan.crypto.identity import new_identity, recipients_of
from bartizan.crypto.oms.ec_key import SigningKey
from bartizan.crypto.safe_file import PRIVATE
from bartizan.crypto.safe_file import replace as put
from bartizan.crypto.sealing import Written, seal
from bartizan.lifecycle.places import WORKSPACE
from bartizan.supply.admission.terms import Profile
from bartizan.supply.signing.place import signature_of
from bartizan.supply.signing.signing import Pen, Signature
from bartizan.supply.signing.trust import Trust, TrustedKey, TrustPolicy, trusted
from bartizan.workspace import Admitted, Scanned, Workspace, from_project, ledger_settings
from bartizan.workspace.declared import declared

_ACCEPTED_DAYS = 30
"""How long the example's owner accepts what was found."""


@dataclass(frozen=True)
class Shipped:
    """What became of the model."""

    scanned: Scanned
    signature: Signature
    sealed: Written
    refused: Admitted
    """As it was assessed."""
    admitted: Admitted
    """Once its owner had accepted what was found, for a time."""
    swapped: Admitted
    """Another model under its name and its signature."""


def ship(
    folder: Path,
    *,
    seed: int,
    profile: str,
    workers: int,
    told: Callable[[str], object],
    shown: Callable[[Assessment], object],
) -> Shipped:
    """Take the first model of the example from its assessment to where it may be served.

    Args:
        folder: Of the example; its models have been assessed.
        seed: As in the assessment.
        profile: As in the assessment.
        workers: Processes.
        told: Called with what happens next, in words.
        shown: Runs an assessment by iterating over it, showing its progress.

    Raises:
        OutputError: the folder cannot be written.
    """
    config = read_config(folder / FILE_NAME)
    first, other = config.model[:2]
    model = folder / first.path
    with Workspace(folder / WORKSPACE, ledger=ledger_settings(config)) as ws:
        told(f"scanning {model.name}: what would opening it do?")
        scanned = ws.supply.scan(model)
        told("signing it, and sealing a copy for whoever serves it")
        key = _key(folder)
        signature = ws.supply.sign(model, pen=Pen(key=key), force=True)
        sealed = _sealed(model, folder=folder)
        trust = _trust(folder)
        told("asking whether it may be served")
        asked = replace(
            declared(config, folder, model=model, today=_today()),
            profile=msgspec.convert(profile, Profile),
        )
        refused = ws.supply.admit(model, trust=trust, declared=asked)
        told(f"its owner accepts what was found for {_ACCEPTED_DAYS} days; asking again")
        inputs = from_project(config, folder, today=_today(), model_name=first.name)
        run = ws.assessment(
            replace(inputs, waive=_accepted),
            profile=profile,
            seed=seed,
            workers=workers,
            resume=True,
        )
        shown(run)
        ws.finished(run, inputs)
        asked = replace(asked, waived=lambda finding: _accepted(finding) is not None)
        admitted = ws.supply.admit(model, trust=trust, declared=asked)
        told(f"putting {other.name} in its place, with its name and its signature")
        place = _swapped(model, folder / other.path)
        swapped = ws.supply.admit(place, trust=trust, declared=asked)
    admitted.save(folder / "admission")
    return Shipped(
        scanned=scanned,
        signature=signature,
        sealed=sealed,
        refused=refused,
        admitted=admitted,
        swapped=swapped,
    )


def _key(folder: Path) -> SigningKey:
    """A new key, with its halves in files as `bartizan supply key` writes them."""
    key = SigningKey.new()
    put(folder / "release.pem", key.pem(), mode=PRIVATE)
    put(folder / "release.pem.pub", key.public.pem)
    return key


def _trust(folder: Path) -> Trust:
    policy = TrustPolicy(key=(TrustedKey(path="release.pem.pub"),))
    return trusted(policy, folder=folder)


def _sealed(model: Path, *, folder: Path) -> Written:
    """A copy that only the holder of a new identity can open."""
    secret, public = new_identity()
    put(folder / "serving.key", secret.encode(), mode=PRIVATE)
    place = model.with_name(f"{model.name}.age")
    return seal(model, to=place, lock=recipients_of([public]), force=True)


def _accepted(finding: str) -> Waived | None:
    """The owner's word on what the attacks found; on nothing else."""
    if not finding.startswith("evasion."):
        return None
    expires = _today() + timedelta(days=_ACCEPTED_DAYS)
    return Waived(
        owner="the demo",
        reason="payments above 60 euro are called back by telephone",
        expires=expires.isoformat(),
    )


def _swapped(model: Path, other: Path) -> Path:
    """Another model under the name and the signature of one that was admitted."""
    place = model.parent / "swapped" / model.name
    try:
        place.parent.mkdir(exist_ok=True)
        shutil.copyfile(other, place)
        shutil.copyfile(signature_of(model), signature_of(place))
    except OSError as error:
        message = f"cannot write {place}: {error.strerror}; choose another --out"
        raise OutputError(message) from error
    return place


def _today() -> date:
    return datetime.now(UTC).date()
