"""`bartizan supply scan`: what would opening these files do?"""

from pathlib import Path
from typing import Annotated

import typer

from bartizan.cli import options, screen, supply_options
from bartizan.cli.deliver import deliver

NAME = "scan"
HELP = (
    "Say what opening model files would do, without opening them: pickle, joblib, PyTorch, NumPy, "
    "archives, Keras, HDF5, ONNX, TensorFlow, safetensors, GGUF, skops, XGBoost, LightGBM. "
    "Requirements and lock files are looked up in a copy of the OSV database. What could not be "
    "read is never called clean."
)
EPILOG = (
    "Examples:\n\n"
    "bartizan supply scan model.pkl\n\n"
    "bartizan supply scan models/ downloads/weights.tar.gz --format sarif --out scan\n\n"
    "bartizan supply scan pipeline.joblib --allow my_package.features.Scaler\n\n"
    "bartizan supply scan . --advisories /srv/osv/PyPI/all.zip --environment\n\n"
    "Exit codes: 0 every byte was read and nothing is amiss, 1 malicious or suspicious, 2 usage "
    "or bad input, 3 inconclusive, 5 internal error, 130 stopped."
)

_MIB = 1 << 20


def command(  # noqa: PLR0913 - one parameter for each flag
    paths: Annotated[list[Path], typer.Argument(help="Files and folders.", show_default=False)],
    *,
    allow: supply_options.Allowed = None,
    advisories: Annotated[
        Path | None,
        typer.Option(help="Copy of the OSV database, zip or folder, to look dependencies up in."),
    ] = None,
    max_snapshot_age: Annotated[
        float,
        typer.Option(metavar="DAYS", help="How old that copy may be."),
    ] = 30,  # as `advisories.snapshot` has it, which is slow to import
    environment: Annotated[
        bool, typer.Option("--environment", help="Look the installed packages up, too.")
    ] = False,
    memory: Annotated[
        int, typer.Option(min=128, help="MiB that the process which reads may use.")
    ] = 1024,
    cpu: Annotated[int, typer.Option(min=1, help="Seconds of CPU for one file.")] = 120,
    project: supply_options.Project = None,
    workspace: options.Place = None,
    fail_on: options.FailOn = None,
    out: options.Out = Path("out"),
    formats: options.Formats = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:
    """Scan files."""
    from bartizan.supply.scan.limits import Limits  # noqa: PLC0415 (slow to import)

    allowed, notes = supply_options.allowed_of(allow, paths=paths, project=project)
    with supply_options.scanning_of(workspace, project=project) as verbs:
        run = verbs.scanning(
            paths,
            allow=allowed,
            fail_on="high" if fail_on is None else fail_on.value,
            limits=Limits(memory_bytes=memory * _MIB, cpu_s=cpu),
            advisories=advisories,
            max_snapshot_age_days=max_snapshot_age,
            environment=environment,
            warnings=notes,
        )
        try:
            for _ in screen.shown(run, quiet=quiet):
                pass
        except KeyboardInterrupt:
            run.interrupt("stopped by Ctrl-C; files that had not been read say nothing")
        result = verbs.scanned(run)
    return deliver(result, out=out, formats=formats, examples=False, as_json=as_json)
