"""The flags of `bartizan data clean`, each described once."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

_WHAT, _GAIN, _BACK = "What leaves", "What it gains", "The way back"

Checked: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--from",
        help="Folder of an earlier `data check --deep` of this file; default: it is done now.",
        rich_help_panel=_WHAT,
    ),
]
Apply: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        help="suggestions.csv of a cleaning, with yes where a person approves the label.",
        rich_help_panel=_WHAT,
    ),
]
Reason: TypeAlias = Annotated[
    str | None,
    typer.Option(help="Why, for the ledger, without saying what a row is.", rich_help_panel=_WHAT),
]
By: TypeAlias = Annotated[
    str, typer.Option(help="Who cleans; default: the user.", rich_help_panel=_WHAT)
]
Out: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        help="Folder for the cleaned copy, which must not exist; default: clean. With --undo, "
        "folder for the restored file.",
        rich_help_panel=_WHAT,
    ),
]
Recipe: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="module:function that trains your model, called as function(x, y, seed): it is "
        "trained with the suspects and without. Default: nothing is retrained.",
        rich_help_panel=_GAIN,
    ),
]
Group: TypeAlias = Annotated[
    str | None,
    typer.Option(help="Column of groups of people to compare.", rich_help_panel=_GAIN),
]
Positive: TypeAlias = Annotated[
    str | None,
    typer.Option(help="The label that people want to get.", rich_help_panel=_GAIN),
]
Certify: TypeAlias = Annotated[
    int | None,
    typer.Option(
        min=2,
        help="So many models vote: how many changed rows do they withstand?",
        rich_help_panel=_GAIN,
    ),
]
Balanced: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--balanced", help="Rarer classes weigh the same in the vote.", rich_help_panel=_GAIN
    ),
]
RepairModel: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="A network that has learnt from these rows, skops file or module:factory: a repaired "
        "one is written beside the copy.",
        rich_help_panel=_GAIN,
    ),
]
Weights: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="File of tensors for the torch module that module:factory makes.",
        rich_help_panel=_GAIN,
    ),
]
Undo: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        help="Folder of a cleaning: every row goes back where it was, in a new file.",
        rich_help_panel=_BACK,
    ),
]
