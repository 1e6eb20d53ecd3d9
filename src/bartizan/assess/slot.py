"""One planned item on its way: what was cut, and what has come back of it."""

from dataclasses import dataclass, field

from bartizan.assess.block import Block, BlockResult
from bartizan.assess.counted import Counted
from bartizan.assess.findings import Done
from bartizan.assess.hidden import Look
from bartizan.assess.outcome import Attacked
from bartizan.assess.plan import Planned
from bartizan.core.arrays import Ints
from bartizan.core.entry import CheckResult, ControlResult


@dataclass
class Slot:
    """State of one planned item; the run fills it."""

    item: Planned
    control: ControlResult | None = None
    blocks: list[tuple[Ints, Block]] = field(default_factory=list)
    """Positions of the rows in the data, and the work."""
    results: dict[int, BlockResult] = field(default_factory=dict)
    """By number of the block."""
    digests: dict[int, str] = field(default_factory=dict)
    """Of the stored results, by number of the block."""
    check: CheckResult | None = None
    look: Look | None = None
    """At the gradient, if it was taken for this item."""
    asked: Counted | None = None
    """Of a check: what it asked."""
    share: float = 0.0
    """How much of a check is done, 0..1."""
    short: bool = False
    """Whether time ended a check before it was done."""
    error: str = ""
    wall_s: float = 0.0

    @property
    def _beside(self) -> tuple[Counted | Look, ...]:
        """What was asked beside the blocks of an attack."""
        return tuple(part for part in (self.asked, self.look) if part is not None)

    @property
    def calls(self) -> int:
        """Calls of the model in this run."""
        own = [result.calls for result in self.results.values()]
        return sum(own) + sum(part.calls for part in self._beside)

    @property
    def model_s(self) -> float:
        """Seconds inside the model in this run, summed over workers."""
        own = [result.model_s for result in self.results.values()]
        return sum(own) + sum(part.model_s for part in self._beside)

    @property
    def queries(self) -> int:
        """Questions asked in this run: those behind results that were taken over do not count."""
        own = [result.asked for result in self.results.values() if not result.taken_over]
        return sum(own) + sum(part.queries for part in self._beside)

    @property
    def all_queries(self) -> int:
        """Questions behind what is known, whichever run asked them."""
        own = [result.asked for result in self.results.values()]
        before = self.asked.before if self.asked else 0
        return sum(own) + sum(part.queries for part in self._beside) + before

    def done(self) -> Done:
        """What has become of the item so far."""
        numbers = sorted(self.results)
        results = [self.results[number] for number in numbers]
        rows = [self.blocks[number][0] for number in numbers]
        errors = {result.error for result in results if result.error}
        if self.error:
            errors.add(self.error)
        return Done(
            item=self.item,
            control=self.control or ControlResult(passed=not self.error, detail="not run"),
            attacked=Attacked.joined(rows, results) if results else None,
            check=self.check,
            share=self.share,
            errors=tuple(sorted(errors)),
            asked=self.all_queries,
            late=self.short or any(result.late for result in results),
            results=tuple(self.digests[n] for n in numbers if n in self.digests),
        )
