"""`bartizan assess`: attack a model and judge it."""

import os
from pathlib import Path

from bartizan.cli import options, screen
from bartizan.cli.deliver import deliver, reproduce
from bartizan.cli.subject import Flags, asked
from bartizan.workspace import Workspace, ledger_settings

NAME = "assess"
HELP = (
    "Attack a model with every attacker that is declared (and an assumed weaker and stronger one) "
    "and write a report. Works from flags alone, or from bartizan.toml in this folder or above."
)
EPILOG = (
    "Examples:\n\n"
    "bartizan assess --model fraud.onnx --data holdout.parquet --target is_fraud --out out/\n\n"
    "bartizan assess --profile quick --fail-on medium   (with a bartizan.toml)\n\n"
    "Exit codes: 0 pass, 1 finding at or above --fail-on, 2 usage or bad input, 3 inconclusive, "
    "4 refused to load, 5 internal error, 130 stopped."
)


def command(  # noqa: PLR0913 - one parameter for each flag
    *,
    model: options.Model = None,
    data: options.Data = None,
    target: options.Target = None,
    reference: options.Reference = None,
    train: options.Train = None,
    source: options.TrainSource = None,
    time: options.TrainTime = None,
    recipe: options.Recipe = None,
    weights: options.Weights = None,
    header: options.Header = True,
    audit: options.Audit = None,
    audit_apart: options.AuditApart = None,
    threshold: options.Threshold = None,
    project: options.Project = None,
    unsafe_load_pickle: options.UnsafePickle = False,
    access: options.Access = None,
    norm: options.Norm = None,
    eps: options.Eps = None,
    protect: options.Protect = None,
    fixed: options.Fixed = None,
    profile: options.Profile = None,
    entry: options.Entries = None,
    seed: options.Seed = None,
    workers: options.Workers = None,
    time_budget: options.TimeBudget = None,
    resume: options.Resume = False,
    workspace: options.Place = None,
    fail_on: options.FailOn = None,
    out: options.Out = Path("out"),
    formats: options.Formats = None,
    examples: options.Examples = True,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:
    """Assess one model."""
    subject = asked(
        Flags(
            model=model,
            data=data,
            target=target,
            reference=reference,
            train=train,
            source=source,
            time=time,
            recipe=recipe,
            weights=weights,
            header=header,
            audit=tuple(audit or ()),
            audit_apart=tuple(audit_apart or ()),
            threshold=threshold,
            project=project,
            unsafe_load_pickle=unsafe_load_pickle,
            access=access,
            norm=norm,
            eps=eps,
            protect=tuple(protect or ()),
            fixed=tuple(fixed or ()),
        )
    )
    settings = subject.config.project if subject.config else None
    place = workspace or subject.folder / ".bartizan"
    with Workspace(place, ledger=ledger_settings(subject.config)) as ws:
        run = ws.assessment(
            subject.inputs,
            profile=str(profile or (settings.profile if settings else "standard")),
            seed=seed if seed is not None else (settings.seed if settings else 0),
            workers=workers or os.cpu_count() or 1,
            entries=entry or (),
            time_budget_s=time_budget,
            resume=resume,
            fail_on=None if fail_on is None else fail_on.value,
            reproduce=reproduce(),
        )
        try:
            for _ in screen.shown(run, quiet=quiet):
                pass
        except KeyboardInterrupt:
            run.interrupt("stopped by Ctrl-C; what was done is here, and --resume goes on from it")
        result = ws.finished(run, subject.inputs)
    return deliver(result, out=out, formats=formats, examples=examples, as_json=as_json)
