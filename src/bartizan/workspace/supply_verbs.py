"""The stage `supply` of a workspace: scan, sign, verify, inventory, admit."""

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bartizan.catalog import ASSESSED, catalog_digest
from bartizan.core.errors import UsageError
from bartizan.core.finding import Severity
from bartizan.core.progress import Progress
from bartizan.core.report import Tool
from bartizan.store import Store
from bartizan.supply.admission.admission import Admission
from bartizan.supply.admission.request import Request as AdmissionRequest
from bartizan.supply.admission.terms import Terms
from bartizan.supply.advisories.snapshot import MAX_AGE_DAYS
from bartizan.supply.dependencies.look import Look, LookUp
from bartizan.supply.scan.limits import Limits
from bartizan.supply.scan.paths import called, find
from bartizan.supply.scan.request import Request
from bartizan.supply.scan.scanning import Scan
from bartizan.supply.signing.trust import Trust
from bartizan.workspace.admitted import Admitted, enter, known_findings
from bartizan.workspace.ledger import Ledger
from bartizan.workspace.receipted import receipted
from bartizan.workspace.register_verbs import RegisterVerbs
from bartizan.workspace.scanned import Scanned
from bartizan.workspace.supply_bom import Bom, BomOrder, bill_of_materials
from bartizan.workspace.supply_provenance import Provenance, ProvenanceOrder, training_provenance
from bartizan.workspace.supply_signing import SigningVerbs


class SupplyVerbs(SigningVerbs):
    """Is the artefact in our hands the one that was approved?"""

    def __init__(
        self,
        store: Store,
        *,
        ledger: Ledger | None,
        clock: Callable[[], datetime],
        tool: Tool,
        versions: Mapping[str, str],
        register: RegisterVerbs | None,
    ) -> None:
        super().__init__(ledger, clock=clock)
        self._register = register
        self._store = store
        self._tool = tool
        self._versions = versions

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
            paths, allow=allow, fail_on=fail_on, limits=limits, warnings=warnings
        )
        scan = self._scan(request)
        return Look(look_up, scan=scan, request=request, store=self._store, clock=self._clock)

    def _request(
        self,
        paths: Sequence[str | Path],
        *,
        allow: Sequence[str],
        fail_on: Severity,
        limits: Limits | None,
        warnings: Sequence[str] = (),
    ) -> Request:
        if self._ledger is not None:
            self._ledger.ready()
        return Request(
            found=find([Path(path) for path in paths]),
            allowed=tuple(sorted(set(allow))),
            limits=limits or Limits(),
            fail_on=fail_on,
            catalog=catalog_digest(),
            versions=self._versions,
            warnings=tuple(warnings),
        )

    def _scan(self, request: Request) -> Scan:
        return Scan(request, store=self._store, tool=self._tool, clock=self._clock)

    def scanned(self, run: Look) -> Scanned:
        """What a run has found, however far it came."""
        report = receipted(run.report(), self._ledger)
        self._store.put(report)
        return Scanned(report=report)

    def admit(
        self,
        path: str | Path,
        *,
        trust: Trust,
        progress: Callable[[Progress], object] = lambda _: None,
        by: str = "",
        **demands: Any,
    ) -> Admitted:
        """Let an artefact in: scan it, check its signature, its format and its assessment.

        Args:
            path: A file or a folder.
            trust: Whom to believe.
            progress: Called as the run goes on.
            by: Who admits it; the user of this machine if empty.
            **demands: As for `admission`.

        Returns:
            The report; its `verified` gives the artefact in the form that may be loaded, or
            raises.

        Raises:
            UsageError: this workspace keeps nothing, so that there is no evidence.
        """
        run = self.admission(path, trust=trust, **demands)
        for step in run:
            progress(step)
        return self.admitted(run, by=by)

    def admission(
        self,
        path: str | Path,
        *,
        trust: Trust,
        signature: Path | None = None,
        name: str | None = None,
        terms: Terms | None = None,
        allow: Sequence[str] = (),
        fail_on: Severity = "high",
        limits: Limits | None = None,
        reproduce: str = "",
        warnings: Sequence[str] = (),
    ) -> Admission:
        """Prepare an admission; iterate over it to run it, then call `admitted`.

        Args:
            path: A file or a folder.
            trust: Whom to believe.
            signature: The bundle; none = where `sign` puts it.
            name: What its signer must call it; none = anything.
            terms: What is demanded beside that.
            allow: As for `scan`.
            fail_on: Least severity that keeps it out.
            limits: Of the process that reads.
            reproduce: The command that asks the same.
            warnings: What the reader of the report should know.

        Raises:
            UsageError: this workspace keeps nothing, so that there is no evidence.
            InputError: there is no such artefact.
        """
        if self._ledger is None:
            message = "this workspace keeps nothing; open one in a folder: Workspace('.bartizan')"
            raise UsageError(message)
        ledger, path = self._ledger, Path(path)
        read = self._request([path], allow=allow, fail_on=fail_on, limits=limits, warnings=warnings)
        request = AdmissionRequest(
            name=called(path),
            terms=terms or Terms(),
            check=lambda: self.verify(path, trust=trust, signature=signature, name=name),
            facts=lambda: known_findings(ledger),
            entries=tuple(entry.id for entry in ASSESSED),
            fail_on=fail_on,
            reproduce=reproduce,
            catalog=catalog_digest(),
            versions=self._versions,
        )
        return Admission(request, scan=self._scan(read), store=self._store, clock=self._clock)

    def admitted(self, run: Admission, *, by: str = "") -> Admitted:
        """What a run has found; if nothing speaks against the artefact, the ledger says so.

        Raises:
            LedgerError: the log was altered.
            OutputError: it cannot be written.
        """
        report = receipted(run.report(), self._ledger)
        kept = self._store.put(report)
        place = None
        if self._ledger is not None:
            place = enter(run, ledger=self._ledger, report=kept, by=by, now=self._clock())
        return Admitted(report=report, run=run, place=place)

    def bom(self, model: str | Path | None = None, **known: Any) -> Bom:
        """A bill of materials of a model; ``save("bom.cdx.json", ...)`` writes and signs it.

        Args:
            model: A path, or a name in the project file; none = the only model there.
            **known: As the fields of `BomOrder`: config, folder, to, reports, links, ...

        Raises:
            InputError: something cannot be read.
            TrustError: a report is about another model, or data is not what was registered.
        """
        order = BomOrder(model=model, **known)
        return bill_of_materials(order, tool=self._tool, register=self._register)

    def provenance(
        self, model: str | Path | None = None, *, builder: str, **known: Any
    ) -> Provenance:
        """A statement of what a model was trained from.

        Args:
            model: A path, or a name in the project file; none = the only model there.
            builder: URI of what ran the training.
            **known: As the fields of `ProvenanceOrder`: data, params, code, started, ...

        Raises:
            InputError: something cannot be read.
            TrustError: data is not what was registered.
        """
        order = ProvenanceOrder(model=model, builder=builder, **known)
        return training_provenance(order, tool=self._tool, register=self._register)
