"""`bartizan data clean`: leave out what detectors believe to be wrong, with a way back."""

from pathlib import Path
from typing import Any

import msgspec

from bartizan.cli import clean_options, data_options, exit, options, screen  # noqa: A004
from bartizan.cli.ledger_place import AsJson, project_of, tell
from bartizan.core.errors import UsageError
from bartizan.data.cleaning.manifest import Manifest
from bartizan.data.cleaning.repair import ENTRY as REPAIR
from bartizan.data.cleaning.suspicion import DETECTOR
from bartizan.workspace import DeepLook, Workspace, ledger_settings
from bartizan.workspace.clean_order import Cleaned, CleanOrder, Undone
from bartizan.workspace.clean_verbs import Steps

NAME = "clean"
HELP = (
    "Write a copy of the data without the rows that detectors of poison believe to be wrong. "
    "Nothing is deleted: the rows are kept beside it, `--undo` puts them back, and the ledger says "
    "that it happened. With --recipe, models are trained with the suspects and without."
)
EPILOG = (
    "Examples:\n\n"
    "bartizan data clean --data train.csv --target y --from out --out clean\n\n"
    "bartizan data clean --data train.csv --target y --recipe mine:train --group sex --certify 50"
    "\n\n"
    "bartizan data clean --apply clean/suggestions.csv --out clean-2\n\n"
    "bartizan data clean --undo clean\n\n"
    "Exit codes: 0 cleaned, or no row is flagged; 1 what the suspects did is not gone; 2 usage or "
    "bad input; 3 a detector reached no verdict and no row is flagged, or it could not be settled "
    "whether it is gone, or a recipe or a repair failed; 4 the ledger does not hold; 5 internal "
    "error; 130 stopped, nothing was written."
)


def command(  # noqa: PLR0913 - one parameter for each flag
    *,
    data: data_options.Data = None,
    name: data_options.Name = None,
    target: data_options.Target = None,
    header: data_options.Header = True,
    source: clean_options.Source = None,
    checked: clean_options.Checked = None,
    apply: clean_options.Apply = None,
    undo: clean_options.Undo = None,
    out: clean_options.Out = None,
    entry: options.Entries = None,
    recipe: clean_options.Recipe = None,
    group: clean_options.Group = None,
    positive: clean_options.Positive = None,
    certify: clean_options.Certify = None,
    balanced: clean_options.Balanced = False,
    repair_model: clean_options.RepairModel = None,
    weights: options.Weights = None,
    sample: data_options.Sample = None,
    memory: data_options.Memory = None,
    reason: clean_options.Reason = None,
    by: clean_options.By = "",
    seed: options.Seed = None,
    project: data_options.Project = None,
    workspace: options.Place = None,
    as_json: AsJson = False,
    quiet: options.Quiet = False,
) -> int:
    """Clean one data set, or undo it."""
    _require_one(data=data, apply=apply, undo=undo, checked=checked)
    if data is None:
        _require_unsaid(
            "--apply" if undo is None else "--undo",
            **{
                "--target": target,
                "--name": name,
                "--source": source,
                "--no-header": None if header else header,
                "--entry": entry or None,
                "--sample": sample,
                "--memory": memory,
            },
        )
    if undo is not None:
        _require_unsaid(
            "--undo",
            **{
                "--recipe": recipe,
                "--group": group,
                "--positive": positive,
                "--certify": certify,
                "--balanced": balanced or None,
                "--repair-model": repair_model,
                "--weights": weights,
                "--reason": reason,
            },
        )
    if data is not None and target is None:
        message = "--target is missing: which column holds the labels?"
        raise UsageError(message)
    config, folder = project_of(project)
    known: dict[str, Any] = {
        "recipe": recipe,
        "group": group,
        "positive": positive,
        "certify": certify,
        "balanced": balanced,
        "repair": repair_model,
        "weights": weights,
        "seed": seed or 0,
        "by": by,
        **({} if reason is None else {"reason": reason}),
    }
    with Workspace(workspace or folder / ".bartizan", ledger=ledger_settings(config)) as ws:
        clean = ws.data.clean
        if undo is not None:
            return _told_undone(clean.undo(undo, out=out, by=by), as_json=as_json)
        place = out or Path("clean")
        if apply is not None:
            found = _run(clean.apply_steps(apply, place, **known), quiet=quiet)
            return _told(found, as_json=as_json)
        order = CleanOrder(
            data=Path(data or ""),
            target=target or "",
            out=place,
            checked=checked,
            entries=tuple(entry or ()),
            name=name,
            header=header,
            source=source,
            look=DeepLook(wanted=True, sample=sample, memory_gb=memory),
            **known,
        )
        return _told(_run(clean.steps(order), quiet=quiet), as_json=as_json)


