"""Which threats of the described system a run of `assess` answered."""

from collections.abc import Mapping
from datetime import date

import msgspec

from bartizan.core.attacker import Access
from bartizan.core.finding import Finding
from bartizan.core.known import Known, counts, tests
from bartizan.core.report import Answered, Report
from bartizan.core.system import System
from bartizan.core.threat import Threat
from bartizan.core.verdict import overall
from bartizan.frameworks.controls import controls
from bartizan.threat.landscape import Landscape, surveyed
from bartizan.threat.modelling import Basis, threats_of
from bartizan.threat.reading import packaged
from bartizan.threat.subjects import subjects_of


def answered(report: Report, system: System | None) -> Report:
    """The same report; its coverage says which threats it answered, and which it did not.

    Args:
        report: Of one model.
        system: Around it; none = nobody described one.
    """
    if system is None:
        return report
    landscape = surveyed(system)
    basis = Basis(rules=packaged(), controls=controls(), maturity={}, known=Known(), today=date.min)
    seen = {one.finding: one.access for one in report.evidence}
    names = {subject.name for subject in report.subjects}
    found = tuple(
        _answer(threat, report.findings, seen=seen)
        for threat in threats_of(landscape, basis=basis)
        if threat.tested_by and names & set(_subjects(threat, landscape))
    )
    coverage = msgspec.structs.replace(report.coverage, threats=found)
    return msgspec.structs.replace(report, coverage=coverage)


def _subjects(threat: Threat, landscape: Landscape) -> tuple[str, ...]:
    return subjects_of(landscape.elements[threat.element], landscape=landscape)


def _answer(
    threat: Threat, findings: tuple[Finding, ...], *, seen: Mapping[str, Access | None]
) -> Answered:
    tried = [one for one in findings if one.decides and tests(one.entry, threat.tested_by)]
    said = [
        one for one in tried if counts(one.outcome, seen=seen.get(one.id), access=threat.access)
    ]
    return Answered(
        threat=threat.id,
        title=threat.title,
        findings=tuple(one.id for one in said),
        easier=tuple(one.id for one in tried if one not in said),
        outcome=overall(said) if said else "not-run",
    )
