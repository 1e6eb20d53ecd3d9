"""Everything one scan is asked to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bartizan.core.finding import Severity
from bartizan.supply.scan.limits import Limits
from bartizan.supply.scan.paths import Found


@dataclass(frozen=True, kw_only=True)
class Request:
    """The question; the answer is a report."""

    found: Found
    """The files."""
    allowed: tuple[str, ...] = ()
    """Classes that a policy allows beyond our own list, ``module.name``."""
    limits: Limits = field(default_factory=Limits)
    fail_on: Severity = "high"
    listed: bool = False
    """Whether source code and documents in folders are listed as not covered; else they are
    inconclusive, as whoever lets a model in needs it."""
    catalog: str = ""
    """Digest of the catalogue."""
    versions: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
