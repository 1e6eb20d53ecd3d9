"""Two or three sentences about scanned files for somebody who reads nothing else."""

from collections.abc import Sequence

from bartizan.core.finding import SEVERITIES, Finding

_NAMED = 3
"""Files told in the headline; the others follow in the report."""


def headline(findings: Sequence[Finding], *, adopted: int = 0, asides: int = 0) -> str:
    """Say whether the files may be opened, the worst first.

    Args:
        findings: Of all files that were judged.
        adopted: How many of them are the weights of a model, and pass with it.
        asides: How many more files were listed and not judged.
    """
    left = f" {_counted(asides, 'file')} beside them: listed, not judged." if asides else ""
    if not findings:
        return f"Nothing was judged: no file here is one of a model.{left}"
    return f"{_verdict(findings, adopted=adopted)}{left}"


def _verdict(findings: Sequence[Finding], *, adopted: int) -> str:
    files = _counted(len(findings), "file")
    failed = sorted(
        (one for one in findings if one.outcome == "fail"),
        key=lambda one: -SEVERITIES.index(one.severity),
    )
    unclear = [one for one in findings if one.outcome in ("inconclusive", "not-run")]
    still = f" {_counted(len(unclear), 'file')} could not be judged." if unclear else ""
    if failed:
        told = ". ".join(f"{one.subject}: {one.reason}" for one in failed[:_NAMED])
        return f"Do not open {len(failed)} of {files}. {told}.{still}"
    if unclear:
        first = unclear[0]
        return f"No verdict on {len(unclear)} of {files}. {first.subject}: {first.reason}."
    read = _counted(len(findings) - adopted, "file")
    weights = _counted(adopted, "file")
    beside = f" {weights} of weights beside them: numbers that nobody reads as anything else."
    return (
        f"{read} read to the last byte; opening them calls nothing that is not known."
        f"{beside if adopted else ''}"
    )


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
