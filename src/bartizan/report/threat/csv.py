"""The risk register as CSV: one line a threat, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Callable, Iterable
from typing import Final

from bartizan.core.system import ControlStatus
from bartizan.core.threat import Threat
from bartizan.report.threat.sheet import Sheet
from bartizan.report.threat.terms import flat, name

_STARTS: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""With which spreadsheets take a cell for a formula; the last four are the same, full width."""
_BETWEEN: Final = "; "
"""Parts of one cell; commas occur in them."""


def _joined(parts: Iterable[str]) -> str:
    return _BETWEEN.join(parts)


def _controls(one: Threat, status: ControlStatus) -> str:
    """Controls against a threat that have a status."""
    return _joined(two.control for two in one.countermeasures if two.status == status)


_COLUMNS: Final[dict[str, Callable[[Threat], str | int]]] = {
    "id": lambda one: one.id,
    "title": lambda one: one.title,
    "element": lambda one: one.element,
    "family": lambda one: one.family,
    "layer": lambda one: one.layer,
    "phase": lambda one: one.phase,
    "stride": lambda one: _joined(one.stride),
    "harms": lambda one: _joined(one.harms),
    "atlas": lambda one: _joined(one.taxonomy.atlas),
    "nist_ai_100_2": lambda one: _joined(one.taxonomy.nist_ai_100_2),
    "owasp_ml": lambda one: _joined(one.taxonomy.owasp_ml),
    "inherent_likelihood": lambda one: one.inherent.likelihood,
    "inherent_impact": lambda one: one.inherent.impact,
    "inherent_detection": lambda one: one.inherent.detection,
    "inherent_product": lambda one: one.inherent.product,
    "inherent_priority": lambda one: one.inherent.priority,
    "residual_likelihood": lambda one: one.residual.likelihood,
    "residual_impact": lambda one: one.residual.impact,
    "residual_detection": lambda one: one.residual.detection,
    "residual_product": lambda one: one.residual.product,
    "residual_priority": lambda one: one.residual.priority,
    "standing": lambda one: one.standing,
    "decision": lambda one: one.ruling.choice if one.ruling else "",
    "decided_by": lambda one: one.ruling.who if one.ruling else "",
    "decided_because": lambda one: one.ruling.why if one.ruling else "",
    "decision_expires": lambda one: one.ruling.expires if one.ruling else "",
    "decision_holds": lambda one: ("yes" if one.ruling.holds else "no") if one.ruling else "",
    "controls_verified": lambda one: _controls(one, "verified"),
    "controls_implemented": lambda one: _controls(one, "implemented"),
    "controls_planned": lambda one: _controls(one, "planned"),
    "controls_absent": lambda one: _controls(one, "absent"),
    "control_owners": lambda one: _joined(sorted({two.owner for two in one.countermeasures})),
    "findings": lambda one: _joined(f"{two.finding}: {two.outcome}" for two in one.rests_on),
    "because": lambda one: _joined(one.because),
    "consequence": lambda one: one.consequence,
    "noticed_by": lambda one: one.detect,
}


def render(sheet: Sheet) -> bytes:
    """Write the register, RFC 4180, UTF-8. Equal models give equal bytes."""
    system = sheet.model.system
    names = {one.id: name(one) for one in system.elements}
    zones = {one.id: one.zone for one in system.elements}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["rank", *_COLUMNS, "element_title", "zone"])
    for rank, one in enumerate(sheet.model.threats, start=1):
        cells = [column(one) for column in _COLUMNS.values()]
        cells += [names.get(one.element, ""), zones.get(one.element, "")]
        writer.writerow([rank, *map(_cell, cells)])
    return text.getvalue().encode()


def _cell(value: str | int) -> str | int:
    """A cell that is text and stays text.

    Source:
        OWASP, "CSV Injection": an apostrophe before what a spreadsheet would compute. Line breaks
        and tabs are blanks by then, and control characters are spelled out.
    """
    if isinstance(value, int):
        return value
    text = flat(value)
    return f"'{text}" if text.startswith(_STARTS) else text
