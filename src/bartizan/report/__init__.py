"""The report as files: one record in, HTML, JSON, SARIF, JUnit and Markdown out."""

from bartizan.report.formats import FORMATS, render
from bartizan.report.json import json_schema
from bartizan.report.save import save

__all__ = ["FORMATS", "json_schema", "render", "save"]
