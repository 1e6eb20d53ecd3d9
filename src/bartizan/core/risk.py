"""From likelihood, impact and difficulty of detection to what comes first.

The product of three ordinals is shown, because reviewers ask for it, and never ranks: on scales
of 1 to 5 it takes 30 values for 125 cells, and puts a small likely harm (5 x 1 x 4) level with a
large rare one (1 x 5 x 4). Ranking is by action priority instead: impact first, then likelihood,
then detection, after the idea of AIAG & VDA, FMEA Handbook (2019), which replaced the product
for this reason. The table is our own: theirs has 10 steps a scale, ours five.

Laws, tested over all cells: raising one factor never lowers the priority; an impact of 5 that is
at least possible (3) is high however well it is seen; an impact of 1 is never high.
"""

from typing import Literal, TypeAlias

from bartizan.core.errors import Error
from bartizan.core.record import Record

Priority: TypeAlias = Literal["low", "medium", "high"]
PRIORITIES: tuple[Priority, ...] = ("low", "medium", "high")

STEPS = 5
"""Of each scale, from 1."""

LIKELIHOOD = (
    "hardly thinkable: nobody is known to have done it, and it needs the owner's own rights",
    "unlikely: shown by researchers, needs a position inside or much money",
    "possible: shown against systems such as this, needs skill and time",
    "likely: done in the wild, or cheap with public programs",
    "expected: done all the time, and pays",
)
IMPACT = (
    "an annoyance for single users",
    "work for the team, no harm outside",
    "money, or harm to some people that can be made good",
    "much money, many people, or a duty to report",
    "life, freedom, or the whole business",
)
DETECTION = (
    "seen at once, by anybody",
    "seen within a day, by what is watched anyway",
    "seen within weeks, by somebody who looks for it",
    "seen by chance, or after the harm",
    "never seen without a test made for it",
)
"""What the steps mean, 1 first. The last scale is the difficulty of detection."""


class Factors(Record, frozen=True, kw_only=True):
    """How bad, how likely, how hidden: 1 to 5 each, larger is worse."""

    likelihood: int
    impact: int
    detection: int
    """Difficulty of detection."""

    def __post_init__(self) -> None:
        """Refuse what is off the scales."""
        for name in self.__struct_fields__:
            if not 1 <= getattr(self, name) <= STEPS:
                message = f"{name} is a step from 1 to {STEPS}, got {getattr(self, name)}"
                raise Error(message)

    @property
    def product(self) -> int:
        """Shown beside the priority: 1 to 125."""
        return self.likelihood * self.impact * self.detection

    @property
    def priority(self) -> Priority:
        """What decides the rank."""
        return PRIORITIES[_step(self.likelihood, self.impact, self.detection)]

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """Larger comes first: priority, then impact, likelihood, detection."""
        step = _step(self.likelihood, self.impact, self.detection)
        return (step, self.impact, self.likelihood, self.detection)


_TABLE: dict[int, tuple[str, ...]] = {
    5: ("HHHHH", "HHHHH", "HHHHH", "MMHHH", "MMMMM"),
    4: ("HHHHH", "HHHHH", "MMHHH", "MMMHH", "LLLMM"),
    3: ("HHHHH", "MMMHH", "MMMMH", "LLLMM", "LLLLL"),
    2: ("MMMMM", "LMMMM", "LLLLM", "LLLLL", "LLLLL"),
    1: ("LLLMM", "LLLLL", "LLLLL", "LLLLL", "LLLLL"),
}
"""By impact; in each line likelihood 5, 4, 3, 2, 1, and in each word detection 1 to 5."""


def _step(likelihood: int, impact: int, detection: int) -> int:
    """0 = low, 1 = medium, 2 = high."""
    return "LMH".index(_TABLE[impact][STEPS - likelihood][detection - 1])
