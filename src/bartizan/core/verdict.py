"""From numbers to a verdict, and what a finished run amounts to."""

from collections.abc import Sequence

from bartizan.core.finding import SEVERITIES, Finding, Measure, Outcome, Threshold
from bartizan.core.report import Report


def judged(measure: Measure, line: Threshold, *, unsure: Outcome) -> tuple[Outcome, str]:
    """Compare a measure and its 95 % interval with the line.

    Returns:
        The outcome and one sentence of reason: pass or fail only if the whole interval lies on
        that side, otherwise `unsure`.
    """
    if measure.value is None:
        return "inconclusive", f"{_words(measure.name)} could not be measured: {measure.why}"
    low = measure.value if measure.low is None else measure.low
    high = measure.value if measure.high is None else measure.high
    shown = f"{_words(measure.name)} is {_shown(measure)}"
    if line.op == "<=":
        good, bad, word = high <= line.value, low > line.value, "at most"
    else:
        good, bad, word = low > line.value, high < line.value, "more than"
    wanted = f"{word} {line.value:.1%} is accepted"
    if good:
        return "pass", f"{shown}; {wanted}"
    if bad:
        return "fail", f"{shown}; {wanted}"
    return unsure, f"{shown} on {measure.n} rows; {wanted}, and {_open(line, unsure)}"


def _open(line: Threshold, unsure: Outcome) -> str:
    """What an interval across the line amounts to, in words that fit the outcome."""
    if unsure not in ("pass", "fail"):
        return "the interval does not settle it"
    more = (line.op == "<=") == (unsure == "pass")
    return f"it is not shown to be {'more' if more else 'less'} than that"


def _shown(measure: Measure) -> str:
    """The value, with its interval where it has one; what was counted in full has none."""
    value = measure.value or 0.0
    rounded = f"{value:.1%}"
    if 0 < value < 0.0005:  # one row of a million is not none
        rounded = f"{100 * value:.2g}%"
    if measure.low is None or measure.high is None:
        return rounded
    return f"{rounded} (95 % interval {measure.low:.1%} to {measure.high:.1%})"


_SAID = {
    "membership-tpr-at-1-percent-fpr": "the share of training rows found at 1 % false claims",
    "fidelity-above-floor": "fidelity of the best copy, above that of a constant answer,",
    "smallest-trigger-size": "the size of the smallest mark beside the usual one",
    "cell-trigger-success-above-clean": (
        "the share of rows that one cell turns, above that of clean models,"
    ),
    "strip-false-acceptance": "the share of stamped rows that pass the filter",
    "error-rate-gap": "the widest gap between two groups in true- or false-positive rates",
    "largest-share": "the share of all importance that one feature carries",
}
"""Measures whose names are no words to make a sentence of."""


def _words(name: str) -> str:
    words = name.replace("-", " ")
    return _SAID.get(name) or (f"the share of {words}" if "rows" in words.split() else words)


def overall(findings: Sequence[Finding]) -> Outcome:
    """The outcome of a run: only findings that decide count, and the worst one wins."""
    outcomes = {finding.outcome for finding in findings if finding.decides}
    for outcome in ("fail", "inconclusive", "not-run"):
        if outcome in outcomes:
            return "inconclusive" if outcome == "not-run" else outcome
    return "pass" if outcomes else "inconclusive"


def deciding(report: Report) -> tuple[Finding, ...]:
    """Findings that count: not waived, and not of an assumed weaker or stronger attacker."""
    return tuple(finding for finding in report.findings if finding.decides)


def failing(report: Report) -> tuple[Finding, ...]:
    """Deciding findings that failed at or above the report's `fail_on`."""
    line = SEVERITIES.index(report.fail_on)
    return tuple(
        finding
        for finding in deciding(report)
        if finding.outcome == "fail" and SEVERITIES.index(finding.severity) >= line
    )


OPEN = "open-places"
"""Measure of a scan: places in a file that nobody read."""


def unsettled(report: Report) -> tuple[Finding, ...]:
    """Deciding findings without a verdict. A missing verdict is never a pass.

    What failed says nothing of the parts of it that nobody read, so that a failure below the
    report's `fail_on` leaves those open.
    """
    failed = {finding.id for finding in failing(report)}
    return tuple(
        finding
        for finding in deciding(report)
        if finding.outcome in ("inconclusive", "not-run")
        or (finding.id not in failed and has_open_places(finding))
    )


def has_open_places(finding: Finding) -> bool:
    """Whether a scan left places of the file unread."""
    measure = finding.measure(OPEN)
    return measure is not None and bool(measure.value)
