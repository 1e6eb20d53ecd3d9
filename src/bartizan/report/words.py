"""How a report says things: names of measures, numbers with their units, budgets."""

import re
from typing import Final

from bartizan.core.attacker import Access, Attacker, Standing
from bartizan.core.finding import Finding, Flagged, Measure, Outcome, Threshold
from bartizan.core.shades import in_shades

_SPACE: Final = "\N{NO-BREAK SPACE}"
"""Keeps a number and its unit on one line."""

OUTCOMES: Final[dict[Outcome, str]] = {
    "fail": "Fail",
    "inconclusive": "Inconclusive",
    "not-run": "Not run",
    "pass": "Pass",
}
"""In the order of worry."""

MEASURES: Final = {
    "attack-success": "Attack success",
    "robust-recall": "Recall under attack",
    "robust-accuracy": "Accuracy under attack",
    "robust-precision": "Precision under attack",
    "clean-recall": "Recall",
    "clean-accuracy": "Accuracy",
    "clean-precision": "Precision",
    "balanced-accuracy": "Balanced accuracy",
    "membership-tpr-at-1-percent-fpr": "Training rows found at 1 % false claims",
    "membership-auc": "Area under the curve (0.5 = guessing)",
    "membership-advantage": "Largest advantage over guessing",
    "loss-threshold-auc": "Area, loss threshold",
    "label-only-auc": "Area, labels only",
    "accuracy-gap": "Accuracy on training rows above that on others",
    "fidelity-above-floor": "Fidelity of the copy above a constant answer",
    "fidelity": "Fidelity of the copy",
    "majority-floor": "Fidelity of a constant answer",
    "fidelity-near-boundary": "Fidelity where the model is least sure",
    "copy-accuracy": "Accuracy of the copy",
    "model-accuracy": "Accuracy of the model on the same rows",
    "lost-by-rounding-scores": "Fidelity the thief loses if scores are rounded",
    "lost-by-hiding-scores": "Fidelity the thief loses if scores are hidden",
    "questions-asked": "Questions all thieves asked",
    "largest-share": "Importance carried by one feature",
    "selection-rate": "Selection rate",
    "true-positive-rate": "True-positive rate",
    "false-positive-rate": "False-positive rate",
    "precision": "Precision",
    "accuracy": "Accuracy",
    "error-rate-gap": "Widest gap between groups, in errors",
    "true-positive-rate-gap": "Widest gap, true-positive rate",
    "false-positive-rate-gap": "Widest gap, false-positive rate",
    "selection-rate-gap": "Widest gap, selection rate (demographic parity)",
    "selection-ratio": "Smallest selection rate beside the largest",
    "median-price": "Median price of a success",
    "median-queries": "Median queries to the model",
    "certified-robust": "Proven to hold at the budget",
    "solved-exactly": "Rows settled: cheapest change known, or none exists",
    "unfinished-proofs": "Proofs that a time limit ended",
    "median-gap": "Median gap between proof and attack",
    "unconfirmed-claims": "Claims that were not confirmed",
    "rows-not-of-the-schema": "Rows that are not of the schema",
    "rows-with-unfit-cells": "Rows with a cell of another type",
    "missing-columns": "Columns that are missing",
    "rows-out-of-range": "Rows with a number out of range",
    "rows-with-unknown-categories": "Rows with an unknown category or label",
    "unexpected-missing": "Missing values that nobody expects",
    "rows-that-break-a-rule": "Rows that break a rule",
    "rows-without-own-key": "Rows that share their key with another",
    "untimely-rows": "Rows whose time cannot be right",
    "rows-from-the-future": "Rows from the future",
    "rows-without-time": "Rows without a time that can be read",
    "age-of-newest-row": "Age of the newest row",
    "contradicting-rows": "Rows that contradict others like them",
    "shared-rows": "Rows that occur in another set too",
    "label-shift": "Rows of another class than in the reference, at least",
    "rows-of-unknown-classes": "Rows of classes that the reference lacks",
    "proven-change-of-a-class": "Largest change of a class beyond doubt",
    "changed-labels": "Known rows with another label",
    "known-rows": "Rows that were in the last version",
    "rows-beyond-growth": "Rows beyond the growth allowed",
    "drifting-columns": "Columns that drift",
    "joint-drift": "Rows that would have to be other ones, at least",
    "missing-canaries": "Canaries that are missing",
    "near-duplicate-rows": "Rows that are copies with small changes",
    "near-duplicates-of-another-label": "Such copies with another label",
    "joint-share": "Rows that would have to be other ones, estimated",
    "joint-p-value": "Chance of such a joint difference",
    "largest-total-variation": "Largest change of one column, in rows",
    "rows-over-limit": "Rows of sources over a limit",
    "largest-source": "Rows of the largest source",
    "most-repeated-row": "Rows equal to the most frequent one",
    "deceptive-rows": "Rows with characters that deceive",
    "faulty-image-files": "Files of pictures with a fault",
    "undeclared-personal-columns": "Columns of personal data that nobody declared",
}

