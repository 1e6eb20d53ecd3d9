"""The report: every finding, what was not covered, and who made it."""

from typing import Literal

from bartizan.core.attacker import Attacker
from bartizan.core.evidence import Evidence, Receipt, Subject
from bartizan.core.finding import Finding, Outcome, Severity
from bartizan.core.record import Record


class Tool(Record, frozen=True, kw_only=True):
    """What made the report."""

    name: str
    version: str
    catalog: str
    """Digest of the catalogue."""


class Gap(Record, frozen=True, kw_only=True):
    """Something this run says nothing about."""

    what: str
    why: str


class Sight(Record, frozen=True, kw_only=True):
    """What one entry can see, and what it never does, whatever it says."""

    entry: str
    sees: str
    misses: str


class Answered(Record, frozen=True, kw_only=True):
    """A threat of the described system, and what this run says of it."""

    threat: str
    """`rule@element`."""
    title: str
    findings: tuple[str, ...]
    """Ids, in their order; none = this run says nothing about it."""
    easier: tuple[str, ...] = ()
    """Tests that were passed against somebody who sees less than whom the threat is about: they
    say nothing about it."""
    outcome: Outcome
    """Of these findings, the worst first: fail, inconclusive, pass; `not-run` = there is none."""

    @property
    def said(self) -> Outcome | Literal["easier"]:
        """The outcome or, where there were none but easier tests, just that."""
        return "easier" if self.easier and not self.findings else self.outcome


class Coverage(Record, frozen=True, kw_only=True):
    """What was looked at and what was not. Gaps decide nothing."""

    profile: str
    seed: int
    rows: int
    """Rows attacked at most, per attack."""
    rows_total: int
    """Rows in the data."""
    rows_protected: int
    """Rows of the protected classes that the model gets right: what can be attacked."""
    planned: tuple[str, ...]
    """Ids of the findings that were planned."""
    gaps: tuple[Gap, ...] = ()
    sights: tuple[Sight, ...] = ()
    """Of the detectors of poison that were asked for."""
    threats: tuple[Answered, ...] = ()
    """Threats of the described system that a test could answer, those that were not included."""
    interrupted: str = ""
    """Why the run ended early; empty = it did not."""


class Report(Record, frozen=True, kw_only=True, tag_field="schema", tag="report/1"):
    """One assessment, byte-identical for identical inputs and seeds but for `receipts`."""

    tool: Tool
    subjects: tuple[Subject, ...]
    attackers: tuple[Attacker, ...]
    outcome: Outcome
    headline: str
    """Two or three sentences for somebody who reads nothing else."""
    fail_on: Severity = "high"
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]
    coverage: Coverage
    warnings: tuple[str, ...] = ()
    receipts: tuple[Receipt, ...] = ()
