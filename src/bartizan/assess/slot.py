"""One planned item on its way: what was cut, and what has come back of it."""

from dataclasses import dataclass, field

from bartizan.assess.block import Block, BlockResult
from bartizan.assess.findings import Done
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
    share: float = 0.0
    """How much of a check is done, 0..1."""
    error: str = ""
    wall_s: float = 0.0

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
            late=any(result.late for result in results),
            results=tuple(self.digests[n] for n in numbers if n in self.digests),
        )
