"""What somebody wants cleaned, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bartizan.core.evidence import Place
from bartizan.core.report import Report
from bartizan.data.cleaning.manifest import Manifest
from bartizan.workspace.deep_look import DeepLook


@dataclass(frozen=True, kw_only=True)
class CleanOrder:
    """What is wanted."""

    data: Path
    """A table, or an .npz file; it is not changed."""
    target: str
    """The column, or array, of labels."""
    out: Path
    """Folder for the copy; it must not exist."""
    checked: Path | None = None
    """Folder of an earlier `data check --deep`; none = it is done now."""
    entries: Sequence[str] = ()
    """Ids of the detectors to believe; none = all."""
    name: str | None = None
    header: bool = True
    source: str | None = None
    """Column that says who contributed a row; no model learns from it."""
    recipe: Any = None
    """How the model is trained: ``module:function`` or the function; none = nothing is."""
    group: str | None = None
    """Column of groups of people, to compare how they are treated."""
    positive: str | None = None
    """The label that people want to get; none = the second of two."""
    certify: int | None = None
    """Models that vote, to certify what they withstand."""
    balanced: bool = False
    """Whether rarer classes weigh the same in the vote."""
    repair: Any = None
    """A network to be repaired: what `load_model` takes; none = none."""
    weights: str | None = None
    """File of tensors for the torch module that a factory makes."""
    look: DeepLook | None = None
    """Settings of the check that is done now."""
    seed: int = 0
    by: str = ""
    """Who cleans; the user of this machine if empty."""
    reason: str = "flagged by detectors of poison"
    """Why, for the ledger, without saying what a row is."""


@dataclass(frozen=True, kw_only=True)
class Cleaned:
    """What a cleaning did."""

    report: Report
    folder: Path | None
    """Where the copy lies; none = no row was flagged, so that there is none."""
    taken: int = 0
    """Rows that left."""
    changed: int = 0
    """Rows with another label."""
    manifest: Manifest | None = None
    repaired: Path | None = None
    """The repaired network."""
    places: tuple[Place, ...] = ()
    """Where in the ledger it stands; none = the workspace has none."""


@dataclass(frozen=True, kw_only=True)
class Undone:
    """What was put back."""

    path: Path
    rows: int
    root: str
    """Over the restored rows: that of the rows before they were cleaned."""
    identical: bool
    """Whether the file is the same to the byte, and not just its rows."""
    known: bool
    """Whether the cleaning that was undone stands in this workspace's ledger."""
    place: Place | None
