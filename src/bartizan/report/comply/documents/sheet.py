"""What the documents are filled from."""

from dataclasses import dataclass

from bartizan.core.compliance import ComplianceReport
from bartizan.core.fact import Registered
from bartizan.core.report import Report
from bartizan.core.system import System
from bartizan.core.threat import ThreatModel


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a person declares of one model."""

    model: str
    said: tuple[tuple[str, str], ...] = ()
    """What it is about (`use cases`, `limitations` ...), and the words."""

    def about(self, *topics: str) -> tuple[tuple[str, str], ...]:
        """What is said of some topics."""
        return tuple(one for one in self.said if one[0] in topics)


@dataclass(frozen=True, kw_only=True)
class DocumentSheet:
    """One day of one project."""

    report: ComplianceReport
    model: ThreatModel | None = None
    """None = no system is described."""
    runs: tuple[Report, ...] = ()
    """Assessments of each model as it is now, with the findings that count; the newest last."""
    registered: tuple[Registered, ...] = ()
    """The newest version of each data set in the ledger."""
    cards: tuple[Card, ...] = ()
    training: tuple[str, ...] = ()
    """Names of the data sets that are declared as training data."""

    @property
    def system(self) -> System | None:
        """The description."""
        return None if self.model is None else self.model.system
