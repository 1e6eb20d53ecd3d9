"""The stage `supply` of a workspace: scan, sign, verify, inventory, admit."""

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
from bartizan.supply.admission.declared import Declared
from bartizan.supply.admission.request import Request as AdmissionRequest
from bartizan.supply.admission.terms import Terms
from bartizan.supply.scan.limits import Limits
from bartizan.supply.scan.paths import called
from bartizan.supply.signing.trust import Trust
from bartizan.workspace.admitted import Admitted, entered, known_findings
from bartizan.workspace.ledger import Ledger
from bartizan.workspace.receipted import receipted
from bartizan.workspace.register_verbs import RegisterVerbs
from bartizan.workspace.scan_verbs import ScanVerbs
from bartizan.workspace.supply_bom import Bom, BomOrder, bill_of_materials
from bartizan.workspace.supply_provenance import Provenance, ProvenanceOrder, training_provenance
from bartizan.workspace.supply_signing import SigningVerbs


class SupplyVerbs(ScanVerbs, SigningVerbs):
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
        ScanVerbs.__init__(self, store, ledger=ledger, clock=clock)
        self._kept = store
        SigningVerbs.__init__(self, ledger, clock=clock)
        self._register = register
        self._tool = tool
        self._versions = versions

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

    def admission(  # noqa: PLR0913 (each is a demand of its own)
        self,
        path: str | Path,
        *,
        trust: Trust,
        signature: Path | None = None,
        name: str | None = None,
        terms: Terms | None = None,
        declared: Declared | None = None,
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
            declared: What evidence must be about, as `workspace.declared` reads it from the
                project file; none = nobody says, which is enough only where the terms take
                evidence of any kind.
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
        read = self._request(
            [path],
            allow=allow,
            fail_on=fail_on,
            limits=limits,
            warnings=warnings,
            catalog=catalog_digest(),
        )
        request = AdmissionRequest(
            name=called(path),
            terms=terms or Terms(),
            declared=declared,
            check=lambda: self.checked(path, trust=trust, signature=signature, name=name),
            facts=lambda: known_findings(ledger),
            entries=tuple(entry.id for entry in ASSESSED),
            fail_on=fail_on,
            reproduce=reproduce,
            catalog=catalog_digest(),
            versions=self._versions,
        )
        return Admission(request, scan=self._scan(read), store=self._kept, clock=self._clock)

    def admitted(self, run: Admission, *, by: str = "") -> Admitted:
        """What a run has found; if nothing speaks against the artefact, the ledger says so.

        Raises:
            LedgerError: the log was altered.
            OutputError: it cannot be written.
        """
        report = receipted(run.report(), self._ledger)
        kept = self._store.put(report)
        return entered(run, report=report, kept=kept, ledger=self._ledger, by=by, now=self._clock())

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
