"""Everything one check of data is asked to do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bartizan.adapt.batches import Batches
from bartizan.adapt.image_batches import ImageBatches
from bartizan.core.entry import Entry
from bartizan.core.finding import Severity, Waived
from bartizan.core.report import Gap
from bartizan.data.inspection import Brief, Suits


@dataclass(frozen=True, kw_only=True)
class Request:
    """The question; the answer is a report."""

    brief: Brief
    batches: Batches | ImageBatches
    detail: str = ""
    """Format and size of the source, in words."""
    entries: tuple[Entry, ...]
    """What is to be looked at."""
    suits: Mapping[str, Suits] = field(default_factory=dict)
    """By entry id, what asks the first batch whether there is an answer at all."""
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
