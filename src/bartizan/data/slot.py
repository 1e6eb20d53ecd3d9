"""One inspection on its way: its control, what it saw, what came of it."""

import time
from dataclasses import dataclass
from typing import Protocol

from bartizan.adapt.batches.batch import Batch
from bartizan.core.entry import CheckResult, ControlResult, Entry
from bartizan.core.finding import Suspect
from bartizan.core.streams import rng
from bartizan.data.inspection import Brief, Inspection, Suits

_UNSEEN = ControlResult(passed=False, detail="no batch was read, so nothing was planted")


@dataclass
class Slot:
    """Whatever breaks in an inspection becomes a finding; the others go on."""

    entry: Entry
    suits: Suits | None = None
    """Says why the first batch shows that there is no answer; none = there always is one."""
    unsuited: str = ""
    """What it said: then nothing is looked at, and this is a gap of the report."""
    control: ControlResult = _UNSEEN
    error: Exception | None = None
    inspection: Inspection | None = None
    result: CheckResult | None = None
    suspects: tuple[Suspect, ...] = ()
    """Marks that seem to be planted: inspections know none."""
    wall_s: float = 0.0

    def begin(self, brief: Brief, sample: Batch, *, seed: int) -> None:
        """Ask whether there is an answer; plant a case; get ready to look at the data itself."""
        entry = self.entry
        with Guard(self):
            if self.suits is not None:
                stream = rng(seed, "control", entry.id)
                self.unsuited = self.suits(brief=brief, sample=sample, rng=stream)
        if self.unsuited:
            return
        with Guard(self):
            self.control = entry.control(
                brief=brief, sample=sample, rng=rng(seed, "control", entry.id)
            )
        with Guard(self):
            self.inspection = entry.run(brief, params=entry.params, rng=rng(seed, "data", entry.id))

    def see(self, batch: Batch) -> None:
        """Show it the next rows, unless it broke."""
        with Guard(self):
            if self.inspection is not None and self.error is None:
                self.inspection.see(batch)

    def finish(self) -> None:
        """Ask what all of it amounts to."""
        with Guard(self):
            if self.inspection is not None and self.error is None:
                self.result = self.inspection.result()


class Timed(Protocol):
    """What counts its time and keeps what broke."""

    error: Exception | None
    wall_s: float


class Guard:
    """Counts the time, and keeps what broke."""

    def __init__(self, slot: Timed) -> None:
        self._slot = slot
        self._started = time.perf_counter()

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        self._slot.wall_s += time.perf_counter() - self._started
        if not isinstance(error, Exception):
            return False
        self._slot.error = self._slot.error or error
        return True
