"""The flags of `bartizan data check` and its neighbours, each described once."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer
from msgspec.structs import replace

from bartizan.adapt.tables.pandera_schema import read_pandera
from bartizan.config import Config, find_config, read_config
from bartizan.core.errors import UsageError
from bartizan.data.rules import Rules
from bartizan.workspace import DataInputs, dataset_inputs, declared_dataset

_DATA, _RULES, _DEEP, _OUTPUT = "Data", "Demands", "Deep look", "Output"

Data: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="CSV, TSV, NDJSON or Parquet file; pictures: a folder, or .npz, .npy, IDX.",
        rich_help_panel=_DATA,
    ),
]
Name: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="A data set of bartizan.toml; with --data, what to call it.", rich_help_panel=_DATA
    ),
]
Target: TypeAlias = Annotated[
    str | None, typer.Option(help="The column of labels, if there is one.", rich_help_panel=_DATA)
]
Reference: TypeAlias = Annotated[
    str | None,
    typer.Option(help="Data known to be good, to compare with.", rich_help_panel=_DATA),
]
Against: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(help="Data that must share no row with this; repeatable.", rich_help_panel=_DATA),
]
SchemaFrom: TypeAlias = Annotated[
    str | None,
    typer.Option("--schema", help="pandera schema, module:name.", rich_help_panel=_DATA),
]
Header: TypeAlias = Annotated[
    bool, typer.Option(help="Whether the first line names the columns.", rich_help_panel=_DATA)
]
Project: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        help="Project file; default: bartizan.toml here or above, unless --data is given.",
        rich_help_panel=_DATA,
    ),
]
Unique: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        help="Columns whose values together occur once, with commas; repeatable.",
        rich_help_panel=_RULES,
    ),
]
Time: TypeAlias = Annotated[
    str | None,
    typer.Option(help="Column that says when a row came to be.", rich_help_panel=_RULES),
]
MaxAge: TypeAlias = Annotated[
    float | None,
    typer.Option(help="Hours since the newest row, at most.", rich_help_panel=_RULES),
]
Source: TypeAlias = Annotated[
    str | None,
    typer.Option(help="Column that says who contributed a row.", rich_help_panel=_RULES),
]
Quota: TypeAlias = Annotated[
    float | None,
    typer.Option(min=0, max=1, help="Largest share of one source.", rich_help_panel=_RULES),
]
Rate: TypeAlias = Annotated[
    float | None,
    typer.Option(
        help="How many times its share in the reference a source may have.", rich_help_panel=_RULES
    ),
]
Growth: TypeAlias = Annotated[
    float | None,
    typer.Option(
        help="How many times the rows of the last registered version.", rich_help_panel=_RULES
    ),
]
Canaries: TypeAlias = Annotated[
    str | None,
    typer.Option(help="File of rows that must be in the data.", rich_help_panel=_RULES),
]
Deep: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--deep",
        help="Look for poison: train models on all rows at once. Takes minutes and memory.",
        rich_help_panel=_DEEP,
    ),
]
Recipe: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="module:function that trains your model, called as function(x, y, seed); default: "
        "models of ours stand in.",
        rich_help_panel=_DEEP,
    ),
]
Sample: TypeAlias = Annotated[
    int | None,
    typer.Option(
        min=2, help="Look at so many rows, of every class its share.", rich_help_panel=_DEEP
    ),
]
Memory: TypeAlias = Annotated[
    float | None,
    typer.Option(
        metavar="GB",
        help="Memory it may use, in GiB; default half of what is free.",
        rich_help_panel=_DEEP,
    ),
]
Examples: TypeAlias = Annotated[
    bool,
    typer.Option(help="Write the rows that findings point at.", rich_help_panel=_OUTPUT),
]


@dataclass(frozen=True)
class Asked:
    """Which data set, and where its evidence belongs."""

    inputs: DataInputs
    config: Config | None
    folder: Path
    origin: str = ""
    """Where the data came from, as the project file says."""


def rules_of(*, unique: list[str] | None, **demands: Any) -> Rules | None:
    """The demands that flags make; none if there are none.

    Raises:
        UsageError: one makes no sense alone.
    """
    keys = tuple(tuple(name.strip() for name in key.split(",")) for key in unique or ())
    told = {name: value for name, value in demands.items() if value is not None}
    if not keys and not told:
        return None
    for needs, name in (("time", "max_age_h"), ("source", "quota"), ("source", "rate")):
        if name in told and needs not in told:
            flag = name.removesuffix("_h").replace("_", "-")
            message = f"--{flag} needs --{needs}: which column is it about?"
            raise UsageError(message)
    return Rules(unique=keys, **told)


def asked(
    data: str | None,
    *,
    name: str | None,
    target: str | None,
    header: bool,
    project: Path | None,
    now: datetime,
    rules: Rules | None = None,
    reference: str | None = None,
    against: tuple[str, ...] = (),
    schema: str | None = None,
) -> Asked:
    """Put together what the flags and the project file name.

    Raises:
        UsageError: flags are missing or contradict each other.
        InputError: something cannot be read.
    """
    path = project
    if path is None and data is None:
        path = find_config(Path.cwd())
    if path is not None:
        given = (target, reference, schema, rules, *against)
        if any(value is not None for value in given):
            message = (
                "flags about the data and a project file contradict each other; edit "
                "bartizan.toml, or leave --project out and give --data"
            )
            raise UsageError(message)
        config, folder = read_config(path), path.resolve().parent
        place = None if data is None else Path(data)
        inputs = declared_dataset(config, folder, now=now, name=name, path=place)
        origin = config.named_data(inputs.brief.name).source
        return Asked(inputs, config, folder, origin)
    if data is None:
        message = (
            "--data is missing, and there is no bartizan.toml here; see "
            "`bartizan data check --help`, or write a project file with `bartizan init`"
        )
        raise UsageError(message)
    foreign = None if schema is None else read_pandera(schema, target=target)
    if foreign is not None:
        rules = replace(rules or Rules(), unique=(*(rules or Rules()).unique, *foreign.unique))
    inputs = dataset_inputs(
        data,
        now=now,
        target=target,
        name=name,
        reference=reference,
        against=against,
        rules=rules,
        schema=None if foreign is None else foreign.schema,
        header=header,
    )
    if foreign is not None:
        warnings = (*inputs.warnings, *foreign.untaken)
        inputs = dataclasses.replace(inputs, warnings=warnings)
    return Asked(inputs, None, Path.cwd())
