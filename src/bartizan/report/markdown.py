"""The report as Markdown, for the comment on a pull request."""

import re
from html import escape
from typing import Final

from bartizan.core.finding import Series, Suspect
from bartizan.core.report import Report
from bartizan.report import words
from bartizan.report.card import Card, about, cards, missing
from bartizan.report.curves import groups, table
from bartizan.report.group_tables import GroupTable, group_tables

_MOST_CHARACTERS = 60_000
"""GitHub refuses comments of more than 65,536 characters; GitLab takes far more."""
_EXAMPLES = 3
_CHANGES = 15
"""Features of an example; `report.json` has them all."""
_CURVE_ROWS = 6
"""A comment is read on a phone too."""
_IMPORTANCES = 8
"""Features of a table; the rest matter little, and the page has them all."""
_GROUPS = 12
"""Groups of a table; the page has more, and report.json all."""
_ICONS: Final = {
    "fail": "❌",
    "inconclusive": "❓",
    "not-run": "\N{HEAVY MINUS SIGN}",
    "pass": "✅",
}
_EXTRA = "\N{WHITE MEDIUM SMALL SQUARE}"
"""For findings that decide nothing."""
_ACTIVE = re.compile(r"([\\`*_\[\]|~#!])")
_LINES = re.compile(r"\s*[\r\n\u2028\u2029]+\s*")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def render(report: Report) -> bytes:
    """Write a comment: headline, table of findings, what failed and how, coverage.

    A comment that would be refused for its length leaves out details, and says so.
    """
    head = [
        f"# {_ICONS[report.outcome]} Bartizan: {words.OUTCOMES[report.outcome]}",
        text(report.headline),
        *_warnings(report),
        _findings(cards(report)),
    ]
    tail = [_coverage(report), f"{text(report.tool.name)} {text(report.tool.version)}"]
    left = _MOST_CHARACTERS - sum(len(part) for part in (*head, *tail))
    details: list[str] = []
    failed = [c for c in cards(report) if c.finding.outcome == "fail" and c.finding.decides]
    for position, card in enumerate(failed):
        part = _details(card)
        left -= len(part)
        if left < 0:
            details.append(f"{len(failed) - position} more in `report.html`.")
            break
        details.append(part)
    return ("\n\n".join([*head, *details, *tail]) + "\n").encode()


