"""Everything one check of data is asked to do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bartizan.adapt.batches.arrays import AnyBatches
from bartizan.core.entry import Entry
from bartizan.core.finding import Severity, Waived
from bartizan.core.report import Gap, Sight
from bartizan.data.detector_slot import Applies
from bartizan.data.inspection import Brief, Suits


@dataclass(frozen=True, kw_only=True)
class Deep:
    """A look at all rows at once."""

    entries: tuple[Entry, ...]
    """Detectors, in the order in which they run."""
    applies: Mapping[str, Applies] = field(default_factory=dict)
    """By entry id, what says why it has nothing to say about some rows."""
    recipe: Any = None
    """How the model that the rows are for is trained: ``module:function`` or the function itself;
    none = models of ours stand in."""
    sample: int | None = None
    """Rows that are looked at; none = all."""
    limit_bytes: int = 8 << 30
    """Memory that may be used."""
    sights: tuple[Sight, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Request:
    """The question; the answer is a report."""

    brief: Brief
    batches: AnyBatches
    detail: str = ""
    """Format and size of the source, in words."""
    entries: tuple[Entry, ...]
    """What is to be looked at."""
    suits: Mapping[str, Suits] = field(default_factory=dict)
    """By entry id, what asks the first batch whether there is an answer at all."""
    deep: Deep | None = None
    """Whether, and how, detectors look at all rows at once after the inspections."""
    gaps: tuple[Gap, ...] = ()
    """What is not, and why."""
    seed: int = 0
    thresholds: Mapping[str, float] = field(default_factory=dict)
    """Lines that replace the entries' own, by entry id."""
    fail_on: Severity = "high"
    reproduce: str = ""
    """The command that asks the same question."""
    catalog: str = ""
    """Digest of the catalogue the entries came from."""
    versions: Mapping[str, str] = field(default_factory=dict)
    waive: Callable[[str], Waived | None] = lambda _: None
    warnings: tuple[str, ...] = ()
