"""Settings that the checks on poisoned training data share."""

from dataclasses import dataclass

from bartizan.core.errors import ConfigError


@dataclass(frozen=True)
class Params:
    """How much is trained."""

    rate: float
    """Share of the training rows poisoned at which the verdict falls, 0..1."""
    others: tuple[float, ...]
    """Further shares, for the curve."""
    seeds: int = 5
    """Times that each poisoning is repeated: other rows, other marks, other starts of training.
    Five is what papers on poisoning report; the interval says what it leaves open."""
    curve: bool = True
    """Whether the further shares are tried."""
    rows: int = 20_000
    """Training rows at most: boosted trees learn from these in a second or two."""
    held: int = 2_000
    """Rows at most that measure each model: half a width of 2 points at a share of one half."""

    def __post_init__(self) -> None:
        """Refuse designs without an interval, and shares that are none."""
        if self.seeds < 2:
            message = f"seeds must be at least 2, got {self.seeds}: one model shows no spread"
            raise ConfigError(message)
        if not all(0 < rate < 1 for rate in (self.rate, *self.others)):
            message = f"rates must be above 0 and below 1, got {(self.rate, *self.others)}"
            raise ConfigError(message)

    @property
    def rates(self) -> tuple[float, ...]:
        """All shares that are tried, ascending."""
        return tuple(sorted({self.rate, *(self.others if self.curve else ())}))
