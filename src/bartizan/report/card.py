"""A finding together with what the rest of the report says about it."""

from dataclasses import dataclass

from bartizan.core.attacker import Attacker
from bartizan.core.evidence import Evidence, SubjectKind
from bartizan.core.finding import SEVERITIES, Example, Finding, Measure, Series
from bartizan.core.report import Report
from bartizan.report import words

_FACTS = ("median-price", "median-queries")
"""Measures that say what an attack costs; shown beside the budget, not among the shares."""
_OUTCOMES = tuple(words.OUTCOMES)


@dataclass(frozen=True)
class Row:
    """One line of a card's table: a measure, and the same without the attack where known."""

    label: str
    now: Measure
    clean: Measure | None
    deciding: bool


@dataclass(frozen=True)
class Card:
    """One finding as a page shows it."""

    finding: Finding
    anchor: str
    """Unique in the page."""
    attacker: Attacker | None
    evidence: Evidence | None
    heading: str
    """The finding's title; with its subject, where the report is about several."""

    @property
    def decides(self) -> bool:
        """Whether it is about a declared attacker (or none); waived ones included."""
        return self.finding.standing in ("declared", "assumed")

    @property
    def unit(self) -> str:
        """Unit of the attack's prices; empty where nobody attacks."""
        return self.attacker.budget_unit if self.attacker else ""

    @property
    def deciding(self) -> Measure | None:
        """The measure that the threshold is about."""
        threshold = self.finding.threshold
        return self.finding.measure(threshold.measure) if threshold else None

    def budget_on(self, group: tuple[Series, ...]) -> float | None:
        """The attacker's budget, where the curves run over what it is measured in."""
        if self.attacker is None or not group or group[0].x_unit != self.unit:
            return None
        return self.attacker.budget

    def cheapest(self, most: int) -> tuple[Example, ...]:
        """The successful changes that cost least, cheapest first."""
        return tuple(sorted(self.finding.examples, key=lambda one: (one.price, one.row))[:most])

    def rows(self) -> tuple[Row, ...]:
        """Measures for the table, the deciding one first; clean ones beside attacked ones."""
        known = {one.name: one for one in self.finding.measures}
        beside = {
            name: known[name.replace("robust-", "clean-", 1)]
            for name in known
            if name.startswith("robust-") and name.replace("robust-", "clean-", 1) in known
        }
        hidden = {one.name for one in beside.values()} | set(_FACTS)
        rows = [
            Row(
                label=words.curve(name) if name in beside else words.measure(name),
                now=one,
                clean=beside.get(name),
                deciding=one is self.deciding,
            )
            for name, one in known.items()
            if name not in hidden and (one.value is not None or one.why != self.finding.reason)
        ]
        return tuple(sorted(rows, key=lambda row: not row.deciding))

    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the attack may cost and does cost, as names and values."""
        facts = []
        if self.attacker is not None:
            who = f"{self.attacker.name}, {words.ACCESS[self.attacker.access]}"
            facts.append(("Attacker", who))
            facts.append(("Budget for each row", words.budget(self.attacker)))
        for name in _FACTS:
            one = self.finding.measure(name)
            if one is not None:
                facts.append((words.measure(name), words.value(one)))
        return tuple(facts)


def cards(report: Report) -> tuple[Card, ...]:
    """All findings, worst first: fail by severity, inconclusive, not run, pass; waived after."""
    attackers = {one.name: one for one in report.attackers}
    evidence = {one.finding: one for one in report.evidence}
    several = len({finding.subject for finding in report.findings}) > 1
    found = [
        Card(
            finding=finding,
            anchor=f"finding-{position}",
            attacker=attackers.get(finding.attacker or ""),
            evidence=evidence.get(finding.id),
            heading=f"{finding.title}: {finding.subject}" if several else finding.title,
        )
        for position, finding in enumerate(report.findings, start=1)
    ]
    return tuple(sorted(found, key=_worry))


def about(report: Report) -> SubjectKind:
    """What the report is about, first of all: a model, artefacts as files, or data."""
    kinds = [subject.kind for subject in report.subjects]
    return next((kind for kind in ("model", "artifact") if kind in kinds), "data")


def missing(report: Report) -> list[str]:
    """Findings that were planned and are not there: never a pass, so they are named."""
    made = {finding.id for finding in report.findings}
    return [identity for identity in report.coverage.planned if identity not in made]


def _worry(card: Card) -> tuple[int, bool, int]:
    finding = card.finding
    passed = finding.outcome == "pass"
    return (
        int(passed),
        finding.waived is not None,
        10 * _OUTCOMES.index(finding.outcome) - SEVERITIES.index(finding.severity),
    )
