"""Everything one admission is asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bartizan.core.artifact import Artifact, Vouched
from bartizan.core.fact import Found
from bartizan.core.finding import Severity
from bartizan.supply.admission.declared import Declared
from bartizan.supply.admission.terms import Terms


@dataclass(frozen=True, kw_only=True)
class Request:
    """The question; the answer is a report, and whether the artefact may be served."""

    name: str
    """Of the artefact in reports."""
    terms: Terms
    declared: Declared | None
    """What evidence must be about; none = nobody says."""
    check: Callable[[], Vouched[Artifact]]
    """Checks the signature: returns the artefact that was signed, or raises."""
    facts: Callable[[], Sequence[Found]]
    """Every finding that the ledger knows, in its order; raises where the ledger does not hold."""
    entries: tuple[str, ...]
    """Ids of those entries of the catalogue that say something about models."""
    fail_on: Severity = "high"
    reproduce: str = ""
    """The command that asks the same question."""
    catalog: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
