"""From numbers to a verdict."""

from collections.abc import Sequence

from bartizan.core.attacker import Access
from bartizan.core.finding import Finding, Measure, Outcome, Severity, Threshold


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
    shown = f"{_words(measure.name)} is {measure.value:.1%} (95 % interval {low:.1%} to {high:.1%})"
    if line.op == "<=":
        good, bad, word = high <= line.value, low > line.value, "at most"
    else:
        good, bad, word = low > line.value, high < line.value, "more than"
    wanted = f"{word} {line.value:.1%} is accepted"
    if good:
        return "pass", f"{shown}; {wanted}"
    if bad:
        return "fail", f"{shown}; {wanted}"
    return unsure, f"{shown} on {measure.n} rows; {wanted}, and the interval does not settle it"


_SAID = {
    "membership-tpr-at-1-percent-fpr": "the share of training rows found at 1 % false claims",
    "fidelity-above-floor": "fidelity of the best copy, above that of a constant answer,",
    "largest-share": "the share of all importance that one feature carries",
}
"""Measures whose names are no words to make a sentence of."""


def _words(name: str) -> str:
    return _SAID.get(name) or name.replace("-", " ")


def evasion_severity(success: float, access: Access) -> Severity:
    """The damage scale of attack success: the less an attacker must see, the worse.

    Args:
        success: Share of attacked rows that were broken, 0..1.
        access: What the attacker saw.
    """
    inside = access in ("gradients", "structure")
    if success > 0.8:
        return "critical" if access == "labels" else "high"
    if success > 0.5:
        return "medium" if inside else "high"
    return "low" if inside else "medium"


def overall(findings: Sequence[Finding]) -> Outcome:
    """The outcome of a run: only findings that decide count, and the worst one wins."""
    outcomes = {finding.outcome for finding in findings if finding.decides}
    for outcome in ("fail", "inconclusive", "not-run"):
        if outcome in outcomes:
            return "inconclusive" if outcome == "not-run" else outcome
    return "pass" if outcomes else "inconclusive"
