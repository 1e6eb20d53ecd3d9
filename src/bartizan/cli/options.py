"""The flags of `bartizan assess`, each described once."""

from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

TARGET = "The column with the classes; of images, the array or file of labels, or `folder`."
_MODEL, _ATTACKER, _RUN, _OUTPUT = "Model and data", "Attacker", "Run", "Output"


class ProfileName(StrEnum):
    """The keys of `PROFILES`."""

    QUICK = "quick"
    STANDARD = "standard"
    THOROUGH = "thorough"


class SeverityName(StrEnum):
    """Severities that can fail a run."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class FormatName(StrEnum):
    """The keys of `FORMATS`."""

    HTML = "html"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"
    MARKDOWN = "markdown"


class AccessName(StrEnum):
    """What attackers can see."""

    LABELS = "labels"
    SCORES = "scores"
    GRADIENTS = "gradients"
    STRUCTURE = "structure"


class NormChoice(StrEnum):
    """How a change is measured."""

    L1 = "L1"
    L2 = "L2"
    LINF = "Linf"


Model: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="skops, ONNX, XGBoost or LightGBM file, module:factory, or a name in bartizan.toml.",
        rich_help_panel=_MODEL,
    ),
]
Data: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="Labelled rows or images the model was not trained on.", rich_help_panel=_MODEL
    ),
]
Target: TypeAlias = Annotated[str | None, typer.Option(help=TARGET, rich_help_panel=_MODEL)]
Reference: TypeAlias = Annotated[
    str | None,
    typer.Option(help="Rows that scale distances; default: the data.", rich_help_panel=_MODEL),
]
Train: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="Rows the model was trained on: what does it give away of them?",
        rich_help_panel=_MODEL,
    ),
]
TrainSource: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        help="Column of the training data that says who contributed a row; no feature.",
        rich_help_panel=_MODEL,
    ),
]
TrainTime: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        help="Column of the training data that says when a row came to be; no feature.",
        rich_help_panel=_MODEL,
    ),
]
Recipe: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="module:function that trains the model anew, if it does not know itself.",
        rich_help_panel=_MODEL,
    ),
]
Weights: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="safetensors file or state dict for the torch module that module:factory makes.",
        rich_help_panel=_MODEL,
    ),
]
Header: TypeAlias = Annotated[
    bool, typer.Option(help="Whether the first line names the columns.", rich_help_panel=_MODEL)
]
Threshold: TypeAlias = Annotated[
    float | None,
    typer.Option(
        help="Operating point of a two-class model, as a probability.", rich_help_panel=_MODEL
    ),
]
Project: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        help="Project file; default: bartizan.toml here or above, unless --data is given.",
        rich_help_panel=_MODEL,
    ),
]
UnsafePickle: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--unsafe-load-pickle",
        help="Open a pickle. It can run any code: only for files you made yourself.",
        rich_help_panel=_MODEL,
    ),
]
Access: TypeAlias = Annotated[
    AccessName | None,
    typer.Option(
        help="What the attacker sees; default labels, of images gradients.",
        rich_help_panel=_ATTACKER,
    ),
]
Norm: TypeAlias = Annotated[
    NormChoice | None,
    typer.Option(help="How a change is measured; default Linf.", rich_help_panel=_ATTACKER),
]


def _eps(text: str) -> float:
    """A number, or a fraction such as 8/255."""
    try:
        return float(Fraction(text.replace(" ", ""))) if "/" in text else float(text)
    except (ValueError, ArithmeticError) as error:
        message = f"expected a number or a fraction such as 8/255, got {text!r}"
        raise typer.BadParameter(message) from error


Eps: TypeAlias = Annotated[
    float | None,
    typer.Option(
        parser=_eps,
        metavar="NUMBER",
        help="Budget in units of each column's 1-99 % range, default 0.10; of images in units of "
        "the way from dark to bright, default 8/255 (Linf).",
        rich_help_panel=_ATTACKER,
    ),
]
Protect: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(help="Class whose rows are attacked; repeatable.", rich_help_panel=_ATTACKER),
]
Fixed: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(help="Column the attacker cannot change; repeatable.", rich_help_panel=_ATTACKER),
]
Profile: TypeAlias = Annotated[
    ProfileName | None,
    typer.Option(help="How much work; default standard.", rich_help_panel=_RUN),
]
Entries: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--entry", help="Only this catalogue entry; repeatable.", rich_help_panel=_RUN),
]
Seed: TypeAlias = Annotated[
    int | None,
    typer.Option(min=0, help="Same seed, same findings; default 0.", rich_help_panel=_RUN),
]
Workers: TypeAlias = Annotated[
    int | None, typer.Option(min=1, help="Processes; default: all cores.", rich_help_panel=_RUN)
]
TimeBudget: TypeAlias = Annotated[
    float | None,
    typer.Option(min=0.1, help="Stop attacking after so many seconds.", rich_help_panel=_RUN),
]
Resume: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--resume", help="Take over what an earlier run has finished.", rich_help_panel=_RUN
    ),
]
Place: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        help="Where evidence is kept; default: .bartizan beside the project file.",
        rich_help_panel=_RUN,
    ),
]
FailOn: TypeAlias = Annotated[
    SeverityName | None,
    typer.Option(help="Least severity that fails; default high.", rich_help_panel=_OUTPUT),
]
Out: TypeAlias = Annotated[
    Path, typer.Option(help="Folder for the report.", rich_help_panel=_OUTPUT)
]
Formats: TypeAlias = Annotated[
    list[FormatName] | None,
    typer.Option("--format", help="Only this format; repeatable.", rich_help_panel=_OUTPUT),
]
Examples: TypeAlias = Annotated[
    bool,
    typer.Option(help="Write the broken rows beside the originals.", rich_help_panel=_OUTPUT),
]
Json: TypeAlias = Annotated[
    bool,
    typer.Option("--json", help="Print report.json to standard output.", rich_help_panel=_OUTPUT),
]
Quiet: TypeAlias = Annotated[
    bool, typer.Option("--quiet", help="No progress.", rich_help_panel=_OUTPUT)
]
