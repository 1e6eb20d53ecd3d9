"""Clauses on one day: what evidence shows, what it contradicts, what is missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from msgspec.structs import replace

from bartizan.comply.backers import Backers
from bartizan.comply.crosswalk import BackingRow, Row, reader_of
from bartizan.comply.declared import DeclaredExclusion
from bartizan.core.compliance import (
    Backing,
    ClauseState,
    ClauseStatus,
    ControlState,
    FrameworkState,
    Link,
)
from bartizan.frameworks.framework import Clause, Framework


@dataclass(frozen=True, kw_only=True)
class Ties:
    """What clauses are judged by."""

    rows: Sequence[Row]
    """Of the crosswalk."""
    states: Mapping[str, ControlState]
    """Of controls, by id."""
    backings: Sequence[BackingRow] = ()
    backers: Backers = field(default_factory=Backers)
    out: Sequence[DeclaredExclusion] = ()
    """What does not apply, and who says so."""


def framework_state(framework: Framework, *, ties: Ties, day: date) -> FrameworkState:
    """One framework, clause by clause.

    A clause under which others stand is what those are together, and no better than what is tied to
    itself. What concerns generative systems only is not applicable to a model that predicts.

    Args:
        framework: With its clauses.
        ties: What its clauses are judged by.
        day: As of which.
    """
    out = _excluded(framework, out=ties.out)
    single = {
        clause.id: _clause(
            clause,
            rows=[r for r in ties.rows if (r.framework, r.clause) == (framework.id, clause.id)],
            backed=[
                r for r in ties.backings if (r.framework, r.clause) == (framework.id, clause.id)
            ],
            out=out.get(clause.id),
            ties=ties,
        )
        for clause in framework.clauses
    }
    joined = _joined(framework, single)
    return FrameworkState(
        id=framework.id,
        title=framework.title,
        version=framework.version,
        as_of=framework.as_of.isoformat(),
        source=framework.source,
        note=framework.note,
        clauses=tuple(
            _dated(joined[one.id], applies_from=one.applies_from, day=day)
            for one in framework.clauses
        ),
    )


def _excluded(
    framework: Framework, *, out: Sequence[DeclaredExclusion]
) -> dict[str, DeclaredExclusion]:
    """By clause, who says that it does not apply; what stands under a clause goes with it."""
    parents = {clause.id: clause.parent for clause in framework.clauses}
    said = {one.clause: one for one in reversed(out) if one.framework == framework.id}
    found: dict[str, DeclaredExclusion] = {}
    for clause in framework.clauses:
        at = clause.id
        while at and at not in said:
            at = parents[at]
        if at in said:
            found[clause.id] = said[at]
    return found


def _clause(
    clause: Clause,
    *,
    rows: Sequence[Row],
    backed: Sequence[BackingRow],
    out: DeclaredExclusion | None,
    ties: Ties,
) -> ClauseState:
    states = [ties.states[row.control] for row in rows]
    backing = tuple(ties.backers.backing(row) for row in backed)
    status, reason = _judged(clause, states, backed=backing, out=out)
    partial = status == "evidence present" and not _whole(rows, backing, states=ties.states)
    ends = [one.expires for one in states] + [ties.backers.expires(row) for row in backed]
    return ClauseState(
        id=clause.id,
        title=clause.title,
        parent=clause.parent,
        about=clause.about,
        status=status,
        reason=f"{reason}{_PART if partial else ''}",
        links=tuple(
            Link(
                control=row.control,
                relationship=row.relationship,
                why=row.why,
                by=reader_of(row),
            )
            for row in rows
        ),
        backed=backing,
        partial=partial,
        expires=_first(ends) if status in _DATED else "",
        applies_from=clause.applies_from.isoformat() if clause.applies_from else "",
        applies_note=clause.applies_note,
    )


_PART = "; this answers a part of the clause"
_DATED: tuple[ClauseStatus, ...] = ("evidence present", "evidence failing")
"""Where there is evidence, it grows old."""


def _first(days: Iterable[str]) -> str:
    return min((one for one in days if one), default="")


def _whole(
    rows: Sequence[Row], backed: Sequence[Backing], *, states: Mapping[str, ControlState]
) -> bool:
    """Whether something that is shown asks for as much as the clause."""
    said = [one.relationship for one in rows if states[one.control].status == "verified"]
    said += [one.relationship for one in backed if one.holds]
    return "equal" in said or "superset" in said


_GENERATIVE = "it concerns generative systems, and this one predicts"
_INFORMS = "it informs, and asks nothing that could be shown"
NOTHING = "nothing that Bartizan knows of answers it; a person has to"


def _judged(
    clause: Clause,
    states: Sequence[ControlState],
    *,
    backed: Sequence[Backing],
    out: DeclaredExclusion | None,
) -> tuple[ClauseStatus, str]:
    """A status and one sentence: the first of these that applies.

    Evidence is present only where all that evidence can show is shown: one of five would be a
    claim about the other four.
    """
    if out is not None:
        return "not applicable", f"{out.why} ({out.who})"
    if clause.generative or clause.informs:
        return "not applicable", _GENERATIVE if clause.generative else _INFORMS
    failing = [one.id for one in states if one.failing]
    if failing:
        return "evidence failing", f"findings speak against {', '.join(failing)}"
    shown = [one.id for one in states if one.status == "verified"]
    shown += [one.said for one in backed if one.holds]
    lacking = [one.id for one in states if one.by_evidence and one.status != "verified"]
    lacking += [one.said for one in backed if not one.holds]
    looked = [one.id for one in states if not one.by_evidence and one.status != "verified"]
    told = (("shown", shown), ("not shown", lacking), ("for a person to look at", looked))
    reason = "; ".join(f"{word}: {', '.join(names)}" for word, names in told if names)
    return ("evidence present" if shown and not lacking else "no evidence"), reason or NOTHING


def _joined(framework: Framework, single: Mapping[str, ClauseState]) -> dict[str, ClauseState]:
    """The same, with each clause above others judged by what stands under it as well."""
    under: dict[str, list[str]] = {}
    for clause in framework.clauses:
        under.setdefault(clause.parent, []).append(clause.id)
    found = dict(single)
    for one in _deepest_first(framework):
        if one in under:
            found[one] = _summed(found[one], [found[child] for child in under[one]])
    return found


def _deepest_first(framework: Framework) -> list[str]:
    """Ids, each before the clause it stands under."""
    parents = {clause.id: clause.parent for clause in framework.clauses}

    def depth(at: str) -> int:
        steps = 0
        while parents[at]:
            at, steps = parents[at], steps + 1
        return steps

    return sorted(parents, key=lambda one: -depth(one))


_WORST: tuple[ClauseStatus, ...] = ("evidence failing", "no evidence", "evidence present")


def _summed(state: ClauseState, parts: Iterable[ClauseState]) -> ClauseState:
    """The worst of what is tied to a clause and of what stands under it.

    Where no part applies, the whole may still: a catalogue need not list every part of a law.
    """
    apply = [one for one in parts if one.status != "not applicable"]
    if state.status == "not applicable" or not apply:
        return state
    judged = [state, *apply] if state.tied else apply
    status = min((one.status for one in judged), key=_WORST.index)
    partial = status == "evidence present" and any(one.partial for one in judged)
    return replace(
        state,
        status=status,
        reason="; ".join((*([_bare(state)] if state.tied else []), _below(apply)))
        + (_PART if partial else ""),
        partial=partial,
        expires=_first(one.expires for one in judged) if status in _DATED else "",
    )


def _bare(state: ClauseState) -> str:
    """The reason of its own, without what is said again of the whole."""
    return state.reason.removesuffix(_PART)


def _below(apply: Sequence[ClauseState]) -> str:
    """What stands under a clause, in numbers, and by name what fails."""
    present = sum(one.status == "evidence present" for one in apply)
    failing = [one.id for one in apply if one.status == "evidence failing"]
    said = f"under it: evidence for {present} of {len(apply)} clauses that apply"
    return f"{said}, failing for {', '.join(failing)}" if failing else said


def _dated(state: ClauseState, *, applies_from: date | None, day: date) -> ClauseState:
    """A law that is not in force yet says so."""
    if applies_from is None or applies_from <= day or state.status == "not applicable":
        return state
    return replace(state, reason=f"{state.reason}; it applies from {applies_from.isoformat()}")
