"""The flags of `bartizan data clean`, each described once."""

from pathlib import Path
from typing import Annotated, TypeAlias

from bartizan.cli import options

_what = options.panel("What leaves")
_gain = options.panel("What it gains")
_back = options.panel("The way back")

Source: TypeAlias = Annotated[
    str | None,
    _what(
        help="Column that says who contributed a row: sources are compared, no model learns from "
        "it, and none judges rows of a source that it learnt from."
    ),
]
Checked: TypeAlias = Annotated[
    Path | None,
    _what(
        "--from",
        help="Folder of an earlier `data check --deep` of this file; default: it is done now.",
    ),
]
Apply: TypeAlias = Annotated[
    Path | None,
    _what(help="suggestions.csv of a cleaning, with yes where a person approves the label."),
]
Reason: TypeAlias = Annotated[
    str | None,
    _what(help="Why, for the ledger, without saying what a row is."),
]
By: TypeAlias = Annotated[str, _what(help="Who cleans; default: the user.")]
Out: TypeAlias = Annotated[
    Path | None,
    _what(
        help="Folder for the cleaned copy, which must not exist; default: clean. With --undo, "
        "folder for the restored file."
    ),
]
Recipe: TypeAlias = Annotated[
    str | None,
    _gain(
        help="module:function that trains your model, called as function(x, y, seed): it is "
        "trained with the suspects and without. Default: nothing is retrained."
    ),
]
Group: TypeAlias = Annotated[
    str | None,
    _gain(help="Column of groups of people to compare."),
]
Positive: TypeAlias = Annotated[
    str | None,
    _gain(help="The label that people want to get."),
]
Certify: TypeAlias = Annotated[
    int | None,
    _gain(min=2, help="So many models vote: how many changed rows do they withstand?"),
]
Balanced: TypeAlias = Annotated[
    bool,
    _gain("--balanced", help="Rarer classes weigh the same in the vote."),
]
RepairModel: TypeAlias = Annotated[
    str | None,
    _gain(
        help="A network that has learnt from these rows, a skops file or module:factory; beside "
        "the copy a repaired one is written. A mark that is known is unlearnt; where none is, the "
        "network is pruned, and pruning leaves most of a backdoor."
    ),
]
Undo: TypeAlias = Annotated[
    Path | None,
    _back(help="Folder of a cleaning: every row goes back where it was, in a new file."),
]
