"""A report on clauses as JSON: the record itself, indented."""

from bartizan.core.compliance import ComplianceReport
from bartizan.report.indented import indented_record


def render(report: ComplianceReport) -> bytes:
    """The record, with two blanks an indent and a line feed at the end."""
    return indented_record(report)
