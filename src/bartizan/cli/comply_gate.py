"""`bartizan comply gate`: policy, findings, waivers, baseline and freshness in one exit code."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from bartizan.cli import exit, options, screen, supply_options  # noqa: A004
from bartizan.cli.comply_options import opened
from bartizan.cli.ledger_place import read_file
from bartizan.comply.baseline import baseline_of, read_baseline, written
from bartizan.core.errors import ConfigError, OutputError, UsageError
from bartizan.core.finding import Severity
from bartizan.report import render, words
from bartizan.report.comply import gate_summary
from bartizan.report.save import put
from bartizan.report.threat.terms import counted
from bartizan.workspace.comply_verbs import Gated

NAME = "gate"
HELP = (
    "Decide for CI: open findings against the policy, with waivers and a baseline, whether there "
    "is young evidence about each model, and whether policies and audits are in time. One exit "
    "code, the same for every format."
)
EPILOG = (
    "Examples:\n\n"
    "bartizan comply gate\n\n"
    "bartizan comply gate --write-baseline known.json   (once, in a project with old findings)\n\n"
    "bartizan comply gate --baseline known.json --format sarif --out gate\n\n"
    "Exit codes: 0 pass, 1 a failed finding at or above --fail-on or past its due day, 2 usage or "
    "bad input, 3 evidence is missing or too old, a finding has no verdict, a policy or an audit "
    "is not in time, 4 the ledger was altered."
)


_NAMES = {
    "markdown": "gate.md",
    "json": "gate.json",
    "sarif": "gate.sarif",
    "junit": "gate-junit.xml",
}
_BASELINE_BYTES = 16 << 20
"""Of a baseline: some hundred thousand findings."""
_SUMMARY = "GITHUB_STEP_SUMMARY"
"""Names the file that GitHub shows as the summary of a step."""


def command(
    *,
    project: supply_options.Project = None,
    workspace: supply_options.Place = None,
    fail_on: options.FailOn = None,
    baseline: Annotated[
        Path | None, typer.Option(help="File of known findings, which do not fail until due.")
    ] = None,
    write_baseline: Annotated[
        Path | None, typer.Option(help="Write what has failed by now to this file, and end.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for what is written.")] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help=f"Only this, repeatable: {', '.join(_NAMES)}."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print gate.json.")] = False,
) -> int:
    """Decide."""
    if write_baseline is not None:
        _require_alone(
            {
                "--baseline": baseline,
                "--fail-on": fail_on,
                "--out": out,
                "--format": formats,
                "--json": as_json,
            }
        )
    chosen = _chosen(formats, out=out)
    known = _known(baseline)
    with opened(project, workspace=workspace) as (ws, config, folder):
        gated = ws.comply.gate(
            config,
            folder=folder,
            fail_on=fail_on.value if fail_on else None,
            baseline=known,
        )
    if write_baseline is not None:
        return _write(gated, write_baseline)
    code = exit.of_report(gated.report)
    if out is not None:
        for fmt in chosen:
            put(out / _NAMES[fmt], rendered(gated, fmt=fmt))
    _append_summary(gated)
    if as_json:
        screen.out().print(rendered(gated, fmt="json").decode(), markup=False, end="")
    else:
        _show(gated)
    return code


def rendered(gated: Gated, *, fmt: str) -> bytes:
    """A gate as the bytes of one file."""
    if fmt == "markdown":
        return gate_summary(gated.report, rests_on=gated.rests_on)
    return render(gated.report, fmt=fmt)


def _require_alone(others: Mapping[str, object]) -> None:
    """Refuse flags that a baseline is not written by: whoever gives them expects something.

    Raises:
        UsageError: there is one.
    """
    given = [name for name, value in others.items() if value]
    if given:
        message = (
            f"--write-baseline writes what has failed and decides nothing, so that "
            f"{', '.join(given)} has no effect; leave it out"
        )
        raise UsageError(message)


def _chosen(formats: Sequence[str] | None, *, out: Path | None) -> Sequence[str]:
    """The formats to write.

    Raises:
        ConfigError: there is no such format.
        UsageError: there is no place for them.
    """
    for fmt in formats or ():
        if fmt not in _NAMES:
            message = f"no format {fmt!r} of this report; choose from {', '.join(_NAMES)}"
            raise ConfigError(message)
    if formats and out is None:
        message = "--format says what is written into --out; name a folder with --out"
        raise UsageError(message)
    return formats or tuple(_NAMES)


def _known(path: Path | None) -> Mapping[str, Severity]:
    if path is None:
        return {}
    raw = read_file(path, limit=_BASELINE_BYTES, what="the baseline")
    return read_baseline(raw, file=str(path)).by_id()


def _write(gated: Gated, path: Path) -> int:
    found = baseline_of(gated.rests_on.findings, day=gated.rests_on.day)
    put(path, written(found))
    told = f"{counted(len(found.findings), 'known finding')} in {path}; keep it with the code"
    screen.out().print(told, markup=False)
    return exit.PASS


_MARKS = {"pass": "✔", "fail": "✘", "inconclusive": "?", "not-run": "-"}


def _show(gated: Gated) -> None:
    console = screen.out()
    for one in gated.report.findings:
        held = f", {words.held(one)}" if one.waived else ""
        severity = f", {one.severity}" if one.outcome == "fail" else ""
        told = f"{_MARKS[one.outcome]} {one.outcome}{severity}{held}: {one.id}: {one.reason}"
        console.print(screen.plain(told))
    for warning in gated.report.warnings:
        console.print(screen.plain(f"note: {warning}"))
    console.print(screen.plain(gated.report.headline))


def _append_summary(gated: Gated) -> None:
    """Add the Markdown to the summary of the CI job, where there is one.

    Raises:
        OutputError: it cannot be written.
    """
    place = os.environ.get(_SUMMARY)
    if not place:
        return
    try:
        with Path(place).open("ab") as file:
            file.write(rendered(gated, fmt="markdown"))
    except OSError as error:
        message = f"cannot add to the job summary {place}: {error.strerror or error}"
        raise OutputError(message) from error
