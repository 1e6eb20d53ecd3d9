"""The flags of `bartizan data check` and its neighbours, each described once."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from msgspec.structs import replace

from bartizan.adapt.tables.pandera_schema import read_pandera
from bartizan.cli import options
from bartizan.config import Config, find_config, read_config
from bartizan.core.errors import UsageError
from bartizan.data.rules import Rules
from bartizan.workspace import DataInputs, dataset_inputs, declared_dataset

_data = options.panel("Data")
_rules = options.panel("Demands")
_deep = options.panel("Deep look")
_output = options.panel("Output")

Data: TypeAlias = Annotated[
    str | None,
    _data(help="CSV, TSV, NDJSON or Parquet file; pictures: a folder, or .npz, .npy, IDX."),
]
Name: TypeAlias = Annotated[
    str | None,
    _data(help="A data set of bartizan.toml; with --data, what to call it."),
]
Target: TypeAlias = Annotated[str | None, _data(help="The column of labels, if there is one.")]
Reference: TypeAlias = Annotated[
    str | None,
    _data(help="Data known to be good, to compare with."),
]
Against: TypeAlias = Annotated[
    list[str] | None,
    _data(help="Data that must share no row with this; repeatable."),
]
SchemaFrom: TypeAlias = Annotated[
    str | None,
    _data("--schema", help="pandera schema, module:name."),
]
Header: TypeAlias = Annotated[bool, _data(help="Whether the first line names the columns.")]
Project: TypeAlias = Annotated[
    Path | None,
    _data(help="Project file; default: bartizan.toml here or above, unless --data is given."),
]
Unique: TypeAlias = Annotated[
    list[str] | None,
    _rules(help="Columns whose values together occur once, with commas; repeatable."),
]
Time: TypeAlias = Annotated[
    str | None,
    _rules(help="Column that says when a row came to be."),
]
MaxAge: TypeAlias = Annotated[
    float | None,
    _rules(help="Hours since the newest row, at most."),
]
Source: TypeAlias = Annotated[
    str | None,
    _rules(help="Column that says who contributed a row."),
]
Quota: TypeAlias = Annotated[
    float | None,
    _rules(min=0, max=1, help="Largest share of one source."),
]
Rate: TypeAlias = Annotated[
    float | None,
    _rules(help="How many times its share in the reference a source may have."),
]
Growth: TypeAlias = Annotated[
    float | None,
    _rules(help="How many times the rows of the last registered version."),
]
Canaries: TypeAlias = Annotated[
    str | None,
    _rules(help="File of rows that must be in the data."),
]
Deep: TypeAlias = Annotated[
    bool,
    _deep(
        "--deep",
        help="Look for poison: train models on all rows at once. Takes minutes and memory.",
    ),
]
Recipe: TypeAlias = Annotated[
    str | None,
    _deep(
        help="module:function that trains your model, called as function(x, y, seed); default: "
        "models of ours stand in."
    ),
]
Sample: TypeAlias = Annotated[
    int | None,
    _deep(min=2, help="Look at so many rows, of every class its share."),
]
Memory: TypeAlias = Annotated[
    float | None,
    _deep(metavar="GB", help="Memory it may use, in GiB; default half of what is free."),
]
Examples: TypeAlias = Annotated[
    bool,
    _output(help="Write the rows that findings point at."),
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
                f"flags about the data and a project file contradict each other; write in {path} "
                "the `target` of its [[data]], columns under [schema.<data>.<column>], demands "
                "under [check.<data>], and rows to compare with as [[data]] with role = "
                '"reference" or "train"; or leave --project out and give --data'
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
