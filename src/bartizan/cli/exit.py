"""Exit codes: the only place that knows them. See docs/architecture.md, section 6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.core.errors import Error, TrustError

if TYPE_CHECKING:
    from bartizan.core.report import Report

PASS = 0
FINDING = 1
USAGE = 2
OPEN = 3
TRUST = 4
INTERNAL = 5
INTERRUPTED = 130


def of_error(error: Error) -> int:
    """The code of a refused command."""
    return TRUST if isinstance(error, TrustError) else USAGE


def of_report(report: Report) -> int:
    """The code of a finished run: the first that applies of 130, 1, 3, 0.

    Findings of assumed extra attackers, waived findings and gaps decide nothing.
    """
    from bartizan.core.verdict import deciding, failing, unsettled  # noqa: PLC0415 (slow to import)

    if report.coverage.interrupted.startswith("stopped"):
        return INTERRUPTED
    if failing(report):
        return FINDING
    return OPEN if unsettled(report) or not deciding(report) else PASS
