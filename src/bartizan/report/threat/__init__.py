"""A threat model for people and machines: a page, tables, diagrams, SARIF, OTM."""

from bartizan.report.threat.save import THREAT_FORMATS, render_threats, save_threats
from bartizan.report.threat.sheet import Sheet

__all__ = ["THREAT_FORMATS", "Sheet", "render_threats", "save_threats"]
