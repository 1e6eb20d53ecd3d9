"""Findings and their evidence, from what was measured."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from bartizan.assess.bracket import brackets, limited, proofs, unproven
from bartizan.assess.explain import examples, weaknesses
from bartizan.assess.measure import curves, measures, unseen
from bartizan.assess.outcome import Attacked
from bartizan.assess.plan import Planned
from bartizan.assess.request import Request
from bartizan.assess.rows import Clean, protected_classes
from bartizan.assess.severity import evasion_severity
from bartizan.core.arrays import Ints
from bartizan.core.attacker import Access, most_seen
from bartizan.core.constraint import Constraint
from bartizan.core.entry import CheckResult, ControlResult, Entry
from bartizan.core.evidence import LINE, Evidence, Subject
from bartizan.core.finding import Finding, Outcome, Threshold
from bartizan.core.interval import share_interval
from bartizan.core.verdict import judged

_NAMED = 4
"""Classes that a sentence lists; there may be hundreds."""


@dataclass(frozen=True)
class Done:
    """What became of one planned item."""

    item: Planned
    control: ControlResult
    attacked: Attacked | None = None
    check: CheckResult | None = None
    share: float = 0.0
    """How much of a check was done before the run ended, 0..1."""
    errors: tuple[str, ...] = ()
    asked: int = 0
    """Questions behind it."""
    late: bool = False
    """Whether a time limit cut attacks short."""
    results: tuple[str, ...] = ()
    """Digests of the stored block results."""
    parts: tuple[tuple[str, Attacked], ...] = ()
    """Of a union: the ids of its attacks, and what each found."""
    remarks: tuple[str, ...] = ()
    """Sentences for the reader, beside the numbers."""


def attack_finding(
    done: Done, constraint: Constraint, *, request: Request, clean: Clean
) -> Finding:
    """Judge one attack."""
    attacker, attacked = constraint.attacker, done.attacked
    blank = _blank(done, request=request)
    line = blank.threshold
    if attacked is None or not attacked.rows.size or line is None:
        return _with(_open(blank, _why_nothing(done)), remarks=done.remarks)
    protected = protected_classes(attacker, request.model)
    found = measures(clean, attacked, attacker, protected)
    outcome, reason = judged(found[0], line, unsure=done.item.entry.unsure)
    outcome, reason = _doubted(done, outcome, reason)
    if outcome == "pass":
        outcome, reason = _earned(reason, attacked, line=line, clean=clean)
    if outcome == "pass" and done.item.entry.proves:
        why = unproven(attacked, attacker, line=line.value)
        outcome, reason = ("inconclusive", f"{reason}; but {why}") if why else (outcome, reason)
    severity = evasion_severity(found[0].value or 0.0, attacker.access)
    weak = weaknesses(attacked, request.data, constraint)
    names = ", ".join(weakness.feature for weakness in weak[:3])
    return _with(
        blank,
        outcome=outcome,
        reason=reason,
        severity=severity if outcome == "fail" else "none",
        measures=(*found, *proofs(attacked, attacker)),
        series=(
            *curves(clean, attacked, attacker, protected),
            *brackets(attacked, attacker, parts=done.parts),
        ),
        examples=examples(
            attacked,
            request.data,
            classes=request.model.classes,
            budget=attacker.budget,
            codec=request.codec,
        ),
        weaknesses=weak,
        remarks=(
            *done.remarks,
            *limited(attacked, attacker),
            *_left_out(unseen(clean, attacked, protected), request=request, n=len(attacked.rows)),
        ),
        fix=f"{blank.fix} Start with {names}." if names and outcome == "fail" else blank.fix,
    )


def _left_out(classes: Ints, *, request: Request, n: int) -> tuple[str, ...]:
    """Which classes the shares under attack leave out, and what to do; nothing if none."""
    if not classes.size:
        return ()
    names = ", ".join(repr(str(request.model.classes[c])) for c in classes[:_NAMED])
    more = f" and {len(classes) - _NAMED} more" if len(classes) > _NAMED else ""
    told = (
        f"Not one of the {n} attacked rows is of class {names}{more}. Recall, precision and "
        "accuracy, with and without attack, are those of the other classes; a larger --profile "
        "attacks more rows."
    )
    return (told,)


def check_finding(done: Done, *, request: Request) -> Finding:
    """Judge one check."""
    blank = _blank(done, request=request)
    check, line = done.check, blank.threshold
    if check is None or line is None:
        return _open(blank, _why_nothing(done))
    # A policy may ask for more than the check's own line, never for less: below it a pass means
    # nothing, such as a constant answer that is as good as chance.
    if check.line is not None and (line.source != "policy" or line.value < check.line):
        line = Threshold(measure=line.measure, op=line.op, value=check.line, source="default")
    outcome, reason = judged(check.measures[0], line, unsure=done.item.entry.unsure)
    if check.measures[0].value is not None:
        outcome, reason = _doubted(done, outcome, reason)
    return _with(
        blank,
        outcome=outcome,
        reason=reason,
        severity=check.severity if outcome == "fail" else "none",
        measures=check.measures,
        series=check.series,
        importances=check.importances,
        groups=check.groups,
        remarks=check.remarks,
        threshold=line,
    )


def steady(finding: Finding, *, drifted: str) -> Finding:
    """Take a pass back if the model changed under the run."""
    if not drifted or finding.outcome != "pass":
        return finding
    return _with(finding, outcome="inconclusive", reason=f"{finding.reason}; but {drifted}")


def evidence_of(
    finding: Finding, done: Done, *, request: Request, subjects: tuple[Subject, ...], probe: str
) -> Evidence:
    """How a finding came to be; `probe` says what its gradient showed, if it rests on one."""
    rows = done.attacked.rows if done.attacked is not None else done.item.rows
    return Evidence(
        finding=finding.id,
        subjects=subjects,
        attacker=done.item.attacker,
        access=_seen(done, request),
        params={
            **dataclasses.asdict(_settings(done, request)),
            "queries": done.item.queries,
            **(_audited(request) if finding.groups else {}),
        },
        basis={**request.basis, LINE: _line(done, request)},
        profile=request.profile.name,
        seed=request.seed,
        block_rows=request.block_rows,
        rows=len(rows),
        asked=done.asked,
        versions=dict(request.versions),
        catalog=request.catalog,
        control=done.control.detail,
        probe=probe,
        results=done.results,
    )


def _line(done: Done, request: Request) -> str:
    """Where the policy draws the line; empty = it leaves that to the entry."""
    line = request.thresholds.get(done.item.entry.id)
    return "" if line is None else str(line)


def _seen(done: Done, request: Request) -> Access:
    """What was seen of the model."""
    attacker = done.item.attacker
    return most_seen(request.attackers) if attacker is None else attacker.access


def _audited(request: Request) -> dict[str, str]:
    """Which groups were compared, and from how many rows on: bands are nowhere else."""
    return {
        f"audit.{one.column}": f"{'; '.join(one.names)} (at least {one.least} rows)"
        for one in request.data.groups
    }


def _settings(done: Done, request: Request) -> Any:
    """Settings that the entry was run with."""
    params = done.item.entry.params
    return request.profile.settings(params) if done.item.constraint is None else params


def _with(finding: Finding, **changes: object) -> Finding:
    return msgspec.structs.replace(finding, **changes)


def _open(blank: Finding, verdict: tuple[Outcome, str]) -> Finding:
    outcome, reason = verdict
    return _with(blank, outcome=outcome, reason=reason)


def _why_nothing(done: Done) -> tuple[Outcome, str]:
    """Why there is no number."""
    if done.errors:
        word = "an attack is missing" if done.item.entry.kind == "union" else "it crashed"
        return "inconclusive", f"{word}: {done.errors[0]}"
    if not done.control.passed:
        return "inconclusive", f"it missed the case planted for it: {done.control.detail}"
    if not done.item.rows.size:
        return "inconclusive", "the model gets no row of the protected classes right"
    if done.share:
        return "inconclusive", f"the run ended when {done.share:.0%} of this was done"
    return "not-run", "the run ended before this was done"


def _doubted(done: Done, outcome: Outcome, reason: str) -> tuple[Outcome, str]:
    """Take a verdict back where the work behind it was not done properly.

    What several attacks broke together is confirmed, whatever became of one of them.
    """
    if outcome == "fail" and done.parts and done.control.passed:
        return outcome, reason
    if not done.control.passed or done.errors:
        return _why_nothing(done)
    if done.late and outcome == "pass":
        what = "attack" if done.item.constraint is not None else "check"
        return "inconclusive", f"{reason}; but the time limit cut the {what} short"
    return outcome, reason


def _earned(
    reason: str, attacked: Attacked, *, line: Threshold, clean: Clean
) -> tuple[Outcome, str]:
    """Take a pass back that may only mean that nothing was there to be attacked.

    A constant answer cannot be evaded, and a model that answers the same row differently each
    time confirms no claim.
    """
    if not clean.better_than_chance:
        why = "the model is not shown to tell the classes apart, so holding means nothing"
        return "inconclusive", f"{reason}; but {why}"
    n = len(attacked.rows)
    broken = int(np.isfinite(attacked.price).sum())
    _, high = share_interval(attacked.rejected, n)
    if high > line.value and attacked.rejected > broken:
        why = (
            f"{attacked.rejected} claims on {n} rows did not hold when the model was asked again "
            "about the row alone; does it give the same row the same answer each time?"
        )
        return "inconclusive", f"{reason}; but {why}"
    return "pass", reason


def _blank(done: Done, *, request: Request) -> Finding:
    """A finding with everything but the verdict."""
    entry, attacker = done.item.entry, done.item.attacker
    name, op, value = entry.threshold
    own = request.thresholds.get(entry.id)
    assumed = attacker is not None and attacker.standing != "declared"
    identity = done.item.id(request.subject.name)
    return Finding(
        id=identity,
        entry=entry.id,
        title=entry.title,
        subject=request.subject.name,
        attacker=attacker.name if attacker else None,
        standing=attacker.standing if attacker else "declared",
        outcome="not-run",
        reason="the run ended before this began",
        threshold=Threshold(
            measure=name,
            op=op,
            value=value if own is None else own,
            source="policy" if own is not None else "assumed" if assumed else "default",
        ),
        taxonomy=entry.taxonomy,
        fix=entry.fix,
        reproduce=_again(entry, request) if request.reproduce else "",
        waived=request.waive(identity),
    )


def _again(entry: Entry, request: Request) -> str:
    """The command that repeats a finding; a union needs the attacks that it joins."""
    joined = [one for one in request.entries if entry.kind == "union" and one.kind == "attack"]
    return " ".join([request.reproduce, *(f"--entry {one.id}" for one in (*joined, entry))])