CURVES: Final = {
    "robust-recall": "Recall",
    "robust-accuracy": "Accuracy",
    "robust-precision": "Precision",
    "success-by-queries": "Attack success",
    "holds": "Under attack",
    "proven": "Proven",
    "likelihood-ratio": "Shadow models",
    "loss-threshold": "Loss threshold",
    "label-only": "Labels only",
    "guessing": "Guessing",
    "scores": "Scores",
    "scores to one decimal": "Rounded scores",
    "labels only": "Labels only",
}
"""Short names, for the end of a line in a chart."""

_LETTERS: Final = ("fgsm", "pgd", "apgd", "fmn")
"""Attacks that are called by their letters."""

NORMS: Final = ("L1", "L2", "Linf")
"""Units of a change that is not paid for with money."""

ACCESS: Final[dict[Access, str]] = {
    "labels": "sees the decision only",
    "scores": "sees the decision and its scores",
    "gradients": "sees scores and gradients",
    "structure": "knows the whole model",
}

STANDINGS: Final[dict[Standing, str]] = {
    "declared": "declared",
    "assumed": "assumed, because none was declared",
    "weaker": "assumed, weaker than declared",
    "stronger": "assumed, stronger than declared",
}

ANSWERS: Final = {
    "pass": "tried, and it did not work",
    "fail": "tried, and it works",
    "inconclusive": "tried, without a verdict",
    "not-run": "not tried",
    "easier": "tried only by somebody who sees less",
}
"""What a run says of a threat of the described system."""

SOURCES: Final = {
    "policy": "set by the policy",
    "default": "the default",
    "assumed": "assumed",
}


_SMALL: Final = 0.0005
"""Shares below it would be rounded to 0.0 %."""
_UNSEEN: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
"""Control characters, and characters of Unicode that show nothing or change the direction. Joiners
are none of them: Persian and emoji are not written without."""


def visible(text: str) -> str:
    r"""Text in which control characters and marks of direction are spelled out.

    Example:
        >>> print(visible("a\u202eb\x1b[31m"))
        a\u202eb\x1b[31m
    """
    return _UNSEEN.sub(lambda found: ascii(found[0])[1:-1], text)


def plain(name: str) -> str:
    """Turn an id such as ``mean-rank`` into words.

    Example:
        >>> plain("mean-rank")
        'Mean rank'
    """
    words = name.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def measure(name: str) -> str:
    """A measure's name as people say it; unknown ones are spelled out."""
    return MEASURES.get(name) or plain(name)


def curve(name: str) -> str:
    """A curve's short name; unknown ones are spelled out, of an attack the last part of its id.

    Example:
        >>> curve("holds evasion.tree-exact"), curve("holds evasion.pgd"), curve("robust-recall")
        ('Tree exact', 'PGD', 'Recall')
    """
    last = name.rpartition("holds ")[2].rpartition(".")[2]
    return CURVES.get(name) or (last.upper() if last in _LETTERS else plain(last))


