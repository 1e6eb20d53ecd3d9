"""A threat model as JSON: the record itself, indented, with what follows from each risk."""

from typing import Any

import msgspec

from bartizan.core.risk import Factors
from bartizan.report.indented import indented
from bartizan.report.threat.sheet import Sheet


def render(sheet: Sheet) -> bytes:
    """The record, with two blanks an indent and a line feed at the end.

    Beside the factors of a risk stand its product and its priority, so that no reader has to know
    the table. Whoever reads the record back ignores them.
    """
    found = msgspec.to_builtins(sheet.model, order="deterministic")
    for written, threat in zip(found["threats"], sheet.model.threats, strict=True):
        written["inherent"] = _risk(threat.inherent)
        written["residual"] = _risk(threat.residual)
    return indented(found)


def _risk(factors: Factors) -> dict[str, Any]:
    return {
        **msgspec.to_builtins(factors),
        "product": factors.product,
        "priority": factors.priority,
    }
