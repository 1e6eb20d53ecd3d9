"""What was observed: one finding for one entry, attacker and subject. Passes are findings too."""

import math
import re
from typing import Literal, Self, TypeAlias

import msgspec

from bartizan.core.attacker import Standing
from bartizan.core.errors import Error
from bartizan.core.record import Record

Outcome: TypeAlias = Literal["pass", "fail", "inconclusive", "not-run"]
Severity: TypeAlias = Literal["none", "low", "medium", "high", "critical"]
SEVERITIES: tuple[Severity, ...] = ("none", "low", "medium", "high", "critical")
Better: TypeAlias = Literal["lower", "higher"]
Scale: TypeAlias = Literal["linear", "log"]
_PNG = re.compile(r"data:image/png;base64,[A-Za-z0-9+/]+={0,2}")


class Measure(Record, frozen=True, kw_only=True):
    """One number with its uncertainty, or the reason why there is none."""

    name: str
    value: float | None
    why: str = ""
    """Why there is no value."""
    low: float | None = None
    """Lower end of the 95 % interval."""
    high: float | None = None
    n: int = 0
    """Rows the number rests on."""
    unit: str = "share"
    better: Better = "lower"

    def __post_init__(self) -> None:
        """NaN never enters a record."""
        for value in (self.value, self.low, self.high):
            if value is not None and not math.isfinite(value):
                message = f"measure {self.name!r} is {value}; say None and why instead"
                raise Error(message)
        if self.value is None and not self.why:
            message = f"measure {self.name!r} has no value and no reason"
            raise Error(message)


class Series(Record, frozen=True, kw_only=True):
    """One curve. Curves of one chart and one horizontal axis are drawn together."""

    name: str
    x_name: str
    x_unit: str
    y_name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    chart: str = ""
    """Title of the chart it belongs to; empty = the chart of its horizontal axis."""
    x_scale: Scale = "linear"
    y_scale: Scale = "linear"

    def __post_init__(self) -> None:
        """NaN never enters a record, and every point has two coordinates."""
        if not all(math.isfinite(value) for value in (*self.x, *self.y)):
            message = f"series {self.name!r} holds a value that is not finite; leave the point out"
            raise Error(message)
        if len(self.x) != len(self.y):
            message = f"series {self.name!r} has {len(self.x)} x and {len(self.y)} y values"
            raise Error(message)


class Threshold(Record, frozen=True, kw_only=True):
    """The line between pass and fail, and who drew it."""

    measure: str
    op: Literal["<=", ">="]
    value: float
    source: Literal["policy", "default", "assumed"]


class Taxonomy(Record, frozen=True, kw_only=True):
    """Where the weakness stands in the field's catalogues."""

    atlas: tuple[str, ...] = ()
    """MITRE ATLAS technique ids."""
    owasp_ml: tuple[str, ...] = ()
    """OWASP Machine Learning Security Top 10 ids."""
    nist_ai_100_2: tuple[str, ...] = ()
    """Attack class names of NIST AI 100-2."""


class Change(Record, frozen=True, kw_only=True):
    """One feature before and after, in the data's own words."""

    feature: str
    before: str
    after: str


class Views(Record, frozen=True, kw_only=True):
    """An image before and after an attack, each a PNG file as a data URI."""

    original: str
    altered: str
    difference: str
    """Grey where nothing changed; amplified so that the largest change is full contrast."""
    amplified: float
    """By how much."""

    def __post_init__(self) -> None:
        """Refuse anything but a PNG in the record itself: a page must not fetch what it shows."""
        for name in ("original", "altered", "difference"):
            if not _PNG.fullmatch(getattr(self, name)):
                message = f"view {name!r} is no PNG as data URI; embed the image itself"
                raise Error(message)


class Example(Record, frozen=True, kw_only=True):
    """One successful change of one row."""

    row: int
    """Row id in the source."""
    price: float
    queries: int
    label: str
    """The true class."""
    decision: str
    """What the model says after the change."""
    changes: tuple[Change, ...]
    views: Views | None = None
    """The images, where rows are images and may be shown."""


class Flagged(Record, frozen=True, kw_only=True):
    """One place in the data that a check points at."""

    row: int | None = None
    """Row id in the source; none = the whole column or data set."""
    column: str = ""
    value: str = ""
    """As the source spells it; empty where the column is personal."""
    line: int | None = None
    """Of the subject, from 1, where it is a text file and this line is what is wrong."""
    why: str
    """What is wrong there, in a few words."""
    picture: str = ""
    """The row as a small PNG file in a data URI, where rows are images and may be shown."""

    def __post_init__(self) -> None:
        """Lines begin at 1; and a page must not fetch what it shows: a PNG in the record itself."""
        if self.line is not None and self.line < 1:
            message = f"lines are counted from 1, got {self.line}"
            raise Error(message)
        if self.picture and not _PNG.fullmatch(self.picture):
            message = f"the picture of row {self.row} is no PNG as data URI; embed the image itself"
            raise Error(message)


