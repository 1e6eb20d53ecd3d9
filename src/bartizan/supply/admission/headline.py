"""Two sentences about an admission for somebody who reads nothing else."""

from collections.abc import Sequence

from bartizan.core.finding import SEVERITIES, Finding


def headline(findings: Sequence[Finding], *, name: str) -> str:
    """Say whether an artefact may be served, the worst reason first."""
    failed = sorted(
        (one for one in findings if one.outcome == "fail"),
        key=lambda one: -SEVERITIES.index(one.severity),
    )
    unclear = [one for one in findings if one.outcome in ("inconclusive", "not-run")]
    if not failed and not unclear:
        return f"{name} is admitted: {len(findings)} of {len(findings)} questions are answered."
    first = (*failed, *unclear)[0]
    more = len(failed) + len(unclear) - 1
    others = f" {more} more {'reason' if more == 1 else 'reasons'} below." if more else ""
    return f"{name} is refused. {first.title} {first.reason}.{others}"
