"""Controls, evidence, risks and what is open, for programs that read OSCAL."""

from bartizan.report.oscal.save import OSCAL_FILES, render_oscal
from bartizan.report.oscal.sheet import OscalSheet

__all__ = ("OSCAL_FILES", "OscalSheet", "render_oscal")
