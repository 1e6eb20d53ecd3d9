"""A threat model as JSON: the record itself, indented."""

from bartizan.report.indented import indented_record
from bartizan.report.threat.sheet import Sheet


def render(sheet: Sheet) -> bytes:
    """The record, with two blanks an indent and a line feed at the end."""
    return indented_record(sheet.model)
