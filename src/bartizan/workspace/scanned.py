"""The result of a scan of artefacts, and how it is saved."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bartizan.core.finding import Finding, Outcome
from bartizan.core.report import Report
from bartizan.report import FORMATS, save


@dataclass(frozen=True)
class Scanned:
    """A report on files."""

    report: Report

    @property
    def outcome(self) -> Outcome:
        """Of the whole run."""
        return self.report.outcome

    @property
    def findings(self) -> tuple[Finding, ...]:
        """One for each file."""
        return self.report.findings

    def published(self, *, examples: bool = True) -> Report:
        """The report; it holds no rows, so that there is nothing to leave out."""
        del examples
        return self.report

    def save(
        self, out: str | Path, *, formats: Iterable[str] = tuple(FORMATS), examples: bool = True
    ) -> list[Path]:
        """Write the report.

        Args:
            out: Folder; made if need be.
            formats: Of the report.
            examples: As for other results; there are none here.

        Returns:
            The files.

        Raises:
            OutputError: they cannot be written; what was written before stays.
        """
        return save(self.published(examples=examples), Path(out), formats=formats)
