"""Which threats of the described system a run of `assess` answered."""

import msgspec

from bartizan.core.known import counts, tests
from bartizan.core.report import Answered, Report
from bartizan.core.system import Element, System
from bartizan.core.verdict import overall
from bartizan.threat.landscape import Landscape, surveyed
from bartizan.threat.modelling import access_of, applying
from bartizan.threat.reading import packaged
from bartizan.threat.rule import Rule
from bartizan.threat.subjects import subjects_of
from bartizan.workspace.current import items_of


def answered(report: Report, system: System | None) -> Report:
    """The same report; its coverage says which threats it answered, and which it did not.

    Args:
        report: Of one model.
        system: Around it; none = nobody described one.
    """
    if system is None:
        return report
    landscape = surveyed(system)
    items = items_of(report.subjects)
    found = [
        _answer(rule, element, landscape=landscape, report=report)
        for rule, element in applying(packaged(), landscape=landscape)
        if rule.tested_by and set(items).intersection(subjects_of(element, landscape=landscape))
    ]
    told = tuple(sorted(found, key=lambda one: one.threat))
    coverage = msgspec.structs.replace(report.coverage, threats=told)
    return msgspec.structs.replace(report, coverage=coverage)


def _answer(rule: Rule, element: Element, *, landscape: Landscape, report: Report) -> Answered:
    access = access_of(rule, element, landscape=landscape)
    seen = {one.finding: one.access for one in report.evidence}
    tried = [one for one in report.findings if one.weighs and tests(one.entry, rule.tested_by)]
    said = [one for one in tried if counts(one.outcome, seen=seen.get(one.id), access=access)]
    told = overall([msgspec.structs.replace(one, waived=None) for one in said])
    return Answered(
        threat=f"{rule.id}@{element.id}",
        title=rule.title,
        findings=tuple(one.id for one in said),
        easier=tuple(one.id for one in tried if one not in said),
        outcome=told if said else "not-run",
    )
