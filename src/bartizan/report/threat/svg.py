"""The landscape as a drawing of its own: one SVG file that asks for nothing."""

from bartizan.report.threat.landscape import drawn
from bartizan.report.threat.sheet import Sheet


def render(sheet: Sheet) -> bytes:
    """Draw it. Equal models give equal bytes."""
    return drawn(sheet.model, prefix="landscape").alone().encode()
