"""A gate as Markdown, for the summary of a CI job."""

from collections.abc import Sequence
from itertools import accumulate

from bartizan.core.compliance import ComplianceReport
from bartizan.core.finding import Finding
from bartizan.core.report import Report
from bartizan.report import words
from bartizan.report.comply import view
from bartizan.report.comply.markdown import row, table
from bartizan.report.markdown import text

_TABLE_BYTES, _NOTES_BYTES = 800_000, 100_000
"""GitHub refuses the summary of a step of more than 1 MiB."""
_ICONS = {
    "fail": "❌",
    "inconclusive": "❓",
    "not-run": "\N{HEAVY MINUS SIGN}",
    "pass": "✅",
}
_HELD = "\N{WHITE MEDIUM SMALL SQUARE}"
"""For what a waiver or the baseline holds back."""


def gate_summary(report: Report, *, rests_on: ComplianceReport) -> bytes:
    """What the gate says, what it looked at, and how the frameworks stand.

    Args:
        report: The run of the gate.
        rests_on: The report behind it.
    """
    kept, left = _within([_finding(one) for one in report.findings], most=_TABLE_BYTES)
    if left:
        kept.append(row("", "", f"{left} more in the JSON", ""))
    parts = [
        f"# {_ICONS[report.outcome]} Gate: {words.OUTCOMES[report.outcome]}",
        text(report.headline),
        *_notes(report),
        table(("Outcome", "What", "Why", "What to do"), kept) if kept else _NOTHING,
        text(view.headline(rests_on)),
    ]
    return ("\n\n".join(parts) + "\n").encode()


_NOTHING = "The gate had nothing to look at: no model is declared, and nothing was ever found."


def _notes(report: Report) -> list[str]:
    lines = [f"> **Note:** {text(one)}" for one in report.warnings]
    kept, left = _within(lines, most=_NOTES_BYTES)
    if left:
        kept.append(f"> **Note:** {left} more in the JSON")
    return ["\n".join(kept)] if kept else []


def _within(lines: Sequence[str], *, most: int) -> tuple[list[str], int]:
    """The first lines that have no more bytes than that in all, and how many are left."""
    sizes = accumulate(len(one.encode()) + 1 for one in lines)
    count = sum(size <= most for size in sizes)
    return list(lines[:count]), len(lines) - count


def _finding(one: Finding) -> str:
    icon = _HELD if one.waived else _ICONS[one.outcome]
    state = f"{one.outcome} ({one.severity})" if one.outcome == "fail" else one.outcome
    why = f"{words.waiver(one)} {one.reason}" if one.waived else one.reason
    return row(
        f"{icon} {state}",
        text(one.id),
        text(why),
        text(one.fix or one.reproduce) or "-",
    )
