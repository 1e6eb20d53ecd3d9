"""What a run has to say for itself, at any time: a report, and the rows it speaks of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from bartizan.assess.discretion import discreet
from bartizan.assess.findings import Done, attack_finding, check_finding, evidence_of, steady
from bartizan.assess.headline import headline
from bartizan.assess.hidden import doubted, open_book, suspicion
from bartizan.assess.judge import overall
from bartizan.assess.plan import Plan
from bartizan.assess.relate import related
from bartizan.assess.request import Request
from bartizan.assess.rows import Clean, protected_classes
from bartizan.assess.slot import Slot
from bartizan.assess.union import united
from bartizan.attack.masking import Probe
from bartizan.core.arrays import Array, Ints
from bartizan.core.evidence import Receipt, Subject
from bartizan.core.finding import Finding
from bartizan.core.report import Coverage, Report, Tool
from bartizan.store import Store


@dataclass(frozen=True)
class Claim:
    """Rows that a finding claims to have broken, so that anyone can check."""

    finding: str
    ids: Ints
    before: Array
    after: Array
    price: Array
    queries: Ints


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Judges the slots of one run as they are when it is asked."""

    request: Request
    plan: Plan
    slots: Sequence[Slot]
    clean: Clean
    subjects: tuple[Subject, ...]
    store: Store
    tool: Tool
    clock: Callable[[], datetime]

    def report(
        self,
        *,
        interrupted: str,
        drifted: str,
        probes: Mapping[str, Probe],
        workers: int,
        warnings: tuple[str, ...],
    ) -> Report:
        """What was found so far; findings and their evidence are stored.

        Args:
            interrupted: Why the run ended early; empty if it did not.
            drifted: Why the model is no longer the one that the run began with; empty if it is.
            probes: By attacker, what the model showed of its gradient.
            workers: Processes that were used.
            warnings: Of the whole run.
        """
        done = [self._done(slot) for slot in self.slots]
        doubts = _doubts(done, probes)
        judged = [steady(self._judged(one, doubts=doubts), drifted=drifted) for one in done]
        findings, evidence, receipts = [], [], []
        for slot, one, bare in zip(self.slots, done, related(judged), strict=True):
            record = evidence_of(bare, one, request=self.request, subjects=self.subjects)
            finding = bare.grounded(self.store.put(record))
            self.store.put(finding)
            findings.append(finding)
            evidence.append(record)
            receipts.append(self._receipt(slot, finding, workers=workers))
        outcome = overall(findings)
        attackers = {a.name: a for slot in self.slots if (a := slot.item.attacker)}
        return Report(
            tool=self.tool,
            subjects=self.subjects,
            attackers=tuple(attackers.values()),
            outcome=outcome,
            headline=headline(
                findings,
                tuple(attackers.values()),
                subject=self.request.subject.name,
                outcome=outcome,
            ),
            fail_on=self.request.fail_on,
            findings=tuple(findings),
            evidence=tuple(evidence),
            coverage=self._coverage(interrupted),
            warnings=warnings,
            receipts=tuple(receipts),
        )

    def claims(self) -> tuple[Claim, ...]:
        """Every broken row of every attack, confirmed, whatever it cost."""
        found = []
        for slot in self.slots:
            attacked = slot.done().attacked
            if slot.item.entry.kind != "attack" or attacked is None:
                continue
            broken = np.isfinite(attacked.price)
            rows = attacked.rows[broken]
            found.append(
                Claim(
                    finding=slot.item.id(self.request.subject.name),
                    ids=self.request.data.ids[rows],
                    before=self.request.data.x[rows],
                    after=attacked.points[broken],
                    price=attacked.price[broken],
                    queries=attacked.queries[broken],
                )
            )
        return tuple(found)

    def _done(self, slot: Slot) -> Done:
        """What has become of an item; a union rests on the attacks of the same attacker."""
        done = slot.done()
        if slot.item.entry.kind == "union":
            mine = [s for s in self.slots if s.item.constraint is slot.item.constraint]
            done = united(done, [s.done() for s in mine if s.item.entry.kind == "attack"])
        known = (self.request.data, self.request.train, self.request.reference)
        return replace(done, errors=tuple(discreet(error, *known) for error in done.errors))

    def _judged(self, done: Done, *, doubts: Mapping[str, str]) -> Finding:
        constraint = done.item.constraint
        if constraint is None:
            return check_finding(done, request=self.request)
        finding = attack_finding(done, constraint, request=self.request, clean=self.clean)
        white = open_book(done.item.entry) or done.item.entry.kind == "union"
        return doubted(finding, doubts.get(constraint.attacker.name, "") if white else "")

    def _receipt(self, slot: Slot, finding: Finding, *, workers: int) -> Receipt:
        results = slot.results.values()
        return Receipt(
            finding=finding.id,
            evidence=finding.evidence or "",
            finished=self.clock().strftime("%Y-%m-%dT%H:%M:%SZ"),
            wall_s=round(slot.wall_s, 3),
            model_s=round(sum(result.model_s for result in results), 3),
            calls=sum(result.calls for result in results),
            queries=sum(int(result.queries.sum()) for result in results),
            workers=workers,
        )

    def _attackable(self) -> int:
        """Correctly classified rows of the classes that any attacker attacks."""
        attackers = [slot.item.attacker for slot in self.slots if slot.item.attacker]
        classes = [protected_classes(a, self.request.model) for a in attackers]
        if not classes:
            return 0
        wanted = np.isin(self.clean.y, np.unique(np.concatenate(classes)))
        return int((self.clean.correct & wanted).sum())

    def _coverage(self, interrupted: str) -> Coverage:
        attacked = [slot.item.rows for slot in self.slots if slot.item.constraint is not None]
        rows = np.unique(np.concatenate(attacked)) if attacked else np.zeros(0)
        return Coverage(
            profile=self.request.profile.name,
            seed=self.request.seed,
            rows=len(rows),
            rows_total=len(self.request.data.y),
            rows_protected=self._attackable(),
            planned=tuple(slot.item.id(self.request.subject.name) for slot in self.slots),
            gaps=self.plan.gaps,
            interrupted=interrupted,
        )


def _doubts(done: Sequence[Done], probes: Mapping[str, Probe]) -> dict[str, str]:
    """By attacker, why what gradients show of the model may not be the truth."""
    attacks = [one for one in done if one.item.entry.kind == "attack"]
    names = {
        one.item.attacker.name for one in attacks if one.item.attacker and open_book(one.item.entry)
    }
    return {
        name: suspicion(
            [one for one in attacks if one.item.attacker and one.item.attacker.name == name],
            probes.get(name),
        )
        for name in names
    }
