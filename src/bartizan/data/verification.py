"""One check of a data set on its way: plan, control, one pass over all rows, verdict."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from bartizan.core.arrays import Ints
from bartizan.core.evidence import Receipt, Subject
from bartizan.core.finding import Finding
from bartizan.core.progress import Progress
from bartizan.core.report import Coverage, Gap, Report, Tool
from bartizan.core.verdict import overall
from bartizan.data.findings import evidence_of, finding_of
from bartizan.data.headline import headline
from bartizan.data.request import Request
from bartizan.data.slot import Slot
from bartizan.store import Store


class Verification:
    """Iterate over it to run it; then ask for the `report`."""

    def __init__(
        self,
        request: Request,
        *,
        store: Store,
        tool: Tool,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._request = request
        self._store = store
        self._tool = tool
        self._clock = clock
        self._slots = [Slot(one, suits=request.suits.get(one.id)) for one in request.entries]
        self._complete = False
        self._interrupted = ""
        self._rows = 0

    def interrupt(self, why: str) -> None:
        """Note that the run ends here; the report says so."""
        self._interrupted = why

    def __iter__(self) -> Iterator[Progress]:
        """Show every batch to every inspection, telling how far it is.

        Raises:
            InputError: the source breaks off, is no table, or changed while it was read.
        """
        batches, request = self._request.batches, self._request
        yield Progress(0, 0, f"reading {request.brief.name}")
        for number, batch in enumerate(batches):
            for slot in self._slots:
                if number == 0:
                    slot.begin(request.brief, batch, seed=request.seed)
                slot.see(batch)
            self._rows += batch.rows
            yield Progress(self._rows, 0, f"checking {request.brief.name}")
        for slot in self._slots:
            slot.finish()
        self._complete = True

    def report(self) -> Report:
        """What was found so far, with evidence stored."""
        request, subject = self._request, self._subject()
        findings, evidence, receipts = [], [], []
        for slot in (one for one in self._slots if not one.unsuited):
            bare = finding_of(slot, request=request, complete=self._complete)
            record = evidence_of(bare, slot, request=request, subject=subject, rows=self._rows)
            finding = bare.grounded(self._store.put(record))
            self._store.put(finding)
            findings.append(finding)
            evidence.append(record)
            receipts.append(self._receipt(slot, finding))
        outcome, rows = overall(findings), self._rows
        return Report(
            tool=self._tool,
            subjects=(subject,),
            attackers=(),
            outcome=outcome,
            headline=headline(findings, name=request.brief.name, rows=rows, outcome=outcome),
            fail_on=request.fail_on,
            findings=tuple(findings),
            evidence=tuple(evidence),
            coverage=Coverage(
                profile="data",
                seed=request.seed,
                rows=0,
                rows_total=rows,
                rows_protected=0,
                planned=tuple(finding.id for finding in findings),
                gaps=(*self._unsuited(), *request.gaps),
                interrupted=self._interrupted,
            ),
            warnings=request.warnings,
            receipts=tuple(receipts),
        )

    def _unsuited(self) -> tuple[Gap, ...]:
        """What the data itself gives no answer to."""
        slots = [slot for slot in self._slots if slot.unsuited]
        return tuple(Gap(what=slot.entry.id, why=slot.unsuited) for slot in slots)

    def rows(self) -> dict[str, Ints]:
        """By finding, the ids of all rows it points at, ascending."""
        return {
            f"{slot.entry.id}@{self._request.brief.name}": slot.result.rows
            for slot in self._slots
            if self._complete
            and slot.result is not None
            and slot.result.rows is not None
            and slot.result.rows.size
        }

    def _subject(self) -> Subject:
        """What the report is about; of a run that was stopped, the digest is not known."""
        digest = (self._request.batches.digest or "") if self._complete else ""
        return Subject(
            kind="data",
            name=self._request.brief.name,
            digest=digest,
            digest_kind="sha256" if digest else "declared",
            detail=self._request.detail,
        )

    def _receipt(self, slot: Slot, finding: Finding) -> Receipt:
        return Receipt(
            finding=finding.id,
            evidence=finding.evidence or "",
            finished=self._clock().strftime("%Y-%m-%dT%H:%M:%SZ"),
            wall_s=round(slot.wall_s, 3),
            model_s=0.0,
            calls=0,
            queries=0,
            workers=1,
        )
