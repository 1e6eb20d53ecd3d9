"""`bartizan data check`: is this data sound?"""

from datetime import UTC, datetime
from pathlib import Path

from bartizan.cli import data_options, options, screen
from bartizan.cli.deliver import deliver, reproduce
from bartizan.workspace import DeepLook, Workspace, ledger_settings

NAME = "check"
HELP = (
    "Say whether a data set is sound: types, ranges, categories, duplicates, leakage, labels, "
    "drift, sources, canaries, spellings, personal data; with --deep, whether somebody poisoned "
    "it. Works from flags alone, or from the "
    "data sets and [check.<data>] tables of bartizan.toml."
)
EPILOG = (
    "Examples:\n\n"
    "bartizan data check --data new.csv --target is_fraud --reference last-month.csv\n\n"
    "bartizan data check --data test.parquet --target y --against train.parquet --unique id\n\n"
    "bartizan data check --data train.csv --target y --deep --sample 20000\n\n"
    "bartizan data check --name future   (a data set of bartizan.toml)\n\n"
    "Exit codes: 0 pass, 1 finding at or above --fail-on, 2 usage or bad input, 3 inconclusive, "
    "4 the ledger or a signature does not hold, 5 internal error, 130 stopped."
)


def command(  # noqa: PLR0913 - one parameter for each flag
    *,
    data: data_options.Data = None,
    name: data_options.Name = None,
    target: data_options.Target = None,
    reference: data_options.Reference = None,
    against: data_options.Against = None,
    schema: data_options.SchemaFrom = None,
    unique: data_options.Unique = None,
    time: data_options.Time = None,
    max_age: data_options.MaxAge = None,
    source: data_options.Source = None,
    quota: data_options.Quota = None,
    rate: data_options.Rate = None,
    growth: data_options.Growth = None,
    canaries: data_options.Canaries = None,
    header: data_options.Header = True,
    project: data_options.Project = None,
    deep: data_options.Deep = False,
    recipe: data_options.Recipe = None,
    sample: data_options.Sample = None,
    memory: data_options.Memory = None,
    entry: options.Entries = None,
    seed: options.Seed = None,
    workspace: options.Place = None,
    fail_on: options.FailOn = None,
    out: options.Out = Path("out"),
    formats: options.Formats = None,
    examples: data_options.Examples = True,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:
    """Check one data set."""
    rules = data_options.rules_of(
        unique=unique,
        time=time,
        max_age_h=max_age,
        source=source,
        quota=quota,
        rate=rate,
        growth=growth,
        canaries=canaries,
    )
    asked = data_options.asked(
        data,
        name=name,
        target=target,
        reference=reference,
        against=tuple(against or ()),
        schema=schema,
        rules=rules,
        header=header,
        project=project,
        now=datetime.now(UTC),
    )
    settings = asked.config.project if asked.config else None
    place = workspace or asked.folder / ".bartizan"
    with Workspace(place, ledger=ledger_settings(asked.config)) as ws:
        run = ws.data.verification(
            asked.inputs,
            entries=entry or (),
            seed=seed if seed is not None else (settings.seed if settings else 0),
            fail_on=None if fail_on is None else fail_on.value,
            reproduce=reproduce(),
            look=DeepLook(wanted=deep, recipe=recipe, sample=sample, memory_gb=memory),
        )
        try:
            for _ in screen.shown(run, quiet=quiet):
                pass
        except KeyboardInterrupt:
            run.interrupt(f"stopped by Ctrl-C; {run.came}")
        result = ws.data.checked(run, asked.inputs)
    return deliver(result, out=out, formats=formats, examples=examples, as_json=as_json)
