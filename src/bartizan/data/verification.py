"""One check of a data set on its way: plan, control, one pass over all rows, verdict."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from bartizan.core.arrays import Ints
from bartizan.core.entry import DetectorResult
from bartizan.core.errors import Error
from bartizan.core.evidence import Evidence, Receipt, Subject
from bartizan.core.finding import Finding
from bartizan.core.progress import Progress
from bartizan.core.report import Coverage, Gap, Report, Tool
from bartizan.core.verdict import overall
from bartizan.data.detection import Detection
from bartizan.data.detector_slot import DetectorSlot, Marked
from bartizan.data.findings import AnySlot, evidence_of, finding_of
from bartizan.data.headline import headline
from bartizan.data.labelled import Labelled
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
        self._detection = (
            None
            if request.deep is None
            else Detection(
                request.deep, brief=request.brief, batches=request.batches, seed=request.seed
            )
        )
        self._complete = False
        self._interrupted = ""
        self._rows = 0

    def interrupt(self, why: str) -> None:
        """Note that the run ends here; the report says so."""
        self._interrupted = why

    @property
    def refused(self) -> Error | None:
        """Why no detector could look at the rows; none = nothing stood against it."""
        return None if self._detection is None else self._detection.refused

    @property
    def came(self) -> str:
        """How far it came, for whoever stops it."""
        if self._complete:
            return "all rows were read, and detectors that had not ended say nothing"
        return "no row after it was read"

    def __iter__(self) -> Iterator[Progress]:
        """Show every batch to every inspection, then all rows to every detector.

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
            if self._detection is not None:
                self._detection.see(batch)
            self._rows += batch.rows
            yield Progress(self._rows, 0, f"checking {request.brief.name}")
        for slot in self._slots:
            slot.finish()
        self._complete = True
        if self._detection is not None:
            yield from self._detection.steps()

    def report(self) -> Report:
        """What was found so far, with evidence stored."""
        request, subject = self._request, self._subject()
        findings, evidence, receipts = [], [], []
        for slot in (one for one in self._all() if not one.unsuited):
            bare = finding_of(slot, request=request, complete=self._done(slot))
            record = self._evidence(bare, slot, subject=subject)
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
                sights=() if request.deep is None else request.deep.sights,
                interrupted=self._interrupted,
            ),
            warnings=(*request.warnings, *self._notes()),
            receipts=tuple(receipts),
        )

    def _unsuited(self) -> tuple[Gap, ...]:
        """What the data itself gives no answer to."""
        slots = [slot for slot in self._all() if slot.unsuited]
        return tuple(Gap(what=slot.entry.id, why=slot.unsuited) for slot in slots)

    def _all(self) -> Sequence[AnySlot]:
        """Inspections, then detectors."""
        return self._slots if self._detection is None else [*self._slots, *self._detection.slots]

    def _done(self, slot: AnySlot) -> bool:
        """Whether it has seen what it needs: detectors end one by one."""
        if isinstance(slot, DetectorSlot):
            return slot.ended
        return self._complete

    def _notes(self) -> tuple[str, ...]:
        return () if self._detection is None else self._detection.notes

    def _evidence(self, bare: Finding, slot: AnySlot, *, subject: Subject) -> Evidence:
        """How a finding came to be; of a detector, on which rows."""
        request = self._request
        rows, more = self._rows, {}
        if isinstance(slot, DetectorSlot) and self._detection and request.deep:
            rows = self._detection.looked
            recipe = request.deep.recipe
            told = recipe if isinstance(recipe, str) else getattr(recipe, "__qualname__", "")
            more = {"recipe": told or "stand-in", "sample": request.deep.sample or 0}
        return evidence_of(bare, slot, request=request, subject=subject, rows=rows, more=more)

    def rows(self) -> dict[str, Ints]:
        """By finding, the ids of all rows it points at, ascending."""
        return {
            f"{slot.entry.id}@{self._request.brief.name}": slot.result.rows
            for slot in self._all()
            if self._done(slot)
            and slot.result is not None
            and slot.result.rows is not None
            and slot.result.rows.size
        }

    def marked(self) -> dict[str, Marked]:
        """By finding of a detector, what it says of each row it points at."""
        slots = () if self._detection is None else self._detection.slots
        return {
            f"{slot.entry.id}@{self._request.brief.name}": slot.marked
            for slot in slots
            if slot.ended and slot.marked is not None
        }

    def answers(self) -> tuple[Labelled, dict[str, DetectorResult]] | None:
        """The rows that detectors looked at, and by entry what those say that have ended.

        Returns:
            None where no deep look was asked for, or its rows were not read.
        """
        if self._detection is None or self._detection.rows is None:
            return None
        slots = [slot for slot in self._detection.slots if slot.ended and slot.error is None]
        found = {slot.entry.id: slot.answer for slot in slots if slot.answer is not None}
        return self._detection.rows, found

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

    def _receipt(self, slot: AnySlot, finding: Finding) -> Receipt:
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
