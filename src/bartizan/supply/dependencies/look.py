"""A scan of files, and a look at the dependencies that they list, in one report."""

import math
import shlex
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import msgspec

from bartizan.core.entry import ControlResult
from bartizan.core.errors import UsageError
from bartizan.core.evidence import Evidence, Receipt, Subject
from bartizan.core.finding import Finding, Outcome
from bartizan.core.progress import Progress
from bartizan.core.record import digest
from bartizan.core.report import Gap, Report
from bartizan.core.verdict import overall
from bartizan.store import Keeping
from bartizan.supply.advisories.snapshot import MAX_AGE_DAYS
from bartizan.supply.dependencies.check import Checked, check_dependencies
from bartizan.supply.dependencies.dependency import Dependency, Listing, Unread
from bartizan.supply.dependencies.entry import ENTRY
from bartizan.supply.dependencies.environment import read_environment
from bartizan.supply.dependencies.findings import facts_of, findings_of
from bartizan.supply.dependencies.headline import headline
from bartizan.supply.dependencies.listings import joined
from bartizan.supply.dependencies.sources import Source, sources_in
from bartizan.supply.scan.request import Request
from bartizan.supply.scan.scanning import Scan

ENVIRONMENT = "environment"
"""What the installed packages are called in reports."""
_RANK: dict[Outcome, int] = {"fail": 0, "inconclusive": 1, "not-run": 1, "pass": 2}
"""What is told first."""
_NAMED = 10
"""Lists that a gap names: those of one project; of more, their number is enough."""


@dataclass(frozen=True, kw_only=True)
class LookUp:
    """What dependencies are looked up in."""

    advisories: Path | None = None
    """The snapshot; none = lists of dependencies are named, and not looked up."""
    max_age_days: float = MAX_AGE_DAYS
    environment: tuple[Path, ...] = ()
    """Folders of installed packages to look up too."""

    def __post_init__(self) -> None:
        """Refuse what would let a check pass unseen.

        Raises:
            UsageError: the age is no number of days, or there is nothing to look packages up in.
        """
        if not math.isfinite(self.max_age_days) or self.max_age_days < 0:
            message = f"a snapshot may be 0 days old or more, got {self.max_age_days}"
            raise UsageError(message)
        if self.environment and self.advisories is None:
            message = (
                "installed packages are looked up in a snapshot of advisories; name one with "
                "--advisories, or leave --environment out"
            )
            raise UsageError(message)


@dataclass(frozen=True, kw_only=True)
class _Looked:
    """What the look came to."""

    findings: tuple[Finding, ...]
    checked: Checked
    control: ControlResult
    owners: dict[str, Subject | str]
    """By file, the environment, or what the scanned path is called that the file belongs to."""
    digests: dict[str, str]
    wall_s: float


