"""The threat model as Markdown."""

from bartizan.report.threat.markdown.page import render

__all__ = ["render"]
