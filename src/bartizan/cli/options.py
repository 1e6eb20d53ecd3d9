"""The flags of `bartizan assess`, each described once."""

from collections.abc import Callable
from enum import StrEnum
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

TARGET = "The column with the classes; of images, the array or file of labels, or `folder`."


def panel(title: str) -> Callable[..., Any]:
    """What makes an option that help shows under a title."""
    return partial(typer.Option, rich_help_panel=title)


_model = panel("Model and data")
_attacker = panel("Attacker")
_run = panel("Run")
_output = panel("Output")


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
    _model(
        help="skops, ONNX, XGBoost or LightGBM file, module:factory, or a name in bartizan.toml."
    ),
]
Data: TypeAlias = Annotated[
    str | None,
    _model(help="Labelled rows or images the model was not trained on."),
]
Target: TypeAlias = Annotated[str | None, _model(help=TARGET)]
Reference: TypeAlias = Annotated[
    str | None,
    _model(help="Rows that scale distances; default: the data."),
]
Train: TypeAlias = Annotated[
    str | None,
    _model(help="Rows the model was trained on: what does it give away of them?"),
]
TrainSource: TypeAlias = Annotated[
    str | None,
    _model(
        metavar="COLUMN",
        help="Column of the training data that says who contributed a row; no feature.",
    ),
]
TrainTime: TypeAlias = Annotated[
    str | None,
    _model(
        metavar="COLUMN",
        help="Column of the training data that says when a row came to be; no feature.",
    ),
]
Recipe: TypeAlias = Annotated[
    str | None,
    _model(help="module:function that trains the model anew, if it does not know itself."),
]
Weights: TypeAlias = Annotated[
    str | None,
    _model(help="safetensors file or state dict for the torch module that module:factory makes."),
]
Header: TypeAlias = Annotated[bool, _model(help="Whether the first line names the columns.")]
Audit: TypeAlias = Annotated[
    list[str] | None,
    _model(
        metavar="COLUMN[:EDGE,...]",
        help="Compare the groups of this column (bias audit); numbers are cut at the edges, or "
        "at their quartiles; repeatable.",
    ),
]
AuditApart: TypeAlias = Annotated[
    list[str] | None,
    _model(
        metavar="COLUMN[:EDGE,...]",
        help="The same for a column that is no feature: the model never sees it; repeatable.",
    ),
]
Threshold: TypeAlias = Annotated[
    float | None,
    _model(help="Operating point of a two-class model, as a probability."),
]
Project: TypeAlias = Annotated[
    Path | None,
    _model(help="Project file; default: bartizan.toml here or above, unless --data is given."),
]
UnsafePickle: TypeAlias = Annotated[
    bool,
    _model(
        "--unsafe-load-pickle",
        help="Open any pickle, also one with names that are not on the list. It can run any code: "
        "only for files you made yourself.",
    ),
]
Access: TypeAlias = Annotated[
    AccessName | None,
    _attacker(help="What the attacker sees; default labels, of images gradients."),
]
Norm: TypeAlias = Annotated[
    NormChoice | None,
    _attacker(help="How a change is measured; default Linf."),
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
    _attacker(
        parser=_eps,
        metavar="NUMBER",
        help="Budget in units of each column's 1-99 % range, default 0.10; of images in units of "
        "the way from dark to bright, default 8/255 (Linf).",
    ),
]
Protect: TypeAlias = Annotated[
    list[str] | None,
    _attacker(help="Class whose rows are attacked; repeatable."),
]
Fixed: TypeAlias = Annotated[
    list[str] | None,
    _attacker(help="Column the attacker cannot change; repeatable."),
]
Profile: TypeAlias = Annotated[
    ProfileName | None,
    _run(help="How much work; default standard."),
]
Entries: TypeAlias = Annotated[
    list[str] | None,
    _run(
        "--entry", help="Only this catalogue entry, or a family such as `fairness.*`; repeatable."
    ),
]
Seed: TypeAlias = Annotated[
    int | None,
    _run(min=0, help="Same seed, same findings; default 0."),
]
Workers: TypeAlias = Annotated[int | None, _run(min=1, help="Processes; default: all cores.")]
TimeBudget: TypeAlias = Annotated[
    float | None,
    _run(min=0.1, help="Stop attacking after so many seconds."),
]
Resume: TypeAlias = Annotated[
    bool,
    _run("--resume", help="Take over what an earlier run has finished."),
]
Place: TypeAlias = Annotated[
    Path | None,
    _run(help="Where evidence is kept; default: .bartizan beside the project file."),
]
FailOn: TypeAlias = Annotated[
    SeverityName | None,
    _output(help="Least severity that fails; default high."),
]
Out: TypeAlias = Annotated[Path, _output(help="Folder for the report.")]
Formats: TypeAlias = Annotated[
    list[FormatName] | None,
    _output("--format", help="Only this format; repeatable."),
]
Examples: TypeAlias = Annotated[
    bool,
    _output(help="Write the broken rows beside the originals."),
]
Json: TypeAlias = Annotated[
    bool,
    _output("--json", help="Print report.json to standard output."),
]
Quiet: TypeAlias = Annotated[bool, _output("--quiet", help="No progress.")]
