"""One assessment on its way: plan, control, attack, confirm; `answer` judges."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from bartizan.assess.answer import Answer, Claim
from bartizan.assess.block import BlockResult
from bartizan.assess.counted import Counted, counted
from bartizan.assess.cut import cut, validator
from bartizan.assess.hidden import look, open_book
from bartizan.assess.layout import laid_out, unmatched_waivers
from bartizan.assess.pieces import Pieces
from bartizan.assess.plan import Plan
from bartizan.assess.pool import Job, can_travel, run_here, run_spread
from bartizan.assess.request import Request
from bartizan.assess.rows import Clean, deciding_classes
from bartizan.assess.slot import Slot
from bartizan.core.arrays import Array
from bartizan.core.attacker import most_seen
from bartizan.core.entry import Study, cut_short
from bartizan.core.errors import Error
from bartizan.core.evidence import Subject
from bartizan.core.progress import Progress
from bartizan.core.report import Report, Tool
from bartizan.core.streams import rng
from bartizan.store import Store


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
        now: Callable[[], float] = time.time,
    ) -> None:
        self._request = request
        self._now = now
        self._store = store
        clean = Clean.of(request.model, request.data)
        self._plan, warnings = laid_out(request, clean)
        self._warnings = (
            *request.warnings,
            *request.data.notes,
            *warnings,
            *unmatched_waivers(self._plan, request),
        )
        self._slots = [Slot(item) for item in self._plan.items]
        self._answer = Answer(
            request=request,
            plan=self._plan,
            slots=self._slots,
            clean=clean,
            subjects=(request.subject, data_subject),
            store=store,
            tool=tool,
            clock=clock,
        )
        if request.resume and not self._resumes:
            self._warnings += (
                (
                    "the model is no file, so nothing tells whether it is still the same: "
                    "--resume began anew"
                ),
            )
        self._interrupted = ""
        self._drifted = ""
        self._rows: dict[bytes, Array] = {}
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
        started = self._now()
        budget = self._request.time_budget_s
        deadline = None if budget is None else started + budget
        total = sum(len(slot.item.rows) * slot.item.queries for slot in self._slots)
        done, name = 0, self._request.subject.name
        for slot in self._slots:
            if self._over(deadline):
                break
            yield Progress(done, total, f"control of {slot.item.id(name)}")
            self._prepare(slot, deadline=deadline)
            if slot.item.constraint is None:
                work = len(slot.item.rows) * slot.item.queries
                for share in self._studied(slot, deadline=deadline):
                    yield Progress(done + int(share * work), total, slot.item.entry.id)
                done += work
        yield Progress(done, total, "the gradient")
        self._look(deadline=deadline)
        jobs = self._jobs()
        owners = self._owners()
        done += total - done - sum(len(b.x) * b.queries for _, b, _ in jobs)
        yield Progress(done, total, "attacks")
        for position, result in self._results(jobs):
            slot, number = owners[position]
            self._keep(slot, number, result)
            done += len(slot.blocks[number][0]) * slot.item.queries
            yield Progress(done, total, slot.item.id(name))
            if self._over(deadline):
                break
        self._drifted = self._drift()

    def _over(self, deadline: float | None, *, ahead_s: float = 0.0) -> bool:
        """Whether time is up, or will be after as many seconds more; the report then says so."""
        if deadline is None or self._now() + ahead_s <= deadline:
            return False
        self._interrupted = f"the time budget of {self._request.time_budget_s:g} s was used up"
        return True

    def _look(self, *, deadline: float | None) -> None:
        """See whether the model hides its gradient, once for each attacker who sees it."""
        seen: set[str] = set()
        for slot in self._slots:
            constraint = slot.item.constraint
            if constraint is None or not open_book(slot.item.entry) or not slot.blocks:
                continue
            name = constraint.attacker.name
            if name not in seen:
                seen.add(name)
                slot.look = look(
                    constraint,
                    slot.item.rows,
                    request=self._request,
                    late=lambda: self._over(deadline),
                )

    def _drift(self) -> str:
        """Whether the model is still the one that the run began with."""
        try:
            return self._request.drift()
        except Error as error:
            told = self._answer.discreet(str(error))
            return f"the model could not be asked at the end of the run: {told}"

    def _prepare(self, slot: Slot, *, deadline: float | None) -> None:
        """Run the control; cut attacks into blocks."""
        item, started = slot.item, time.perf_counter()
        stream = rng(self._request.seed, "control", item.id(""))
        try:
            slot.control = item.entry.control(
                constraint=item.constraint,
                data=self._request.data,
                recipe=self._request.recipe,
                rng=stream,
            )
            if item.entry.kind == "attack" and item.constraint and slot.control.passed:
                slot.blocks = cut(
                    item,
                    item.constraint,
                    request=self._request,
                    deadline=deadline,
                    known=self._rows,
                )
        except Exception as error:  # noqa: BLE001 - whatever breaks in an entry makes a finding
            slot.error = f"{type(error).__name__}: {error}"
        slot.wall_s += time.perf_counter() - started

    def _studied(self, slot: Slot, *, deadline: float | None) -> Iterator[float]:
        """Run a check step by step; one that time ends says what it has so far, if anything.

        A step, such as training a model, cannot be cut short: none is begun that would end too
        late if it took as long as the one before. Once all work is done, measuring it takes none.
        """
        started, step_s = time.perf_counter(), 0.0
        stream = rng(self._request.seed, "assess", slot.item.entry.id)
        params = self._request.profile.settings(slot.item.entry.params)
        slot.asked = counted(self._request.model)
        steps = slot.item.entry.run(self._study(slot.asked), params=params, rng=stream)
        try:
            while slot.control is not None and (
                slot.share >= 1 or not self._over(deadline, ahead_s=step_s)
            ):
                begun = self._now()
                slot.share = next(steps)
                step_s = self._now() - begun
                yield slot.share
            slot.short, slot.check = True, cut_short(steps)
        except StopIteration as end:
            slot.check = end.value
        except Exception as error:  # noqa: BLE001 - whatever breaks in an entry makes a finding
            slot.error = f"{type(error).__name__}: {error}"
        finally:
            slot.wall_s += time.perf_counter() - started

    def _study(self, model: Counted) -> Study:
        """What checks have to work with; each counts what it asks."""
        request = self._request
        return Study(
            model=model,
            data=request.data,
            train=request.train,
            provenance=request.provenance,
            recipe=request.recipe,
            access=most_seen(request.attackers),
            protected=deciding_classes(request.attackers, request.model),
            queries=request.profile.stolen,
            cost_per_1000=request.cost_per_1000,
            seed=request.seed,
            kept=Pieces(request, self._store, resume=self._resumes, asked=model),
        )

    def _owners(self) -> list[tuple[Slot, int]]:
        return [(slot, number) for slot in self._slots for number in range(len(slot.blocks))]

    @property
    def _resumes(self) -> bool:
        """Whether finished blocks count: only of a file is it sure that it is the same model."""
        return self._request.resume and self._request.subject.digest_kind == "oms-root"

    def _jobs(self) -> list[Job]:
        """Blocks that are still to be done; with `resume`, the others come from the store."""
        jobs: list[Job] = []
        for position, (slot, number) in enumerate(self._owners()):
            constraint, (_, block) = slot.item.constraint, slot.blocks[number]
            kept = self._store.block(block.key) if self._resumes else None
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

    def _keep(self, slot: Slot, number: int, result: BlockResult) -> None:
        slot.results[number] = result
        slot.wall_s += result.wall_s
        if not result.error and not result.late:
            key = slot.blocks[number][1].key
            slot.digests[number] = self._store.keep_block(key, result.arrays())

    def report(self) -> Report:
        """What was found so far, with evidence stored."""
        return self._answer.report(
            interrupted=self._interrupted,
            drifted=self._drifted,
            workers=self._workers,
            warnings=self._warnings,
        )

    def claims(self) -> tuple[Claim, ...]:
        """Every broken row of every attack, confirmed, whatever it cost."""
        return self._answer.claims()
