"""One admission on its way: scan, signature, format, evidence, verdict."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import msgspec

from bartizan.core.artifact import Artifact, Vouched
from bartizan.core.entry import ControlResult, Entry
from bartizan.core.errors import InputError, TrustError, UsageError
from bartizan.core.evidence import Evidence, Receipt
from bartizan.core.finding import Finding
from bartizan.core.progress import Progress
from bartizan.core.record import digest
from bartizan.core.report import Report
from bartizan.core.verdict import overall
from bartizan.formats.sniff import sniff
from bartizan.store import Store
from bartizan.supply.admission import evidence, form, signature
from bartizan.supply.admission.declared import ability
from bartizan.supply.admission.entries import ENTRIES, EVIDENCE, FORM, SIGNATURE
from bartizan.supply.admission.gate import Gate, finding_of
from bartizan.supply.admission.headline import headline
from bartizan.supply.admission.request import Request
from bartizan.supply.admission.terms import Terms
from bartizan.supply.scan.scanning import Scan


class Admission:
    """Iterate over it to run it; then ask for the `report`, and for the artefact that `passed`."""

    def __init__(
        self,
        request: Request,
        *,
        scan: Scan,
        store: Store,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Use `workspace` to make one.

        Args:
            request: The question.
            scan: Of the same path.
            store: Where evidence is kept.
            clock: With a time zone.
        """
        self._request = request
        self._scan = scan
        self._store = store
        self._clock = clock
        self._gates: list[tuple[Entry, Gate, ControlResult]] = []
        self._vouched: Vouched[Artifact] | None = None
        self._report: Report | None = None

    @property
    def terms(self) -> Terms:
        """What is demanded."""
        return self._request.terms

    def interrupt(self, why: str) -> None:
        """Note that the run ends here; the report says so, and nothing is admitted."""
        self._scan.interrupt(why)

    def __iter__(self) -> Iterator[Progress]:
        """Scan, then check the signature, then judge what was scanned and signed."""
        yield from self._scan
        yield Progress(0, 0, f"checking the signature of {self._request.name}")
        gate, self._vouched = signature.judged(self._request.check)
        self._add(SIGNATURE, gate)
        self._add(FORM, self._formed())
        self._add(EVIDENCE, self._evident())

    def report(self) -> Report:
        """What was found so far, with evidence stored."""
        if self._report is None:
            self._report = self._joined(self._scan.report())
        return self._report

    def passed(self) -> Vouched[Artifact]:
        """The artefact, if every question was asked and answered well.

        It is not admitted before the ledger says so; whoever writes that there approves it.

        Raises:
            TrustError: it may not be served; the message names the first reason.
        """
        report = self.report()
        against = [one for one in report.findings if one.outcome != "pass"]
        ended = report.coverage.interrupted
        asked = len(self._gates) == len(ENTRIES)
        if self._vouched is None or against or ended or not asked:
            why = f"{against[0].title} {against[0].reason}" if against else ended
            message = f"{self._request.name} is not admitted: {why or 'not all was asked'}"
            raise TrustError(message)
        return self._vouched

    def _add(self, entry: Entry, gate: Gate) -> None:
        """Keep an answer; one whose question missed its planted case says nothing."""
        control = entry.control()
        if not control.passed and gate.outcome == "pass":
            reason = f"it missed the case planted for it: {control.detail}"
            gate = Gate(outcome="inconclusive", reason=reason)
        self._gates.append((entry, gate, control))

    def _formed(self) -> Gate:
        """The formats, of the very bytes that are signed and that were scanned."""
        if self._vouched is None:
            return Gate(outcome="inconclusive", reason="no trusted signature says what it is")
        if other := self._swapped(self._vouched):
            reason = f"{other} was one file when it was scanned and another when it was verified"
            return Gate(outcome="fail", severity="critical", reason=reason)
        found = self._vouched
        try:
            formats = {
                name: self._format(name, found.read(name)) for name in found.artifact.digests
            }
        except TrustError as error:
            return Gate(outcome="fail", severity="critical", reason=str(error))
        except InputError as error:
            return Gate(outcome="inconclusive", reason=str(error))
        return form.judged(formats, terms=self._request.terms)

    def _swapped(self, found: Vouched[Artifact]) -> str:
        """A file that is not the one that was scanned; empty = there is none."""
        scanned = self._scan.digests()
        for name, wanted in found.artifact.digests.items():
            if scanned.get(name) != f"sha256:{wanted.hex()}":
                return name
        return ""

    def _format(self, name: str, content: bytes) -> str:
        """What a file is."""
        return form.named(sniff(content), name=name, readers=self._scan.formats(name))

    def _evident(self) -> Gate:
        """What the ledger says of the very artefact that is signed."""
        if self._vouched is None:
            return Gate(outcome="inconclusive", reason="no trusted signature says what it is")
        request, root = self._request, self._vouched.artifact.root
        try:
            known = evidence.about(
                request.facts(), root=root, entries=request.entries, recall=self._recalled
            )
        except UsageError as error:
            return Gate(outcome="inconclusive", reason=str(error))
        except TrustError as error:
            return Gate(outcome="fail", severity="critical", reason=f"the workspace: {error}")
        return evidence.judged(
            known,
            terms=request.terms,
            declared=request.declared,
            fail_on=request.fail_on,
            now=self._clock(),
        )

    def _recalled(self, name: str) -> Evidence | None:
        """The evidence of a digest; what cannot be read is not there."""
        try:
            return self._store.get(name, kind=Evidence)
        except InputError:
            return None

    def _joined(self, report: Report) -> Report:
        """The report of the scan, with the other answers before it."""
        findings, records, receipts = [], [], []
        for entry, gate, control in self._gates:
            bare = finding_of(
                entry, gate, name=self._request.name, reproduce=self._request.reproduce
            )
            record = self._record(bare, control, report=report)
            finding = bare.grounded(self._store.put(record))
            self._store.put(finding)
            findings.append(finding)
            records.append(record)
            receipts.append(self._receipt(finding))
        found = (*findings, *report.findings)
        outcome = overall(found)
        planned = tuple(finding.id for finding in found)
        return msgspec.structs.replace(
            report,
            outcome=outcome,
            headline=headline(found, name=self._request.name),
            fail_on="low",  # what keeps it out was decided by the gates
            findings=found,
            evidence=(*records, *report.evidence),
            coverage=msgspec.structs.replace(report.coverage, profile="admission", planned=planned),
            receipts=(*receipts, *report.receipts),
        )

    def _record(self, finding: Finding, control: ControlResult, *, report: Report) -> Evidence:
        """How an answer came to be."""
        terms, voucher = self._request.terms, self._vouched.voucher if self._vouched else None
        declared = self._request.declared
        return Evidence(
            finding=finding.id,
            subjects=report.subjects,
            params={
                "terms": digest(msgspec.json.encode(terms)),
                "evidence": terms.evidence,
                "evidence_age_days": terms.evidence_age_days,
                "formats": " ".join(terms.formats),
                "require": " ".join(terms.require),
                "signer": voucher.signer if voucher else "",
                "bundle": voucher.bundle if voucher else "",
                "version": voucher.version if voucher else 0,
                "attackers": " ".join(map(ability, declared.attackers)) if declared else "",
            },
            basis=dict(declared.basis) if declared else {},
            profile=terms.profile or (declared.profile if declared else ""),
            seed=0,
            block_rows=0,
            rows=0,
            versions=dict(self._request.versions),
            catalog=self._request.catalog,
            control=control.detail,
        )

    def _receipt(self, finding: Finding) -> Receipt:
        return Receipt(
            finding=finding.id,
            evidence=finding.evidence or "",
            finished=self._clock().strftime("%Y-%m-%dT%H:%M:%SZ"),
            wall_s=0.0,
            model_s=0.0,
            calls=0,
            queries=0,
            workers=1,
        )