class Look:
    """Iterate over it to run it; then ask for the `report`."""

    def __init__(
        self,
        look_up: LookUp,
        *,
        scan: Scan,
        request: Request,
        store: Keeping,
        clock: Callable[[], datetime],
    ) -> None:
        """Use `workspace` to make one.

        Args:
            look_up: What dependencies are looked up in.
            scan: Of the files.
            request: What the scan was asked.
            store: Where evidence is kept.
            clock: With a time zone.
        """
        self._look_up = look_up
        self._scan = scan
        self._request = request
        self._store = store
        self._clock = clock
        self._sources = sources_in(request.found)
        self._looked: _Looked | None = None

    def interrupt(self, why: str) -> None:
        """Note that the run ends here; the report says so."""
        self._scan.interrupt(why)

    def __iter__(self) -> Iterator[Progress]:
        """Scan every file, then look dependencies up."""
        yield from self._scan
        if self._asked:
            yield Progress(0, 1, "looking dependencies up")
            self._looked = self._look()
            yield Progress(1, 1, "looked dependencies up")

    def report(self) -> Report:
        """What was found so far, with evidence stored."""
        report = self._scan.report()
        looked = self._looked
        if looked is None:
            return _with(report, gaps=self._gaps())
        environment = tuple(one for one in looked.owners.values() if isinstance(one, Subject))
        subjects = {one.name: one for one in report.subjects}
        evidence = [self._evidence(one, looked, subjects=subjects) for one in looked.findings]
        digests = self._store.put_all(evidence)
        findings = [
            finding.grounded(one) for finding, one in zip(looked.findings, digests, strict=True)
        ]
        self._store.put_all(findings)
        return msgspec.structs.replace(
            _with(report, gaps=(), findings=findings),
            subjects=(*report.subjects, *environment),
            evidence=(*report.evidence, *evidence),
            receipts=(*report.receipts, *(self._receipt(one, looked) for one in findings)),
        )

    @property
    def _asked(self) -> bool:
        """Whether there is something to look up, and something to look it up in."""
        if self._look_up.advisories is None:
            return False
        return bool(self._sources or self._look_up.environment)

    def _gaps(self) -> tuple[Gap, ...]:
        """What was not looked up."""
        names = list(dict.fromkeys(one.name for one in self._sources))
        if self._look_up.environment:
            names.append(ENVIRONMENT)
        if not names:
            why = "no requirements file and no lock file was found"
            return (Gap(what="dependencies", why=why),) if self._look_up.advisories else ()
        more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
        why = "the run ended before they were" if self._asked else "not"
        told = "" if self._asked else ": no --advisories"
        what = f"dependencies in {', '.join(names[:_NAMED])}{more}"
        return (Gap(what=what, why=f"{why} looked up{told}"),)

    def _look(self) -> _Looked:
        began = time.perf_counter()
        control = ENTRY.control()
        owners: dict[str, Subject | str] = {}
        said = [self._read(one, owners) for one in self._sources]
        if self._look_up.environment:
            said.append(_installed(self._look_up.environment))
            owners[ENVIRONMENT] = _subject(said[-1])
        listing = joined(said)
        checked = check_dependencies(
            listing,
            place=self._look_up.advisories,
            now=self._clock(),
            max_age_days=self._look_up.max_age_days,
        )
        findings = findings_of(
            owners,
            listing,
            checked,
            control=control,
            fail_on=self._request.fail_on,
            reproduce=self._reproduce(),
        )
        return _Looked(
            findings=findings,
            checked=checked,
            control=control,
            owners=owners,
            digests={
                name: one for source in self._sources for name, one in source.digests().items()
            },
            wall_s=time.perf_counter() - began,
        )

    def _read(self, source: Source, owners: dict[str, Subject | str]) -> Listing:
        """Read one list, and note to whom its files belong."""
        listing = source.read()
        named = [one.file for one in listing.dependencies] + [one.file for one in listing.unread]
        for name in (source.name, *named):
            owners.setdefault(name, source.root)
        return listing

    def _reproduce(self) -> str:
        """The command that looks everything up again."""
        roots = dict.fromkeys(str(place.root) for place in self._request.found.places)
        words = [
            "bartizan",
            "supply",
            "scan",
            *roots,
            "--advisories",
            str(self._look_up.advisories),
        ]
        if self._look_up.max_age_days != MAX_AGE_DAYS:
            words += ["--max-snapshot-age", f"{self._look_up.max_age_days:g}"]
        if self._look_up.environment:
            words.append("--environment")
        words += [part for name in self._request.allowed for part in ("--allow", name)]
        return shlex.join(words)

    def _evidence(
        self, finding: Finding, looked: _Looked, *, subjects: dict[str, Subject]
    ) -> Evidence:
        """How a finding came to be."""
        owner = looked.owners[finding.subject]
        return Evidence(
            finding=finding.id,
            subjects=(owner if isinstance(owner, Subject) else subjects[owner],),
            params={
                "sha256": looked.digests.get(finding.subject, ""),
                "max_age_days": self._look_up.max_age_days,
                "looked_up": looked.checked.looked_up,
                **facts_of(looked.checked),
            },
            seed=0,
            block_rows=0,
            rows=0,
            versions=dict(self._request.versions),
            catalog=self._request.catalog,
            control=looked.control.detail,
        )

    def _receipt(self, finding: Finding, looked: _Looked) -> Receipt:
        """When; all lists were looked up at once, so that each has an equal part of the time."""
        return Receipt(
            finding=finding.id,
            evidence=finding.evidence or "",
            finished=self._clock().strftime("%Y-%m-%dT%H:%M:%SZ"),
            wall_s=round(looked.wall_s / len(looked.findings), 3),
            model_s=0.0,
            calls=0,
            queries=0,
            workers=1,
        )


def _with(report: Report, *, gaps: Sequence[Gap], findings: Sequence[Finding] = ()) -> Report:
    """The report of the scan with what is said of dependencies."""
    found = (*report.findings, *findings)
    said = [one for one in (report.headline, headline(findings)) if one]
    if findings and _RANK[overall(findings)] < _RANK[report.outcome]:
        said.reverse()
    coverage = msgspec.structs.replace(
        report.coverage,
        planned=tuple(one.id for one in found),
        gaps=(*report.coverage.gaps, *gaps),
    )
    return msgspec.structs.replace(
        report,
        outcome=overall(found),
        headline=" ".join(said),
        findings=found,
        coverage=coverage,
    )


def _installed(folders: Sequence[Path]) -> Listing:
    """What is installed, as one list."""
    said = read_environment(folders)
    unread = [replace(one, file=ENVIRONMENT) for one in said.unread]
    if not said.dependencies and not unread:
        why = "no installed package was found"
        unread.append(Unread(file=ENVIRONMENT, what="", why=why))
    packages = (replace(one, file=ENVIRONMENT) for one in said.dependencies)
    return Listing(dependencies=tuple(dict.fromkeys(packages)), unread=tuple(unread))


def _subject(listing: Listing) -> Subject:
    """The installed packages, by their names and versions."""
    lines = sorted(map(_line, listing.dependencies))
    return Subject(
        kind="artifact",
        name=ENVIRONMENT,
        digest=digest("".join(lines).encode(errors="backslashreplace")),
        digest_kind="declared",
        detail=f"{len(lines):,} installed packages",
    )


def _line(one: Dependency) -> str:
    return f"{one.name}=={one.version}\n"
