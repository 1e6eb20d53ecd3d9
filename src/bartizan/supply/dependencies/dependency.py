"""One thing that a project depends on, and where that is written down."""

from dataclasses import dataclass, field

from bartizan.core.finding import Severity
from bartizan.supply.scanners.notice import Notice, Verdict


@dataclass(frozen=True, kw_only=True)
class Dependency:
    """A package of PyPI in one version."""

    name: str
    """Normalised as PEP 503 says."""
    version: str
    """As it is written; empty = nobody says which."""
    file: str
    """Where it is written down, below the folder that is scanned, with ``/``."""
    line: int = 0
    """In that file, from 1; 0 = it has no line of its own."""


@dataclass(frozen=True, kw_only=True)
class Unread:
    """A place that says of a dependency what cannot be looked up."""

    file: str
    line: int = 0
    what: str
    """As it is written, cut and without control characters."""
    why: str


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What one file, or an environment, says."""

    dependencies: tuple[Dependency, ...] = ()
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Concern:
    """What is wrong with a dependency: a notice, the line to change, and how bad it is."""

    notice: Notice
    file: str
    line: int = 0
    severity: Severity = "none"
    """`low`, `medium`, `high` or `critical` of what is known to be vulnerable; else `none`."""
    ids: tuple[str, ...] = field(default_factory=tuple)
    """Of the advisory, aliases included: `GHSA-...`, `CVE-...`."""
    fixed: tuple[str, ...] = ()
    """Versions from which on it is mended, if the advisory says so."""


def concern(
    rule: str,
    *,
    verdict: Verdict,
    file: str,
    line: int = 0,
    what: str = "",
    why: str,
    severity: Severity = "none",
    ids: tuple[str, ...] = (),
    fixed: tuple[str, ...] = (),
) -> Concern:
    """A concern with its notice."""
    where = f"line {line}" if line else ""
    notice = Notice(verdict=verdict, rule=rule, where=where, what=what, why=why)
    return Concern(notice=notice, file=file, line=line, severity=severity, ids=ids, fixed=fixed)
