"""The verb `scan` of the stage `supply`, which needs neither models nor tables."""

import contextlib
import platform
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import bartizan
from bartizan.core.entry import entries_digest
from bartizan.core.finding import Severity
from bartizan.core.progress import Progress
from bartizan.core.report import Tool
from bartizan.store import Keeping
from bartizan.supply.advisories.snapshot import MAX_AGE_DAYS
from bartizan.supply.dependencies.look import Look, LookUp
from bartizan.supply.entries import SCANNED
from bartizan.supply.scan.limits import Limits
from bartizan.supply.scan.paths import find
from bartizan.supply.scan.request import Request
from bartizan.supply.scan.scanning import Scan
from bartizan.workspace.scanned import Scanned

if TYPE_CHECKING:
    from bartizan.workspace.ledger import Ledger

_UNPACKING = ("libarchive-c", "lz4")
"""Libraries that change what can be read, where they are installed; recorded with the evidence."""


class ScanVerbs:
    """What would opening these files do?"""

    def __init__(
        self, store: Keeping, *, ledger: "Ledger | None", clock: Callable[[], datetime]
    ) -> None:
        """Give it what it writes to.

        Args:
            store: Where evidence is kept.
            ledger: The log that findings are written to; none = to none.
            clock: With a time zone.
        """
        self._store = store
        self._ledger = ledger
        self._clock = clock

    def scan(
        self,
        *paths: str | Path,
        allow: Sequence[str] = (),
        fail_on: Severity = "high",
        limits: Limits | None = None,
        advisories: str | Path | None = None,
        max_snapshot_age_days: float = MAX_AGE_DAYS,
        environment: bool = False,
        progress: Callable[[Progress], object] = lambda _: None,
    ) -> Scanned:
        """Say what opening files would do, without opening any of them with their library.

        Files that list dependencies are looked up as well, in a copy of the OSV database.

        Args:
            *paths: Files and folders.
            allow: Classes of your own that pickles may make, ``module.name``.
            fail_on: Least severity that fails.
            limits: Of the process that reads.
            advisories: The copy, a folder or a zip file; none = nothing is looked up, and the
                report says so.
            max_snapshot_age_days: It may be so old.
            environment: Whether the installed packages are looked up too.
            progress: Called as the run goes on.

        Returns:
            The report, with a finding for each file; ``save("out/")`` writes it.

        Raises:
            InputError: a path does not exist or holds no file.
            UsageError: the environment is to be looked up, in nothing.
        """
        run = self.scanning(
            paths,
            allow=allow,
            fail_on=fail_on,
            limits=limits,
            advisories=advisories,
            max_snapshot_age_days=max_snapshot_age_days,
            environment=environment,
        )
        for step in run:
            progress(step)
        return self.scanned(run)

    def scanning(
        self,
        paths: Sequence[str | Path],
        *,
        allow: Sequence[str] = (),
        fail_on: Severity = "high",
        limits: Limits | None = None,
        advisories: str | Path | None = None,
        max_snapshot_age_days: float = MAX_AGE_DAYS,
        environment: bool = False,
        warnings: Sequence[str] = (),
    ) -> Look:
        """Prepare a scan; iterate over it to run it, then call `scanned`.

        Args:
            paths: Files and folders.
            allow: As for `scan`, and so are the others.
            fail_on: Least severity that fails.
            limits: Of the process that reads.
            advisories: What dependencies are looked up in.
            max_snapshot_age_days: It may be so old.
            environment: Whether the installed packages are looked up too.
            warnings: What the reader of the report should know.

        Raises:
            InputError: a path does not exist or holds no file.
            UsageError: the environment is to be looked up, in nothing.
            LedgerError: the log that the findings are to stand in does not hold.
        """
        look_up = LookUp(
            advisories=None if advisories is None else Path(advisories),
            max_age_days=max_snapshot_age_days,
            environment=tuple(map(Path, sys.path)) if environment else (),
        )
        request = self._request(
            paths, allow=allow, fail_on=fail_on, limits=limits, warnings=warnings, listed=True
        )
        return Look(
            look_up,
            scan=self._scan(request),
            request=request,
            store=self._store,
            clock=self._clock,
        )

    def _request(
        self,
        paths: Sequence[str | Path],
        *,
        allow: Sequence[str],
        fail_on: Severity,
        limits: Limits | None,
        warnings: Sequence[str] = (),
        catalog: str = "",
        listed: bool = False,
    ) -> Request:
        if self._ledger is not None:
            self._ledger.ready()
        return Request(
            found=find([Path(path) for path in paths]),
            allowed=tuple(sorted(set(allow))),
            limits=limits or Limits(),
            fail_on=fail_on,
            catalog=catalog or entries_digest(SCANNED),
            versions=_versions(),
            warnings=tuple(warnings),
            listed=listed,
        )

    def _scan(self, request: Request) -> Scan:
        tool = Tool(name="bartizan", version=bartizan.__version__, catalog=request.catalog)
        return Scan(request, store=self._store, tool=tool, clock=self._clock)

    def scanned(self, run: Look) -> Scanned:
        """What a run has found, however far it came."""
        report = run.report()
        if self._ledger is not None:
            from bartizan.workspace.receipted import receipted  # noqa: PLC0415 (slow to import)

            report = receipted(report, self._ledger)
        self._store.put(report)
        return Scanned(report=report)


def _versions() -> dict[str, str]:
    """What the result of a scan can depend on: nothing that it scans for is loaded for it."""
    found = {}
    for name in _UNPACKING:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return {"python": platform.python_version(), "bartizan": bartizan.__version__, **found}
