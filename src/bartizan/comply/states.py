"""Controls on one day: what evidence shows of them, what it contradicts, what is missing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bartizan.core.compliance import ControlState
from bartizan.core.control import Control
from bartizan.core.known import Item, Known, Proof, settled
from bartizan.core.system import ControlClaim, said_of


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What states rest on."""

    known: Known
    items: Sequence[Item]
    """The models and data sets."""
    claims: Sequence[ControlClaim]
    age_days: float


def control_states(controls: Iterable[Control], *, ground: Ground) -> tuple[ControlState, ...]:
    """Each control, by what evidence shows of it, else by what the project says.

    Args:
        controls: Of the catalogue.
        ground: Evidence and claims.
    """
    return tuple(_control(one, ground=ground) for one in controls)


def _control(control: Control, *, ground: Ground) -> ControlState:
    shown, proofs = ground.known.shown_of_each(control, ground.items)
    claims = [one for one in ground.claims if one.id == control.id]
    looked = ground.known.looked(control, claims)
    failed = any(one.outcome == "fail" for one in proofs)
    return ControlState(
        id=control.id,
        title=control.title,
        about=control.about,
        stage=control.stage,
        owner=next((one.owner for one in claims if one.owner), control.role),
        status=settled(shown or looked is not None, said_of(claims), failed=failed),
        by_evidence=control.seen_by_programs,
        proofs=proofs,
        looked=looked,
        expires=looked.due if looked else _expires(proofs, age_days=ground.age_days),
        command=control.command,
        note="; ".join(dict.fromkeys(one.note for one in claims if one.note)),
    )


def _expires(proofs: Iterable[Proof], *, age_days: float) -> str:
    passed = [one for one in proofs if one.outcome == "pass"]
    days = [datetime.fromisoformat(one.when) + timedelta(days=age_days) for one in passed]
    return min(days).date().isoformat() if days else ""
