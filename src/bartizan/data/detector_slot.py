"""One detector on its way: its control, what it looked at, what came of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from bartizan.core.arrays import Array, Ints
from bartizan.core.entry import CheckResult, ControlResult, DetectorResult, Entry
from bartizan.core.finding import Suspect
from bartizan.core.schema import Label
from bartizan.core.streams import rng
from bartizan.data.labelled import Labelled
from bartizan.data.portrait import shown, suspects
from bartizan.data.slot import Guard
from bartizan.data.whole_rows import Whole

_UNSEEN = ControlResult(passed=False, detail="nothing was planted before the run ended")
_OF_TEXTS = ("poison.phrases",)
"""Detectors that look at running text; all others need a number or a category in each row."""
_CONTROL = 0.5
"""Part of a detector's work that its planted case takes: it is looked at as the rows are."""
Applies = Callable[[Labelled], str]


@dataclass(frozen=True, kw_only=True)
class Marked:
    """Rows that a detector believes to be wrong."""

    ids: Ints
    """Row ids in the source, ascending."""
    p: Array
    """Shape as `ids`: chance that an honest row looks as odd."""
    suggested: tuple[Label | None, ...]
    """Labels that fit better; none = no other one is suggested."""


@dataclass
class DetectorSlot:
    """Whatever breaks in a detector becomes a finding; the others go on."""

    entry: Entry
    applies: Applies
    """Says why it has nothing to say about rows; empty where it has."""
    unsuited: str = ""
    """What it said: then nothing is looked at, and this is a gap of the report."""
    refused: str = ""
    """Why these rows cannot be looked at by any detector: then there is no verdict."""
    control: ControlResult = _UNSEEN
    error: Exception | None = None
    answer: DetectorResult | None = None
    result: CheckResult | None = None
    """The answer as a report shows it."""
    suspects: tuple[Suspect, ...] = ()
    marked: Marked | None = None
    wall_s: float = 0.0
    ended: bool = False
    """Whether it was asked and has nothing more to do."""

    def steps(self, whole: Whole, *, seed: int) -> Iterator[tuple[float, str]]:
        """Plant a case and look for it; then look at the rows.

        Yields:
            How far it is, 0 to 1, and what it does.
        """
        yield from self._asked(whole, seed=seed)
        self.ended = True

    def _asked(self, whole: Whole, *, seed: int) -> Iterator[tuple[float, str]]:
        entry, rows = self.entry, whole.rows
        yield 0.0, f"{entry.title}: looking for a planted case"
        if not self._may(rows):
            return
        with Guard(self):
            self.control = entry.control(rows=rows, rng=rng(seed, "control", entry.id))
        if self.error is not None:
            return
        yield _CONTROL, f"{entry.title}: looking at {len(rows.data.y):,} rows"
        for done in self._looked(rows, seed=seed):
            yield _CONTROL + (1 - _CONTROL) * done, f"{entry.title}: looking"
        with Guard(self):
            if self.answer is not None:
                self._settle(self.answer, whole)

    def _may(self, rows: Labelled) -> bool:
        """Ask whether there is an answer."""
        with Guard(self):
            if not rows.data.schema.width and self.entry.id not in _OF_TEXTS:
                self.unsuited = "There are no columns of numbers or categories."
            else:
                self.unsuited = self.applies(rows)
            return not self.unsuited
        return False

    def _looked(self, rows: Labelled, *, seed: int) -> Iterator[float]:
        entry = self.entry
        stream = rng(seed, "data", entry.id)
        steps = None
        with Guard(self):
            steps = entry.run(rows, params=entry.params, rng=stream)
        while self.error is None and self.answer is None and steps is not None:
            done = 1.0
            with Guard(self):
                try:
                    done = next(steps)
                except StopIteration as end:
                    self.answer = end.value
            yield min(max(float(done), 0.0), 1.0)

    def _settle(self, answer: DetectorResult, whole: Whole) -> None:
        """Take the answer over into what a report shows."""
        self.suspects = suspects(answer.triggers, whole)
        self.marked = _marked(answer, whole.rows)
        self.result = replace(answer.check, flagged=shown(answer.check.flagged, whole))


def _marked(answer: DetectorResult, rows: Labelled) -> Marked | None:
    """The rows an answer points at, with what it says of each; none = it points at none."""
    if answer.check.rows is None or not answer.check.rows.size:
        return None
    order = np.argsort(rows.data.ids, kind="stable")
    places = order[np.searchsorted(rows.data.ids[order], answer.check.rows)]
    codes = np.full(len(places), -1) if answer.suggested is None else answer.suggested[places]
    labels = tuple(rows.data.classes[code] if code >= 0 else None for code in codes)
    return Marked(ids=answer.check.rows, p=answer.p[places], suggested=labels)
