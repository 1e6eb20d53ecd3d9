"""What a run has to say for itself, at any time: a report, and the rows it speaks of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from bartizan.assess.discretion import discreet
from bartizan.assess.findings import Done, attack_finding, check_finding, evidence_of, steady
from bartizan.assess.headline import headline
from bartizan.assess.hidden import Look, doubted, open_book, suspicion
from bartizan.assess.plan import Plan
from bartizan.assess.relate import related
from bartizan.assess.request import Request
from bartizan.assess.rows import Clean, protected_classes
from bartizan.assess.slot import Slot
from bartizan.assess.union import united
from bartizan.core.arrays import Array, Ints
from bartizan.core.evidence import Receipt, Subject
from bartizan.core.finding import Finding
from bartizan.core.report import Coverage, Report, Tool
from bartizan.core.verdict import overall
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
        workers: int,
        warnings: tuple[str, ...],
    ) -> Report:
        """What was found so far; findings and their evidence are stored.

        Args:
            interrupted: Why the run ended early; empty if it did not.
            drifted: Why the model is no longer the one that the run began with; empty if it is.
            workers: Processes that were used.
            warnings: Of the whole run.
        """
        done = self._done()
        looks = self._looks()
        judged = [steady(self._judged(one, done, looks=looks), drifted=drifted) for one in done]
        findings, evidence, receipts = [], [], []
        for slot, one, bare in zip(self.slots, done, related(judged), strict=True):
            seen = str(looks.get(bare.attacker or "", "")) if _rests(one) else ""
            record = evidence_of(
                bare, one, request=self.request, subjects=self.subjects, probe=seen
            )
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

    def _done(self) -> list[Done]:
        """What has become of each item; a union rests on the attacks of the same attacker."""
        found = [self._told(slot.done()) for slot in self.slots]
        attacks = [one for one in found if one.item.entry.kind == "attack"]
        return [
            united(one, [part for part in attacks if part.item.constraint is one.item.constraint])
            if one.item.entry.kind == "union"
            else one
            for one in found
        ]

    def _told(self, done: Done) -> Done:
        """The same, with personal values in errors hidden."""
        return replace(done, errors=tuple(self.discreet(error) for error in done.errors))

    def discreet(self, text: str) -> str:
        """A text without personal values of any data that is known."""
        request = self.request
        return discreet(text, request.data, request.train, request.reference)

    def _judged(
        self, done: Done, everything: Sequence[Done], *, looks: Mapping[str, Look]
    ) -> Finding:
        """The verdict on an item, taken back where it rests on a gradient that may be hidden."""
        constraint = done.item.constraint
        if constraint is None:
            return check_finding(done, request=self.request)
        finding = attack_finding(done, constraint, request=self.request, clean=self.clean)
        if not _rests(done):
            return finding
        mine = [
            one
            for one in everything
            if one.item.constraint is constraint and one.item.entry.kind == "attack"
        ]
        own = done.attacked if done.item.entry.kind == "attack" else None
        look = looks.get(constraint.attacker.name, Look())
        return doubted(finding, suspicion(mine, look, own=own))

    def _looks(self) -> dict[str, Look]:
        """By attacker, what the model showed of its gradient."""
        return {
            slot.item.attacker.name: replace(slot.look, why=self.discreet(slot.look.why))
            for slot in self.slots
            if slot.look is not None and slot.item.attacker is not None
        }

    def _receipt(self, slot: Slot, finding: Finding, *, workers: int) -> Receipt:
        """What an item cost, the look at the gradient included if it was taken for it."""
        return Receipt(
            finding=finding.id,
            evidence=finding.evidence or "",
            finished=self.clock().strftime("%Y-%m-%dT%H:%M:%SZ"),
            wall_s=round(slot.wall_s, 3),
            model_s=round(slot.model_s, 3),
            calls=slot.calls,
            queries=slot.queries,
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


def _rests(done: Done) -> bool:
    """Whether a finding rests on the gradient."""
    return open_book(done.item.entry) or done.item.entry.kind == "union"