def _require_one(
    *, data: str | None, apply: Path | None, undo: Path | None, checked: Path | None
) -> None:
    """Refuse what contradicts itself."""
    given = [
        flag
        for flag, value in (("--data", data), ("--apply", apply), ("--undo", undo))
        if value is not None
    ]
    if len(given) != 1:
        told = " and ".join(given) if given else "none of them"
        message = (
            "expected one of --data (clean a file), --apply (labels that a person approved) and "
            f"--undo (put rows back), got {told}"
        )
        raise UsageError(message)
    if checked is not None and data is None:
        message = "--from says what an earlier check found in --data; leave it out"
        raise UsageError(message)


def _require_unsaid(way: str, **flags: Any) -> None:
    """Refuse flags that would be passed over."""
    told = [flag for flag, value in flags.items() if value is not None]
    if told:
        message = f"{told[0]} says nothing with {way}; leave it out"
        raise UsageError(message)


def _run(steps: Steps, *, quiet: bool) -> Cleaned:
    """Run with a bar, and keep what comes at the end."""
    kept: list[Cleaned] = []

    def each() -> Any:
        kept.append((yield from steps))

    for _ in screen.shown(each(), quiet=quiet):
        pass
    return kept[0]


def _told(found: Cleaned, *, as_json: bool) -> int:
    """Say what happened; return the exit code."""
    manifest = found.manifest
    if manifest is None or found.folder is None:
        return _told_nothing(found, as_json=as_json)
    if not as_json:
        screen.summary(found.report)
    tell(
        [*_lines(manifest, found.folder, found=found), *measured(found)],
        facts=_facts(manifest, found.folder, found=found),
        as_json=as_json,
    )
    return exit.of_report(found.report)


def _told_nothing(found: Cleaned, *, as_json: bool) -> int:
    """No row is flagged: either there is nothing, or a detector reached no verdict."""
    gaps = [one for one in found.report.coverage.gaps if one.what.startswith(DETECTOR)]
    lines = ["no row is flagged: nothing was changed, and no copy was written"]
    lines += [f"open    {gap.what}: {gap.why}" for gap in gaps]
    facts = {"taken": 0, "changed": 0, "folder": None, "gaps": msgspec.to_builtins(gaps)}
    tell(lines, facts=facts, as_json=as_json)
    return exit.OPEN if gaps else exit.PASS


def _lines(manifest: Manifest, folder: Path, *, found: Cleaned) -> list[str]:
    """Where everything is."""
    return [
        f"left    {found.taken:,} of {manifest.rows:,} rows",
        f"changed {found.changed:,} labels",
        f"copy    {folder / manifest.file}",
        f"aside   {folder / manifest.aside}",
        f"before  {manifest.before}",
        f"after   {manifest.after}",
        *(() if found.repaired is None else (f"network {found.repaired}", *_cautions(found))),
        *(f"ledger  {one.origin}, entry {one.index:,}" for one in found.places),
        f"undo    bartizan data clean --undo {folder}",
        *(f"note    {gap.what}: {gap.why}" for gap in found.report.coverage.gaps),
    ]


def _cautions(found: Cleaned) -> list[str]:
    """What to know of a repaired network before somebody relies on it."""
    findings = [one for one in found.report.findings if one.entry == REPAIR]
    return [f"note    {remark}" for one in findings for remark in (one.reason, *one.remarks)]


def _facts(manifest: Manifest, folder: Path, *, found: Cleaned) -> dict[str, Any]:
    """The same for a program."""
    return {
        "data": manifest.data,
        "rows": manifest.rows,
        "taken": found.taken,
        "changed": found.changed,
        "folder": str(folder),
        "before": manifest.before,
        "after": manifest.after,
        "repaired": None if found.repaired is None else str(found.repaired),
        "entries": [one.index for one in found.places],
        "findings": msgspec.to_builtins(found.report.findings),
        "gaps": msgspec.to_builtins(found.report.coverage.gaps),
    }


def measured(found: Cleaned) -> list[str]:
    """What models showed, number by number."""
    lines = []
    for finding in found.report.findings[1:]:
        for one in finding.measures:
            told = one.why
            if one.value is not None:
                told = f"{one.value:.1%}"
                if one.low is not None and one.high is not None:
                    told += f" (95 % interval {one.low:.1%} to {one.high:.1%})"
            lines.append(f"  {one.name.replace('-', ' ')}: {told}")
    return lines


def _told_undone(found: Undone, *, as_json: bool) -> int:
    same = "the same to the byte" if found.identical else "the same rows, spelled the same"
    lines = [f"{found.path}: {found.rows:,} rows, {same}", f"root    {found.root}"]
    if found.place is not None:
        lines.append(f"ledger  {found.place.origin}, entry {found.place.index:,}")
    if not found.known:
        lines.append("note    the ledger of this workspace does not know the cleaning")
    facts = {
        "path": str(found.path),
        "rows": found.rows,
        "root": found.root,
        "identical": found.identical,
        "known": found.known,
    }
    tell(lines, facts=facts, as_json=as_json)
    return exit.PASS