def text(raw: str) -> str:
    r"""Make text inert: no markup, no table cells, no HTML, no line breaks, nobody called.

    Example:
        >>> text("a|b <script> @team")
        'a\\|b &lt;script&gt; @<!-- -->team'
    """
    flat = words.visible(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", _LINES.sub(" ", raw)))
    return _ACTIVE.sub(r"\\\1", escape(flat, quote=False)).replace("@", "@<!-- -->")


def _warnings(report: Report) -> list[str]:
    """What went wrong with the run itself."""
    notes = list(report.warnings)
    if report.coverage.interrupted:
        notes.insert(0, f"The run ended early: {report.coverage.interrupted}")
    return ["\n".join(f"> **Note:** {text(note)}" for note in notes)] if notes else []


def row(*cells: str) -> str:
    """One line of a table; the cells are inert already."""
    return "| " + " | ".join(cells) + " |"


def rule(columns: int) -> str:
    """The line below the head of a table."""
    return "|" + " --- |" * columns


def _findings(found: tuple[Card, ...]) -> str:
    """The table of all findings, worst first, those that do not decide last."""
    rows = [row("Outcome", "What", "Attacker", "Measured", "Why"), rule(5)]
    rows += [_finding(card) for card in sorted(found, key=lambda card: not card.decides)]
    return "\n".join(rows)


def _finding(card: Card) -> str:
    """One row of that table."""
    one = card.finding
    attacker = text(one.attacker or "-")
    icon = _ICONS[one.outcome]
    deciding = card.deciding
    if not card.decides:
        attacker += f" ({words.STANDINGS[one.standing]}; does not decide)"
        icon = _EXTRA
    return row(
        f"{icon} {words.state(one)}",
        text(card.heading),
        attacker,
        text(words.value(deciding)) if deciding and deciding.value is not None else "-",
        text(f"{words.waiver(one)} {one.reason}" if one.waived else one.reason),
    )


def _details(card: Card) -> str:
    """One failed finding."""
    finding = card.finding
    parts = [f"## {text(card.heading)} ({finding.severity})", text(finding.reason)]
    if finding.threshold is not None:
        parts.append(f"Required: {text(words.line(finding.threshold))}.")
    parts += [_curves(group, card) for group in groups(finding.series)]
    if finding.examples:
        parts.append(_examples(card))
    parts += [_suspect(one) for one in finding.suspects]
    if finding.flagged:
        parts.append(_flagged(card))
    if finding.importances:
        parts.append(_importances(card))
    parts += [_audit(one) for one in group_tables(finding, most=_GROUPS)]
    parts += [text(remark) for remark in finding.remarks]
    if finding.fix:
        parts.append(f"**What to do:** {text(finding.fix)}")
    if finding.reproduce:
        parts.append(f"**Repeat it:**\n\n{_fenced(finding.reproduce)}")
    return "\n\n".join(parts)


def _curves(group: tuple[Series, ...], card: Card) -> str:
    """Curves as a small table."""
    numbers = table(group, rows=_CURVE_ROWS, keep=card.budget_on(group))
    head = [text(numbers.axis), *(text(column) for column in numbers.columns)]
    rows = [row(*(text(cell) for cell in cells)) for cells in numbers.rows]
    return "\n".join([row(*head), rule(len(head)), *rows])


def _examples(card: Card) -> str:
    """The cheapest successful changes."""
    rows = [row("Row", "Change", "Price", "Queries", "Was", "Taken for"), rule(6)]
    for one in card.cheapest(_EXAMPLES):
        changed = [
            f"{text(c.feature)}: {text(c.before)} → {text(c.after)}" for c in one.changes[:_CHANGES]
        ]
        more = len(one.changes) - _CHANGES
        changes = "<br>".join([*changed, *([f"and {more:,} more"] if more > 0 else [])])
        cost = (text(words.amount(one.price, card.unit)), f"{one.queries:,}")
        rows.append(row(str(one.row), changes, *cost, text(one.label), text(one.decision)))
    return "\n".join(rows)


def _suspect(one: Suspect) -> str:
    """A mark that seems to have been planted."""
    return (
        f"**Suspected mark:** {text(one.mark)}, which leads to {text(one.target)}; "
        f"{one.carriers:,} rows carry it."
    )


def _flagged(card: Card) -> str:
    """The first places in the data that a finding points at."""
    flagged = card.finding.flagged
    if all(one.row is None for one in flagged):
        rows = [row("Where", "What", "What is wrong"), rule(3)]
        rows += [
            row(text(one.column) or words.place(one), text(one.value), text(one.why))
            for one in flagged
        ]
        return "\n".join(rows)
    rows = [row("Row", "Column", "Value", "What is wrong"), rule(4)]
    rows += [
        row(words.place(one), text(one.column), text(one.value), text(one.why)) for one in flagged
    ]
    return "\n".join(rows)


def _importances(card: Card) -> str:
    """The features that the model rests on."""
    rows = [row("Feature", "Importance", "95 % interval", "Part of attacks"), rule(4)]
    for one in card.finding.importances[:_IMPORTANCES]:
        used = "" if one.attacked is None else words.amount(one.attacked, "share")
        interval = f"{one.low:.3f} to {one.high:.3f}"
        rows.append(row(text(one.feature), f"{one.value:.3f}", interval, text(used)))
    return "\n".join(rows)


def _audit(one: GroupTable) -> str:
    """Rates of groups, with their intervals."""
    rows = [row(text(one.title), "Rows", *(text(name) for name in one.head))]
    rows.append(rule(2 + len(one.head)))
    for group in one.groups:
        cells = (f"{value} ({span})" if span else value for value, span in one.cells(group))
        rows.append(row(text(group.group), f"{group.n:,}", *(text(cell) for cell in cells)))
    if one.more:
        rows.append(row(f"and {one.more:,} smaller ones", "", *("" for _ in one.head)))
    return "\n".join(rows)


def _fenced(command: str) -> str:
    """Code in a fence longer than any in the code."""
    longest = max((len(run) for run in re.findall("`+", command)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}sh\n{words.visible(_CONTROL.sub('', command))}\n{fence}"


def _coverage(report: Report) -> str:
    """What was looked at and what was not."""
    coverage = report.coverage
    rows = f"{coverage.rows_total:,} rows."
    if about(report) == "artifact":
        rows = f"{len(report.findings):,} findings."
    if about(report) == "model":
        rows = f"{coverage.rows_total:,} rows, no attack was planned."
    if report.attackers:
        rows = (
            f"at most {coverage.rows:,} of {coverage.rows_protected:,} rows that could be attacked "
            f"(of {coverage.rows_total:,})."
        )
    lines = ["## Coverage", f"Profile {text(coverage.profile)}, seed {coverage.seed}; {rows}"]
    gaps = [f"- **Planned, no finding:** {text(identity)}" for identity in missing(report)]
    gaps += [f"- **Not covered: {text(gap.what)}.** {text(gap.why)}" for gap in coverage.gaps]
    if gaps:
        lines.append("\n".join(gaps))
    if coverage.threats:
        told = [
            row(f"{text(one.title)} (`{one.threat}`)", words.ANSWERS[one.said])
            for one in coverage.threats
        ]
        lines.append("\n".join([row("Threat of the system", "This run"), rule(2), *told]))
    if coverage.sights:
        seen = [row(f"`{one.entry}`", text(one.sees), text(one.misses)) for one in coverage.sights]
        lines.append("\n".join([row("Detector", "Sees", "Cannot see"), rule(3), *seen]))
    return "\n\n".join(lines)
