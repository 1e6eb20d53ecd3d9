"""A sentence or two about dependencies for somebody who reads nothing else."""

from collections.abc import Sequence

from bartizan.core.finding import SEVERITIES, Finding

_NAMED = 3
"""Lists told in the headline; the others follow in the report."""


def headline(findings: Sequence[Finding]) -> str:
    """Say what is known of the dependencies, the worst first; empty = nobody asked."""
    if not findings:
        return ""
    number = len(findings)
    lists = f"{number:,} {'list' if number == 1 else 'lists'} of dependencies"
    failed = sorted(
        (one for one in findings if one.outcome == "fail"),
        key=lambda one: -SEVERITIES.index(one.severity),
    )
    unclear = [one for one in findings if one.outcome == "inconclusive"]
    still = f" {len(unclear):,} could not be looked up to the end." if unclear else ""
    if failed:
        told = ". ".join(f"{one.subject}: {one.reason}" for one in failed[:_NAMED])
        return f"Known to be vulnerable: lines in {len(failed):,} of {lists}. {told}.{still}"
    if unclear:
        first = unclear[0]
        return f"No verdict on {len(unclear):,} of {lists}. {first.subject}: {first.reason}."
    return f"{lists} looked up: nothing in them was known to be vulnerable on the day of the copy."
