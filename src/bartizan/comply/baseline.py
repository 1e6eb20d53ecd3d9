"""Known findings: what was open on the day somebody drew a line, and may stay so until it is due.

A baseline lets a project with old findings gate new ones. It hides nothing for good: what it lists
counts again when it gets worse, or when the time runs out in which it was to be dealt with.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from bartizan.core.compliance import OpenFinding
from bartizan.core.errors import ConfigError
from bartizan.core.finding import SEVERITIES, Severity
from bartizan.core.record import UserInput


class Known(UserInput, frozen=True, kw_only=True):
    """One finding as it was then."""

    id: str
    severity: Severity


class Baseline(UserInput, frozen=True, kw_only=True):
    """The file."""

    schema: Literal["baseline/1"] = "baseline/1"
    day: str
    """On which it was written, ISO date."""
    findings: tuple[Known, ...]

    def by_id(self) -> Mapping[str, Severity]:
        """How bad each of them was."""
        return {one.id: one.severity for one in self.findings}


def baseline_of(findings: Iterable[OpenFinding], *, day: str) -> Baseline:
    """What has failed by now, without what somebody waived: a waiver has an owner and a reason.

    What has no verdict is not in it: nobody knows how bad it is, so nobody can call it known.
    """
    kept = [
        Known(id=one.id, severity=one.severity)
        for one in findings
        if one.waived is None and one.outcome == "fail"
    ]
    return Baseline(day=day, findings=tuple(sorted(kept, key=lambda one: one.id)))


def written(baseline: Baseline) -> bytes:
    """The file, one finding a line, so that a change of it reads well in a review."""
    raw = msgspec.to_builtins(baseline)
    head = f'  "schema": {_text(raw["schema"])},\n  "day": {_text(raw["day"])},\n'
    lines = ",\n".join(
        f'    {{ "id": {_text(one["id"])}, "severity": {_text(one["severity"])} }}'
        for one in raw["findings"]
    )
    body = f'  "findings": [\n{lines}\n  ]' if lines else '  "findings": []'
    return f"{{\n{head}{body}\n}}\n".encode()


def read_baseline(raw: bytes, *, file: str) -> Baseline:
    """The file, read again.

    Raises:
        ConfigError: it is none.
    """
    try:
        return msgspec.json.decode(raw, type=Baseline)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        message = (
            f"{file}: expected a baseline, got something else ({error}); "
            "`bartizan comply gate --write-baseline FILE` writes one"
        )
        raise ConfigError(message) from error


def holds(one: OpenFinding, known: Mapping[str, Severity]) -> bool:
    """Whether a baseline still covers a finding: it is in it, no worse than then, and not due."""
    if one.id not in known or one.overdue or one.outcome != "fail":
        return False
    return SEVERITIES.index(one.severity) <= SEVERITIES.index(known[one.id])


def _text(value: str) -> str:
    return msgspec.json.encode(value).decode()
