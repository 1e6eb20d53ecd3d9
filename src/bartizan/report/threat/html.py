"""The threat model as one HTML file: no script, no request, light and dark, screen and paper."""

from collections import Counter
from html import escape
from typing import Any, Final

from markupsafe import Markup

from bartizan.core import risk
from bartizan.core.system import System, crosses, trusted
from bartizan.core.threat import ThreatModel
from bartizan.report import words
from bartizan.report.html import environment
from bartizan.report.threat import terms
from bartizan.report.threat.landscape import drawn
from bartizan.report.threat.landscape.palette import rules
from bartizan.report.threat.sheet import Sheet
from bartizan.report.threat.summary.evidence import evidence, moved
from bartizan.report.threat.summary.headline import headline
from bartizan.report.threat.summary.matrix import matrices
from bartizan.report.threat.summary.register import FIRST, controls, first_steps, numbered, ruled
from bartizan.report.words import visible

_FACTORS: Final = (
    ("likelihood", "Likelihood", risk.LIKELIHOOD),
    ("impact", "Impact", risk.IMPACT),
    ("detection", "Difficulty of detection", risk.DETECTION),
)
GLOSSARY: Final = {
    "Priority": "What comes first: impact counts most, then likelihood, then how hard it is to "
    "notice. The product of the three is shown and ranks nothing.",
    "Inherent": "The risk without any control.",
    "Residual": "The risk with the controls that evidence shows to work. Words lower nothing.",
    "Verified": "Findings about the model and data as they are now, young enough, show it. Nobody "
    "can write this word into the project file.",
    "Open": "Neither brought down by evidence nor decided about, or the decision has expired.",
    "Question": "Something that the description leaves out. There may be threats behind it, so it "
    "never counts as a good answer.",
}
"""Six lines on how to read the page."""


def render(sheet: Sheet) -> bytes:
    """Write the page. Equal sheets give equal bytes with equal versions of the libraries."""
    templates = environment()
    templates.filters["ticks"] = _ticks
    page = templates.get_template("threats.html").render(
        sheet=sheet,
        model=sheet.model,
        head=headline(sheet.model),
        tiles=_tiles(sheet.model),
        factors=_FACTORS,
        glossary=GLOSSARY,
        terms=terms,
        words=words,
        moved=moved,
        evidence=evidence,
        crosses=crosses,
        # Every text in the drawing was escaped when it was made, and the rules are a file of ours.
        drawing=Markup(drawn(sheet.model, prefix="landscape").inside()),  # noqa: S704
        rules=Markup(rules()),  # noqa: S704
        **_counted(sheet.model),
        **_named(sheet.model.system),
    )
    return page.encode()


def _counted(model: ThreatModel) -> dict[str, Any]:
    """Threats with their numbers, and what follows from all of them."""
    threats = numbered(model)
    wanted = controls(threats)
    return {
        "threats": threats,
        "by_id": {one.threat.id: one for one in threats},
        "wanted": wanted,
        "first": first_steps(wanted),
        "first_most": FIRST,
        "ruled": ruled(threats),
        "matrices": matrices(threats),
    }


def _named(system: System) -> dict[str, Any]:
    """What the system consists of, by id."""
    return {
        "elements": {one.id: one for one in system.elements},
        "zones": {one.id: one for one in system.zones},
        "assets": {one.id: one for one in system.assets},
        "trust": trusted(system),
    }


def _tiles(model: ThreatModel) -> list[tuple[str, int, str]]:
    """The figures at the top: tone, number, meaning."""
    opened = terms.by_priority(model.threats)
    tiles = [
        (terms.PRIORITY_TONES[name], count, f"open, {name} priority")
        for name, count in opened.items()
    ]
    standing = Counter(one.standing for one in model.threats)
    decided = sum(standing[one] for one in ("accepted", "transferred", "dismissed"))
    return [
        *tiles,
        ("pass", standing["mitigated"], "mitigated, shown by evidence"),
        ("waived", decided, "accepted, transferred or dismissed"),
        ("inconclusive", len(model.questions), "open questions"),
    ]


def _ticks(text: str) -> Markup:
    """Text of a rule or a plan, with what stands between backticks as code."""
    found = [
        f"<code>{escape(part)}</code>" if is_code else escape(part)
        for part, is_code in terms.ticked(visible(text))
    ]
    return Markup("".join(found))  # noqa: S704 (escaped here)
