"""Numbers of an assessment as performance metrics: with their intervals, and of which slice."""

from collections.abc import Iterable, Mapping

from bartizan.core.attacker import Attacker
from bartizan.core.finding import Finding, Measure
from bartizan.core.report import Report
from bartizan.supply.bom.parts import Part


def metrics(reports: Iterable[Report]) -> list[Part]:
    """Every number that assessments measured, sorted; what has no value is left out.

    A metric's `slice` says who attacked, which classes it is about, on how many rows and by which
    entry: ``attacker=anyone; standing=declared; classes=fraud; rows=300; entry=evasion.union``. Of
    the same number under several entries (accuracy without an attack), each keeps its own slice.
    """
    found = [one for report in reports for one in _of_report(report)]
    return sorted(found, key=lambda one: (one["type"], one["slice"], one["value"]))


def _of_report(report: Report) -> Iterable[Part]:
    attackers = {one.name: one for one in report.attackers}
    data = next((one.name for one in report.subjects if one.kind == "data"), "")
    for finding in report.findings:
        for measure in finding.measures:
            if measure.value is not None:
                where = _slice(finding, measure, attackers=attackers, data=data)
                yield _metric(measure, where=where)


def _metric(measure: Measure, *, where: str) -> Part:
    unit = "" if measure.unit == "share" else f" ({measure.unit})"
    part: Part = {"type": f"{measure.name}{unit}", "value": _number(measure.value), "slice": where}
    if measure.low is not None and measure.high is not None:
        part["confidenceInterval"] = {
            "lowerBound": _number(measure.low),
            "upperBound": _number(measure.high),
        }
    return part


def _slice(
    finding: Finding, measure: Measure, *, attackers: Mapping[str, Attacker], data: str
) -> str:
    """Which rows a number is about, in a fixed order; parts that do not apply are left out."""
    attacker = None if finding.attacker is None else attackers.get(finding.attacker)
    parts = {
        "attacker": finding.attacker or "",
        "standing": finding.standing if finding.attacker else "",
        "access": attacker.access if attacker else "",
        "classes": ",".join(attacker.protected) if attacker else "",
        "data": data,
        "rows": str(measure.n) if measure.n else "",
        "entry": finding.entry,
    }
    return "; ".join(f"{name}={value}" for name, value in parts.items() if value)


def _number(value: float | None) -> str:
    """The shortest digits that read back as the same number."""
    return "" if value is None else repr(float(value))