def number(value: float) -> str:
    """Write a number with no more digits than anybody reads.

    Example:
        >>> number(12345.678), number(0.123456), number(40.0)
        ('12,346', '0.1235', '40')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def length(value: float) -> str:
    """The size of a change; where it is a number of the 256 shades of an image, so many of them.

    Example:
        >>> length(8 / 255), length(0.2)
        ('8/255', '0.2')
    """
    return in_shades(value) or number(value)


def shades(value: float) -> str:
    """The size of a change in shades, whole or not, for the axis of a table.

    Example:
        >>> shades(8 / 255), shades(0.01), shades(0.0)
        ('8/255', '2.55/255', '0')
    """
    return f"{255 * value:.3g}/255" if value else "0"


def amount(value: float, unit: str) -> str:
    """A number with its unit; shares become percent."""
    if unit == "share":
        return f"{_tenths(value)}{_SPACE}%"
    if unit == "money":
        text = f"{value:,.2f}" if value % 1 else f"{value:,.0f}"
        return f"{text}{_SPACE}in{_SPACE}money"
    if unit in NORMS:
        return f"{length(value)}{_SPACE}({unit})"
    return number(value) if unit in ("", "queries") else f"{number(value)}{_SPACE}{unit}"


def _tenths(share: float) -> str:
    """A share in per cent, and never minus nothing; one row of a million is not none."""
    if 0 < share < _SMALL:
        return f"{100 * share:.2g}"
    return f"{round(100 * share, 1) + 0.0:.1f}"


def value(measure: Measure) -> str:
    """A measure's value, or why there is none."""
    return measure.why if measure.value is None else amount(measure.value, measure.unit)


def interval(measure: Measure) -> str:
    """The 95 % interval, or nothing where there is none."""
    if measure.low is None or measure.high is None:
        return ""
    to = f"{_SPACE}to{_SPACE}"  # a dash would read as a minus where the low end is negative
    if measure.unit == "share":
        return f"{_tenths(measure.low)}{to}{amount(measure.high, 'share')}"
    return f"{number(measure.low)}{to}{number(measure.high)}"


def line(threshold: Threshold) -> str:
    """The line between pass and fail, and who drew it."""
    sense = "at most" if threshold.op == "<=" else "at least"
    limit = amount(threshold.value, "share" if 0 <= threshold.value <= 1 else "")
    return f"{measure(threshold.measure)} {sense} {limit} ({SOURCES[threshold.source]})"


def budget(attacker: Attacker) -> str:
    """What an attacker can afford."""
    if attacker.money is not None:
        return amount(attacker.money, "money")
    size = f"{attacker.norm}{_SPACE}{length(attacker.budget)} of each value's range"
    if not attacker.categories:
        return size
    kinds = "category" if attacker.categories == 1 else "categories"
    return f"{size}, {attacker.categories}{_SPACE}{kinds}"


def place(flagged: Flagged) -> str:
    """The row or the line that a check points at; empty = neither."""
    if flagged.row is not None:
        return f"{flagged.row:,}"
    return "" if flagged.line is None else f"line {flagged.line:,}"


def axis(name: str, unit: str) -> str:
    """What a chart's horizontal axis shows."""
    if unit == "money":
        return "Money the attacker spends on one row"
    if unit in NORMS:
        return f"Size of the change ({unit}, in ranges of a value)"
    return f"{plain(name)} ({unit})" if unit and unit != name else plain(name)


def across(name: str, unit: str) -> str:
    """The same in a few words, for the head of a column."""
    if unit == "money":
        return "Money spent"
    return f"Change ({unit})" if unit in NORMS else axis(name, unit)


def state(finding: Finding) -> str:
    """The outcome in a word, with the severity of a failure and whether it is held back."""
    word = OUTCOMES[finding.outcome]
    word += f", {finding.severity}" if finding.outcome == "fail" else ""
    return f"{word}, {held(finding)}" if finding.waived else word


def held(finding: Finding) -> str:
    """Why a finding is held back, in a word; empty where it is not."""
    if finding.waived is None:
        return ""
    return "known" if finding.waived.known else "waived"


def waiver(finding: Finding) -> str:
    """Who accepted a finding, until when, and why; empty where nothing holds it back."""
    waived = finding.waived
    if waived is None:
        return ""
    if waived.known:
        return f"Known until {waived.expires}: {waived.reason.rstrip('.')}."
    return f"Waived by {waived.owner} until {waived.expires}: {waived.reason.rstrip('.')}."
