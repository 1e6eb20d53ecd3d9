"""The stage `supply` of a workspace: scan."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from bartizan.catalog import catalog_digest
from bartizan.core.finding import Severity
from bartizan.core.progress import Progress
from bartizan.core.report import Tool
from bartizan.store import Store
from bartizan.supply.scan.limits import Limits
from bartizan.supply.scan.paths import find
from bartizan.supply.scan.request import Request
from bartizan.supply.scan.scanning import Scan
from bartizan.workspace.ledger import Ledger
from bartizan.workspace.receipted import receipted
from bartizan.workspace.scanned import Scanned


class SupplyVerbs:
    """Is the artefact in our hands the one that was approved?"""

    def __init__(
        self,
        store: Store,
        *,
        ledger: Ledger | None,
        clock: Callable[[], datetime],
        tool: Tool,
        versions: Mapping[str, str],
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._clock = clock
        self._tool = tool
        self._versions = versions

    def scan(
        self,
        *paths: str | Path,
        allow: Sequence[str] = (),
        fail_on: Severity = "high",
        limits: Limits | None = None,
        progress: Callable[[Progress], object] = lambda _: None,
    ) -> Scanned:
        """Say what opening files would do, without opening any of them with their library.

        Args:
            *paths: Files and folders.
            allow: Classes of your own that pickles may make, ``module.name``.
            fail_on: Least severity that fails.
            limits: Of the process that reads.
            progress: Called as the run goes on.

        Returns:
            The report, with a finding for each file; ``save("out/")`` writes it.

        Raises:
            InputError: a path does not exist or holds no file.
        """
        run = self.scanning(paths, allow=allow, fail_on=fail_on, limits=limits)
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
        reproduce: str = "",
    ) -> Scan:
        """Prepare a scan; iterate over it to run it, then call `scanned`.

        Raises:
            InputError: a path does not exist or holds no file.
            LedgerError: the log that the findings are to stand in does not hold.
        """
        if self._ledger is not None:
            self._ledger.ready()
        request = Request(
            found=find([Path(path) for path in paths]),
            allowed=tuple(sorted(set(allow))),
            limits=limits or Limits(),
            fail_on=fail_on,
            reproduce=reproduce,
            catalog=catalog_digest(),
            versions=self._versions,
        )
        return Scan(request, store=self._store, tool=self._tool, clock=self._clock)

    def scanned(self, run: Scan) -> Scanned:
        """What a run has found, however far it came."""
        report = receipted(run.report(), self._ledger)
        self._store.put(report)
        return Scanned(report=report)
