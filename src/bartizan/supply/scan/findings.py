"""Findings from what scanners noticed."""

from collections.abc import Sequence

from bartizan.core.entry import FLAGGED
from bartizan.core.finding import Finding, Flagged, Measure, Outcome, Severity, Threshold
from bartizan.core.verdict import OPEN
from bartizan.supply.scan.allowing import briefly, in_full
from bartizan.supply.scan.dispatch import Read
from bartizan.supply.scan.entry import ENTRY
from bartizan.supply.scanners.notice import VERDICTS, Notice, Verdict

_OUTCOMES: dict[Verdict, tuple[Outcome, Severity]] = {
    "malicious": ("fail", "critical"),
    "suspicious": ("fail", "high"),
    "inconclusive": ("inconclusive", "none"),
    "clean": ("pass", "none"),
}
"""What is suspicious fails too: it is worse than what could not be read, which passes nowhere."""
_TOLD = 200
"""Characters of a name in a sentence."""


def identity(name: str) -> str:
    """The id of the finding of one file.

    Example:
        >>> identity("models/fraud.pkl")
        'artifact.scan@models/fraud.pkl'
    """
    return f"{ENTRY.id}@{name}"


def finding_of(name: str, read: Read, *, reproduce: str, owner: str = "") -> Finding:
    """Judge one file that was read.

    Args:
        name: Of the file.
        read: What was noticed in it.
        reproduce: The command that scans it again.
        owner: The model whose weights it holds, numbers that nobody read; empty = it is a file
            of its own.
    """
    outcome, severity = _OUTCOMES[read.verdict]
    ordered = sorted(read.notices, key=lambda one: -VERDICTS.index(one.verdict))
    return _finding(
        name,
        outcome=outcome,
        severity=severity,
        reason=_owned(owner) or _reason(read, ordered),
        measures=_measures(read),
        flagged=tuple(_flagged(one) for one in ordered[:FLAGGED]),
        remarks=_remarks(read, ordered),
        reproduce=reproduce,
    )


def refused(name: str, why: str, *, reproduce: str = "", begun: bool = True) -> Finding:
    """A file that nobody read.

    Args:
        name: Of the file.
        why: One sentence.
        reproduce: The command that tries again.
        begun: Whether somebody tried.
    """
    return _finding(
        name,
        outcome="inconclusive" if begun else "not-run",
        severity="none",
        reason=f"not read: {why}",
        reproduce=reproduce,
    )


def _finding(
    name: str,
    *,
    outcome: Outcome,
    severity: Severity,
    reason: str,
    measures: tuple[Measure, ...] = (),
    flagged: tuple[Flagged, ...] = (),
    remarks: tuple[str, ...] = (),
    reproduce: str,
) -> Finding:
    measure, op, value = ENTRY.threshold
    return Finding(
        id=identity(name),
        entry=ENTRY.id,
        title=ENTRY.title,
        subject=name,
        outcome=outcome,
        reason=reason,
        severity=severity,
        threshold=Threshold(measure=measure, op=op, value=value, source="default"),
        measures=measures,
        flagged=flagged,
        remarks=remarks,
        taxonomy=ENTRY.taxonomy,
        fix=ENTRY.fix,
        reproduce=reproduce,
    )


def _measures(read: Read) -> tuple[Measure, ...]:
    """How many places, and how much was read."""
    said = [notice.verdict for notice in read.notices]
    counts = {verdict: float(said.count(verdict)) for verdict in VERDICTS}
    return (
        Measure(
            name="harmful-places",
            value=counts["malicious"] + counts["suspicious"],
            unit="places",
        ),
        Measure(name="malicious-places", value=counts["malicious"], unit="places"),
        Measure(name=OPEN, value=counts["inconclusive"], unit="places"),
        Measure(
            name="bytes-walked",
            value=float(read.walked_bytes),
            unit=f"of {read.size_bytes:,} bytes",
            better="higher",
        ),
        Measure(name="streams-walked", value=float(read.streams), unit="streams", better="higher"),
    )


def _reason(read: Read, ordered: Sequence[Notice]) -> str:
    """One sentence, the worst first."""
    if not ordered:
        return (
            f"clean: all {read.size_bytes:,} bytes were read, in {read.streams} "
            f"{'stream' if read.streams == 1 else 'streams'}, and opening it calls nothing that is "
            "not known to be harmless"
        )
    first = ordered[0]
    same = sum(one.verdict == first.verdict for one in ordered) - 1
    more = f" (and {same:,} more {first.verdict} places)" if same else ""
    return f"{first.verdict}: {_told(first)}{more}{briefly(ordered)}"


def _told(notice: Notice) -> str:
    what = f"{notice.what[:_TOLD]}: " if notice.what else ""
    where = f", at {notice.where[:_TOLD]}" if notice.where else ""
    return f"{what}{notice.why.rstrip('.')}{where}"


def _flagged(notice: Notice) -> Flagged:
    return Flagged(
        column=notice.where[:_TOLD],
        value=notice.what[:_TOLD],
        why=f"{notice.verdict}, {notice.rule}: {notice.why}",
    )


def _owned(owner: str) -> str:
    return f"weights of {owner}, numbers that nobody reads as anything else" if owner else ""


def _remarks(read: Read, ordered: Sequence[Notice]) -> tuple[str, ...]:
    """What was read, and what is not told."""
    formats = " and ".join(read.formats) or "no known format"
    size = f"{read.walked_bytes:,} of {read.size_bytes:,} bytes"
    told = f"Read as {formats}; {size}, {read.streams} streams."
    left = len(ordered) - FLAGGED
    listed = (f"{left:,} more places are not listed.",) if left > 0 else ()
    return (told, *listed, *in_full(ordered))
