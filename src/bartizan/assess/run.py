"""One assessment from beginning to end: plan, control, attack, confirm, judge."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from bartizan.assess.block import Block, BlockResult
from bartizan.assess.cut import cut, validator
from bartizan.assess.findings import Done, attack_finding, check_finding, evidence_of
from bartizan.assess.headline import headline
from bartizan.assess.judge import overall
from bartizan.assess.layout import laid_out, unmatched_waivers
from bartizan.assess.outcome import Attacked
from bartizan.assess.plan import Plan, Planned
from bartizan.assess.pool import Job, can_travel, run_here, run_spread
from bartizan.assess.request import Request
from bartizan.assess.rows import Clean, protected_classes
from bartizan.core.arrays import Array, Ints
from bartizan.core.entry import CheckResult, ControlResult
from bartizan.core.evidence import Evidence, Receipt, Subject
from bartizan.core.finding import Finding
from bartizan.core.report import Coverage, Report, Tool
from bartizan.core.streams import rng
from bartizan.store import Store


@dataclass(frozen=True)
class Progress:
    """How far a run is."""

    done: int
    """Questions asked so far at most, of `total`."""
    total: int
    what: str


@dataclass(frozen=True)
class Claim:
    """Rows that a finding claims to have broken, so that anyone can check."""

    finding: str
    ids: Ints
    before: Array
    after: Array
    price: Array
    queries: Ints


@dataclass
class _Slot:
    """One planned item on its way."""

    item: Planned
    control: ControlResult | None = None
    blocks: list[tuple[Ints, Block]] = field(default_factory=list)
    results: dict[int, BlockResult] = field(default_factory=dict)
    digests: dict[int, str] = field(default_factory=dict)
    check: CheckResult | None = None
    error: str = ""
    wall_s: float = 0.0


class Assessment:
    """Iterate over it to run it; then ask for the `report`. Stopping early loses nothing done."""

    def __init__(
        self,
        request: Request,
        *,
        store: Store,
        tool: Tool,
        data_subject: Subject,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._request = request
        self._store = store
        self._tool = tool
        self._subjects = (request.subject, data_subject)
        self._clock = clock
        self._clean = Clean.of(request.model, request.data)
        self._plan, warnings = laid_out(request, self._clean)
        self._warnings = (
            *request.warnings,
            *request.data.notes,
            *warnings,
            *unmatched_waivers(self._plan, request),
        )
        self._slots = [_Slot(item) for item in self._plan.items]
        self._interrupted = ""
        self._workers = 1

    @property
    def plan(self) -> Plan:
        """What will be run."""
        return self._plan

    def interrupt(self, why: str) -> None:
        """Note that the run ends here; the report says so."""
        self._interrupted = why

    def __iter__(self) -> Iterator[Progress]:
        """Run everything that is planned, telling how far it is."""
        started = time.time()
        budget = self._request.time_budget_s
        deadline = None if budget is None else started + budget
        total = sum(len(slot.item.rows) * slot.item.queries for slot in self._slots)
        done = 0
        for slot in self._slots:
            yield Progress(done, total, f"control of {slot.item.entry.id}")
            self._prepare(slot, deadline=deadline)
            if slot.check is not None:
                done += len(slot.item.rows)
        jobs = self._jobs()
        owners = self._owners()
        done += total - done - sum(len(b.x) * b.queries for _, b, _ in jobs)
        yield Progress(done, total, "attacks")
        for position, result in self._results(jobs):
            slot, number = owners[position]
            self._keep(slot, number, result)
            done += len(slot.blocks[number][0]) * slot.item.queries
            yield Progress(done, total, slot.item.id(self._request.subject.name))
            if deadline is not None and time.time() > deadline:
                self._interrupted = f"the time budget of {budget:g} s was used up"
                return

    def _prepare(self, slot: _Slot, *, deadline: float | None) -> None:
        """Run the control; run checks at once, cut attacks into blocks."""
        item, started = slot.item, time.perf_counter()
        stream = rng(self._request.seed, "control", item.id(""))
        try:
            slot.control = item.entry.control(
                constraint=item.constraint, data=self._request.data, recipe=None, rng=stream
            )
            if item.constraint is None:
                slot.check = item.entry.run(
                    self._request.model,
                    self._request.data.x,
                    self._request.data.y,
                    params=item.entry.params,
                )
            elif slot.control.passed:
                slot.blocks = cut(item, item.constraint, request=self._request, deadline=deadline)
        except Exception as error:  # noqa: BLE001 - whatever breaks in an entry makes a finding
            slot.error = f"{type(error).__name__}: {error}"
        slot.wall_s += time.perf_counter() - started

    def _owners(self) -> list[tuple[_Slot, int]]:
        return [(slot, number) for slot in self._slots for number in range(len(slot.blocks))]

    def _jobs(self) -> list[Job]:
        """Blocks that are still to be done; with `resume`, the others come from the store."""
        jobs: list[Job] = []
        for position, (slot, number) in enumerate(self._owners()):
            constraint, (_, block) = slot.item.constraint, slot.blocks[number]
            kept = self._store.block(block.key) if self._request.resume else None
            if kept is not None:
                slot.digests[number], slot.results[number] = kept[0], BlockResult.restored(kept[1])
            elif constraint is not None:
                jobs.append((position, block, validator(constraint, self._request)))
        return jobs

    def _results(self, jobs: list[Job]) -> Iterator[tuple[int, BlockResult]]:
        workers = min(self._request.workers, len(jobs))
        if workers > 1 and not can_travel(jobs):
            self._warnings += (
                (
                    "the model cannot be sent to other processes, so one was used; load it from a "
                    "file to use more"
                ),
            )
            workers = 1
        self._workers = max(workers, 1)
        return run_spread(jobs, workers=workers) if workers > 1 else run_here(jobs)

    def _keep(self, slot: _Slot, number: int, result: BlockResult) -> None:
        slot.results[number] = result
        slot.wall_s += result.wall_s
        if not result.error and not result.late:
            key = slot.blocks[number][1].key
            slot.digests[number] = self._store.keep_block(key, result.arrays())

    # --- afterwards ----------------------------------------------------------------------

    def report(self) -> Report:
        """What was found so far, with evidence stored."""
        findings, evidence, receipts = [], [], []
        for slot in self._slots:
            finding, record, receipt = self._judged(slot)
            findings.append(finding)
            evidence.append(record)
            receipts.append(receipt)
        outcome = overall(findings)
        attackers = {a.name: a for slot in self._slots if (a := slot.item.attacker)}
        return Report(
            tool=self._tool,
            subjects=self._subjects,
            attackers=tuple(attackers.values()),
            outcome=outcome,
            headline=headline(
                findings,
                tuple(attackers.values()),
                subject=self._request.subject.name,
                outcome=outcome,
            ),
            fail_on=self._request.fail_on,
            findings=tuple(findings),
            evidence=tuple(evidence),
            coverage=self._coverage(),
            warnings=self._warnings,
            receipts=tuple(receipts),
        )

    def claims(self) -> tuple[Claim, ...]:
        """Every broken row of every attack, confirmed, whatever it cost."""
        found = []
        for slot in self._slots:
            attacked = self._done(slot).attacked
            if slot.item.constraint is None or attacked is None:
                continue
            broken = np.isfinite(attacked.price)
            rows = attacked.rows[broken]
            found.append(
                Claim(
                    finding=slot.item.id(self._request.subject.name),
                    ids=self._request.data.ids[rows],
                    before=self._request.data.x[rows],
                    after=attacked.points[broken],
                    price=attacked.price[broken],
                    queries=attacked.queries[broken],
                )
            )
        return tuple(found)

    def _done(self, slot: _Slot) -> Done:
        numbers = sorted(slot.results)
        results = [slot.results[number] for number in numbers]
        attacked = None
        if results:
            attacked = Attacked.joined([slot.blocks[n][0] for n in numbers], results)
        errors = {result.error for result in results if result.error} | (
            {slot.error} if slot.error else set()
        )
        return Done(
            item=slot.item,
            control=slot.control or ControlResult(passed=not slot.error, detail="not run"),
            attacked=attacked,
            check=slot.check,
            errors=tuple(sorted(errors)),
            late=any(result.late for result in results),
            results=tuple(slot.digests[n] for n in numbers if n in slot.digests),
        )

    def _judged(self, slot: _Slot) -> tuple[Finding, Evidence, Receipt]:
        done = self._done(slot)
        if slot.item.constraint is None:
            finding = check_finding(done, request=self._request)
        else:
            finding = attack_finding(
                done, slot.item.constraint, request=self._request, clean=self._clean
            )
        record = evidence_of(finding, done, request=self._request, subjects=self._subjects)
        finding = finding.grounded(self._store.put(record))
        self._store.put(finding)
        results = slot.results.values()
        receipt = Receipt(
            finding=finding.id,
            evidence=finding.evidence or "",
            finished=self._clock().strftime("%Y-%m-%dT%H:%M:%SZ"),
            wall_s=round(slot.wall_s, 3),
            model_s=round(sum(result.model_s for result in results), 3),
            calls=sum(result.calls for result in results),
            queries=sum(int(result.queries.sum()) for result in results),
            workers=self._workers,
        )
        return finding, record, receipt

    def _attackable(self) -> int:
        """Correctly classified rows of the classes that any attacker attacks."""
        attackers = [slot.item.attacker for slot in self._slots if slot.item.attacker]
        classes = [protected_classes(a, self._request.model) for a in attackers]
        if not classes:
            return 0
        wanted = np.isin(self._clean.y, np.unique(np.concatenate(classes)))
        return int((self._clean.correct & wanted).sum())

    def _coverage(self) -> Coverage:
        attacked = [slot.item.rows for slot in self._slots if slot.item.constraint is not None]
        rows = np.unique(np.concatenate(attacked)) if attacked else np.zeros(0)
        return Coverage(
            profile=self._request.profile.name,
            seed=self._request.seed,
            rows=len(rows),
            rows_total=len(self._request.data.y),
            rows_protected=self._attackable(),
            planned=tuple(slot.item.id(self._request.subject.name) for slot in self._slots),
            gaps=self._plan.gaps,
            interrupted=self._interrupted,
        )
