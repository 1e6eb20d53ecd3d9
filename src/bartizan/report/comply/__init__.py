"""What shows that clauses are answered, for people and machines: a page, Markdown, JSON."""

from bartizan.report.comply.gate_summary import gate_summary
from bartizan.report.comply.save import COMPLY_FORMATS, render_compliance, save_compliance

__all__ = ["COMPLY_FORMATS", "gate_summary", "render_compliance", "save_compliance"]
