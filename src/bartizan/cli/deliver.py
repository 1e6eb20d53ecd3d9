"""Saves and shows the result of a run; the same for models and for data."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bartizan.cli import exit, screen  # noqa: A004

if TYPE_CHECKING:
    from bartizan.core.report import Report


class Result(Protocol):
    """What a run came to: of models, of data, of files."""

    @property
    def report(self) -> Report:
        """What was found."""

    def published(self, *, examples: bool) -> Report:
        """The report, without rows unless examples are wanted."""

    def save(self, out: str | Path, *, formats: Iterable[str], examples: bool) -> list[Path]:
        """Write it; the files."""


def deliver(
    result: Result,
    *,
    out: Path,
    formats: Iterable[str] | None,
    examples: bool,
    as_json: bool,
) -> int:
    """Save and show a result; return its exit code.

    Raises:
        OutputError: it cannot be written; it is shown all the same, for it may have taken hours.
    """
    from bartizan.report import FORMATS  # noqa: PLC0415 (slow to import)

    code = exit.of_report(result.report)
    try:
        written = result.save(out, formats=tuple(formats or FORMATS), examples=examples)
    finally:
        _show(result, examples=examples, as_json=as_json)
    if not as_json:
        screen.out().print(f"report: {written[0]}", markup=False)
    return code


def _show(result: Result, *, examples: bool, as_json: bool) -> None:
    if as_json:
        from bartizan.report import render  # noqa: PLC0415 (slow to import)

        shown = result.published(examples=examples)
        screen.out().print(render(shown, fmt="json").decode(), markup=False, end="")
    else:
        screen.summary(result.report)


_LOCAL = ("--out", "--workers", "--workspace", "--format", "--time-budget", "--memory", "--entry")
"""Flags with a value that change where or how fast, not what; each finding adds its own entry."""
_BARE = ("--resume", "--json", "--quiet", "--no-examples")


def reproduce(arguments: Sequence[str] | None = None) -> str:
    """The command that asks the same question, whatever folder it writes to.

    Args:
        arguments: What followed `bartizan`; none = what this process was started with.
    """
    kept: list[str] = []
    skip = False
    for argument in sys.argv[1:] if arguments is None else arguments:
        if skip:
            skip = False
        elif argument in _LOCAL:
            skip = True
        elif argument not in _BARE and not argument.startswith(tuple(f"{f}=" for f in _LOCAL)):
            kept.append(argument)
    return shlex.join(["bartizan", *kept])