class Suspect(Record, frozen=True, kw_only=True):
    """A mark in the data that seems to have been planted."""

    mark: str
    """What it is, in a few words; without values of personal columns."""
    target: str
    """The class it leads to."""
    carriers: int
    """Rows that carry it."""
    views: Views | None = None
    """A row without the mark and with it, where rows are images and may be shown."""


class Importance(Record, frozen=True, kw_only=True):
    """How much one feature matters to the model."""

    feature: str
    value: float
    """Loss of balanced accuracy when the feature's values are shuffled among the rows."""
    low: float
    """Lower end of the 95 % interval."""
    high: float
    contribution: float | None = None
    """Mean absolute contribution to the score, where it can be computed exactly."""
    attacked: float | None = None
    """Mean share of the price that goes into the feature in the attacks that succeeded."""


class GroupRates(Record, frozen=True, kw_only=True):
    """How one group of rows is decided."""

    column: str
    """What the groups are of; of crossed groups both columns."""
    group: str
    asked: str
    """The class that the rates are about, in words."""
    n: int
    rates: tuple[Measure, ...]
    """Each with the rows it rests on; without a value where these are too few."""

    def rate(self, name: str) -> Measure | None:
        """The rate of that name, if there is one."""
        return next((one for one in self.rates if one.name == name), None)


class Weakness(Record, frozen=True, kw_only=True):
    """How much one feature carries the attack."""

    feature: str
    share: float
    """Share of the successful changes that use the feature."""
    spent: float
    """Mean share of the price that goes into it, over the successful changes."""


class Waived(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A person accepted this finding for a time."""

    owner: str
    reason: str
    expires: str
    """Last day it holds, ISO date."""
    known: bool = False
    """Nobody accepted it: it is held back because a baseline lists it."""


class Finding(Record, frozen=True, kw_only=True, tag_field="schema", tag="finding/1"):
    """One observation of one entry x attacker x subject."""

    id: str
    """`entry@subject#attacker`: names, not digests, so that waivers survive retraining."""
    entry: str
    title: str
    subject: str
    attacker: str | None = None
    standing: Standing = "declared"
    outcome: Outcome
    reason: str
    """One sentence: why this outcome."""
    severity: Severity = "none"
    measures: tuple[Measure, ...] = ()
    series: tuple[Series, ...] = ()
    threshold: Threshold | None = None
    taxonomy: Taxonomy = Taxonomy()
    examples: tuple[Example, ...] = ()
    weaknesses: tuple[Weakness, ...] = ()
    importances: tuple[Importance, ...] = ()
    groups: tuple[GroupRates, ...] = ()
    """How groups of rows are decided, where a bias audit compared them."""
    flagged: tuple[Flagged, ...] = ()
    """The first places that a check of data points at; all of their rows are in `examples/`."""
    suspects: tuple[Suspect, ...] = ()
    """Marks that seem to have been planted, the strongest first; measures tell their effect."""
    remarks: tuple[str, ...] = ()
    """What the reader should know about how this was measured."""
    evidence: str | None = None
    """Digest of the evidence record."""
    fix: str = ""
    reproduce: str = ""
    """The command that repeats it."""
    waived: Waived | None = None

    def __post_init__(self) -> None:
        """Severity is damage: only a failure has any."""
        if (self.severity != "none") != (self.outcome == "fail"):
            message = f"{self.id}: outcome {self.outcome} cannot have severity {self.severity}"
            raise Error(message)

    @property
    def decides(self) -> bool:
        """Whether it counts for the outcome: not waived, not an assumed extra attacker."""
        return self.standing in ("declared", "assumed") and self.waived is None

    @property
    def weighs(self) -> bool:
        """Whether it says something of the model: to accept a failure makes it no less true."""
        return self.standing in ("declared", "assumed")

    def grounded(self, evidence: str) -> Self:
        """The same finding with the digest of its evidence."""
        return msgspec.structs.replace(self, evidence=evidence)

    def measure(self, name: str) -> Measure | None:
        """The measure of that name, if there is one."""
        return next((m for m in self.measures if m.name == name), None)


def file_name(finding: str) -> str:
    """A finding's id as the name of a file, without an ending: what its rows are written under."""
    return "".join(c if c.isalnum() or c in "-._" else "_" for c in finding)
