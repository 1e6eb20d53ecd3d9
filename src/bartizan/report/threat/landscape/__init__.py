"""The drawing of a system: zones, elements, flows, and where its open threats are."""

from bartizan.report.threat.landscape.drawing import Drawing, drawn

__all__ = ["Drawing", "drawn"]
