"""What the project, its files and its ledger say on one day, for the stage `comply`."""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from bartizan.comply.governance import audit_states, policy_states
from bartizan.comply.open_findings import Streak, Tracking, streaks, subject_of
from bartizan.comply.report import Facts, expired_waivers
from bartizan.comply.states import Ground
from bartizan.core.compliance import AuditState, PolicyState, ThreatState
from bartizan.core.errors import InputError
from bartizan.core.evidence import Subject
from bartizan.core.fact import Audited, Fact, Found, SignedOff
from bartizan.core.nearest import near
from bartizan.core.threat import ThreatModel
from bartizan.frameworks.controls import controls
from bartizan.supply.bom.papers import read_whole
from bartizan.workspace.current import Place, Today, all_data_read, items_of

POLICY_BYTES = 16 << 20
"""Of one policy: a long one with pictures, as PDF, has a few."""


def facts_of(today: Today, *, model: ThreatModel | None) -> Facts:
    """Everything that a report rests on.

    Args:
        today: The project.
        model: Its threat model, if a system is described.
    """
    place, subjects, known = today.place, today.subjects, today.known
    config, day = place.config, place.now.date()
    said = [one for one in today.said if isinstance(one, Found)]
    opened = streaks(
        said,
        today={one.digest for one in subjects},
        whole=all_data_read(config, subjects),
    )
    found, gone = _here(opened, place=place, subjects=subjects)
    policies, audits = _governed(place, said=today.said)
    return Facts(
        ground=Ground(
            known=known,
            items=items_of(subjects),
            claims=config.control,
            age_days=config.comply.evidence_age_days,
        ),
        tracking=Tracking(
            controls=tuple(controls().values()),
            days=config.comply.days,
            day=day,
            waiver_for=lambda name: config.waiver_for(name, day),
            threats=_threats(model),
        ),
        streaks=found,
        subjects=subjects,
        system=config.described() if config.system else None,
        personal=tuple(
            f"{owner}.{name}"
            for owner, features in config.schema.items()
            for name, feature in features.items()
            if feature.personal
        ),
        policies=policies,
        audits=audits,
        threats=_standings(model),
        questions=len(model.questions) if model else 0,
        expired=expired_waivers(
            [(one.finding, one.owner, one.expires) for one in config.expired(day)]
        ),
        warnings=(
            *_unwritten(place),
            *_without_bytes(place, subjects=subjects),
            *gone,
            *_unmatched(place, findings={one.finding for one in said}),
        ),
    )


def _unmatched(place: Place, *, findings: Collection[str]) -> Iterator[str]:
    """Waivers of findings that nobody ever found."""
    for one in place.config.waiver:
        if findings and one.finding not in findings:
            meant = near(one.finding, sorted(findings))
            yield f"the waiver of {one.finding!r} is of no finding in the ledger{meant}"


def _here(
    found: Mapping[str, Streak], *, place: Place, subjects: Sequence[Subject]
) -> tuple[dict[str, Streak], tuple[str, ...]]:
    """Open findings about something that the project names or that lies in its folder.

    What was found of a model stays open when the model gets another name and is what it was.
    """
    today = {one.digest for one in subjects}
    names = {one.name for one in place.config.model}
    names |= {one.name for one in place.config.data}
    here, gone = {}, []
    for name, one in found.items():
        about = subject_of(name)
        same = any(digest in today for digest in one.last.about)
        if same or about in names or _lies(place.folder, about):
            here[name] = one
        else:
            gone.append(name)
    told = (
        "open findings about things that the project no longer has are left out "
        f"({len(gone)}): {', '.join(sorted(gone)[:_NAMED])}"
    )
    return here, (told,) if gone else ()


_NAMED = 5
"""Ids in a warning: enough to know what it is about."""


def _lies(folder: Path, name: str) -> bool:
    """Whether a file of that name is in the project.

    Names are relative to where somebody stood who looked at the file, which may be any folder of
    the project.
    """
    try:
        return bool(name) and ((folder / name).exists() or _below(folder, Path(name).name))
    except (OSError, ValueError):  # too long, or no path at all
        return False


def _below(folder: Path, name: str) -> bool:
    for seen, (_, folders, files) in enumerate(os.walk(folder)):
        folders[:] = [one for one in folders if not one.startswith(".")]
        if name in files or name in folders:
            return True
        if seen >= _FOLDERS:
            return True  # who knows: what is not looked for is not gone
    return False


_FOLDERS = 10_000
"""That are searched for a file."""


def _governed(
    place: Place, *, said: Sequence[Fact]
) -> tuple[tuple[PolicyState, ...], tuple[AuditState, ...]]:
    comply, day = place.config.comply, place.now.date()
    policies = policy_states(
        comply.policy,
        digests=policy_digests(place),
        facts=[one for one in said if isinstance(one, SignedOff)],
        day=day,
    )
    done = [one for one in said if isinstance(one, Audited)]
    return policies, audit_states(comply.audit, facts=done, day=day)


def policy_digests(place: Place) -> dict[str, str]:
    """By id, what the text of each policy is now; what cannot be read is not there."""
    found = {}
    for one in place.config.comply.policy:
        try:
            _, sha256 = read_whole(place.folder / one.path, limit=POLICY_BYTES)
        except InputError:
            continue
        found[one.id] = f"sha256:{sha256}"
    return found


def _unwritten(place: Place) -> tuple[str, ...]:
    if place.ledger is None or not place.ledger.begun:
        return ("there is no ledger yet: nothing was assessed, registered or signed off",)
    return ()


def _without_bytes(place: Place, *, subjects: Sequence[Subject]) -> tuple[str, ...]:
    """Models and data of which nobody can say whether they are what was tested."""
    named = [one.name for one in place.config.model]
    named += [one.name for one in place.config.data]
    here = {one.name for one in subjects}
    return tuple(
        f"{name!r} cannot be read as a file, so that no evidence is tied to it"
        for name in named
        if name not in here
    )


def _threats(model: ThreatModel | None) -> dict[str, list[str]]:
    """By finding, the threats whose risk it moves."""
    found: dict[str, list[str]] = {}
    for threat in model.threats if model else ():
        for proof in threat.rests_on:
            found.setdefault(proof.finding, []).append(threat.id)
    return found


def _standings(model: ThreatModel | None) -> tuple[ThreatState, ...]:
    return tuple(
        ThreatState(
            id=one.id, title=one.title, priority=one.residual.priority, standing=one.standing
        )
        for one in (model.threats if model else ())
    )
