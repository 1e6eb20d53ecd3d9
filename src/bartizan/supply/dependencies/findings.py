"""Findings from what is wrong with dependencies: one for each file that names some."""

from collections.abc import Iterable, Sequence

from bartizan.core.entry import FLAGGED, ControlResult
from bartizan.core.finding import (
    SEVERITIES,
    Finding,
    Flagged,
    Measure,
    Outcome,
    Severity,
    Threshold,
)
from bartizan.supply.dependencies.check import SNAPSHOT, Checked
from bartizan.supply.dependencies.dependency import Concern, Listing
from bartizan.supply.dependencies.entry import ENTRY
from bartizan.supply.scanners.notice import VERDICTS


def findings_of(
    files: Iterable[str],
    listing: Listing,
    checked: Checked,
    *,
    control: ControlResult,
    fail_on: Severity = "low",
    reproduce: str = "",
) -> tuple[Finding, ...]:
    """Judge every file of dependencies.

    Args:
        files: Those that were read. Files that they include are added.
        listing: What they say.
        checked: What the look-up came to.
        control: Whether the planted case was found; nothing passes otherwise.
        fail_on: Least severity that fails a run. A failure below it would hide from whoever reads
            the outcome that something else could not be looked up: it is then inconclusive.
        reproduce: The command that asks again.

    Returns:
        In order of name. A finding fails if one of its lines is vulnerable or malicious, with the
        worst of their severities, and is inconclusive if something could not be looked up.
    """
    named = {one.file for one in listing.dependencies} | {one.file for one in listing.unread}
    everywhere = [one for one in checked.concerns if one.notice.rule == SNAPSHOT]
    return tuple(
        _finding(
            file,
            [one for one in checked.concerns if one.file == file] + everywhere,
            pinned=sum(one.file == file and bool(one.version) for one in listing.dependencies),
            checked=checked,
            control=control,
            fail_on=fail_on,
            reproduce=reproduce,
        )
        for file in sorted({*files, *named})
    )


def facts_of(checked: Checked) -> dict[str, str | int]:
    """What has to be known of the snapshot to repeat the look-up; empty = there was none."""
    if checked.snapshot is None:
        return {}
    return {
        "snapshot": checked.snapshot.digest,
        "snapshot_date": f"{checked.snapshot.date:%Y-%m-%dT%H:%M:%SZ}",
        "snapshot_dated_by": checked.snapshot.dated_by,
        "snapshot_records": checked.snapshot.records,
    }


def _finding(
    file: str,
    concerns: Sequence[Concern],
    *,
    pinned: int,
    checked: Checked,
    control: ControlResult,
    fail_on: Severity,
    reproduce: str,
) -> Finding:
    ordered = sorted(concerns, key=_worst_first)
    bad = [one for one in ordered if one.severity != "none"]
    if ordered:
        outcome, severity, reason = _wrong(ordered, fail_on=fail_on)
    else:
        outcome, severity, reason = _right(pinned=pinned, checked=checked, control=control)
    measure, op, value = ENTRY.threshold
    lines = {one.line for one in bad}
    return Finding(
        id=f"{ENTRY.id}@{file}",
        entry=ENTRY.id,
        title=ENTRY.title,
        subject=file,
        outcome=outcome,
        severity=severity,
        reason=reason,
        threshold=Threshold(measure=measure, op=op, value=value, source="default"),
        measures=(
            Measure(name="vulnerable-lines", value=float(len(lines)), n=pinned, unit="lines"),
            Measure(name="advisories", value=float(len(bad)), n=pinned, unit="advisories"),
            Measure(name="open-places", value=float(len(ordered) - len(bad)), unit="places"),
        ),
        flagged=tuple(_flagged(one) for one in ordered[:FLAGGED]),
        remarks=_remarks(checked, left=len(ordered) - FLAGGED),
        taxonomy=ENTRY.taxonomy,
        fix=ENTRY.fix,
        reproduce=reproduce,
    )


def _wrong(ordered: Sequence[Concern], *, fail_on: Severity) -> tuple[Outcome, Severity, str]:
    """The outcome where something is wrong, how bad it is, and one sentence."""
    bad = [one for one in ordered if one.severity != "none"]
    left = [one for one in ordered if one.severity == "none"]
    if not bad:
        return "inconclusive", "none", _told(left[0])
    also = f" (and {len(bad) - 1:,} more)" if len(bad) > 1 else ""
    said = f"{_told(bad[0])}{also}"
    if left and SEVERITIES.index(bad[0].severity) < SEVERITIES.index(fail_on):
        return "inconclusive", "none", f"{_told(left[0])}; besides, {said}"
    return "fail", bad[0].severity, said


def _right(
    *, pinned: int, checked: Checked, control: ControlResult
) -> tuple[Outcome, Severity, str]:
    """The outcome where nothing is wrong that was seen."""
    if not control.passed:
        return "inconclusive", "none", f"the planted case was missed: {control.detail}"
    if checked.snapshot is None:
        return "inconclusive", "none", "nothing was looked up"
    day = f"{checked.snapshot.date:%Y-%m-%d}"
    return "pass", "none", f"{pinned:,} fixed versions, none known to be vulnerable on {day}"


def _told(one: Concern) -> str:
    """A concern in one sentence."""
    parts = (one.notice.what, one.notice.where)
    front = ", ".join(part for part in parts if part)
    return f"{front}: {one.notice.why}" if front else one.notice.why


def _worst_first(one: Concern) -> tuple[int, int, int, str]:
    verdict = VERDICTS.index(one.notice.verdict)
    return (-SEVERITIES.index(one.severity), -verdict, one.line, one.notice.what)


def _flagged(one: Concern) -> Flagged:
    return Flagged(
        line=one.line or None, column=one.notice.where, value=one.notice.what, why=one.notice.why
    )


def _remarks(checked: Checked, *, left: int) -> tuple[str, ...]:
    """What was looked up in what, and what is not told."""
    more = (f"{left:,} more places are not listed.",) if left > 0 else ()
    if checked.snapshot is None:
        return more
    one = checked.snapshot
    told = (
        f"Looked up in {one.records:,} advisories of {one.date:%Y-%m-%d} (by {one.dated_by}), "
        f"{one.digest}."
    )
    return (told, *more)
