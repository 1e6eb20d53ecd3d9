"""What the documents are made from."""

from dataclasses import dataclass

from bartizan.core.compliance import ComplianceReport
from bartizan.core.control import Control
from bartizan.core.threat import ThreatModel


@dataclass(frozen=True, kw_only=True)
class OscalSheet:
    """One day of one project."""

    report: ComplianceReport
    controls: tuple[Control, ...]
    """The catalogue, in its order."""
    model: ThreatModel | None = None
    """None = no system is described, and there are no risks but those of open findings."""
