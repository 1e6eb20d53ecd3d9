"""What a person sees in the terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from rich.progress import Progress

    from bartizan.core.finding import Finding
    from bartizan.core.progress import Progress as Step
    from bartizan.core.report import Report

_LOG_WIDTH = 160
"""Characters: the longest ids fit beside the numbers."""
_PAUSE_S = 10.0
"""Seconds between two lines of progress about the same thing, at least."""
_SMALL = 0.005
"""Shares below it would be rounded to 0 %."""
_MANY = 50
"""Rows of a table beyond which those that pass are counted: what is amiss must be seen."""
_OF_MODELS = ("success", "recall left")
_STYLE = {
    "pass": "[green]✔ pass[/]",
    "fail": "[bold red]✘ fail[/]",
    "inconclusive": "[yellow]? inconclusive[/]",
    "not-run": "[yellow]- not run[/]",
}


class _Results(Console):
    """Standard output, whose reader may leave early without changing the exit code."""

    def on_broken_pipe(self) -> None:
        """Write what is left to nowhere; rich would end the process with 1, a finding's code."""
        self.quiet = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def out() -> Console:
    """Standard output; wide where it is no terminal, so that ids stay whole in logs."""
    width = None if sys.stdout.isatty() else _LOG_WIDTH
    return _Results(highlight=False, soft_wrap=True, width=width, emoji=False)


def err() -> Console:
    """Standard error: progress, warnings, errors. Results go to standard output alone."""
    return Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def shown(steps: Iterable[Step], *, quiet: bool) -> Iterator[Step]:
    """Pass steps on, with a bar on a terminal and plain lines elsewhere."""
    console = err()
    if quiet:
        yield from steps
        return
    if not console.is_terminal:
        yield from _plain(steps, console)
        return
    with _bar(console) as bar:
        task = bar.add_task("", total=None)
        for step in steps:
            bar.update(
                task,
                total=step.total or None,
                completed=step.done,
                description=_told(step),
            )
            yield step


def _plain(
    steps: Iterable[Step], console: Console, *, clock: Callable[[], float] = time.monotonic
) -> Iterator[Step]:
    """A line for each new thing, and one now and then, so that a long one is seen to move."""
    last, printed = "", clock()
    for step in steps:
        if step.what != last or clock() - printed >= _PAUSE_S:
            last, printed = step.what, clock()
            console.print(_line(step), markup=False)
        yield step


def _told(step: Step) -> str:
    """What is being done; where nobody knows how much there is, how much was done."""
    return step.what if step.total else f"{step.what}: {step.done:,} rows"


def _line(step: Step) -> str:
    return f"{step.done / step.total:4.0%}  {step.what}" if step.total else _told(step)


@contextmanager
def _bar(console: Console) -> Iterator[Progress]:
    from rich.progress import (  # noqa: PLC0415 (slow to import)
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield progress


@contextmanager
def measured(what: str, *, total: int, quiet: bool) -> Iterator[Callable[[int], object]]:
    """A bar on a terminal for one long piece of work; what is yielded is told how far it is."""
    console = err()
    if quiet or not console.is_terminal:
        yield lambda _: None
        return
    with _bar(console) as bar:
        task = bar.add_task(what, total=max(total, 1))
        yield lambda done: bar.update(task, completed=done)


def plain(text: str) -> str:
    """Text from data or files, unable to change colours or to drive the terminal."""
    return escape("".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text))


def summary(report: Report) -> None:
    """The verdict in a dozen lines."""
    console = out()
    console.print(f"\n[bold]{plain(report.headline)}[/]\n")
    _findings(report, console)
    extra = [f for f in report.findings if f.standing in ("weaker", "stronger")]
    for finding in extra:
        success = _share(finding, "attack-success") or finding.outcome
        console.print(f"[dim]{plain(finding.id)}: {success} (assumed, does not decide)[/]")
    for reason, names in _open(report).items():
        console.print(f"[yellow]open[/] {plain(', '.join(names))}: {plain(reason)}")
    for line in _unread(report):
        console.print(line)
    for warning in report.warnings:
        console.print(f"[yellow]note[/] {plain(warning)}")
    if report.coverage.interrupted:
        console.print(f"[yellow]incomplete:[/] {plain(report.coverage.interrupted)}")


def _findings(report: Report, console: Console) -> None:
    """A row for each; of very many, those that pass are counted."""
    from rich.table import Table  # noqa: PLC0415 (slow to import)

    table = Table(box=None, pad_edge=False, header_style="dim")
    model = any(subject.kind == "model" for subject in report.subjects)
    for name in ("outcome", "severity", *(_OF_MODELS if model else ("measured",)), "finding"):
        table.add_column(name, overflow="fold", no_wrap=name != "finding")
    shown = [one for one in report.findings if one.standing not in ("weaker", "stronger")]
    kept = [one for one in shown if one.outcome != "pass"] if len(shown) > _MANY else shown
    for finding in kept:
        table.add_row(*_row(finding, model=model))
    if kept or not shown:
        console.print(table)
    if len(kept) < len(shown):
        more = f"{len(shown) - len(kept):,}{' more' if kept else ''}"
        console.print(f"{_STYLE['pass']} {more}, all of them in the report")


def _unread(report: Report) -> Iterator[str]:
    """What a scan of files did not read, though there are findings; of others, if there are none.

    A model or a table has the same gaps in every run; they are in its report.
    """
    from bartizan.core.verdict import OPEN, has_open_places  # noqa: PLC0415 (slow to import)

    files = any(subject.kind == "artifact" for subject in report.subjects)
    for finding in report.findings if files else ():
        if finding.outcome == "fail" and has_open_places(finding):
            yield f"[yellow]open[/] {plain(finding.id)}: not read in it: {_share(finding, OPEN)}"
    for gap in report.coverage.gaps if files or not report.findings else ():
        yield f"[yellow]not covered[/] {plain(gap.what)}: {plain(gap.why)}"


def _open(report: Report) -> dict[str, list[str]]:
    """By reason, the findings that it leaves open; what the headline says is not said again."""
    found: dict[str, list[str]] = {}
    for finding in report.findings:
        told = finding.reason in report.headline
        if finding.decides and finding.outcome == "inconclusive" and not told:
            found.setdefault(finding.reason, []).append(finding.id)
    return found


def _row(finding: Finding, *, model: bool) -> tuple[str, ...]:
    mark = _STYLE[finding.outcome] + (" (waived)" if finding.waived else "")
    severity = "" if finding.severity == "none" else finding.severity
    decides = finding.threshold.measure if finding.threshold else ""
    names = ("attack-success", "robust-recall") if model else (decides,)
    return mark, severity, *(_share(finding, name) for name in names), plain(finding.id)


def _share(finding: Finding, name: str) -> str:
    measure = finding.measure(name)
    if measure is None or measure.value is None:
        return ""
    if measure.unit != "share":
        return f"{measure.value:,.0f} {measure.unit}"
    if 0 < measure.value < _SMALL:  # one row of a million is not none
        return f"{100 * measure.value:.1g}%"
    return f"{measure.value:.0%}"
