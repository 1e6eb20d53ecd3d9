"""What the project, its files and its ledger say on one day, for the stage `comply`."""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from bartizan.comply.applicability import SHIPPED
from bartizan.comply.crosswalk import backings, crosswalk
from bartizan.comply.governance import audit_states, policy_states
from bartizan.comply.open_findings import Streak, Tracking, streaks, subject_of
from bartizan.comply.report import Catalogues, Facts, expired_waivers
from bartizan.comply.states import Ground
from bartizan.config import Config
from bartizan.core.compliance import AuditState, PolicyState, ThreatState
from bartizan.core.errors import ConfigError, InputError
from bartizan.core.evidence import Subject
from bartizan.core.fact import Audited, Fact, Found, SignedOff
from bartizan.core.nearest import near, nearest
from bartizan.core.threat import ThreatModel
from bartizan.frameworks.controls import controls
from bartizan.frameworks.framework import Framework
from bartizan.frameworks.reading import frameworks, read
from bartizan.supply.bom.papers import read_whole
from bartizan.workspace.current import Place, Today, all_data_read, items_of

POLICY_BYTES = 16 << 20
"""Of one policy: a long one with pictures, as PDF, has a few."""
_CLAUSE_BYTES = 4 << 20
"""Of one file of clauses: the largest that ships has 0.1 MB."""


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


def catalogues_of(place: Place, *, named: Sequence[str]) -> Catalogues:
    """The frameworks to report on, and what ties controls to their clauses.

    Args:
        place: The project.
        named: Ids; none = as the project says.

    Raises:
        ConfigError: no framework has such an id.
        InputError: a file of clauses is none; the message names file and line.
    """
    config = place.config
    own = tuple(_own_clauses(place))
    known = {one.id: one for one in (*frameworks(), *own)}
    _exclusions_agree(config, known=known)
    _links_agree(config, known=known)
    mine = tuple(one.id for one in own)
    wanted = tuple(named) or (*(config.comply.frameworks or SHIPPED), *mine)
    for one in wanted:
        if one not in known:
            message = f"no framework {one!r}{nearest(one, known)}"
            raise ConfigError(message)
    return Catalogues(
        controls=controls(),
        chosen=[_asked(known[one]) for one in dict.fromkeys(wanted)],
        rows=(*crosswalk(), *config.comply.link),
        backings=backings(),
        out=config.comply.exclude,
    )


def _asked(one: Framework) -> Framework:
    """Of MITRE ATLAS, only what one does against attacks is asked for, and not the attacks."""
    if one.id != "mitre-atlas":
        return one
    return Framework(
        schema=one.schema,
        id=one.id,
        title=one.title,
        version=one.version,
        as_of=one.as_of,
        source=one.source,
        licence=one.licence,
        note=one.note,
        clauses=one.of_kind("mitigation"),
    )


def _own_clauses(place: Place) -> Iterator[Framework]:
    taken = dict.fromkeys((one.id for one in frameworks()), "a framework that is shipped")
    for name in place.config.comply.clause_files:
        raw, _ = read_whole(place.folder / name, limit=_CLAUSE_BYTES)
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            message = f"{name}: expected UTF-8 text, got the byte 0x{raw[error.start]:02x}"
            raise InputError(message) from error
        one = read(text, file=name)
        if one.id in taken:
            message = f"{name}: the id {one.id!r} is that of {taken[one.id]}; take another"
            raise InputError(message)
        taken[one.id] = name
        yield one


def _exclusions_agree(config: Config, *, known: Mapping[str, Framework]) -> None:
    """What is left out exists: otherwise it stays in, and nobody would know why.

    Raises:
        ConfigError: names the exclusion and the nearest that there is.
    """
    for position, one in enumerate(config.comply.exclude):
        where = f"comply.exclude[{position}]"
        if one.framework not in known:
            message = f"{where}: no framework {one.framework!r}{nearest(one.framework, known)}"
            raise ConfigError(message)
        clauses = [clause.id for clause in known[one.framework].clauses]
        if one.clause and one.clause not in clauses:
            message = (
                f"{where}: {one.framework} has no clause {one.clause!r}"
                f"{nearest(one.clause, clauses)}"
            )
            raise ConfigError(message)


def _links_agree(config: Config, *, known: Mapping[str, Framework]) -> None:
    """What is tied to a control exists, also in files of one's own.

    Raises:
        ConfigError: names the link and the nearest that there is.
    """
    for position, one in enumerate(config.comply.link):
        where = f"comply.link[{position}] ({one.control})"
        if one.framework not in known:
            message = f"{where}: no framework {one.framework!r}{nearest(one.framework, known)}"
            raise ConfigError(message)
        clauses = [clause.id for clause in known[one.framework].clauses]
        if one.clause not in clauses:
            message = (
                f"{where}: {one.framework} has no clause {one.clause!r}"
                f"{nearest(one.clause, clauses)}"
            )
            raise ConfigError(message)


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
