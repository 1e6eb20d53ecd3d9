"""The report as one HTML file: no script, no request, light and dark, on screen and paper."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bartizan.core.finding import SEVERITIES, Finding
from bartizan.core.report import Report
from bartizan.report import words
from bartizan.report.card import Card, about, cards, missing
from bartizan.report.curves import Line, Table, groups, pass_line, table, title
from bartizan.report.group_tables import GroupTable, group_tables

_CURVE_ROWS = 8
"""As many as stand beside the chart."""

GLOSSARY: Final = {
    "Attack success": "Share of the rows the model got right that the attacker turned.",
    "Recall": "Share of the attacked class (such as fraud) that the model still catches.",
    "Precision": "Share of the model's alarms that are right.",
    "Accuracy": "Share of all rows that are right; high even for a model that catches nothing.",
    "95 % interval": "Where the true number lies, as far as this many rows can tell. A verdict "
    "is given only when the whole interval is on one side of the line.",
    "Budget": "The most an attacker spends on one row: money, or a share of each feature's "
    "1-99 % range in the reference data; in images, of the way from dark to bright.",
    "Inconclusive": "The interval crosses the line, the check failed on a planted case, or it "
    "broke off. Never read it as a pass.",
    "Assumed": "Nobody declared it, so a default was used; look whether it fits your system.",
}
"""Eight lines on how to read the report on a model."""
GLOSSARY_OF_DATA: Final = {
    "Row": "Counted from 0, in the order of the source, without the header.",
    "Reference": "Data that is known to be good; drift and missing values are measured against it.",
    "Planted case": "Before a check may pass, it must find a fault put into a copy of these rows.",
    "Inconclusive": "The check broke off, missed its planted case, or its interval crosses the "
    "line. Never read it as a pass.",
    "Personal": "Values of personal columns are not shown, here or in any other format.",
}
"""Five lines on how to read the report on data."""
GLOSSARY_OF_ARTIFACTS: Final = {
    "Malicious": "Opening the file would call something that is on no list of harmless names, or "
    "that is known to be dangerous.",
    "Suspicious": "The file names something unknown, or its parts contradict each other, so that "
    "two programs could read two different things.",
    "Inconclusive": "Something was not read: it is damaged, too large, or of no known format. "
    "Never read it as a pass.",
    "Clean": "Every byte was read, and nothing of the above was found. It says nothing about what "
    "the model has learnt: that is what an assessment is for.",
    "Planted case": "Before any file may pass, the same process must tell planted hostile files "
    "from planted honest ones.",
}
"""Five lines on how to read the report on artefacts."""
GLOSSARIES: Final = {
    "model": GLOSSARY,
    "data": GLOSSARY_OF_DATA,
    "artifact": GLOSSARY_OF_ARTIFACTS,
}
"""By what the report is about."""


@dataclass(frozen=True)
class Picture:
    """One chart and the same as numbers."""

    title: str
    svg: Markup
    table: Table
    line: Line | None


@dataclass(frozen=True)
class GroupPicture:
    """How groups are decided: one chart, and the table of all rates."""

    svg: Markup
    table: GroupTable


@dataclass(frozen=True)
class Limits:
    """How much of a wide table the page shows; `report.json` holds all of it."""

    examples: int = 3
    changes: int = 15
    """Of each example: what fits beside the others, and what somebody reads."""
    importances: int = 40
    """The first few carry nearly everything."""
    groups: int = 40
    """Of each table of a bias audit: two columns of six values cross in 36."""


@dataclass(frozen=True)
class Tiles:
    """The figures at the top of the page."""

    counts: tuple[tuple[str, str, int], ...]
    """Outcome, its word, and how many deciding findings have it."""
    waived: int
    worst: str
    """The worst severity among them."""


def _visible(value: object) -> object:
    """Text of data or files that nobody sees, or that turns the writing round, is spelled out."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return words.visible(value)


def environment() -> Environment:
    """Templates of this room: everything that is put into a page is escaped."""
    return Environment(
        loader=PackageLoader("bartizan.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(report: Report) -> bytes:
    """Write the page. Equal reports give equal bytes with equal versions of the libraries."""
    found = cards(report)
    page = (
        environment()
        .get_template("report.html")
        .render(
            report=report,
            words=words,
            tiles=_tiles(report.findings),
            about=about(report),
            glossary=GLOSSARIES[about(report)],
            open_cards=[c for c in found if c.decides and c.finding.outcome != "pass"],
            passed=[c for c in found if c.decides and c.finding.outcome == "pass"],
            extra=[c for c in found if not c.decides],
            missing=missing(report),
            pictures={card.anchor: _pictures(card) for card in found if card.decides},
            audits={card.anchor: _audits(card) for card in found if card.finding.groups},
            limits=Limits(),
        )
    )
    return page.encode()


def _tiles(findings: tuple[Finding, ...]) -> Tiles:
    """Count what decides."""
    deciding = [finding for finding in findings if finding.decides]
    count = Counter(finding.outcome for finding in deciding)
    worst = max((f.severity for f in deciding), key=SEVERITIES.index, default="none")
    return Tiles(
        counts=tuple((outcome, word, count[outcome]) for outcome, word in words.OUTCOMES.items()),
        waived=sum(finding.waived is not None for finding in findings),
        worst=worst,
    )


def _audits(card: Card) -> list[GroupPicture]:
    """The groups of one bias audit, drawn and as numbers."""
    from bartizan.report import group_chart  # noqa: PLC0415 (slow to import; few reports have one)

    made = []
    for place, one in enumerate(group_tables(card.finding, most=Limits().groups)):
        prefix = f"{card.anchor}-groups-{place}"
        drawing = group_chart.draw(one.groups, prefix=prefix, title=one.title)
        # Every text in the drawing was escaped when it was made: see `svg.inline`.
        made.append(GroupPicture(Markup(drawing), one))  # noqa: S704
    return made


def _pictures(card: Card) -> list[Picture]:
    """The charts of one finding."""
    if not card.finding.series:
        return []
    from bartizan.report import chart  # noqa: PLC0415 (slow to import; most reports have none)

    pictures = []
    for position, group in enumerate(groups(card.finding.series)):
        budget, line = card.budget_on(group), pass_line(card.finding, group)
        numbers = table(group, rows=_CURVE_ROWS, keep=budget)
        heading = title(group, numbers)
        drawing = chart.draw(
            group,
            prefix=f"{card.anchor}-chart-{position}",
            title=heading,
            budget=budget,
            line=line,
        )
        # Every text in the drawing was escaped when it was made: see `svg.inline`.
        pictures.append(Picture(heading, Markup(drawing), numbers, line))  # noqa: S704
    return pictures
