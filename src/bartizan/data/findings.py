"""Findings and their evidence, from what inspections saw."""

import dataclasses
from collections.abc import Mapping
from typing import TypeAlias

import msgspec

from bartizan.adapt.batches.reading import BATCH_ROWS
from bartizan.core.entry import CheckResult
from bartizan.core.errors import Error
from bartizan.core.evidence import Evidence, Subject
from bartizan.core.finding import Finding, Outcome, Threshold
from bartizan.core.verdict import judged
from bartizan.data.detector_slot import DetectorSlot
from bartizan.data.request import Request
from bartizan.data.slot import Slot

AnySlot: TypeAlias = Slot | DetectorSlot


def finding_of(slot: AnySlot, *, request: Request, complete: bool) -> Finding:
    """Judge one inspection.

    Args:
        slot: What it saw.
        request: The question.
        complete: Whether all rows were read and weighed: else nothing passes or fails. A detector
            answers for itself.
    """
    blank = _blank(slot, request=request)
    result = slot.result if complete and slot.error is None else None
    if result is None or blank.threshold is None:
        outcome, reason = _why_nothing(slot, request=request, complete=complete)
        return msgspec.structs.replace(blank, outcome=outcome, reason=reason)
    line = _line(blank.threshold, result)
    outcome, reason = judged(result.measures[0], line, unsure=slot.entry.unsure)
    if not slot.control.passed:
        outcome, said = _why_nothing(slot, request=request, complete=complete)
        if not isinstance(slot, DetectorSlot):
            return msgspec.structs.replace(blank, outcome=outcome, reason=said)
        reason = f"{said}. What it saw all the same decides nothing: {reason}"
    return msgspec.structs.replace(
        blank,
        outcome=outcome,
        reason=reason,
        severity=result.severity if outcome == "fail" else "none",
        threshold=line,
        measures=result.measures,
        series=result.series,
        importances=result.importances,
        flagged=result.flagged,
        suspects=slot.suspects,
        remarks=result.remarks,
    )


def evidence_of(
    finding: Finding,
    slot: AnySlot,
    *,
    request: Request,
    subject: Subject,
    rows: int,
    more: Mapping[str, int | str] | None = None,
) -> Evidence:
    """How a finding came to be.

    Args:
        finding: What it says.
        slot: What it saw.
        request: The question.
        subject: The data.
        rows: Rows that were looked at.
        more: Settings of the run, beside those of the entry.
    """
    return Evidence(
        finding=finding.id,
        subjects=(subject,),
        params={**dataclasses.asdict(slot.entry.params), **(more or {})},
        seed=request.seed,
        block_rows=BATCH_ROWS,
        rows=rows,
        versions=dict(request.versions),
        catalog=request.catalog,
        control=slot.control.detail,
    )


def _line(line: Threshold, result: CheckResult) -> Threshold:
    """The line that the data sets, unless a policy has one."""
    if result.line is None or line.source == "policy":
        return line
    return msgspec.structs.replace(line, value=result.line)


def _why_nothing(slot: AnySlot, *, request: Request, complete: bool) -> tuple[Outcome, str]:
    """Why there is no verdict."""
    if slot.error is not None:
        return "inconclusive", _broke(slot.error, request=request)
    if isinstance(slot, DetectorSlot) and slot.refused:
        return "inconclusive", slot.refused
    if not complete and isinstance(slot, DetectorSlot):
        return "not-run", "the run ended before this detector had looked at the rows"
    if not complete:
        return "not-run", "the run ended before all rows were read and weighed"
    return "inconclusive", f"it missed the case planted for it: {slot.control.detail}"


def _broke(error: Exception, *, request: Request) -> str:
    """What broke; messages may quote a value, and some values are personal."""
    kind = type(error).__name__
    if any(feature.personal for feature in request.brief.schema.features):
        return f"it crashed: {kind} (its message is not shown: it may quote personal values)"
    return str(error) if isinstance(error, Error) else f"it crashed: {kind}: {error}"


def _blank(slot: AnySlot, *, request: Request) -> Finding:
    """A finding with everything but the verdict."""
    entry, name = slot.entry, request.brief.name
    measure, op, value = entry.threshold
    own = request.thresholds.get(entry.id)
    identity = f"{entry.id}@{name}"
    return Finding(
        id=identity,
        entry=entry.id,
        title=entry.title,
        subject=name,
        outcome="not-run",
        reason="the run ended before this began",
        threshold=Threshold(
            measure=measure,
            op=op,
            value=value if own is None else own,
            source="default" if own is None else "policy",
        ),
        taxonomy=entry.taxonomy,
        fix=entry.fix,
        reproduce=f"{request.reproduce} --entry {entry.id}" if request.reproduce else "",
        waived=request.waive(identity),
    )
