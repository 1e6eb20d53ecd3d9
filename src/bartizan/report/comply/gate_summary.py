"""A gate as Markdown, for the summary of a CI job."""

from bartizan.core.compliance import ComplianceReport
from bartizan.core.finding import Finding
from bartizan.core.report import Report
from bartizan.report import words
from bartizan.report.comply import view
from bartizan.report.comply.markdown import row, table
from bartizan.report.markdown import text

_MOST_CHARACTERS = 900_000
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
    rows = [_finding(one) for one in report.findings]
    left = _MOST_CHARACTERS
    kept: list[str] = []
    for one in rows:
        left -= len(one)
        if left < 0:
            kept.append(row("", "", f"{len(rows) - len(kept)} more in the JSON", ""))
            break
        kept.append(one)
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
    notes = [f"> **Note:** {text(one)}" for one in report.warnings]
    return ["\n".join(notes)] if notes else []


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
